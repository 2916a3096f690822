"""Pairs of customers that are probably one person.

They have the same name, and the same number or the same birthday.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import Text, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.common.search_normalization import fold
from screenpop.customers.models import PersonRef
from screenpop.store.customers.refs import CUSTOMER_REF_COLUMNS, customer_ref_from_row
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import customer_phones, customers

_GROUPS = 400
_MOST_IN_A_GROUP = 12


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """A pair; ``why``: ``number`` (``mark`` is the number), ``last_nine``, ``birthday``."""

    older: PersonRef
    newer: PersonRef
    why: str
    mark: str


async def find_duplicates(database: Database, *, most: int = 50) -> tuple[DuplicatePair, ...]:
    """Return the likeliest pairs first, at most ``most``."""
    found: dict[tuple[int, int], DuplicatePair] = {}
    async with database.reading() as connection:
        for why, column in (
            ("number", customer_phones.c.e164),
            ("last_nine", customer_phones.c.last_nine),
        ):
            for pair in await _by_number(connection, why, column):
                found.setdefault((pair.older.id, pair.newer.id), pair)
        for pair in await _by_birthday(connection):
            found.setdefault((pair.older.id, pair.newer.id), pair)
    return tuple(found.values())[:most]


async def _by_number(connection: AsyncConnection, why: str, column: Any) -> list[DuplicatePair]:
    shared = (
        select(column)
        .where(column.is_not(None))
        .group_by(column)
        .having(func.count(customer_phones.c.customer_id.distinct()).between(2, _MOST_IN_A_GROUP))
        .order_by(column)
        .limit(_GROUPS)
    )
    rows = await connection.execute(
        select(column.label("mark"), *CUSTOMER_REF_COLUMNS)
        .select_from(
            customer_phones.join(customers, customers.c.id == customer_phones.c.customer_id)
        )
        .where(column.in_(shared), customers.c.merged_into_id.is_(None))
        .order_by(column, customers.c.id)
    )
    return list(_pairs(rows, why))


async def _by_birthday(connection: AsyncConnection) -> list[DuplicatePair]:
    names = customers.c.names.cast(Text)
    same = (
        select(customers.c.birthday, names.label("called"))
        .where(customers.c.birthday.is_not(None), customers.c.merged_into_id.is_(None))
        .group_by(customers.c.birthday, names)
        .having(func.count() > 1)
        .order_by(customers.c.birthday)
        .limit(_GROUPS)
        .subquery()
    )
    rows = await connection.execute(
        select(customers.c.birthday.label("mark"), *CUSTOMER_REF_COLUMNS)
        .select_from(
            customers.join(
                same, (customers.c.birthday == same.c.birthday) & (names == same.c.called)
            )
        )
        .where(customers.c.merged_into_id.is_(None))
        .order_by(customers.c.birthday, customers.c.id)
    )
    return list(_pairs(rows, "birthday"))


def _pairs(rows: Iterable[Any], why: str) -> Iterator[DuplicatePair]:
    groups: dict[str, dict[int, PersonRef]] = {}
    for row in rows:
        groups.setdefault(str(row.mark), {})[row.id] = customer_ref_from_row(row)
    for mark, people in groups.items():
        for one, other in combinations(sorted(people.values(), key=lambda person: person.id), 2):
            if _same_name(one, other):
                yield DuplicatePair(one, other, why, mark)


def _same_name(one: PersonRef, other: PersonRef) -> bool:
    """Return whether they share a name; a shared number alone may be a family's."""
    return bool(_names(one) & _names(other))


def _names(person: PersonRef) -> set[str]:
    return {" ".join(sorted(fold(name.full).split())) for name in person.names.values()} - {""}
