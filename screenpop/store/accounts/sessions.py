"""Login sessions. The browser holds a random token, the database only its hash."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.card_preferences import CardPreferences
from screenpop.accounts.users import Department, Role, User, UserId
from screenpop.store.engine.database import Database
from screenpop.store.engine.deferred_writes import SOON_S, Work
from screenpop.store.engine.inline_reads import compile_named
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.account_tables import sessions, users

LIFETIME_S = 7 * 24 * 3600.0
IDLE_S = 12 * 3600.0
ENDED_KEPT_S = 2 * 24 * 3600.0
"""Seconds for which the row of a session that has ended stays: a clock that was a day ahead for a
while ends none for ever."""
CLOCKS_DIFFER_S = 60.0
"""Seconds by which the clocks of several machines may differ."""
_LONGEST_BROWSER = 300
_UNWRITTEN = 0
"""The id of a session that has no row yet."""


@dataclass(frozen=True, slots=True)
class NewSession:
    token: str
    """For the cookie only: it cannot be read back from the database."""
    csrf: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class Session:
    id: int
    user: User
    csrf: str
    created_at: float
    last_seen_at: float
    expires_at: float
    """When it ends at the latest; it also ends ``IDLE_S`` after it was last seen."""
    confirmed_at: float | None = None
    """When the password was last entered in this session, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """An open session as its user sees it in a list. Times are seconds since 1970."""

    id: int
    created_at: float
    last_seen_at: float
    browser: str
    """The User-Agent header at the login, shortened."""
    address: str


async def start_session(
    database: Database,
    user: UserId,
    now: float,
    lifetime_s: float = LIFETIME_S,
    *,
    browser: str = "",
    address: str = "",
) -> NewSession:
    """Log a user in with a new token, so that a token planted before is worthless."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    values = {
        "token_hash": token_hash(token),
        "user_id": user,
        "csrf": csrf,
        "created_at": now,
        "last_seen_at": now,
        "expires_at": now + lifetime_s,
        "browser": clean_for_database(browser)[:_LONGEST_BROWSER],
        "address": clean_for_database(address)[:100],
    }

    began = time.monotonic()

    def write(connection: Connection) -> None:
        connection.execute(delete(sessions).where(is_expired(now - ENDED_KEPT_S)))
        changed_at = select(users.c.password_changed_at).where(users.c.id == user)
        # A session from before a password change is ended by it, however late its row is written.
        until = now + time.monotonic() - began
        if not is_changed_between(connection.scalar(changed_at), now, until):
            connection.execute(insert(sessions).values(values))

    await _write_soon(database, token_hash(token), values, write)
    return NewSession(token, csrf, now + lifetime_s)


async def _write_soon(
    database: Database, hashed: str, values: dict[str, Any] | None, write: Work
) -> None:
    """Make a session's beginning or end take effect at once, and write its row soon after.

    A login does not wait for the database's write lock: until the row is written, the server holds
    in memory which sessions began (their values) and which ended (None).
    """
    database.unwritten_sessions[hashed] = values
    written = database.later.add(write)

    def forget(_: object) -> None:
        if database.unwritten_sessions.get(hashed, ()) is values:
            del database.unwritten_sessions[hashed]

    written.add_done_callback(forget)
    await asyncio.wait([written], timeout=SOON_S)


async def find_session(database: Database, token: str, now: float) -> Session | None:
    """Return the session of a token; None when unknown, ended, idle or its user is gone."""
    hashed = token_hash(token)
    if hashed in database.unwritten_sessions:
        return await _find_unwritten(database, hashed, now)
    row = await _find_row(database, {"hashed": hashed, "now": now, "idle_since": now - IDLE_S})
    if row is None:
        return None
    return Session(
        row.id,
        row.user(),
        row.csrf,
        row.created_at,
        row.last_seen_at,
        row.expires_at,
        row.confirmed_at,
    )


async def _find_row(database: Database, values: Mapping[str, object]) -> "_SessionRow | None":
    """Read inline where that works: every page and API call begins with this read."""
    if database.inline is not None:
        rows = database.inline.read(lambda execute: _FIND_SQL.rows(execute, values))
        if rows is not None:
            return _SessionRow(*rows[0]) if rows else None
    row = await database.read_row(_FIND, values)
    return None if row is None else _SessionRow(*row)


async def _find_unwritten(database: Database, hashed: str, now: float) -> Session | None:
    """Return a session that is not written yet; None when it ended."""
    values = database.unwritten_sessions[hashed]
    if values is None or values["expires_at"] <= now:
        return None
    statement = select(
        users.c.username,
        users.c.display_name,
        users.c.role,
        users.c.department,
        users.c.language,
        users.c.card_preferences,
    ).where(users.c.id == values["user_id"], users.c.active)
    async with database.reading() as connection:
        row = (await connection.execute(statement)).first()
    if row is None:
        return None
    user = User(
        UserId(values["user_id"]),
        row.username,
        row.display_name,
        Role(row.role),
        Department(row.department),
        row.language,
        CardPreferences.from_json(row.card_preferences),
    )
    created_at = values["created_at"]
    return Session(_UNWRITTEN, user, values["csrf"], created_at, now, values["expires_at"])


async def end_session(database: Database, token: str) -> None:
    hashed = token_hash(token)
    statement = delete(sessions).where(sessions.c.token_hash == hashed)
    await _write_soon(database, hashed, None, lambda connection: connection.execute(statement))


async def end_all_sessions(database: Database, user: UserId) -> int:
    """End all sessions of a user; return how many."""
    async with database.writing() as connection:
        ended = await connection.execute(
            delete(sessions).where(sessions.c.user_id == user).returning(sessions.c.id)
        )
        return len(ended.all())


async def end_other_sessions(database: Database, user: UserId, token: str) -> int:
    """End all sessions of a user but that of this token; return how many."""
    async with database.writing() as connection:
        return await end_sessions_but(connection, user, token)


async def end_sessions_but(connection: AsyncConnection, user: UserId, token: str) -> int:
    """As ``end_other_sessions``, in the caller's transaction; an empty token keeps none."""
    ended = await connection.execute(
        delete(sessions)
        .where(sessions.c.user_id == user, sessions.c.token_hash != token_hash(token))
        .returning(sessions.c.id)
    )
    return len(ended.all())


