"""Callbacks that users have taken: one agent at a time, until it is closed or returned.

The claim is on the oldest open attempt, so it holds for later attempts of the same person, and is
gone with the callback. Where two callbacks became one (a linked number, a merge), the claim that
was made first counts. A claim of a disabled user does not count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.store.calls.open_callbacks import (
    attempts_of_same_people,
    listed_since,
    open_attempts,
)
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import callbacks_taken


class CallbackProblem(StrEnum):
    UNKNOWN_CALLBACK = "unknown_callback"
    """It is closed: the caller was talked to, or a user has marked it as done."""
    TAKEN_BY_OTHER = "taken_by_other"
    UNKNOWN_USER = "unknown_user"


class CallbackRefusedError(Exception):
    """A change of a callback is refused; ``taken``: the user who has it, if that is the reason."""

    def __init__(self, code: CallbackProblem, taken: "Taken | None" = None) -> None:
        super().__init__(code.value)
        self.code, self.taken = code, taken


@dataclass(frozen=True, slots=True)
class Taken:
    user_id: UserId
    name: str
    at: float


@dataclass(frozen=True, slots=True)
class OpenCallback:
    """One callback: its open attempts as ids in the call log, newest first."""

    attempts: tuple[int, ...]
    taken_by: UserId | None
    taken_at: float | None

    @property
    def first_id(self) -> int:
        return self.attempts[-1]

    def up_to(self, call_id: int) -> list[int]:
        """Return this attempt and the older ones."""
        return list(self.attempts[self.attempts.index(call_id) :])


async def find_callback(
    connection: AsyncConnection, call_id: int, now: float, user: UserId | None = None
) -> OpenCallback | None:
    """Return the open callback of an attempt; None without one, or if it is not ``user``'s."""
    since_ts, among = await listed_since(connection), attempts_of_same_people([call_id])
    rows = open_attempts(since_ts, now, user, among).subquery("open_attempts")
    chosen = select(rows.c.caller_key).where(rows.c.id == call_id)
    if user is not None:
        chosen = chosen.where(rows.c.is_own == 1)
    found = (
        await connection.execute(
            select(rows)
            .where(rows.c.caller_key.in_(chosen.scalar_subquery()))
            .order_by(rows.c.place)
        )
    ).all()
    if not found:
        return None
    taken_by, taken_at = found[0].taken_by_id, found[0].taken_at
    attempts = tuple(row.id for row in found)
    return OpenCallback(attempts, None if taken_by is None else UserId(taken_by), taken_at)


async def take_callback(
    database: Database,
    call_id: int,
    user: UserId,
    *,
    by: UserId,
    now: float,
    may_act_for_others: bool = False,
) -> Taken:
    """Give the callback of this attempt to ``user``; ``by`` is the user who does so.

    Taking one's own again changes nothing. Raises ``CallbackRefusedError``.
    """
    async with database.writing() as connection:
        found = await find_callback(connection, call_id, now)
        if found is None:
            raise CallbackRefusedError(CallbackProblem.UNKNOWN_CALLBACK)
        if not may_act_for_others:
            await check_not_taken(connection, found, by)
        await _check_user(connection, user)
        if found.taken_by != user:
            # Claims that do not count: of disabled users, or those that a supervisor overrules.
            await _release(connection, found)
            await _claim(connection, found, user, now)
        return await _taken(connection, found, user, now)


async def release_callback(
    database: Database, call_id: int, *, by: UserId, now: float, may_act_for_others: bool = False
) -> None:
    """Return a callback, so that anyone may take it. Raises ``CallbackRefusedError``."""
    async with database.writing() as connection:
        found = await find_callback(connection, call_id, now)
        if found is None:
            raise CallbackRefusedError(CallbackProblem.UNKNOWN_CALLBACK)
        if not may_act_for_others:
            await check_not_taken(connection, found, by)
        await _release(connection, found)


async def check_not_taken(connection: AsyncConnection, found: OpenCallback, user: UserId) -> None:
    """Raise ``CallbackRefusedError`` if another user has taken it."""
    if found.taken_by not in (None, user):
        taken = await _taken(connection, found, found.taken_by, found.taken_at or 0.0)
        raise CallbackRefusedError(CallbackProblem.TAKEN_BY_OTHER, taken)


async def taken_names(connection: AsyncConnection, rows: Iterable[Any]) -> dict[int, Taken]:
    """Return who has taken which of these rows of ``open_attempts``, by the row's id."""
    return await connection.run_sync(load_taken_names, rows)


def load_taken_names(connection: Connection, rows: Iterable[Any]) -> dict[int, Taken]:
    """As ``taken_names``."""
    claimed = {row.id: row for row in rows if row.taken_by_id is not None}
    ids = {row.taken_by_id for row in claimed.values()}
    if not ids:
        return {}
    found = connection.execute(select(users.c.id, users.c.display_name).where(users.c.id.in_(ids)))
    names = {row.id: row.display_name for row in found}
    return {
        call_id: Taken(UserId(row.taken_by_id), names.get(row.taken_by_id, ""), row.taken_at)
        for call_id, row in claimed.items()
    }


async def _claim(
    connection: AsyncConnection, found: OpenCallback, user: UserId, now: float
) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    claim = (
        dialect.insert(callbacks_taken)
        .values(call_id=found.first_id, user_id=actor_id(user), taken_at=now)
        .on_conflict_do_nothing()
        .returning(callbacks_taken.c.user_id)
    )
    if (await connection.execute(claim)).first() is None:
        # PostgreSQL: another transaction has claimed it since it was read here.
        row = (
            await connection.execute(
                select(callbacks_taken).where(callbacks_taken.c.call_id == found.first_id)
            )
        ).first()
        other = None if row is None else await _taken(connection, found, row.user_id, row.taken_at)
        raise CallbackRefusedError(CallbackProblem.TAKEN_BY_OTHER, other)


async def _release(connection: AsyncConnection, found: OpenCallback) -> None:
    # Not all claims: on PostgreSQL another transaction may have made one since it was read here.
    inactive = callbacks_taken.c.user_id.not_in(select(users.c.id).where(users.c.active))
    await connection.execute(
        delete(callbacks_taken).where(
            callbacks_taken.c.call_id.in_(found.attempts),
            or_(callbacks_taken.c.user_id == found.taken_by, inactive),
        )
    )


async def _taken(
    connection: AsyncConnection, found: OpenCallback, user: UserId | None, now: float
) -> Taken:
    name = await connection.scalar(select(users.c.display_name).where(users.c.id == user))
    is_kept = found.taken_by == user and found.taken_at is not None
    at = found.taken_at if is_kept and found.taken_at is not None else now
    return Taken(UserId(user or 0), name or "", at)


async def _check_user(connection: AsyncConnection, user: UserId) -> None:
    known = await connection.scalar(
        select(users.c.id).where(users.c.id == user, users.c.active, users.c.deleted_at.is_(None))
    )
    if known is None:
        raise CallbackRefusedError(CallbackProblem.UNKNOWN_USER)
