"""Which of the sessions of open pages are in use, and which have ended: for all pages at once."""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, bindparam, select, update

from screenpop.accounts.users import Role, UserId
from screenpop.store.accounts.sessions import IDLE_S, Session, token_hash
from screenpop.store.engine.database import Database
from screenpop.store.engine.deferred_writes import Work
from screenpop.store.schema.account_tables import sessions, users

_AT_ONCE = 500
_SEEN_EVERY_S = 60.0  # a page load need not cause a write


def touch_session(database: Database, session: Session, now: float) -> None:
    """Record that a session is in use: deferred, and at most once a minute."""
    if now - session.last_seen_at < _SEEN_EVERY_S:
        return
    database.seen_sessions[session.id] = now
    _write_seen_soon(database)


def _write_seen_soon(database: Database) -> None:
    """Queue one write for all sessions that are in use, however many come back at once: each in a
    write of its own would leave no place in the queue for what else is noted."""

    def begin() -> Work:
        seen = dict(database.seen_sessions)
        written.append(seen)
        # Sorted: another process may write the same rows, and waits then instead of failing.
        rows = [{"session": number, "at": at} for number, at in sorted(seen.items())]
        return lambda connection: connection.execute(_SEEN, rows) if rows else None

    def forget(done: asyncio.Future[bool]) -> None:
        if done.cancelled() or not done.result() or not written:
            return
        for number, at in written[-1].items():
            if database.seen_sessions.get(number) == at:
                del database.seen_sessions[number]

    written: list[dict[int, float]] = []
    database.later.gather(begin, _SEEN_KEY).add_done_callback(forget)


def touch_sessions(database: Database, tokens: Iterable[str], now: float) -> None:
    """Record that these sessions are in use: deferred, in one transaction."""
    hashes = [token_hash(token) for token in tokens]

    def write(connection: Connection) -> None:
        for part in _parts(hashes):
            connection.execute(_SEEN_PAGES, {"hashes": part, "at": now, **_limits(now)})

    if hashes:
        _ = database.later.add(write, _PAGES_KEY, can_wait=True)


_SEEN_KEY, _PAGES_KEY = "sessions in use", "sessions of open pages"
_SEEN = (
    update(sessions)
    .where(sessions.c.id == bindparam("session"))
    .values(last_seen_at=bindparam("at"))
)
_SEEN_PAGES = (
    update(sessions)
    .where(
        sessions.c.token_hash.in_(bindparam("hashes", expanding=True)),
        sessions.c.expires_at > bindparam("now"),
        sessions.c.last_seen_at > bindparam("idle_since"),
    )
    .values(last_seen_at=bindparam("at"))
)


class EndReason(StrEnum):
    """Why a session has ended."""

    ENDED = "ended"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 -- a code
    USER_DISABLED = "user_disabled"


@dataclass(frozen=True, slots=True)
class SessionCheck:
    """The state of one session: the user's current role, or why it has ended."""

    role: Role | None
    ended: EndReason | None = None


async def check_sessions(
    database: Database, owners: Mapping[str, tuple[UserId, float]], now: float
) -> dict[str, SessionCheck]:
    """Return the state of each session, in one read of 500 sessions; two where some have ended.

    ``owners``: the token of each session to its user and the time of its start.
    """
    asked = {token_hash(token): token for token in owners}
    unwritten = {hashed: row is not None for hashed, row in database.unwritten_sessions.items()}

    def read(connection: Connection) -> dict[str, SessionCheck]:
        checks: dict[str, SessionCheck] = {}
        for part in _parts(list(asked)):
            lasting = connection.execute(_LASTING, {"hashes": part, **_limits(now)})
            roles = {hashed: role for hashed, role in lasting if unwritten.get(hashed, True)}
            checks |= {asked[hashed]: SessionCheck(Role(role)) for hashed, role in roles.items()}
            rest = [asked[hashed] for hashed in part if hashed not in roles]
            if rest:
                began = {token for token in rest if unwritten.get(token_hash(token), False)}
                checks |= _check_rest(connection, {token: owners[token] for token in rest}, began)
        return checks

    return await database.read(read)


def _check_rest(
    connection: Connection, owners: Mapping[str, tuple[UserId, float]], began: Collection[str]
) -> dict[str, SessionCheck]:
    """Return why these sessions have ended. ``began``: those which have no row yet."""
    ids = {user for user, _ in owners.values()}
    people = {row.id: row for row in connection.execute(_PEOPLE, {"ids": sorted(ids)})}
    checks: dict[str, SessionCheck] = {}
    for token, (user_id, started_at) in owners.items():
        row = people.get(user_id)
        if row is None or not row.active:
            checks[token] = SessionCheck(None, EndReason.USER_DISABLED)
        elif token in began:
            checks[token] = SessionCheck(Role(row.role))
        else:
            changed = (row.password_changed_at or 0.0) >= started_at
            reason = EndReason.PASSWORD_CHANGED if changed else EndReason.ENDED
            checks[token] = SessionCheck(None, reason)
    return checks


_LASTING = (
    select(sessions.c.token_hash, users.c.role)
    .join(users, users.c.id == sessions.c.user_id)
    .where(
        sessions.c.token_hash.in_(bindparam("hashes", expanding=True)),
        sessions.c.expires_at > bindparam("now"),
        sessions.c.last_seen_at > bindparam("idle_since"),
        users.c.active,
    )
)
_PEOPLE = select(users.c.id, users.c.active, users.c.role, users.c.password_changed_at).where(
    users.c.id.in_(bindparam("ids", expanding=True))
)


def _parts(hashes: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(hashes), _AT_ONCE):
        yield hashes[start : start + _AT_ONCE]


def _limits(now: float) -> dict[str, float]:
    return {"now": now, "idle_since": now - IDLE_S}
