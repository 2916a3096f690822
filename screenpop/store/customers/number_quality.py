"""Numbers on file that identify no customer or several, and the gain of fixing each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.draft import PhoneDraft
from screenpop.customers.models import PersonRef
from screenpop.store.customers.refs import CUSTOMER_REF_COLUMNS, customer_ref_from_row
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import calls, customer_phones, customers

PAGE = 50
GAIN_DAYS = 90
_MOST_COUNTED = 2000

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
    async with database.reading() as connection:
        return {
            problem: (
                await connection.execute(
                    select(func.count()).select_from(_ids(problem).limit(_MOST_COUNTED).subquery())
                )
            ).scalar_one()
            for problem in NumberProblem
        }


async def list_unusable_numbers(
    database: Database,
    problem: NumberProblem,
    understand: ResolveNumber,
    *,
    now: float,
    after: int | None = None,
) -> UnusableNumberPage:
    """Return one page of the numbers with this problem, in the order of customer ids."""
    ids = _ids(problem)
    if after is not None:
        ids = ids.where(customer_phones.c.id > after)
    async with database.reading() as connection:
        rows = (
            await connection.execute(
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
                .where(customer_phones.c.id.in_(ids.limit(PAGE + 1)))
                .order_by(customer_phones.c.id)
            )
        ).all()
        shown = rows[:PAGE]
        mended = {row.phone: _mended(row, understand) for row in shown}
        numbers = {
            row.phone: row.e164 or (draft.e164 if (draft := mended[row.phone]) else None)
            for row in shown
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
            for row in shown
        ),
        shown[-1].phone if len(rows) > PAGE else None,
    )


def _ids(problem: NumberProblem) -> Select[Any]:
    phones = customer_phones
    ids = select(phones.c.id).order_by(phones.c.id)
    match problem:
        case NumberProblem.UNPARSEABLE:
            return ids.where(phones.c.e164.is_(None), phones.c.last_nine.is_(None))
        case NumberProblem.NO_COUNTRY:
            return ids.where(phones.c.e164.is_(None), phones.c.last_nine.is_not(None))
        case NumberProblem.SHARED:
            several = (
                select(phones.c.e164)
                .where(phones.c.e164.is_not(None))
                .group_by(phones.c.e164)
                .having(func.count() > 1)
            )
            return ids.where(phones.c.e164.in_(several))
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
