"""The history of agents' states: kept as they change, read for a restart and for reports."""

from collections.abc import Awaitable
from dataclasses import dataclass

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.agents.agent import AgentId
from screenpop.agents.availability import AgentState, Availability, Pause, PauseReason
from screenpop.service.availability_ports import AvailabilitySpan
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.customer_tables import agent_states

MOST_SPANS = 5000
"""Spans of one answer; a day of 50 agents has fewer."""


@dataclass(frozen=True, slots=True)
class StoredAvailability:
    """Implements ``service.availability_ports.AvailabilityLog``."""

    database: Database

    def keep(self, span: AvailabilitySpan) -> Awaitable[bool]:
        async def work(connection: AsyncConnection) -> None:
            await _keep(connection, span)

        return self.database.later.add(work)


async def _keep(connection: AsyncConnection, span: AvailabilitySpan) -> None:
    mine = agent_states.c.user_id == span.agent
    same = (mine, agent_states.c.begun_at == span.begun_at)
    await connection.execute(delete(agent_states).where(*same))
    await connection.execute(
        update(agent_states)
        .where(mine, agent_states.c.ended_at.is_(None))
        .values(ended_at=span.begun_at)
    )
    values = {
        "user_id": span.agent,
        "state": span.state,
        "reason": span.reason,
        "reason_text": clean_for_database(span.reason_text),
        "begun_at": span.begun_at,
        "until": span.until,
        "ended_at": span.ended_at,
        "estimated": span.estimated,
    }
    await connection.execute(insert(agent_states).values(values))


async def restore_agent_states(database: Database, now: float) -> dict[AgentId, Availability]:
    """End the states that an earlier run left open; return those with a pause or a wrap-up.

    Only a pause that was the state itself goes on; the end of any other is estimated.
    """
    open_rows = agent_states.c.ended_at.is_(None)
    goes_on = agent_states.c.state.in_((AgentState.PAUSED.value, AgentState.WRAP_UP.value))
    ended = update(agent_states).where(open_rows, ~goes_on).values(ended_at=now, estimated=True)
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
            wrap_up_until=row.until if pause is None else None,
        )
    return restored


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
