"""Links by which a wall screen shows the board without a login, read only.

The screen's address holds a random token, the database only its hash. A link ends when it expires,
when it is taken back, and when the supervisor who made it may not see calls of others any more.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, insert, select

from screenpop.accounts.permissions import RIGHTS
from screenpop.accounts.users import Right, User, UserId
from screenpop.service.staff import WallScreen
from screenpop.store.accounts.sessions import token_hash
from screenpop.store.accounts.teams import restricted_supervisors
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.board_link_tables import board_links

LONGEST_NAME = 80
LIFETIMES_D = (1, 7, 30, 365)
"""Days after which a link may expire."""
MOST_LINKS = 50
_ROLES = [role.value for role, rights in RIGHTS.items() if Right.SEE_ALL_CALLS in rights]


@dataclass(frozen=True, slots=True)
class BoardLink:
    """A link without its token. Times are seconds since 1970, UTC."""

    id: int
    name: str
    shows_names: bool
    made_by: UserId
    made_by_name: str
    made_at: float
    expires_at: float
    agents: frozenset[UserId] | None = None
    """The users whose calls it shows, which are those of its maker; None: all calls."""

    @property
    def reader(self) -> UserId:
        """The id of its stream: negative, so that it is no user's."""
        return _reader(self.id)


class BoardLinkRefusedError(ValueError):
    """``code``: ``no_name``, ``bad_lifetime`` or ``too_many``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def make_board_link(
    database: Database, maker: UserId, name: str, days: int, now: float, *, shows_names: bool
) -> str:
    """Create a link; return its token, which cannot be read back.

    Raises ``BoardLinkRefusedError``.
    """
    name = " ".join(clean_for_database(name).split())
    if not name or len(name) > LONGEST_NAME:
        raise BoardLinkRefusedError("no_name")
    if days not in LIFETIMES_D:
        raise BoardLinkRefusedError("bad_lifetime")
    token = secrets.token_urlsafe(32)
    values = {
        "name": name,
        "token_hash": token_hash(token),
        "shows_names": shows_names,
        "made_by": maker,
        "made_at": now,
        "expires_at": now + days * 86400,
    }
    async with database.writing() as connection:
        await connection.execute(delete(board_links).where(board_links.c.expires_at <= now))
        count = await connection.execute(select(func.count()).select_from(board_links))
        if count.scalar_one() >= MOST_LINKS:
            raise BoardLinkRefusedError("too_many")
        await connection.execute(insert(board_links).values(values))
    return token


async def list_board_links(database: Database, now: float) -> tuple[BoardLink, ...]:
    """Return the links that can be used, the newest first."""
    return await _links(database, now)


async def find_board_link(database: Database, token: str, now: float) -> BoardLink | None:
    """Return the link of a token; None for one that is unknown, expired or taken back."""
    if not token or len(token) > 200:
        return None
    found = await _links(database, now, board_links.c.token_hash == token_hash(token))
    return found[0] if found else None


async def usable_board_links(
    database: Database, ids: Collection[int], now: float
) -> frozenset[int]:
    """Return those of these links that can still be used."""
    return frozenset(one.id for one in await _links(database, now, board_links.c.id.in_(ids)))


async def _links(
    database: Database, now: float, *conditions: ColumnElement[bool]
) -> tuple[BoardLink, ...]:
    statement = (
        select(board_links, users.c.display_name, users.c.role)
        .join(users, users.c.id == board_links.c.made_by)
        .where(*_is_usable(now), *conditions)
        .order_by(board_links.c.made_at.desc(), board_links.c.id.desc())
    )
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
        limited = await restricted_supervisors(connection) if rows else {}
    return tuple(_link(row, limited.get(UserId(row.made_by))) for row in rows)


def _link(row: Any, agents: frozenset[UserId] | None) -> BoardLink:
    return BoardLink(
        row.id,
        row.name,
        row.shows_names,
        UserId(row.made_by),
        row.display_name,
        row.made_at,
        row.expires_at,
        agents,
    )


async def take_back_board_link(database: Database, link: int, user: User) -> bool:
    """Delete a link; return False if there is none that the user may delete.

    A supervisor of teams deletes only links that they have made.
    """
    statement = delete(board_links).where(board_links.c.id == link)
    async with database.writing() as connection:
        if (await restricted_supervisors(connection, user.id)).get(user.id) is not None:
            statement = statement.where(board_links.c.made_by == user.id)
        return bool((await connection.execute(statement)).rowcount)


def _is_usable(now: float) -> tuple[ColumnElement[bool], ...]:
    return board_links.c.expires_at > now, users.c.active, users.c.role.in_(_ROLES)


def screen_links(now: float) -> Select[tuple[int, bool, int]]:
    """Return the statement for the links that can be used, for ``wall_screens``."""
    return (
        select(board_links.c.id, board_links.c.shows_names, board_links.c.made_by)
        .join(users, users.c.id == board_links.c.made_by)
        .where(*_is_usable(now))
        .order_by(board_links.c.id)
    )


def wall_screens(
    links: Iterable[tuple[int, bool, int]], teams: Mapping[UserId, frozenset[UserId]]
) -> tuple[WallScreen, ...]:
    """Return the screens of rows of ``screen_links``. ``teams``: whom each supervisor sees."""
    return tuple(
        WallScreen(_reader(link), bool(shows_names), teams.get(UserId(maker)))
        for link, shows_names, maker in links
    )


def _reader(link: int) -> UserId:
    return UserId(-link)
