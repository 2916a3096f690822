"""Codes of an authenticator app as a second step of the login, and recovery codes.

Codes follow RFC 6238 (SHA-1, six digits, 30 s). Secrets are sealed with the office's key, as
numbers of documents are. A code is valid in its 30 s and in those before and after; it and all
earlier ones are refused once it was used; one used by a clock that was further ahead counts no
more. Recovery codes have 118 random bits: a fast hash of them
cannot be reversed.
"""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import pyotp
from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.store.accounts.sessions import end_sessions_but, is_changed_between
from screenpop.store.customers.document_keys import load_document_key
from screenpop.store.engine.database import Database
from screenpop.store.engine.document_key import DocumentKeyError
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.second_factor_tables import recovery_codes, second_factors

STEP_S = 30
STEPS_AHEAD = 1
"""Steps before and after the present one whose codes are valid too."""
DIGITS = 6
RECOVERY_CODES = 10
"""Recovery codes that are made at once."""
SETUP_S = 15 * 60.0
"""How long a secret that was shown can be confirmed, in seconds."""
ISSUER = "Screenpop"
"""The name of the service in the authenticator app."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 6, 4
_PURPOSE = "second factor"


class CodeResult(StrEnum):
    RIGHT = "right"
    RECOVERY = "recovery"
    """A recovery code was right; it cannot be used again."""
    WRONG = "wrong"
    NO_KEY = "no_key"
    """The office's key cannot be read: only recovery codes can be checked."""


@dataclass(frozen=True, slots=True)
class SecondFactor:
    since: float
    """When it was turned on, in seconds since 1970."""
    recovery_left: int
    """Recovery codes that were not used yet."""


@dataclass(frozen=True, slots=True)
class Setup:
    """A secret that is not stored yet."""

    secret: str
    """Base32, for the authenticator app."""
    sealed: str
    """The same for this user and ``SETUP_S`` only, for the form that confirms it."""

    def address(self, username: str) -> str:
        """Return the ``otpauth`` address, for a QR code."""
        return pyotp.TOTP(self.secret).provisioning_uri(name=username, issuer_name=ISSUER)


async def find_second_factor(database: Database, user: UserId) -> SecondFactor | None:
    """Return the second factor of a user; None when the password is enough."""
    left = (
        select(func.count())
        .where(recovery_codes.c.user_id == user, recovery_codes.c.used_at.is_(None))
        .scalar_subquery()
    )
    statement = select(second_factors.c.since, left.label("left")).where(
        second_factors.c.user_id == user
    )
    async with database.reading() as connection:
        row = (await connection.execute(statement)).first()
    return None if row is None else SecondFactor(row.since, row.left)


async def new_setup(database: Database, user: UserId, now: float) -> Setup:
    """Return a new secret for a user to confirm. Raises ``DocumentKeyError``."""
    key = await load_document_key(database)
    secret = pyotp.random_base32()
    sealed = key.seal(f"{_PURPOSE}.{user}.{int(now + SETUP_S)}.{secret}")
    return Setup(secret, sealed)


async def open_setup(database: Database, user: UserId, sealed: str, now: float) -> Setup | None:
    """Return the setup of a form; None when it is not of this user or too old.

    Raises ``DocumentKeyError``.
    """
    key = await load_document_key(database)
    purpose, _, rest = (key.unseal(sealed) or "").partition(".")
    owner, _, rest = rest.partition(".")
    until, _, secret = rest.partition(".")
    if purpose != _PURPOSE or owner != str(user) or not until.isdecimal() or int(until) <= now:
        return None
    return Setup(secret, sealed)


async def turn_on(
    database: Database, user: UserId, setup: Setup, code: str, now: float
) -> tuple[str, ...] | None:
    """Store a secret if ``code`` is of it; return recovery codes, to be shown once.

    None for a wrong code, and where the user has a second factor already. Raises
    ``DocumentKeyError``.
    """
    step = _matching_step(setup.secret, plain_code(code), now)
    if step is None:
        return None
    key = await load_document_key(database)
    values = {"sealed_secret": key.seal(setup.secret), "last_step": step, "since": now}
    try:
        async with database.writing() as connection:
            await connection.execute(insert(second_factors).values(user_id=user, **values))
            return await _replace_recovery_codes(connection, user)
    except IntegrityError:
        return None


