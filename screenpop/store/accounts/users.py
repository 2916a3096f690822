"""Users who log in, and their phones."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.card_preferences import CardPreferences
from screenpop.accounts.users import Department, Role, User, UserId
from screenpop.agents.agent import Agent, AgentId
from screenpop.common.text import visible_or_empty
from screenpop.store.accounts.password_hash import check_password, hash_password, needs_rehash
from screenpop.store.accounts.sessions import end_sessions_but
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import user_endpoints, users
from screenpop.telephony.identifiers import Endpoint, PbxId

ANY_PBX = PbxId("")
"""An endpoint of this name on any PBX."""

_USERNAME = re.compile(r"[^\W_][\w.@-]{0,63}")
_LOOK_ALIKE = frozenset({"LATIN", "GREEK", "CYRILLIC"})
"""Scripts with letters that look the same."""
_KEYBOARDS = {"ي": "ی", "ى": "ی", "ك": "ک"}
"""Letters of Arabic keyboards, and those of Persian ones that look the same in a word."""
_TO_PERSIAN = str.maketrans(_KEYBOARDS)
_COLUMNS: tuple[Column[Any], ...] = (
    users.c.id,
    users.c.username,
    users.c.display_name,
    users.c.role,
    users.c.department,
    users.c.language,
    users.c.card_preferences,
)


_Chosen = TypeVar("_Chosen", bound=Select[Any])


class UserRefusedError(ValueError):
    """A user cannot be created or changed so; ``code`` is the reason.

    ``bad_username``, ``mixed_username``, ``username_taken``, ``endpoint_taken``, ``no_name`` or
    ``unknown_user``.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


async def create_user(
    database: Database,
    *,
    username: str,
    display_name: str,
    password: str,
    role: Role,
    department: Department,
    language: str,
    now: float,
    endpoints: Sequence[Endpoint] = (),
    pbx: PbxId = ANY_PBX,
    first_password_until: float | None = None,
) -> User:
    """Create a user. Raises ``UserRefusedError`` or ``PasswordRefusedError``.

    ``first_password_until``: see ``first_passwords``.
    """
    name = fold_username(username)
    if not _USERNAME.fullmatch(name):
        raise UserRefusedError(
            "bad_username",
            f"The username {username!r} cannot be used. Take up to 64 letters, digits and . @ - _,"
            " beginning with a letter or digit.",
        )
    if len(_LOOK_ALIKE & {unicodedata.name(char, "").partition(" ")[0] for char in name}) > 1:
        raise UserRefusedError(
            "mixed_username",
            f"The username {username!r} mixes Latin, Greek or Cyrillic letters, which look the"
            " same. Type it anew with one keyboard.",
        )
    shown = visible_or_empty(display_name.strip())
    if not shown:
        raise UserRefusedError("no_name", "The name to show is empty. Write the person's name.")
    hashed = await hash_password(password)
    values = {
        "username": name,
        "display_name": shown,
        "password_hash": hashed,
        "role": role.value,
        "department": department.value,
        "language": language,
        "created_at": now,
        "first_password_until": first_password_until,
    }
    try:
        async with database.writing() as connection:
            if (await connection.execute(for_username(select(users.c.id), name))).first():
                raise _username_taken(name)
            row = await connection.execute(insert(users).values(values).returning(users.c.id))
            user = UserId(row.scalar_one())
            await _give_endpoints(connection, user, endpoints, pbx)
    except IntegrityError as error:
        if "username" in str(error.orig):
            raise _username_taken(name) from error
        raise endpoint_taken(endpoints) from error
    return User(user, name, shown, role, department, language)


async def verify_login(database: Database, username: str, password: str) -> User | None:
    """Return the user with this password; None for an unknown or inactive user, or a wrong one."""
    async with database.reading() as connection:
        row = (
            await connection.execute(
                for_username(
                    select(*_COLUMNS, users.c.password_hash).where(users.c.active), username
                )
            )
        ).first()
    if not await check_password(row.password_hash if row else None, password) or row is None:
        return None
    if needs_rehash(row.password_hash):
        hashed = await hash_password(password)
        statement = update(users).where(users.c.id == row.id).values(password_hash=hashed)
        _ = await database.later.soon(lambda connection: connection.execute(statement))
    return _user(row)


async def set_password(database: Database, user: UserId, password: str) -> None:
    """Store a new hash of the same password, made with the current parameters."""
    hashed = await hash_password(password)
    await _change(database, user, {"password_hash": hashed})


async def change_password(
    database: Database,
    user: UserId,
    password: str,
    now: float,
    *,
    keep_token: str = "",
    first_password_until: float | None = None,
) -> None:
    """Change a user's password and end all sessions but that of ``keep_token``.

    ``first_password_until``: see ``first_passwords``.
    """
    hashed = await hash_password(password)
    values = {
        "password_hash": hashed,
        "password_changed_at": now,
        "first_password_until": first_password_until,
    }
    async with database.writing() as connection:
        done = await connection.execute(
            update(users)
            .where(users.c.id == user, users.c.deleted_at.is_(None))
            .values(**values)
            .returning(users.c.id)
        )
        if done.first() is None:
            raise UserRefusedError("unknown_user", f"There is no user with the number {user}.")
        await end_sessions_but(connection, user, keep_token)


async def is_own_password(database: Database, user: UserId, password: str) -> bool:
    """Return whether this is the password of an active user."""
    async with database.reading() as connection:
        found = await connection.execute(
            select(users.c.password_hash).where(users.c.id == user, users.c.active)
        )
        stored = found.scalar()
    return await check_password(stored, password)


