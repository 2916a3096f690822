"""Posts what trips earn and what has expired, each once."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.loyalty.own_rhythm import ONE_TRIP_DAYS
from screenpop.loyalty.points import PointEntry, PointKind, PointRules, expired_lots
from screenpop.loyalty.tiers import PaidTrip
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.points.ledger import entry_of
from screenpop.store.schema.point_tables import point_entries
from screenpop.store.schema.tables import customers, trips

SLICE = 500
"""Customers of one transaction: the call log waits a moment at most."""
_NOT_TAKEN = ("asked", "quoted", "cancelled")


async def post_points(
    database: Database,
    rules: PointRules,
    today: date,
    now: float,
    ids: Sequence[int] | None = None,
) -> int:
    """Post earned, taken back and expired points; return how many entries were added.

    ``ids``: only these customers. Without rules only those that expire or are taken back.
    """
    if not rules.is_used and not await _has_entries(database):
        return 0
    added, last = 0, 0
    wanted = None if ids is None else sorted(ids)
    while True:
        async with database.writing() as connection:
            part = await _next(connection, wanted, last)
            if not part:
                return added
            added += await _insert(connection, await _of_trips(connection, rules, part, today, now))
            added += await _insert(connection, await _expired(connection, part, today, now))
        last = part[-1]


async def _insert(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> int:
    """Insert entries of customers whose rows are locked; return how many."""
    if rows:
        empty = {"reason": "", "trip_id": None, "of_entry": None, "expires": None}
        await connection.execute(insert(point_entries), [{**empty, **row} for row in rows])
    return len(rows)


async def _has_entries(database: Database) -> bool:
    async with database.reading() as connection:
        return await connection.scalar(select(point_entries.c.id).limit(1)) is not None


async def _next(connection: AsyncConnection, wanted: Sequence[int] | None, last: int) -> list[int]:
    """Return the next customers after an id."""
    statement = select(customers.c.id).where(
        customers.c.id > last, customers.c.merged_into_id.is_(None)
    )
    if wanted is not None:
        statement = statement.where(customers.c.id.in_(wanted))
    # Nothing is spent between the reading of a ledger and what is posted to it.
    statement = statement.order_by(customers.c.id).limit(SLICE).with_for_update()
    found = await connection.execute(statement)
    return list(found.scalars())


async def _of_trips(
    connection: AsyncConnection,
    rules: PointRules,
    part: Sequence[int],
    today: date,
    now: float,
) -> list[dict[str, Any]]:
    posted = (
        select(
            point_entries.c.trip_id,
            func.count().label("times"),
            func.sum(point_entries.c.points).label("points"),
        )
        .where(point_entries.c.trip_id.is_not(None), point_entries.c.customer_id.in_(part))
        .group_by(point_entries.c.trip_id)
        .subquery()
    )
    rows = await connection.execute(
        select(
            *(trips.c.id, trips.c.customer_id, trips.c.departs, trips.c.status),
            *(trips.c.price, trips.c.currency, trips.c.destination),
            func.coalesce(posted.c.times, 0).label("times"),
            func.coalesce(posted.c.points, 0).label("points"),
        )
        .select_from(trips.outerjoin(posted, posted.c.trip_id == trips.c.id))
        .where(trips.c.customer_id.in_(part), trips.c.departs <= today)
        .order_by(trips.c.customer_id, trips.c.departs, trips.c.id)
    )
    return list(_entries_of_trips(rows.all(), rules, today, now))


def _entries_of_trips(
    rows: Sequence[Any], rules: PointRules, today: date, now: float
) -> Iterator[dict[str, Any]]:
    before: tuple[int, date] | None = None
    for row in rows:
        is_taken = row.status not in _NOT_TAKEN
        is_first = before is None or before[0] != row.customer_id
        is_first = is_first or (
            before is not None and (row.departs - before[1]).days > ONE_TRIP_DAYS
        )
        if is_taken and is_first:
            before = (row.customer_id, row.departs)
        plain = {
            "customer_id": row.customer_id,
            "reason": clean_for_database(row.destination),
            "trip_id": row.id,
            "day": today,
            "entry_key": f"trip:{row.id}:{row.times}",
            "at": now,
        }
        if is_taken and row.points <= 0:
            trip = PaidTrip(row.departs, row.price, row.currency)
            points = rules.earned_by(trip, is_first_part=is_first)
            expires = rules.last_day(row.departs)
            if points and (expires is None or expires >= today):
                kind = PointKind.EARNED.value
                yield {**plain, "kind": kind, "points": points, "expires": expires}
        elif not is_taken and row.points > 0:
            yield {**plain, "kind": PointKind.TAKEN_BACK.value, "points": -int(row.points)}


async def _expired(
    connection: AsyncConnection, part: Sequence[int], today: date, now: float
) -> list[dict[str, Any]]:
    rows = await connection.execute(
        select(point_entries)
        .where(point_entries.c.customer_id.in_(part))
        .order_by(point_entries.c.id)
    )
    ledgers: dict[int, list[PointEntry]] = {}
    for row in rows:
        ledgers.setdefault(row.customer_id, []).append(entry_of(row))
    return [
        {
            "customer_id": customer_id,
            "kind": PointKind.EXPIRED.value,
            "points": -lot.left,
            "of_entry": lot.entry,
            "day": today,
            "entry_key": f"expired:{lot.entry}:{today.isoformat()}",
            "at": now,
        }
        for customer_id, entries in ledgers.items()
        for lot in expired_lots(entries, today)
    ]
