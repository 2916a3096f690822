"""Saved views of the call log: a name and filters, private or shared with all users.

A view gives no rights: the calls it lists are those that the user who opens it may see.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, delete, func, insert, or_, select, update

from screenpop.accounts.users import UserId
from screenpop.common.search_normalization import fold
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.call_view_tables import call_views

LONGEST_NAME = 60
MAX_VIEWS = 50
"""Views of one user."""


class ViewProblem(StrEnum):
    NAME = "view_name"
    TOO_MANY = "view_too_many"


class ViewRefusedError(ValueError):
    def __init__(self, problem: ViewProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class CallView:
    id: int
    name: str
    filters: Mapping[str, str]
    """By the names in the log's address."""
    shared: bool
    owner: UserId
    owner_name: str


async def list_views(database: Database, user: UserId) -> list[CallView]:
    """Return the user's own views and those shared by others, by name."""
    statement = _views().where(or_(call_views.c.user_id == user, call_views.c.shared))
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
    return sorted((_view(row) for row in rows), key=lambda one: (fold(one.name), one.id))


async def load_view(database: Database, number: int, user: UserId) -> CallView | None:
    """Return a view that the user owns or that is shared; None for any other."""
    statement = _views().where(
        call_views.c.id == number, or_(call_views.c.user_id == user, call_views.c.shared)
    )
    async with database.reading() as connection:
        row = (await connection.execute(statement)).first()
    return None if row is None else _view(row)


async def save_view(
    database: Database,
    name: str,
    filters: Mapping[str, str],
    *,
    shared: bool,
    user: UserId,
    now: float,
) -> int:
    """Save a view and return its id; one of the same name and user is replaced.

    Raises ``ViewRefusedError``.
    """
    name = " ".join(clean_for_database(name).split())
    if not fold(name) or len(name) > LONGEST_NAME:
        raise ViewRefusedError(ViewProblem.NAME)
    values: dict[str, Any] = {"name": name, "filters": dict(filters), "shared": shared}
    values["changed_at"] = now
    own = call_views.c.user_id == user
    async with database.writing() as connection:
        changed = await connection.scalar(
            update(call_views)
            .where(own, call_views.c.name_key == fold(name))
            .values(**values)
            .returning(call_views.c.id)
        )
        if changed is not None:
            return int(changed)
        count = await connection.scalar(select(func.count()).select_from(call_views).where(own))
        if (count or 0) >= MAX_VIEWS:
            raise ViewRefusedError(ViewProblem.TOO_MANY)
        added = await connection.execute(
            insert(call_views)
            .values(**values, user_id=user, name_key=fold(name))
            .returning(call_views.c.id)
        )
        return int(added.scalar_one())


async def delete_view(database: Database, number: int, user: UserId) -> bool:
    """Delete a view of this user; return whether there was one."""
    async with database.writing() as connection:
        done = await connection.execute(
            delete(call_views)
            .where(call_views.c.id == number, call_views.c.user_id == user)
            .returning(call_views.c.id)
        )
        return done.first() is not None


def _views() -> Select[Any]:
    return select(call_views, users.c.display_name).join(users, users.c.id == call_views.c.user_id)


def _view(row: Any) -> CallView:
    filters = {str(name): str(value) for name, value in row.filters.items()}
    return CallView(row.id, row.name, filters, row.shared, UserId(row.user_id), row.display_name)