async def check_code(database: Database, user: UserId, code: str, now: float) -> CodeResult:
    """Return whether a code of the app or a recovery code is right, and use it up."""
    plain = plain_code(code)
    if len(plain) != DIGITS:
        return await _use_recovery_code(database, user, plain, now)
    statement = select(second_factors.c.sealed_secret).where(second_factors.c.user_id == user)
    async with database.reading() as connection:
        sealed = (await connection.execute(statement)).scalar()
    if sealed is None:
        return CodeResult.WRONG
    try:
        secret = (await load_document_key(database, create=False)).unseal(sealed)
    except DocumentKeyError:
        return CodeResult.NO_KEY
    step = _matching_step(secret, plain, now) if secret else None
    if step is None:
        return CodeResult.WRONG
    async with database.writing() as connection:
        # One statement: of two requests with the same code, one finds no row.
        used = await connection.execute(
            update(second_factors)
            .where(
                second_factors.c.user_id == user,
                or_(
                    second_factors.c.last_step < step,
                    second_factors.c.last_step > int(now // STEP_S) + STEPS_AHEAD,
                ),
            )
            .values(last_step=step)
            .returning(second_factors.c.user_id)
        )
        return CodeResult.RIGHT if used.first() is not None else CodeResult.WRONG


async def new_recovery_codes(database: Database, user: UserId) -> tuple[str, ...]:
    """Replace all recovery codes of a user; return the new ones, to be shown once."""
    async with database.writing() as connection:
        return await _replace_recovery_codes(connection, user)


async def turn_off(database: Database, user: UserId, *, keep_token: str = "") -> bool:
    """Remove a second factor and end all sessions but that of ``keep_token``.

    Returns whether there was one.
    """
    async with database.writing() as connection:
        gone = await connection.execute(
            delete(second_factors)
            .where(second_factors.c.user_id == user)
            .returning(second_factors.c.user_id)
        )
        if gone.first() is None:
            return False
        await connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user))
        await end_sessions_but(connection, user, keep_token)
    return True


async def is_password_unchanged(database: Database, user: UserId, since: float, now: float) -> bool:
    """Return whether a user can log in and has the same password as at ``since``."""
    statement = select(users.c.password_changed_at).where(users.c.id == user, users.c.active)
    async with database.reading() as connection:
        row = (await connection.execute(statement)).first()
    return row is not None and not is_changed_between(row.password_changed_at, since, now)


def plain_code(typed: str) -> str:
    """Return a typed code in ASCII and small letters, without spaces and hyphens.

    Digits of any script are taken: keyboards of the office type Persian ones.
    """
    letters: list[str] = []
    for sign in unicodedata.normalize("NFKC", typed).casefold():
        digit = unicodedata.decimal(sign, None)
        if digit is not None:
            letters.append(str(digit))
        elif sign.isascii() and sign.isalnum():
            letters.append(sign)
    return "".join(letters)


def _matching_step(secret: str, plain: str, now: float) -> int | None:
    codes, current = pyotp.HOTP(secret, digits=DIGITS), int(now // STEP_S)
    for step in range(current - STEPS_AHEAD, current + STEPS_AHEAD + 1):
        if hmac.compare_digest(codes.at(step), plain):
            return step
    return None


async def _use_recovery_code(
    database: Database, user: UserId, plain: str, now: float
) -> CodeResult:
    async with database.writing() as connection:
        used = await connection.execute(
            update(recovery_codes)
            .where(
                recovery_codes.c.user_id == user,
                recovery_codes.c.code_hash == _hash(plain),
                recovery_codes.c.used_at.is_(None),
            )
            .values(used_at=now)
            .returning(recovery_codes.c.id)
        )
        return CodeResult.RECOVERY if used.first() is not None else CodeResult.WRONG


async def _replace_recovery_codes(connection: AsyncConnection, user: UserId) -> tuple[str, ...]:
    codes = tuple(_new_recovery_code() for _ in range(RECOVERY_CODES))
    rows = [{"user_id": user, "code_hash": _hash(plain_code(code))} for code in codes]
    await connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user))
    await connection.execute(insert(recovery_codes), rows)
    return codes


def _new_recovery_code() -> str:
    groups = (
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS)
    )
    return "-".join(groups)


def _hash(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()