async def end_session_by_id(database: Database, user: UserId, session_id: int) -> bool:
    """End one session of this user; False when it does not exist or belongs to another user."""
    async with database.writing() as connection:
        ended = await connection.execute(
            delete(sessions)
            .where(sessions.c.user_id == user, sessions.c.id == session_id)
            .returning(sessions.c.id)
        )
        return ended.first() is not None


def load_open_sessions(connection: Connection, user: UserId, now: float) -> tuple[OpenSession, ...]:
    """Return the open sessions of a user, the one used last first."""
    statement = (
        select(sessions)
        .where(sessions.c.user_id == user, ~is_expired(now))
        .order_by(sessions.c.last_seen_at.desc(), sessions.c.id.desc())
    )
    return tuple(
        OpenSession(row.id, row.created_at, row.last_seen_at, row.browser, row.address)
        for row in connection.execute(statement)
    )


async def confirm_session(database: Database, token: str, now: float) -> None:
    """Record that the password was entered again in the session of this token."""
    async with database.writing() as connection:
        await connection.execute(
            update(sessions)
            .where(sessions.c.token_hash == token_hash(token))
            .values(confirmed_at=now)
        )


def is_changed_between(changed_at: float | None, after: float, until: float) -> bool:
    """Return whether a password was changed after a moment, in seconds since 1970.

    A change after ``until``, which is now, was written by a clock that was ahead, and may have been
    long ago: by it no login of the user would be taken until that time.
    """
    return changed_at is not None and after < changed_at <= until + CLOCKS_DIFFER_S


def token_hash(token: str) -> str:
    # The token is 256 random bits: a fast hash cannot be reversed, and the row is found by it.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def is_expired(now: float) -> ColumnElement[bool]:
    return or_(sessions.c.expires_at <= now, sessions.c.last_seen_at <= now - IDLE_S)


class _SessionRow(NamedTuple):
    """A row of ``_FIND``, in its order."""

    id: int
    csrf: str
    created_at: float
    last_seen_at: float
    expires_at: float
    confirmed_at: float | None
    user_id: int
    username: str
    display_name: str
    role: str
    department: str
    language: str
    card_preferences: str

    def user(self) -> User:
        return User(
            UserId(self.user_id),
            self.username,
            self.display_name,
            Role(self.role),
            Department(self.department),
            self.language,
            CardPreferences.from_json(self.card_preferences),
        )


_FIND = (
    select(
        *(sessions.c[name] for name in _SessionRow._fields[:7]),
        *(users.c[name] for name in _SessionRow._fields[7:]),
    )
    .join(users, users.c.id == sessions.c.user_id)
    .where(
        sessions.c.token_hash == bindparam("hashed"),
        sessions.c.expires_at > bindparam("now"),
        sessions.c.last_seen_at > bindparam("idle_since"),
        users.c.active,
    )
)
_FIND_SQL = compile_named(_FIND)
