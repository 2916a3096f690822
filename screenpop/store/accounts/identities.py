"""Which user an identity of the login provider belongs to; stored at the first login.

An identity is the provider's address (issuer) and its own id of the person (subject), which is
never given to another person. A name or mail address decides once at most: when an identity that
is not stored yet is given to the user of that name.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import Department, Role, User, UserId
from screenpop.store.accounts.users import for_username
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.second_factor_tables import user_identities


class NoUser(StrEnum):
    UNKNOWN = "unknown"
    """Neither the identity nor the name is known."""
    DISABLED = "disabled"
    """The user was disabled or deleted."""
    OTHER_IDENTITY = "other_identity"
    """The user of this name logs in with another identity of this provider."""


async def user_of_identity(
    database: Database, issuer: str, subject: str, username: str, now: float
) -> User | NoUser:
    """Return the active user of an identity.

    An identity that is not stored is given to the user of this name, unless they have another one.
    """
    of_identity = (user_identities.c.issuer == issuer, user_identities.c.subject == subject)
    async with database.reading() as connection:
        joined = user_identities.join(users, users.c.id == user_identities.c.user_id)
        statement = select(users).select_from(joined).where(*of_identity)
        row = (await connection.execute(statement)).first()
    if row is not None and row.deleted_at is None:
        return _user(row) if row.active else NoUser.DISABLED
    try:
        async with database.writing() as connection:
            named = await _user_named(connection, username)
            if named is None:
                return NoUser.UNKNOWN if row is None else NoUser.DISABLED
            if not named.active:
                return NoUser.DISABLED
            if row is None:
                await _insert(connection, named.id, issuer, subject, now)
            else:  # of a user who was deleted, and was made again
                change = update(user_identities).where(*of_identity)
                await connection.execute(change.values(user_id=named.id, since=now))
    except IntegrityError:
        return NoUser.OTHER_IDENTITY
    return _user(named)


async def owner_of_identity(database: Database, issuer: str, subject: str) -> UserId | None:
    """Return the user who has logged in with an identity; None if there is none."""
    statement = select(user_identities.c.user_id).where(
        user_identities.c.issuer == issuer, user_identities.c.subject == subject
    )
    async with database.reading() as connection:
        found = (await connection.execute(statement)).scalar()
        return None if found is None else UserId(found)


async def give_identity(
    database: Database, user: UserId, issuer: str, subject: str, now: float
) -> None:
    """Store the identity of a user who was just made."""
    async with database.writing() as connection:
        await _insert(connection, user, issuer, subject, now)


async def forget_identities(database: Database, user: UserId) -> int:
    """Delete the identities of a user, so that the next login stores one; return how many."""
    async with database.writing() as connection:
        done = await connection.execute(
            delete(user_identities)
            .where(user_identities.c.user_id == user)
            .returning(user_identities.c.id)
        )
        return len(done.all())


async def _user_named(connection: AsyncConnection, username: str) -> Any:
    statement = for_username(select(users).where(users.c.deleted_at.is_(None)), username)
    return (await connection.execute(statement)).first()


async def _insert(
    connection: AsyncConnection, user: int, issuer: str, subject: str, now: float
) -> None:
    values = {"user_id": user, "issuer": issuer, "subject": subject, "since": now}
    await connection.execute(insert(user_identities).values(values))


def _user(row: Any) -> User:
    return User(
        UserId(row.id),
        row.username,
        row.display_name,
        Role(row.role),
        Department(row.department),
        row.language,
    )
