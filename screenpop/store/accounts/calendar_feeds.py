"""One address a user under which calendars read that user's follow-ups.

The address holds a random token, the database only its hash. A feed ends when its user ends it,
makes another one, is disabled or deleted.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, insert, select

from screenpop.accounts.users import UserId
from screenpop.store.accounts.sessions import token_hash
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.calendar_feed_tables import calendar_feeds


@dataclass(frozen=True, slots=True)
class CalendarFeed:
    user: UserId
    language: str
    shows_names: bool
    made_at: float
    """Seconds since 1970."""


async def make_calendar_feed(
    database: Database, user: UserId, now: float, *, shows_names: bool
) -> str:
    """Create the user's feed in place of an earlier one; return its token."""
    token = secrets.token_urlsafe(32)
    values = {
        "user_id": user,
        "token_hash": token_hash(token),
        "shows_names": shows_names,
        "made_at": now,
    }
    async with database.writing() as connection:
        await connection.execute(delete(calendar_feeds).where(calendar_feeds.c.user_id == user))
        await connection.execute(insert(calendar_feeds).values(values))
    return token


async def find_calendar_feed(database: Database, token: str) -> CalendarFeed | None:
    """Return the feed of a token; None for one that is unknown or ended."""
    return await _find(database, calendar_feeds.c.token_hash == token_hash(token))


async def own_calendar_feed(database: Database, user: UserId) -> CalendarFeed | None:
    """Return the feed of a user; None without one."""
    return await _find(database, calendar_feeds.c.user_id == user)


async def end_calendar_feed(database: Database, user: UserId) -> None:
    """Delete the user's feed, if there is one."""
    async with database.writing() as connection:
        await connection.execute(delete(calendar_feeds).where(calendar_feeds.c.user_id == user))


async def _find(database: Database, condition: ColumnElement[bool]) -> CalendarFeed | None:
    statement = (
        select(calendar_feeds, users.c.language)
        .join(users, users.c.id == calendar_feeds.c.user_id)
        .where(condition, users.c.active)
    )
    async with database.reading() as connection:
        row = (await connection.execute(statement)).first()
    if row is None:
        return None
    return CalendarFeed(UserId(row.user_id), row.language, row.shows_names, row.made_at)
