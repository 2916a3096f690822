"""Tokens by which programs use the API: made, found, listed, revoked.

A program holds a random token, the database only its hash. A token ends when it expires, when it
is revoked, and when the administrator who made it is no administrator any more; one that was made
on the command line has no maker.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, or_, select, update

from screenpop.accounts.permissions import RIGHTS
from screenpop.accounts.token_scopes import TOKEN_PREFIX, Scope
from screenpop.accounts.users import Right, UserId
from screenpop.store.accounts.sessions import token_hash
from screenpop.store.engine.database import Database
from screenpop.store.engine.inline_reads import compile_named
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.api_token_tables import api_tokens

LONGEST_NAME = 80
MOST_TOKENS = 200
LONGEST_LIFETIME_D = 3660
LIFETIMES_D = (30, 90, 365, 0)
"""Days after which a token may expire, as the page offers them; 0: never."""
USED_EVERY_S = 60.0
"""Seconds between two records of a token's use."""
_ENDING = 4
_LONGEST_TOKEN = 200
_ROLES = [role.value for role, rights in RIGHTS.items() if Right.MANAGE_USERS in rights]


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token without its text. Times are seconds since 1970, UTC."""

    id: int
    name: str
    scopes: frozenset[Scope]
    expires_at: float | None
    """None: never."""
    last_used_at: float | None


@dataclass(frozen=True, slots=True)
class ListedApiToken:
    token: ApiToken
    ending: str
    """The last characters of the token."""
    made_at: float
    made_by_name: str
    """Empty: made on the command line."""
    is_usable: bool
    """False when it expired, or its maker is no administrator any more."""


class ApiTokenRefusedError(ValueError):
    """``code``: ``no_name``, ``no_scope``, ``bad_lifetime``, ``too_many`` or ``unknown``."""

    def __init__(self, code: str) -> None:
        super().__init__(_REFUSALS[code])
        self.code = code


_REFUSALS = {
    "no_name": f"Name the program, in at most {LONGEST_NAME} characters.",
    "no_scope": "Name at least one scope.",
    "bad_lifetime": f"A token lasts from 1 to {LONGEST_LIFETIME_D} days, or with 0 for ever.",
    "too_many": f"There are {MOST_TOKENS} tokens already; revoke one first.",
    "unknown": "There is no token with this id; screenpop token list has all.",
}


async def make_api_token(
    database: Database,
    *,
    name: str,
    scopes: Collection[Scope],
    days: int,
    maker: UserId | None,
    now: float,
) -> str:
    """Create a token; return its text, which cannot be read back.

    ``days``: after which it expires; 0: never. Raises ``ApiTokenRefusedError``.
    """
    name = " ".join(clean_for_database(name).split())
    if not name or len(name) > LONGEST_NAME:
        raise ApiTokenRefusedError("no_name")
    if not scopes:
        raise ApiTokenRefusedError("no_scope")
    if not 0 <= days <= LONGEST_LIFETIME_D:
        raise ApiTokenRefusedError("bad_lifetime")
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    values = {
        "name": name,
        "token_hash": token_hash(token),
        "ending": token[-_ENDING:],
        "scopes": sorted(scopes),
        "made_by": maker,
        "made_at": now,
        "expires_at": now + days * 86400 if days else None,
    }
    async with database.writing() as connection:
        count = await connection.execute(select(func.count()).select_from(api_tokens))
        if count.scalar_one() >= MOST_TOKENS:
            raise ApiTokenRefusedError("too_many")
        await connection.execute(insert(api_tokens).values(values))
    return token


async def find_api_token(database: Database, text: str, now: float) -> ApiToken | None:
    """Return the token of this text; None for one that is unknown, expired or revoked.

    Read inline where that works, as every request of a program begins with this read.
    """
    if len(text) > _LONGEST_TOKEN:
        return None
    values = {"hashed": token_hash(text), "now": now}
    if database.inline is not None:
        rows = database.inline.read(lambda execute: _FIND_SQL.rows(execute, values))
        if rows is not None:
            return _token_of_text(_TextRow(*rows[0])) if rows else None
    async with database.reading() as connection:
        row = (await connection.execute(_FIND, values)).first()
    return None if row is None else _token(row)


def record_use(database: Database, token: ApiToken, now: float) -> None:
    """Record that a token is in use: written later, and at most once in ``USED_EVERY_S``."""
    if token.last_used_at is not None and now - token.last_used_at < USED_EVERY_S:
        return
    statement = update(api_tokens).where(api_tokens.c.id == token.id).values(last_used_at=now)
    _ = database.later.add(
        lambda connection: connection.execute(statement), ("token used", token.id), can_wait=True
    )


async def list_api_tokens(database: Database, now: float) -> tuple[ListedApiToken, ...]:
    """Return all tokens, also those that cannot be used any more, the newest first."""
    statement = (
        select(
            api_tokens, users.c.display_name, and_(*_usable(bindparam("now"))).label("is_usable")
        )
        .outerjoin(users, users.c.id == api_tokens.c.made_by)
        .order_by(api_tokens.c.made_at.desc(), api_tokens.c.id.desc())
    )
    async with database.reading() as connection:
        rows = (await connection.execute(statement, {"now": now})).all()
    return tuple(
        ListedApiToken(
            _token(row), row.ending, row.made_at, row.display_name or "", bool(row.is_usable)
        )
        for row in rows
    )


async def revoke_api_token(database: Database, token: int) -> bool:
    """Delete a token; return False if there is none with this id."""
    async with database.writing() as connection:
        gone = await connection.execute(delete(api_tokens).where(api_tokens.c.id == token))
        return bool(gone.rowcount)


def _usable(now: ColumnElement[float]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    # No IN: it cannot be compiled without its values.
    made_by_admin = and_(users.c.active, or_(*(users.c.role == role for role in _ROLES)))
    return (
        or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > now),
        or_(api_tokens.c.made_by.is_(None), made_by_admin),
    )


class _TextRow(NamedTuple):
    """A row of ``_FIND`` as the driver returns it: the scopes are JSON text."""

    id: int
    name: str
    scopes: str
    expires_at: float | None
    last_used_at: float | None


_FIND = (
    select(*(api_tokens.c[name] for name in _TextRow._fields))
    .outerjoin(users, users.c.id == api_tokens.c.made_by)
    .where(api_tokens.c.token_hash == bindparam("hashed"), *_usable(bindparam("now")))
)
_FIND_SQL = compile_named(_FIND)
_KNOWN = {scope.value: scope for scope in Scope}


def _token(row: Any) -> ApiToken:
    # A scope of an older version that is gone opens nothing.
    scopes = frozenset(_KNOWN[word] for word in row.scopes if word in _KNOWN)
    return ApiToken(row.id, row.name, scopes, row.expires_at, row.last_used_at)


def _token_of_text(row: _TextRow) -> ApiToken:
    return _token(row._replace(scopes=orjson.loads(row.scopes)))
