"""Saved segments: a name, a condition, and which users may use it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from screenpop.accounts.users import UserId
from screenpop.common.search_normalization import fold
from screenpop.conditions.errors import ConditionError
from screenpop.conditions.json_format import read_condition, write_condition
from screenpop.conditions.tree import Node
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.segment_tables import segments

LONGEST_NAME = 80
MAX_SEGMENTS = 200


class Audience(StrEnum):
    """Which users may use a segment, as far as their department may see its fields."""

    ALL = "all"
    SUPERVISORS = "supervisors"


class SegmentProblem(StrEnum):
    NAME = "name"
    NAME_TAKEN = "name_taken"
    TOO_MANY = "too_many"
    UNKNOWN = "unknown"


class SegmentRefusedError(ValueError):
    def __init__(self, problem: SegmentProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Segment:
    id: int
    name: str
    condition: Node | None
    """None for a condition of a newer version, which this program cannot read."""
    audience: Audience
    made_by: str
    changed_at: float


async def list_segments(database: Database) -> tuple[Segment, ...]:
    """Return all segments by name."""
    async with database.reading() as connection:
        rows = (await connection.execute(_SEGMENTS)).all()
    return tuple(sorted((_segment(row) for row in rows), key=lambda one: fold(one.name)))


async def load_segment(database: Database, number: int) -> Segment | None:
    async with database.reading() as connection:
        row = (await connection.execute(_SEGMENTS.where(segments.c.id == number))).first()
    return None if row is None else _segment(row)


async def save_segment(
    database: Database,
    name: str,
    condition: Node,
    audience: Audience,
    *,
    user_id: UserId | None,
    now: float,
    number: int | None = None,
) -> int:
    """Save a new segment, or with ``number`` a changed one; return its id.

    Raises ``SegmentRefusedError``.
    """
    name = " ".join(clean_for_database(name).split())
    if not fold(name) or len(name) > LONGEST_NAME:
        raise SegmentRefusedError(SegmentProblem.NAME)
    values = {
        "name": name,
        "name_key": fold(name),
        "condition": write_condition(condition),
        "audience": audience.value,
        "changed_at": now,
    }
    try:
        return await _write(database, values, number, user_id, now)
    except IntegrityError as error:
        raise SegmentRefusedError(SegmentProblem.NAME_TAKEN) from error


async def delete_segment(database: Database, number: int) -> Segment | None:
    """Delete a segment; return it, or None where there was none."""
    found = await load_segment(database, number)
    async with database.writing() as connection:
        await connection.execute(delete(segments).where(segments.c.id == number))
    return found


async def _write(
    database: Database,
    values: Mapping[str, Any],
    number: int | None,
    user_id: UserId | None,
    now: float,
) -> int:
    async with database.writing() as connection:
        if number is not None:
            done = await connection.execute(
                update(segments)
                .where(segments.c.id == number)
                .values(**values)
                .returning(segments.c.id)
            )
            if done.first() is None:
                raise SegmentRefusedError(SegmentProblem.UNKNOWN)
            return number
        count = await connection.scalar(select(func.count()).select_from(segments))
        if (count or 0) >= MAX_SEGMENTS:
            raise SegmentRefusedError(SegmentProblem.TOO_MANY)
        added = await connection.execute(
            insert(segments)
            .values(**values, made_by_id=actor_id(user_id), made_at=now)
            .returning(segments.c.id)
        )
        return int(added.scalar_one())


_SEGMENTS = select(segments, func.coalesce(users.c.display_name, "").label("made_by")).select_from(
    segments.outerjoin(users, users.c.id == segments.c.made_by_id)
)


def _segment(row: Any) -> Segment:
    try:
        condition = read_condition(row.condition)
    except ConditionError:
        condition = None
    audience = Audience.ALL if row.audience == Audience.ALL else Audience.SUPERVISORS
    return Segment(row.id, row.name, condition, audience, row.made_by, row.changed_at)
