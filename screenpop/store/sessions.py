"""Who is logged in. The browser holds a random token, we only its hash."""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, insert, or_, select, update

from screenpop.accounts.users import Department, Role, User, UserId
from screenpop.store.database import Database
from screenpop.store.tables import sessions, users

LIFETIME_S = 7 * 24 * 3600.0
IDLE_S = 12 * 3600.0
_SEEN_EVERY_S = 60.0  # a page load need not be a write


@dataclass(frozen=True, slots=True)
class NewSession:
    token: str
    """For the cookie, and nowhere else: it cannot be read back."""
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


async def start_session(
    database: Database, user: UserId, now: float, lifetime_s: float = LIFETIME_S
) -> NewSession:
    """Log a user in. A new token at each login: a token planted before is worth nothing."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    values = {
        "token_hash": hash_of(token),
        "user_id": user,
        "csrf": csrf,
        "created_at": now,
        "last_seen_at": now,
        "expires_at": now + lifetime_s,
    }
    async with database.writing() as connection:
        await connection.execute(delete(sessions).where(is_over(now)))
        await connection.execute(insert(sessions).values(values))
    return NewSession(token, csrf, now + lifetime_s)


async def find_session(database: Database, token: str, now: float) -> Session | None:
    """The session of a token; None when unknown, over, idle for too long, or its user is gone."""
    statement = (
        select(
            sessions.c.id,
            sessions.c.csrf,
            sessions.c.created_at,
            sessions.c.last_seen_at,
            sessions.c.expires_at,
            sessions.c.user_id,
            users.c.username,
            users.c.display_name,
            users.c.role,
            users.c.department,
            users.c.language,
        )
        .join(users, users.c.id == sessions.c.user_id)
        .where(sessions.c.token_hash == hash_of(token), ~is_over(now), users.c.active)
    )
    async with database.reading() as connection:
        row = (await connection.execute(statement)).first()
    if row is None:
        return None
    user = User(
        UserId(row.user_id),
        row.username,
        row.display_name,
        Role(row.role),
        Department(row.department),
        row.language,
    )
    return Session(row.id, user, row.csrf, row.created_at, row.last_seen_at, row.expires_at)


async def keep_session(database: Database, session: Session, now: float) -> None:
    """Note that a session is in use; writes at most once a minute."""
    if now - session.last_seen_at < _SEEN_EVERY_S:
        return
    async with database.writing() as connection:
        await connection.execute(
            update(sessions).where(sessions.c.id == session.id).values(last_seen_at=now)
        )


async def end_session(database: Database, token: str) -> None:
    async with database.writing() as connection:
        await connection.execute(delete(sessions).where(sessions.c.token_hash == hash_of(token)))


async def end_all_sessions(database: Database, user: UserId) -> int:
    """Log a user out everywhere; gives how many sessions that ended."""
    async with database.writing() as connection:
        ended = await connection.execute(
            delete(sessions).where(sessions.c.user_id == user).returning(sessions.c.id)
        )
        return len(ended.all())


def hash_of(token: str) -> str:
    # The token is 256 random bits: a plain hash cannot be turned back, and it is found by it.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def is_over(now: float) -> ColumnElement[bool]:
    return or_(sessions.c.expires_at <= now, sessions.c.last_seen_at <= now - IDLE_S)
