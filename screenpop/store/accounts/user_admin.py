"""Changes to users by an administrator: names, roles, disabling, enabling and deleting.

Each change is one transaction. The last active administrator cannot be removed. A deleted user
keeps the row and the display name, so that calls, notes and audit logs keep the name; the username
is free again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import Department, Role, User, UserId
from screenpop.common.text import visible_or_empty
from screenpop.store.accounts.users import (
    UserRefusedError,
    endpoint_taken,
    for_username,
    replace_endpoints,
)
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import sessions, user_endpoints, users
from screenpop.store.schema.second_factor_tables import recovery_codes, second_factors
from screenpop.telephony.identifiers import Endpoint, PbxId

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class UserAccount:
    """A user as administrators see it, active or disabled."""

    user: User
    is_active: bool
    phones: tuple[tuple[PbxId, Endpoint], ...]
    last_seen_at: float | None
    """When one of the open sessions was last used, in seconds since 1970."""
    session_count: int
    first_password_until: float | None
    """Until when the user can choose a password with the one handed out; None: it is chosen."""


async def list_accounts(database: Database) -> tuple[UserAccount, ...]:
    """Return all users who are not deleted, active ones first, then by username."""
    statement = (
        select(users)
        .where(users.c.deleted_at.is_(None))
        .order_by(users.c.active.desc(), users.c.username)
    )
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
        endpoints = await connection.execute(select(user_endpoints).order_by(user_endpoints.c.id))
        phones: dict[int, list[tuple[PbxId, Endpoint]]] = {}
        for row in endpoints:
            phones.setdefault(row.user_id, []).append((PbxId(row.pbx), Endpoint(row.endpoint)))
        seen: dict[int, list[float]] = {}
        for row in await connection.execute(select(sessions.c.user_id, sessions.c.last_seen_at)):
            seen.setdefault(row.user_id, []).append(row.last_seen_at)
    return tuple(
        UserAccount(
            _user(row),
            row.active,
            tuple(phones.get(row.id, ())),
            max(seen.get(row.id, ()), default=None),
            len(seen.get(row.id, ())),
            row.first_password_until,
        )
        for row in rows
    )


async def find_account(database: Database, username: str) -> User:
    """Return the user of this name, active or disabled. Raises ``UserRefusedError``."""
    async with database.reading() as connection:
        statement = for_username(select(users).where(users.c.deleted_at.is_(None)), username)
        row = (await connection.execute(statement)).first()
    if row is None:
        raise UserRefusedError(
            "unknown_user", f"There is no user {username}. screenpop user list shows all."
        )
    return _user(row)


async def save_account(
    database: Database,
    user_id: UserId,
    *,
    display_name: str,
    role: Role,
    department: Department,
    endpoints: Sequence[Endpoint],
) -> None:
    """Change all that the page of a user has, or nothing. Raises ``UserRefusedError``."""
    name = _checked_name(display_name)
    try:
        async with database.writing() as connection:
            await _set_role(connection, user_id, role, department)
            await _set(connection, user_id, {"display_name": name})
            await replace_endpoints(connection, user_id, endpoints)
    except IntegrityError as error:
        raise endpoint_taken(endpoints) from error


async def rename_user(database: Database, user_id: UserId, display_name: str) -> None:
    """Change the display name. Raises ``UserRefusedError``."""
    name = _checked_name(display_name)
    async with database.writing() as connection:
        await _row(connection, user_id)
        await _set(connection, user_id, {"display_name": name})


async def change_role(
    database: Database, user_id: UserId, role: Role, department: Department
) -> None:
    """Change a user's role and department. Raises ``UserRefusedError``."""
    async with database.writing() as connection:
        await _set_role(connection, user_id, role, department)


async def disable_user(database: Database, user_id: UserId) -> None:
    """End the user's sessions and refuse further logins; history and phones stay.

    Raises ``UserRefusedError``.
    """
    async with database.writing() as connection:
        await _row(connection, user_id)
        await _keep_an_admin(connection, user_id)
        await _set(connection, user_id, {"active": False})
        await connection.execute(delete(sessions).where(sessions.c.user_id == user_id))


async def enable_user(database: Database, user_id: UserId) -> None:
    """Let a disabled user log in again. Raises ``UserRefusedError``."""
    async with database.writing() as connection:
        await _row(connection, user_id)
        await _set(connection, user_id, {"active": True})


async def delete_user(database: Database, user_id: UserId, now: float) -> None:
    """Delete a user: all goes that serves a login, and the phones; the display name stays.

    Raises ``UserRefusedError``.
    """
    async with database.writing() as connection:
        row = await _row(connection, user_id)
        await _keep_an_admin(connection, user_id)
        values = {
            "active": False,
            "deleted_at": now,
            "password_hash": "",
            # Usernames cannot contain a ~, so this name is never taken.
            "username": f"{row.username}~{user_id}",
        }
        await _set(connection, user_id, values)
        await connection.execute(delete(sessions).where(sessions.c.user_id == user_id))
        for table in (user_endpoints, second_factors, recovery_codes):
            await connection.execute(delete(table).where(table.c.user_id == user_id))


async def _set_role(
    connection: AsyncConnection, user_id: UserId, role: Role, department: Department
) -> None:
    row = await _row(connection, user_id)
    if role is not Role.ADMIN and row.active:
        await _keep_an_admin(connection, user_id)
    values = {"role": role.value, "department": department.value}
    await _set(connection, user_id, values)


def _checked_name(display_name: str) -> str:
    name = visible_or_empty(display_name.strip())
    if not name or len(name) > _LONGEST_NAME:
        raise UserRefusedError(
            "no_name", f"Write the person's name, in at most {_LONGEST_NAME} characters."
        )
    return name


async def _row(connection: AsyncConnection, user_id: UserId) -> Any:
    statement = select(users).where(users.c.id == user_id, users.c.deleted_at.is_(None))
    row = (await connection.execute(statement)).first()
    if row is None:
        raise UserRefusedError("unknown_user", f"There is no user with the number {user_id}.")
    return row


async def _set(connection: AsyncConnection, user_id: UserId, values: Mapping[str, object]) -> None:
    await connection.execute(update(users).where(users.c.id == user_id).values(**values))


async def _keep_an_admin(connection: AsyncConnection, user_id: UserId) -> None:
    # Locked, so that on PostgreSQL two administrators cannot demote each other at the same time.
    statement = (
        select(users.c.id).where(users.c.active, users.c.role == Role.ADMIN.value).with_for_update()
    )
    admins = set((await connection.execute(statement)).scalars())
    if admins == {int(user_id)}:
        raise UserRefusedError(
            "last_admin",
            "This is the last administrator who can log in. Make another one first.",
        )


def _user(row: Any) -> User:
    return User(
        UserId(row.id),
        row.username,
        row.display_name,
        Role(row.role),
        Department(row.department),
        row.language,
    )
