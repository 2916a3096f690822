"""Sums of each agent's calls, times, callbacks and promises, for the report of agents."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select, union

from screenpop.accounts.users import UserId
from screenpop.agents.availability import AgentState
from screenpop.calls.events import Direction, Disposition
from screenpop.follow_ups.models import FollowUpState
from screenpop.reports.agents import CALLED_BACK_DAYS, AgentWork
from screenpop.reports.periods import Period
from screenpop.store.calls.batch_sql import IN_PROGRESS
from screenpop.store.calls.open_callbacks import TALKED_S
from screenpop.store.engine.database import Database
from screenpop.store.reports.conditions import of_agents, of_period
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import agent_states, follow_ups, missed_calls_done
from screenpop.store.schema.tables import calls, legs

_CALLED_BACK_S = CALLED_BACK_DAYS * 86_400.0
_ONLINE = tuple(state.value for state in AgentState if state is not AgentState.OFFLINE)


async def agent_work(
    database: Database,
    period: Period,
    zone: tzinfo,
    now: float,
    *,
    agents: Collection[UserId] | None,
    simulated: bool,
) -> list[AgentWork]:
    """Return the sums of each agent who did anything in the period.

    Waits for calls that are queued for the log. ``agents``: only these; None: all. A state that
    has not ended counts until ``now``. ``simulated``: with calls of the simulator.
    """
    since, until = period.bounds(zone)
    await database.log.flush()
    called = _Period(since, until, agents, simulated)

    def read(connection: Connection) -> list[AgentWork]:
        work: dict[int, AgentWork] = defaultdict(lambda: AgentWork(name=""))
        for row in connection.execute(called.answered()):
            one = work[row.user_id]
            one.handled, one.inbound_talk_s = row.calls, row.talk_s
            one.hold_s += row.hold_s
        for row in connection.execute(called.made()):
            one = work[row.agent_id]
            one.made, one.outbound_talk_s = row.calls, row.talk_s
            one.hold_s += row.hold_s
        for user, reason, state, seconds in _states(connection, since, until, now, agents):
            one = work[user]
            one.online_s += seconds
            if state == AgentState.WRAP_UP:
                one.wrap_up_s += seconds
            elif state == AgentState.PAUSED:
                one.pauses_s = {**one.pauses_s, reason: one.pauses_s.get(reason, 0.0) + seconds}
        for row in connection.execute(called.called_back()):
            work[row.agent_id].callbacks = row.calls
        for user, is_kept in _promises(connection, period, zone, agents):
            work[user].promises_due += 1
            work[user].promises_kept += is_kept
        names = connection.execute(
            select(users.c.id, users.c.display_name).where(users.c.id.in_(list(work)))
        )
        for row in names:
            work[row.id].name = row.display_name
        return list(work.values())

    return await database.read(read)


class _Period:
    """Statements about the calls of a period."""

    def __init__(
        self, since: float, until: float, agents: Collection[UserId] | None, simulated: bool
    ) -> None:
        self._agents = agents
        self._ended = of_period(since, until, simulated=simulated)

    def answered(self) -> Select[Any]:
        """Select the inbound calls that each agent answered, and their talk."""
        talk = legs.c.ended_at - legs.c.answered_at
        return (
            select(
                legs.c.user_id,
                func.count(legs.c.call_id.distinct()).label("calls"),
                func.sum(talk).label("talk_s"),
                func.sum(legs.c.hold_s).label("hold_s"),
            )
            .join(calls, calls.c.id == legs.c.call_id)
            .where(
                *self._ended,
                calls.c.direction == Direction.INBOUND.value,
                legs.c.answered_at.is_not(None),
                legs.c.user_id.is_not(None),
                *of_agents(legs.c.user_id, self._agents),
            )
            .group_by(legs.c.user_id)
        )

    def _outbound(self) -> list[ColumnElement[bool]]:
        return [
            *self._ended,
            calls.c.direction == Direction.OUTBOUND.value,
            calls.c.disposition == Disposition.ANSWERED.value,
            calls.c.agent_id.is_not(None),
            *of_agents(calls.c.agent_id, self._agents),
        ]

    def made(self) -> Select[Any]:
        # The phone that dials out has no leg of its own: its hold is at the other party's leg.
        hold_s = (
            select(func.coalesce(func.sum(legs.c.hold_s), 0.0))
            .where(legs.c.call_id == calls.c.id)
            .correlate(calls)
            .scalar_subquery()
        )
        return (
            select(
                calls.c.agent_id,
                func.count().label("calls"),
                func.coalesce(func.sum(calls.c.talk_s), 0.0).label("talk_s"),
                func.sum(hold_s).label("hold_s"),
            )
            .where(*self._outbound())
            .group_by(calls.c.agent_id)
        )

    def called_back(self) -> Select[Any]:
        """Select the outbound talks of each agent with callers who were missed before.

        Within ``CALLED_BACK_DAYS``, without a talk between; of the same number or customer.
        """
        missed, between = calls.alias("missed"), calls.alias("between")

        def talked(column: str) -> ColumnElement[bool]:
            return (
                select(between.c.id)
                .where(
                    between.c[column] == calls.c[column],
                    between.c.talk_s >= TALKED_S,
                    between.c.answered_at > missed.c.arrived_at,
                    between.c.answered_at < calls.c.answered_at,
                )
                .correlate(calls, missed)
                .exists()
            )

        def was_missed(column: str) -> ColumnElement[bool]:
            done = (
                select(missed_calls_done.c.call_id)
                .where(
                    missed_calls_done.c.call_id == missed.c.id,
                    missed_calls_done.c.done_at < calls.c.answered_at,
                )
                .correlate(calls, missed)
                .exists()
            )
            return (
                select(missed.c.id)
                .where(
                    missed.c[column] == calls.c[column],
                    missed.c.arrived_at < calls.c.answered_at,
                    missed.c.arrived_at >= calls.c.answered_at - _CALLED_BACK_S,
                    missed.c.direction == Direction.INBOUND.value,
                    missed.c.disposition.not_in((Disposition.ANSWERED.value, IN_PROGRESS)),
                    ~or_(talked("e164"), talked("customer_id")),
                    ~done,
                )
                .correlate(calls)
                .exists()
            )

        return (
            select(calls.c.agent_id, func.count().label("calls"))
            .where(
                *self._outbound(),
                calls.c.talk_s >= TALKED_S,
                or_(was_missed("e164"), was_missed("customer_id")),
            )
            .group_by(calls.c.agent_id)
        )


def _states(
    connection: Connection,
    since: float,
    until: float,
    now: float,
    agents: Collection[UserId] | None,
) -> list[tuple[int, str, str, float]]:
    """Return the seconds in each state but offline, by agent and reason."""
    end = func.coalesce(agent_states.c.ended_at, now)
    begins = case((agent_states.c.begun_at < since, since), else_=agent_states.c.begun_at)
    ends = case((end > until, until), else_=end)
    reason = case(
        (agent_states.c.reason_text != "", agent_states.c.reason_text),
        else_=agent_states.c.reason,
    )
    # A state that began earlier and still lasted is the last one of its agent before the period:
    # the index finds it, and no older row is read.
    last = (
        select(func.max(agent_states.c.begun_at))
        .where(agent_states.c.user_id == users.c.id, agent_states.c.begun_at < since)
        .correlate(users)
        .scalar_subquery()
    )
    earlier = (
        select(agent_states.c.id)
        .select_from(users.join(agent_states, agent_states.c.user_id == users.c.id))
        .where(agent_states.c.begun_at == last)
    )
    within = select(agent_states.c.id).where(
        agent_states.c.begun_at >= since, agent_states.c.begun_at < until
    )
    keys = (agent_states.c.user_id, reason.label("reason"), agent_states.c.state)
    statement = (
        select(*keys, func.sum(ends - begins))
        .where(
            agent_states.c.id.in_(union(earlier, within).subquery().select()),
            agent_states.c.state.in_(_ONLINE),
            ends > begins,
            or_(agent_states.c.ended_at.is_(None), agent_states.c.ended_at > since),
            *of_agents(agent_states.c.user_id, agents),
        )
        .group_by(*keys)
    )
    return [tuple(row) for row in connection.execute(statement)]


def _promises(
    connection: Connection, period: Period, zone: tzinfo, agents: Collection[UserId] | None
) -> Iterator[tuple[int, bool]]:
    """Yield the agent of each promise whose day is in the period, and whether it was kept."""
    agent = func.coalesce(follow_ups.c.assigned_to_id, follow_ups.c.made_by_id)
    rows = connection.execute(
        select(
            agent.label("agent"), follow_ups.c.due, follow_ups.c.state, follow_ups.c.closed_at
        ).where(
            follow_ups.c.due.between(period.first, period.last),
            follow_ups.c.state != FollowUpState.CANCELLED.value,
            agent.is_not(None),
            *of_agents(agent, agents),
        )
    )
    for row in rows:
        is_done = row.state == FollowUpState.DONE and row.closed_at is not None
        until = datetime.combine(row.due + timedelta(days=1), datetime.min.time(), zone)
        yield row.agent, is_done and row.closed_at < until.timestamp()
