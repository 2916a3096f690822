"""All rows that decide who has which phone and who sees whose calls.

``staff_version`` changes whenever one of them does. Both aggregate the rows in the database, so
that no more than a text is handled on the event loop, however many users there are.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Select, Text, cast, func, select

from screenpop.accounts.users import UserId
from screenpop.service.staff import WallScreen
from screenpop.store.accounts.board_links import screen_links, wall_screens
from screenpop.store.accounts.hot_desks import HotDeskLogin, hot_desk_logins
from screenpop.store.accounts.teams import seen_by_supervisor, supervised_users
from screenpop.store.engine.database import Database
from screenpop.store.engine.url import Kind
from screenpop.store.schema.account_tables import user_endpoints, users
from screenpop.telephony.identifiers import Endpoint, PbxId


class StaffUser(NamedTuple):
    """An active user."""

    id: int
    username: str
    display_name: str
    role: str
    department: str
    language: str
    branch: int | None


class StaffPhone(NamedTuple):
    """A phone of an active user; ``pbx`` is empty for any."""

    user: int
    pbx: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class StaffRows:
    users: Sequence[StaffUser]
    """By id."""
    phones: Sequence[StaffPhone]
    """In the order of entry."""
    logins: Sequence[HotDeskLogin]
    """Hot desks, the oldest login first."""
    teams: Mapping[UserId, frozenset[UserId]]
    """Whom each supervisor of teams sees."""
    screens: Sequence[WallScreen]


async def staff_version(database: Database, now: float) -> str:
    """Return a digest of all that ``read_staff_rows`` reads.

    ``now``: seconds since 1970; logins and links that have expired are not in it. Raises
    ``DatabaseProblemError``.
    """
    # SQLite has no such function, but is read in a thread.
    is_hashed_there = database.kind != "sqlite"
    texts = await _texts(database, now, is_hashed_there=is_hashed_there)
    digest = hashlib.blake2b(digest_size=16)
    for text in texts:
        digest.update(f"{len(text)} {text}".encode())
    return digest.hexdigest()


async def read_staff_rows(database: Database, now: float) -> StaffRows:
    """Return the rows, read in one transaction. Raises ``DatabaseProblemError``.

    ``now``: seconds since 1970; logins and links that have expired are left out."""
    texts = await _texts(database, now, is_hashed_there=False)
    return await asyncio.to_thread(_parse, *texts)


async def _texts(database: Database, now: float, *, is_hashed_there: bool) -> list[str]:
    statements = [
        select(func.md5(text) if is_hashed_there else text).select_from(rows)
        for rows, text in (
            _as_json(database.kind, statement)
            for statement in (
                _USERS,
                _PHONES,
                hot_desk_logins(now),
                supervised_users(),
                screen_links(now),
            )
        )
    ]

    def read(connection: Connection) -> list[str]:
        return [connection.execute(statement).scalar() or "[]" for statement in statements]

    return await database.read(read)


def _as_json(kind: Kind, statement: Select[Any]) -> tuple[Any, ColumnElement[str]]:
    """Return a statement as a subquery, and all its rows as one JSON text."""
    rows = statement.subquery()
    if kind == "sqlite":
        return rows, func.json_group_array(func.json_array(*rows.c))
    return rows, cast(func.json_agg(func.json_build_array(*rows.c)), Text)


def _parse(user: str, phone: str, login: str, team: str, link: str) -> StaffRows:
    teams = seen_by_supervisor(orjson.loads(team))
    return StaffRows(
        users=[StaffUser(*row) for row in orjson.loads(user)],
        phones=[StaffPhone(*row) for row in orjson.loads(phone)],
        logins=[
            HotDeskLogin(UserId(user_id), PbxId(pbx), Endpoint(endpoint))
            for user_id, pbx, endpoint in orjson.loads(login)
        ],
        teams=teams,
        screens=wall_screens(orjson.loads(link), teams),
    )


_USERS = (
    select(
        users.c.id,
        users.c.username,
        users.c.display_name,
        users.c.role,
        users.c.department,
        users.c.language,
        users.c.branch_id,
    )
    .where(users.c.active)
    .order_by(users.c.id)
)
_PHONES = (
    select(user_endpoints.c.user_id, user_endpoints.c.pbx, user_endpoints.c.endpoint)
    .join(users, users.c.id == user_endpoints.c.user_id)
    .where(users.c.active)
    .order_by(user_endpoints.c.id)
)