async def set_language(database: Database, user: UserId, language: str) -> None:
    await _change(database, user, {"language": language})


async def set_card_preferences(
    database: Database, user: UserId, preferences: CardPreferences
) -> None:
    await _change(database, user, {"card_preferences": preferences.to_json()})


async def set_endpoints(
    database: Database, user: UserId, endpoints: Sequence[Endpoint], pbx: PbxId = ANY_PBX
) -> None:
    """Replace the phones of a user on one PBX. Raises ``UserRefusedError``."""
    try:
        async with database.writing() as connection:
            await replace_endpoints(connection, user, endpoints, pbx)
    except IntegrityError as error:
        raise endpoint_taken(endpoints) from error


async def replace_endpoints(
    connection: AsyncConnection,
    user: UserId,
    endpoints: Sequence[Endpoint],
    pbx: PbxId = ANY_PBX,
) -> None:
    """As ``set_endpoints``, in the caller's transaction. Raises ``IntegrityError``."""
    mine = (user_endpoints.c.user_id == user, user_endpoints.c.pbx == pbx)
    await connection.execute(delete(user_endpoints).where(*mine))
    await _give_endpoints(connection, user, endpoints, pbx)


async def find_username(database: Database, username: str) -> User | None:
    """Return an active user by username."""
    async with database.reading() as connection:
        row = (
            await connection.execute(
                for_username(select(*_COLUMNS).where(users.c.active), username)
            )
        ).first()
    return _user(row) if row else None


async def list_users(database: Database) -> tuple[User, ...]:
    """Return all active users by their username."""
    statement = select(*_COLUMNS).where(users.c.active).order_by(users.c.username)
    rows = await database.read(lambda connection: connection.execute(statement).all())
    return tuple(_user(row) for row in rows)


async def list_agents(database: Database, pbx: PbxId | None = None) -> tuple[Agent, ...]:
    """Return active users who have phones, with those on ``pbx`` and those on any PBX.

    With None: all their phones, whatever the PBX.
    """
    statement = (
        select(*_COLUMNS, users.c.branch_id, user_endpoints.c.endpoint)
        .join(user_endpoints, user_endpoints.c.user_id == users.c.id)
        .where(users.c.active)
        .order_by(users.c.id, user_endpoints.c.id)
    )
    if pbx is not None:
        statement = statement.where(user_endpoints.c.pbx.in_((pbx, ANY_PBX)))
    rows = await database.read(lambda connection: connection.execute(statement).all())
    phones: dict[int, list[Endpoint]] = {}
    for row in rows:
        phones.setdefault(row.id, []).append(Endpoint(row.endpoint))
    people = {row.id: row for row in rows}
    return tuple(
        Agent(
            AgentId(user_id),
            row.username,
            row.display_name,
            row.department,
            row.language,
            tuple(dict.fromkeys(phones[user_id])),
            row.branch_id,
        )
        for user_id, row in people.items()
    )


def fold_username(username: str) -> str:
    """Return the canonical spelling of a username, however and on which keyboard it was typed."""
    return _spelled(username).translate(_TO_PERSIAN)


def for_username(statement: _Chosen, username: str) -> _Chosen:
    """Return the statement for the user of this name, however it was typed.

    Names stored before spellings were folded may have Arabic letters, and two may differ in
    them only: the one spelled as typed comes first.
    """
    name = fold_username(username)
    if not any(letter in name for letter in _KEYBOARDS.values()):
        return statement.where(users.c.username == name)
    stored: ColumnElement[str] = users.c.username
    for arabic, persian in _KEYBOARDS.items():
        stored = func.replace(stored, arabic, persian)
    as_typed = users.c.username == _spelled(username)
    return statement.where(stored == name).order_by(as_typed.desc(), users.c.id)


def _spelled(username: str) -> str:
    return unicodedata.normalize("NFKC", username).strip().casefold()


def _username_taken(name: str) -> UserRefusedError:
    return UserRefusedError(
        "username_taken", f"There is a user {name} already. Choose another name."
    )


async def _change(database: Database, user: UserId, values: Mapping[str, object]) -> None:
    async with database.writing() as connection:
        done = await connection.execute(
            update(users).where(users.c.id == user).values(**values).returning(users.c.id)
        )
        if done.first() is None:
            raise UserRefusedError("unknown_user", f"There is no user with the number {user}.")


async def _give_endpoints(
    connection: AsyncConnection, user: UserId, endpoints: Sequence[Endpoint], pbx: PbxId
) -> None:
    named = dict.fromkeys(endpoint.strip() for endpoint in endpoints if endpoint.strip())
    rows: list[dict[str, Any]] = [
        {"user_id": user, "pbx": pbx, "endpoint": endpoint} for endpoint in named
    ]
    if rows:
        await connection.execute(insert(user_endpoints), rows)


def endpoint_taken(endpoints: Sequence[Endpoint]) -> UserRefusedError:
    """Return the refusal of phones of which another user has one."""
    return UserRefusedError(
        "endpoint_taken",
        f"One of the phones {', '.join(endpoints)} belongs to another user, or the user is gone."
        " Take the phone from the other user first.",
    )


def _user(row: Any) -> User:
    return User(
        UserId(row.id),
        row.username,
        row.display_name,
        Role(row.role),
        Department(row.department),
        row.language,
        CardPreferences.from_json(row.card_preferences),
    )
