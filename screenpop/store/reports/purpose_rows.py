"""Answered inbound calls by purpose, with those that needed no repeat."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Text, and_, case, cast, func, literal, or_, select

from screenpop.accounts.users import UserId
from screenpop.calls.events import Direction, Disposition
from screenpop.calls.labels import label_name
from screenpop.reports.purposes import REPEAT_DAYS, PurposeCalls
from screenpop.store.accounts.teams import visible_calls
from screenpop.store.engine.database import Database
from screenpop.store.reports.conditions import of_period
from screenpop.store.schema.customer_tables import call_labels, call_purposes
from screenpop.store.schema.tables import calls

_REPEAT_S = REPEAT_DAYS * 86_400.0


async def purpose_calls(
    database: Database,
    since: float,
    until: float,
    now: float,
    language: str,
    *,
    agents: Collection[UserId] | None,
    simulated: bool,
) -> list[PurposeCalls]:
    """Return the calls that arrived from ``since`` to before ``until``, by purpose.

    The same caller is the same customer, or the same number where no customer is known. Waits for
    calls that are queued for the log. ``agents``: only calls that a supervisor of these
    sees; None: all.
    """
    await database.log.flush()
    caller = case(
        (calls.c.customer_id.is_not(None), literal("customer ") + cast(calls.c.customer_id, Text)),
        else_=calls.c.e164,
    )
    within = of_period(since, until, simulated=simulated)
    inbound = (
        select(
            calls.c.id,
            calls.c.arrived_at,
            calls.c.disposition,
            calls.c.talk_s,
            caller.label("caller"),
            func.lead(calls.c.arrived_at)
            .over(partition_by=caller, order_by=(calls.c.arrived_at, calls.c.id))
            .label("next_at"),
        )
        .where(
            *of_period(since, until + _REPEAT_S, simulated=simulated),
            calls.c.direction == Direction.INBOUND.value,
        )
        .cte("inbound")
    )
    # A repeat counts with any agent; only the calls themselves are those the user sees.
    seen = visible_calls(agents)
    among = [inbound.c.id.in_(select(calls.c.id).where(*within, *seen))] if seen else []
    counted = and_(inbound.c.caller.is_not(None), inbound.c.arrived_at <= now - _REPEAT_S)
    resolved = and_(
        counted,
        or_(inbound.c.next_at.is_(None), inbound.c.next_at > inbound.c.arrived_at + _REPEAT_S),
    )
    statement = (
        select(
            call_labels.c.purpose_id,
            func.count().label("calls"),
            func.coalesce(func.sum(inbound.c.talk_s), 0.0).label("talk_s"),
            func.count().filter(counted).label("counted"),
            func.count().filter(resolved).label("resolved"),
        )
        .select_from(inbound.outerjoin(call_labels, call_labels.c.call_id == inbound.c.id))
        .where(
            inbound.c.arrived_at < until,
            inbound.c.disposition == Disposition.ANSWERED.value,
            *among,
        )
        .group_by(call_labels.c.purpose_id)
    )

    def read(connection: Connection) -> list[PurposeCalls]:
        listed = connection.execute(select(call_purposes.c.id, call_purposes.c.names))
        names: dict[Any, str] = {row.id: label_name(row.names, language) for row in listed}
        return [
            PurposeCalls(
                names.get(row.purpose_id, ""), row.calls, row.talk_s, row.counted, row.resolved
            )
            for row in connection.execute(statement)
        ]

    return await database.read(read)
