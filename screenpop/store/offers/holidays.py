"""The school holidays that the office has stated."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select

from screenpop.accounts.users import UserId
from screenpop.offers.school_holidays import (
    MOST_STATED,
    HolidaysError,
    HolidaysProblem,
    SchoolHolidays,
)
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.offer_tables import school_holidays


@dataclass(frozen=True, slots=True)
class StatedHolidays:
    id: int
    holidays: SchoolHolidays


def read_holidays(connection: Connection) -> tuple[SchoolHolidays, ...]:
    """Return all spans, the earliest first."""
    return tuple(one.holidays for one in _stated(connection))


async def list_holidays(database: Database) -> Sequence[StatedHolidays]:
    """Return all spans with their ids, the earliest first."""
    return await database.read(_stated)


async def add_holidays(
    database: Database, holidays: SchoolHolidays, *, user_id: UserId | None, now: float
) -> int:
    """Save a span; return its id. Raises ``HolidaysError``."""
    name = clean_for_database(holidays.name)
    async with database.writing() as connection:
        count = await connection.scalar(select(func.count()).select_from(school_holidays))
        if (count or 0) >= MOST_STATED:
            remedy = "delete those of past years first"
            raise HolidaysError(HolidaysProblem.TOO_MANY, "name", name, remedy)
        added = await connection.execute(
            insert_or_update(database.kind, school_holidays)
            .values(
                name=name,
                first=holidays.first,
                last=holidays.last,
                made_by_id=actor_id(user_id),
                made_at=now,
            )
            .on_conflict_do_nothing()
            .returning(school_holidays.c.id)
        )
        found = added.scalar()
    if found is None:
        remedy = "these holidays are stated already"
        raise HolidaysError(HolidaysProblem.KNOWN, "name", name, remedy)
    return int(found)


async def delete_holidays(database: Database, number: int) -> bool:
    """Delete a span; return whether it was there."""
    async with database.writing() as connection:
        gone = await connection.execute(
            delete(school_holidays)
            .where(school_holidays.c.id == number)
            .returning(school_holidays.c.id)
        )
        return gone.first() is not None


def _stated(connection: Connection) -> tuple[StatedHolidays, ...]:
    rows = connection.execute(
        select(school_holidays).order_by(school_holidays.c.first, school_holidays.c.id)
    )
    return tuple(
        StatedHolidays(row.id, SchoolHolidays(row.name, row.first, row.last)) for row in rows
    )
