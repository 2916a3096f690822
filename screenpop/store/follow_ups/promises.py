"""The list of promises: follow-ups that are due, by page, without customers already reached.

A promise leaves the list when its customer is talked to on or after the day it is listed from.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.follow_ups.models import FollowUp
from screenpop.follow_ups.work_list import MIN_TALK_S
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.queries import is_due, listed_from, load_follow_ups
from screenpop.store.follow_ups.work_list_build import last_talks
from screenpop.store.schema.customer_tables import follow_ups
from screenpop.store.schema.tables import calls

PAGE = 50
MAX_COUNTED = 999
SLICE = 100
"""Promises read at once."""


@dataclass(frozen=True, slots=True)
class PromiseCursor:
    listed_from: date
    id: int


@dataclass(frozen=True, slots=True)
class PromisePage:
    rows: tuple[FollowUp, ...]
    after: PromiseCursor | None
    """Where the next page begins; None on the last page."""


@dataclass(frozen=True, slots=True)
class PromiseFilter:
    """``users``: of these users, None among them for those of no user; empty: of all."""

    until: date
    zone: tzinfo
    """Time zone of the office, in which a day begins."""
    users: tuple[UserId | None, ...] = ()
    ids: Collection[int] | None = None
    """Only these follow-ups; None: all."""


async def list_promises(
    database: Database,
    chosen: PromiseFilter,
    *,
    after: PromiseCursor | None = None,
    limit: int = PAGE,
) -> PromisePage:
    """Return one page, the longest due first. Waits for calls that are queued for the log."""
    await database.log.flush()
    kept: list[FollowUp] = []
    async with database.reading() as connection:
        while True:
            condition = _condition(chosen, after)
            found = await load_follow_ups(connection, condition, limit=SLICE)
            kept += await _not_reached(connection, found, chosen.zone)
            if len(kept) > limit or len(found) < SLICE:
                break
            after = _cursor(found[-1])
    more = len(kept) > limit
    rows = tuple(kept[:limit])
    return PromisePage(rows, _cursor(rows[-1]) if more and rows else None)


async def count_promises(database: Database, chosen: PromiseFilter) -> int:
    """Return how many promises are listed; ``MAX_COUNTED`` also for more."""
    await database.log.flush()
    begins = listed_from().label("begins")
    columns = (follow_ups.c.id, follow_ups.c.made_at, begins, _last_talk().label("last_talk"))
    count, after = 0, None
    async with database.reading() as connection:
        while count < MAX_COUNTED:
            statement = select(*columns).where(_condition(chosen, after))
            rows = (
                await connection.execute(
                    statement.order_by(begins, follow_ups.c.id).limit(MAX_COUNTED)
                )
            ).all()
            count += sum(
                (row.last_talk or 0.0) < _moment(row.begins, row.made_at, chosen.zone)
                for row in rows
            )
            if len(rows) < MAX_COUNTED:
                break
            after = PromiseCursor(rows[-1].begins, rows[-1].id)
    return min(count, MAX_COUNTED)


def _last_talk() -> ColumnElement[float]:
    """Return when the customer was last talked to for at least ten seconds, as ``last_talks``."""
    return (
        select(func.max(calls.c.arrived_at))
        .where(calls.c.customer_id == follow_ups.c.customer_id, calls.c.talk_s >= MIN_TALK_S)
        .correlate(follow_ups)
        .scalar_subquery()
    )


async def _not_reached(
    connection: AsyncConnection, found: Sequence[FollowUp], zone: tzinfo
) -> list[FollowUp]:
    talks = await last_talks(connection, sorted({one.customer_id for one in found}))
    return [
        one
        for one in found
        if talks.get(one.customer_id, 0.0) < _moment(one.listed_from, one.made_at, zone)
    ]


def _moment(day: date, made_at: float, zone: tzinfo) -> float:
    """Return from when a talk takes a promise off the list."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
    return max(midnight, made_at)


def _condition(chosen: PromiseFilter, after: PromiseCursor | None) -> ColumnElement[bool]:
    condition = is_due(chosen.until)
    if chosen.users:
        column = follow_ups.c.assigned_to_id
        owned = column.in_([user for user in chosen.users if user is not None])
        condition &= or_(owned, column.is_(None)) if None in chosen.users else owned
    if chosen.ids is not None:
        condition &= follow_ups.c.id.in_(chosen.ids)
    if after is not None:
        same_day = and_(listed_from() == after.listed_from, follow_ups.c.id > after.id)
        condition &= or_(listed_from() > after.listed_from, same_day)
    return condition


def _cursor(one: FollowUp) -> PromiseCursor:
    return PromiseCursor(one.listed_from, one.id)
