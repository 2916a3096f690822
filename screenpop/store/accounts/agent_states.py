"""The history of agents' states: kept as they change, read for a restart and for reports."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, delete, insert, or_, select, update

from screenpop.accounts.users import UserId
from screenpop.agents.agent import AgentId
from screenpop.agents.availability import AgentState, Availability, Pause, PauseReason
from screenpop.service.availability_ports import AvailabilitySpan
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import agent_states

MAX_UNWRITTEN = 5_000
"""Spans that wait while the database cannot be written. Beyond them the oldest of an agent who has
a newer one is dropped: the newest of each agent is written, however many agents there are."""
MOST_SPANS = 5000
"""Spans of one answer; a day of 50 agents has fewer."""


class StoredAvailability:
    """Implements ``service.availability_ports.AvailabilityLog``.

    A call changes its agent's state some three times. What changes within half a second goes into
    one transaction of four statements.
    """

    def __init__(self, database: Database) -> None:
        self._later = database.later
        self._spans: deque[tuple[int, AvailabilitySpan]] = deque()
        """Not committed yet, the oldest first, with their running numbers from 1."""
        self._waiting_of: Counter[UserId] = Counter()
        """How many of them each agent has."""
        self._is_queued = False
        self._kept = self._writing = self._settled = 0
        """Numbers of the newest span: of all, in the last transaction, that needs no write."""

    def keep(self, span: AvailabilitySpan) -> None:
        self._kept += 1
        self._spans.append((self._kept, span))
        self._waiting_of[span.agent] += 1
        if len(self._spans) > MAX_UNWRITTEN:
            self._drop_one()
        if not self._is_queued:
            self._queue_write()

    def _drop_one(self) -> None:
        """Drop the oldest span of which its agent has a newer one; none if each has one."""
        if len(self._waiting_of) == len(self._spans):
            return
        for place, (_, span) in enumerate(self._spans):
            if self._waiting_of[span.agent] > 1:
                self._waiting_of[span.agent] -= 1
                del self._spans[place]
                return

    async def flush(self) -> None:
        until = self._kept
        while self._settled < until and self._is_queued:
            await self._later.flush()
            await asyncio.sleep(0)  # for the callback of the write

    def _queue_write(self) -> None:
        self._is_queued = True
        self._later.gather(self._begin_write).add_done_callback(self._settle)

    def _begin_write(self) -> Callable[[Connection], None]:
        spans = [span for _, span in self._spans]
        self._writing = self._kept
        return lambda connection: write_spans(connection, spans)

    def _settle(self, done: asyncio.Future[bool]) -> None:
        while self._spans and self._spans[0][0] <= self._writing:
            _, span = self._spans.popleft()
            self._waiting_of[span.agent] -= 1
            if not self._waiting_of[span.agent]:
                del self._waiting_of[span.agent]
        self._settled = self._writing
        self._is_queued = False
        if self._spans and done.result():
            self._queue_write()  # kept while the transaction was in progress


def write_spans(connection: Connection, spans: Sequence[AvailabilitySpan]) -> None:
    """Write spans as if each were written alone, one after the other."""
    agents = {span.agent for span in spans}
    known = set(connection.scalars(select(users.c.id).where(users.c.id.in_(agents))))
    rows: dict[tuple[UserId, float], AvailabilitySpan] = {}
    first_begins: dict[UserId, float] = {}
    still_open: dict[UserId, tuple[UserId, float]] = {}
    for span in spans:
        if span.agent not in known:
            continue
        first_begins.setdefault(span.agent, span.begun_at)
        key = span.agent, span.begun_at
        rows.pop(key, None)
        before = still_open.pop(span.agent, None)
        if before in rows:
            rows[before] = replace(rows[before], ended_at=span.begun_at)
        rows[key] = span
        if span.ended_at is None:
            still_open[span.agent] = key
    if not rows:
        return
    connection.execute(_DELETE, [{"agent": agent, "begun": begun} for agent, begun in rows])
    connection.execute(_END, [{"agent": a, "begun": begun} for a, begun in first_begins.items()])
    connection.execute(insert(agent_states), [_values(span) for span in rows.values()])


_DELETE = delete(agent_states).where(
    agent_states.c.user_id == bindparam("agent"), agent_states.c.begun_at == bindparam("begun")
)
_END = (
    update(agent_states)
    .where(agent_states.c.user_id == bindparam("agent"), agent_states.c.ended_at.is_(None))
    .values(ended_at=bindparam("begun"))
)


def _values(span: AvailabilitySpan) -> dict[str, object]:
    return {
        "user_id": span.agent,
        "state": span.state,
        "reason": span.reason,
        "reason_text": clean_for_database(span.reason_text),
        "begun_at": span.begun_at,
        "until": span.until,
        "ended_at": span.ended_at,
        "estimated": span.estimated,
    }


async def restore_agent_states(database: Database, now: float) -> dict[AgentId, Availability]:
    """End the states that an earlier run left open; return those with a pause or a wrap-up.

    Only a pause that was the state itself goes on; the end of any other is estimated.
    """
    open_rows = agent_states.c.ended_at.is_(None)
    goes_on = agent_states.c.state.in_((AgentState.PAUSED.value, AgentState.WRAP_UP.value))
    begun = agent_states.c.begun_at
    # Begun by a clock that was ahead: not ended before it began.
    values = {"ended_at": case((begun > now, begun), else_=now), "estimated": True}
    ended = update(agent_states).where(open_rows, ~goes_on).values(values)
    async with database.reading() as connection:
        rows = (await connection.execute(select(agent_states).where(open_rows))).all()
    _ = database.later.add(lambda connection: connection.execute(ended))
    restored: dict[AgentId, Availability] = {}
    for row in rows:
        pause = _pause(row.reason, row.reason_text)
        if pause is None and row.state != AgentState.WRAP_UP:
            continue
        is_same = row.state in {AgentState.PAUSED, AgentState.WRAP_UP}
        restored[AgentId(row.user_id)] = Availability(
            since=row.begun_at if is_same else now,
            is_online=row.state != AgentState.OFFLINE,
            pause=pause,
            wrap_up_until=_until(row, now) if pause is None else None,
        )
    return restored


def _until(row: Row[Any], now: float) -> float | None:
    """Return when a wrap-up ends: at most its whole length from now, as the clock of the earlier
    run may have been ahead."""
    return None if row.until is None else min(row.until, now + max(row.until - row.begun_at, 0.0))


def _pause(reason: str, text: str) -> Pause | None:
    return Pause(PauseReason(reason), text) if reason in set(PauseReason) else None


async def list_agent_states(
    database: Database, since: float, until: float, user: UserId | None = None
) -> tuple[AvailabilitySpan, ...]:
    """Return the spans that touch this time, the oldest first, of one user or of all."""
    statement = (
        select(agent_states)
        .where(
            agent_states.c.begun_at < until,
            or_(agent_states.c.ended_at.is_(None), agent_states.c.ended_at > since),
        )
        .order_by(agent_states.c.begun_at, agent_states.c.id)
        .limit(MOST_SPANS)
    )
    if user is not None:
        statement = statement.where(agent_states.c.user_id == user)
    async with database.reading() as connection:
        rows = await connection.execute(statement)
        return tuple(
            AvailabilitySpan(
                UserId(row.user_id),
                row.state,
                row.reason,
                row.reason_text,
                row.begun_at,
                row.until,
                row.ended_at,
                row.estimated,
            )
            for row in rows
        )
