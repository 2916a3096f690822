"""Numbers on file that identify no customer or several, and the gain of fixing each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.draft import PhoneDraft
from screenpop.customers.models import PersonRef
from screenpop.store.customers.queries import is_one_of_ids
from screenpop.store.customers.refs import CUSTOMER_REF_COLUMNS, customer_ref_from_row
from screenpop.store.engine.database import Database
from screenpop.store.engine.url import Kind
from screenpop.store.schema.match_tables import number_problems
from screenpop.store.schema.tables import calls, customer_phones, customers

PAGE = 50
GAIN_DAYS = 90
_MOST_COUNTED = 2000
_MOST_READINGS = 8

ResolveNumber = Callable[[str, str], PhoneDraft]
"""``understand(raw, language of the customer)``: how the number would be read today."""


class NumberProblem(StrEnum):
    UNPARSEABLE = "unparseable"
    """Too few digits for any number, or too many."""
    NO_COUNTRY = "no_country"
    """Enough digits, but not a valid number as written."""
    SHARED = "shared"
    """On several customers: the agent has to ask the caller."""
    DUPLICATE = "duplicate"
    """Twice on one customer, in two spellings."""


@dataclass(frozen=True, slots=True)
class UnusableNumber:
    id: int
    person: PersonRef
    raw: str
    e164: str | None
    mended: PhoneDraft | None
    """How it would be read today; None if it cannot."""
    gain: int
    """Recent calls that would have had a name, or a certain match."""


@dataclass(frozen=True, slots=True)
class UnusableNumberPage:
    rows: tuple[UnusableNumber, ...]
    after: int | None


async def count_problems(database: Database) -> dict[NumberProblem, int]:
    """Return how many numbers have each problem, counted up to 2000."""
    async with database.reading() as connection:
        return {
            problem: (await connection.execute(count_statement(problem))).scalar_one()
            for problem in NumberProblem
        }


def count_statement(problem: NumberProblem) -> Select[Any]:
    kept = kept_numbers(problem, None, _MOST_COUNTED)
    if problem is not NumberProblem.SHARED:
        return select(func.count()).select_from(kept.subquery())
    is_one = customer_phones.c.id.in_(kept)
    return select(func.count()).select_from(customer_phones).where(is_one, _is_shared())


async def list_unusable_numbers(
    database: Database,
    problem: NumberProblem,
    understand: ResolveNumber,
    *,
    now: float,
    after: int | None = None,
) -> UnusableNumberPage:
    """Return one page of the numbers with this problem, in the order of their ids."""
    rows: Sequence[Any] = ()
    async with database.reading() as connection:
        for _ in range(_MOST_READINGS):
            found = await connection.execute(kept_numbers(problem, after, PAGE + 1))
            ids: list[int] = list(found.scalars())
            after = ids[PAGE - 1] if len(ids) > PAGE else None
            rows = await _rows(connection, database.kind, problem, ids[:PAGE])
            if rows or after is None:
                break
        mended = {row.phone: _mended(row, understand) for row in rows}
        numbers = {
            row.phone: row.e164 or (draft.e164 if (draft := mended[row.phone]) else None)
            for row in rows
        }
        gains = await _gains(connection, set(numbers.values()) - {None}, now)
    return UnusableNumberPage(
        tuple(
            UnusableNumber(
                row.phone,
                customer_ref_from_row(row),
                row.raw,
                row.e164,
                mended[row.phone],
                gains.get(numbers[row.phone], 0),
            )
            for row in rows
        ),
        after,
    )


def page_statement(problem: NumberProblem, after: int | None) -> Select[Any]:
    """Return the ids of a page, and one more."""
    ids = _ids(problem).limit(PAGE + 1)
    return ids if after is None else ids.where(number_problems.c.phone_id > after)


def _ids(problem: NumberProblem) -> Select[Any]:
    phones = customer_phones
    kept = number_problems.c
    # Kept rows can outlive the problem, when another customer was changed: each is verified.
    ids = (
        select(phones.c.id)
        .select_from(number_problems.join(phones, phones.c.id == kept.phone_id))
        .where(kept.problem == problem.value)
        .order_by(kept.phone_id)
    )
    match problem:
        case NumberProblem.UNPARSEABLE:
            return ids.where(phones.c.e164.is_(None), phones.c.last_nine.is_(None))
        case NumberProblem.NO_COUNTRY:
            return ids.where(phones.c.e164.is_(None), phones.c.last_nine.is_not(None))
        case NumberProblem.SHARED:
            other = phones.alias("other")
            another = select(other.c.id).where(
                other.c.e164 == phones.c.e164, other.c.id != phones.c.id
            )
            return ids.where(another.exists())
        case NumberProblem.DUPLICATE:
            other = phones.alias("other")
            twice = (
                select(other.c.id)
                .where(
                    other.c.customer_id == phones.c.customer_id,
                    other.c.last_nine == phones.c.last_nine,
                    other.c.id < phones.c.id,
                )
                .exists()
            )
            return ids.where(phones.c.last_nine.is_not(None), twice)


def kept_numbers(problem: NumberProblem, after: int | None, most: int) -> Select[Any]:
    """Return ids of numbers that have this problem, as written with the last change.

    A shared number that another customer no longer has is among them.
    """
    kept = number_problems.c
    ids = select(kept.phone_id).where(kept.problem == problem.value)
    ids = ids.order_by(kept.phone_id).limit(most)
    return ids if after is None else ids.where(kept.phone_id > after)


async def _rows(
    connection: AsyncConnection, kind: Kind, problem: NumberProblem, ids: Sequence[int]
) -> Sequence[Any]:
    rows = (
        select(
            customer_phones.c.id.label("phone"),
            customer_phones.c.raw,
            customer_phones.c.e164,
            customers.c.language,
            *CUSTOMER_REF_COLUMNS,
        )
        .select_from(
            customer_phones.join(customers, customers.c.id == customer_phones.c.customer_id)
        )
        .where(is_one_of_ids(kind, customer_phones.c.id, ids))
        .order_by(customer_phones.c.id)
    )
    if problem is NumberProblem.SHARED:
        rows = rows.where(_is_shared())
    return (await connection.execute(rows)).all()


def _is_shared() -> ColumnElement[bool]:
    other = customer_phones.alias("other")
    is_other = other.c.id != customer_phones.c.id
    return exists().where(other.c.e164 == customer_phones.c.e164, is_other)


def _mended(row: Any, understand: ResolveNumber) -> PhoneDraft | None:
    if row.e164 is not None:
        return None
    draft = understand(row.raw, row.language)
    return draft if draft.e164 is not None else None


async def _gains(
    connection: AsyncConnection, numbers: set[str | None], now: float
) -> Mapping[str | None, int]:
    rows = await connection.execute(
        select(calls.c.e164, func.count())
        .where(
            calls.c.e164.in_(numbers),
            calls.c.customer_id.is_(None),
            calls.c.arrived_at > now - GAIN_DAYS * 86_400,
        )
        .group_by(calls.c.e164)
    )
    return {row[0]: row[1] for row in rows}
