"""Passwords that an administrator hands out: they only let the user choose an own one.

Such a password is made here, shown once, and valid for ``FIRST_PASSWORD_S``. It starts no session.
"""

import secrets
from enum import StrEnum

from sqlalchemy import select

from screenpop.accounts.users import UserId
from screenpop.store.accounts.users import change_password
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users

FIRST_PASSWORD_S = 7 * 24 * 3600.0
"""How long a password that was handed out can be used, in seconds."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that look alike on paper: i, l, o, 0, 1."""
_GROUPS, _GROUP_LENGTH = 3, 4
"""Twelve characters of 31 are 59 bits."""


class FirstPassword(StrEnum):
    """Whether the password of a user was handed out."""

    NONE = "none"
    """The user chose it."""
    USABLE = "usable"
    EXPIRED = "expired"


def new_first_password() -> str:
    """Return a random password that can be read aloud and typed on any keyboard."""
    groups = (
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS)
    )
    return "-".join(groups)


async def hand_out_password(database: Database, user: UserId, now: float) -> str:
    """Give a user a new password for the next login and end all sessions; return it.

    Raises ``UserRefusedError``.
    """
    password = new_first_password()
    await change_password(
        database, user, password, now, first_password_until=now + FIRST_PASSWORD_S
    )
    return password


async def first_password_of(database: Database, user: UserId, now: float) -> FirstPassword:
    """Return whether the present password of a user was handed out, and is still valid."""
    async with database.reading() as connection:
        until = await connection.scalar(
            select(users.c.first_password_until).where(users.c.id == user)
        )
    if until is None:
        return FirstPassword.NONE
    return FirstPassword.USABLE if now < until else FirstPassword.EXPIRED
