"""Inbound calls counted by quarters of an hour, and by line and queue."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, case, cast, func, select

from screenpop.calls.events import Direction
from screenpop.reports.calls import QUARTER_S, CallCounts, CountedCalls, ServiceTargets
from screenpop.store.calls.batch_sql import IN_PROGRESS
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import calls
from screenpop.telephony.identifiers import SIMULATED


async def counted_calls(
    database: Database,
    since: float,
    until: float,
    targets: ServiceTargets,
    *,
    simulated: bool,
    only: Sequence[ColumnElement[bool]] = (),
) -> CallCounts:
    """Return counts of the ended calls that arrived from ``since`` to before ``until``.

    Waits for calls that are queued for the log. ``simulated``: with calls of the simulator.
    ``only``: further conditions on ``calls``, as of ``accounts.teams.visible_calls``.
    """
    await database.log.flush()
    # A cast cuts off the fraction on SQLite and rounds on PostgreSQL, where there is floor().
    quarters = calls.c.arrived_at / QUARTER_S
    quarter = cast(quarters if database.kind == "sqlite" else func.floor(quarters), Integer)
    conditions = [*_conditions(since, until, simulated=simulated), *only]
    by_quarter = _counts([quarter], targets).where(*conditions)
    by_place = _counts([calls.c.pbx, calls.c.did, calls.c.queue], targets).where(*conditions)

    def read(connection: Connection) -> CallCounts:
        return CallCounts(
            [(row[0], CountedCalls(*row[1:])) for row in connection.execute(by_quarter)],
            [
                ((pbx, did, queue), CountedCalls(*counted))
                for pbx, did, queue, *counted in connection.execute(by_place)
            ],
        )

    return await database.read(read)


def _conditions(since: float, until: float, *, simulated: bool) -> list[ColumnElement[bool]]:
    conditions = [
        calls.c.arrived_at >= since,
        calls.c.arrived_at < until,
        calls.c.direction == Direction.INBOUND.value,
        calls.c.disposition != IN_PROGRESS,
    ]
    return conditions if simulated else [*conditions, calls.c.pbx != SIMULATED]


def _counts(keys: Sequence[ColumnElement[Any]], targets: ServiceTargets) -> Select[Any]:
    """Select the keys, the disposition, and counts of the calls."""
    target: ColumnElement[float] | float = targets.usual_s
    if targets.queues:
        target = case(dict(targets.queues), value=calls.c.queue, else_=targets.usual_s)
    all_keys = (*(key.label(f"key{place}") for place, key in enumerate(keys)), calls.c.disposition)
    return select(
        *all_keys,
        func.count(),
        func.coalesce(func.sum(calls.c.wait_s), 0.0),
        func.count().filter(calls.c.wait_s <= target),
    ).group_by(*all_keys)
