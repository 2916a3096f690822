"""Travellers of imported trips: stored as written, then replaced by the customers they are.

The customers are looked for at the end of the import, as a traveller may be in a later row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.draft import TravellerDraft, TripDraft
from screenpop.customers.travellers import (
    PossibleTraveller,
    folded_name,
    identify_traveller,
    traveller_text,
)
from screenpop.store.customers.rows import clean_part
from screenpop.store.engine.database import Database
from screenpop.store.engine.url import Kind
from screenpop.store.imports.bulk_insert import insert_many, next_ids
from screenpop.store.imports.matching import KnownCustomers, SheetPerson
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.schema.customer_tables import trip_travellers
from screenpop.store.schema.tables import customer_phones, customers
from screenpop.store.search.queries import planner_settings, search_statement

_SLICE = 500
_MOST_OF_A_NAME = 200
"""Customers of one name that are compared."""


@dataclass(frozen=True, slots=True)
class SheetTraveller:
    """A traveller of one row."""

    line: int
    customer_name: str
    """The name of the row's customer; empty for a row that continues the one above."""
    traveller: TravellerDraft


@dataclass(frozen=True, slots=True)
class UnknownTraveller:
    """A traveller who is kept as written; ``code``: why no customer was found."""

    line: int
    customer_name: str
    text: str
    code: str


@dataclass(frozen=True, slots=True)
class StoredTraveller:
    """A row of ``trip_travellers`` that this import has written."""

    id: int
    traveller: TravellerDraft


Identified = Mapping[TravellerDraft, PossibleTraveller | str]


async def write_travellers(
    connection: AsyncConnection, kind: Kind, trips: Sequence[tuple[int, TripDraft]]
) -> list[StoredTraveller]:
    """Insert the travellers of trips, which are given with their ids, as written."""
    going = [(trip_id, one) for trip_id, trip in trips for one in trip.travellers]
    if not going:
        return []
    ids = await next_ids(connection, kind, trip_travellers, len(going))
    rows = [
        {
            "id": row_id,
            "trip_id": trip_id,
            "customer_id": None,
            "name": clean_part(traveller_text(one)),
            "child": one.child,
        }
        for row_id, (trip_id, one) in zip(ids, going, strict=True)
    ]
    await insert_many(connection, kind, trip_travellers, rows)
    return [StoredTraveller(row_id, one) for row_id, (_, one) in zip(ids, going, strict=True)]


async def identify_travellers(
    database: Database, known: KnownCustomers, travellers: Iterable[TravellerDraft]
) -> Identified:
    """Return for each traveller the customer, of the sheet or stored, or why there is none."""
    wanted = list(dict.fromkeys(travellers))
    possible = _of_the_sheet(known, wanted)
    async with database.reading() as connection:
        for one in await _by_number(connection, wanted):
            possible.setdefault(one.key, one)
        for one in await _by_id(connection, wanted):
            possible.setdefault(one.key, one)
        for one in await _by_name(connection, database, wanted):
            possible.setdefault(one.key, one)
    by_word = _by_word(possible.values())
    return {one: identify_traveller(one, _near(one, by_word)) for one in wanted}


async def link_travellers(
    connection: AsyncConnection, stored: Sequence[StoredTraveller], identified: Identified
) -> None:
    """Put the customer in place of the text where the traveller is one."""
    for one in stored:
        found = identified[one.traveller]
        if isinstance(found, PossibleTraveller) and found.customer is not None:
            await connection.execute(
                update(trip_travellers)
                .where(trip_travellers.c.id == one.id)
                .values(customer_id=found.customer, name="")
            )


def unknown_travellers(
    sheet: Iterable[SheetTraveller], identified: Identified
) -> list[UnknownTraveller]:
    return [
        UnknownTraveller(one.line, one.customer_name, traveller_text(one.traveller), code)
        for one in sheet
        if isinstance(code := identified[one.traveller], str)
    ]


def _by_word(
    possible: Iterable[PossibleTraveller],
) -> dict[object, dict[object, PossibleTraveller]]:
    """Return customers by each name, number and id that can identify them."""
    found: dict[object, dict[object, PossibleTraveller]] = {}
    for one in possible:
        for word in (*one.names, *one.numbers, one.customer):
            if word is not None:
                found.setdefault(word, {})[one.key] = one
    return found


def _near(
    traveller: TravellerDraft, by_word: Mapping[object, Mapping[object, PossibleTraveller]]
) -> dict[object, PossibleTraveller]:
    near: dict[object, PossibleTraveller] = {}
    for word in (folded_name(traveller.name), *traveller.numbers, traveller.customer):
        near.update(by_word.get(word, {}))
    return near


def _of_the_sheet(
    known: KnownCustomers, wanted: Sequence[TravellerDraft]
) -> dict[object, PossibleTraveller]:
    names = {folded_name(one.name) for one in wanted}
    numbers = {number for one in wanted for number in one.numbers}
    found: dict[object, PossibleTraveller] = {}
    for person in known.people():
        if not (names.isdisjoint(person.names) and numbers.isdisjoint(person.numbers)):
            one = _of_sheet_person(person)
            before = found.get(one.key)
            found[one.key] = one if before is None else _joined(before, one)
    return found


def _of_sheet_person(person: SheetPerson) -> PossibleTraveller:
    key: object = person.line if person.customer is None else ("stored", person.customer)
    return PossibleTraveller(key, person.names, person.numbers, person.customer)


def _joined(one: PossibleTraveller, other: PossibleTraveller) -> PossibleTraveller:
    names, numbers = {*one.names, *other.names}, {*one.numbers, *other.numbers}
    return PossibleTraveller(one.key, names, numbers, one.customer)


async def _by_number(
    connection: AsyncConnection, wanted: Sequence[TravellerDraft]
) -> list[PossibleTraveller]:
    numbers = sorted({number for one in wanted for number in one.numbers})
    ids: set[int] = set()
    for start in range(0, len(numbers), _SLICE):
        rows = await connection.execute(
            select(customer_phones.c.customer_id).where(
                customer_phones.c.e164.in_(numbers[start : start + _SLICE])
            )
        )
        ids |= set(rows.scalars())
    return await _stored(connection, ids)


async def _by_id(
    connection: AsyncConnection, wanted: Sequence[TravellerDraft]
) -> list[PossibleTraveller]:
    return await _stored(connection, {one.customer for one in wanted if one.customer is not None})


async def _by_name(
    connection: AsyncConnection, database: Database, wanted: Sequence[TravellerDraft]
) -> list[PossibleTraveller]:
    """Return customers of the names of travellers for whom nothing but the name is written."""
    names = {folded_name(one.name): one.name for one in wanted if not one.numbers}
    ids: set[int] = set()
    for folded, name in names.items():
        if " " not in folded:
            continue
        for setting in planner_settings(database.kind, name, whole=True):
            await connection.execute(text(setting))
        statement = search_statement(
            database.kind, name, notes=False, most=_MOST_OF_A_NAME, whole=True
        )
        ids |= set((await connection.execute(statement)).scalars())
    return [one for one in await _stored(connection, ids) if not names.keys().isdisjoint(one.names)]


async def _stored(connection: AsyncConnection, ids: set[int]) -> list[PossibleTraveller]:
    found: list[PossibleTraveller] = []
    ordered = sorted(ids)
    for start in range(0, len(ordered), _SLICE):
        part = ordered[start : start + _SLICE]
        rows = await connection.execute(
            select(customers.c.id, customers.c.names).where(
                customers.c.id.in_(part), customers.c.merged_into_id.is_(None)
            )
        )
        phones = await connection.execute(
            select(customer_phones.c.customer_id, customer_phones.c.e164).where(
                customer_phones.c.customer_id.in_(part), customer_phones.c.e164.is_not(None)
            )
        )
        numbers: dict[int, set[str]] = {}
        for phone in phones:
            numbers.setdefault(phone.customer_id, set()).add(phone.e164)
        found += [_possible(row, numbers.get(row.id, set())) for row in rows]
    return found


def _possible(row: Any, numbers: set[str]) -> PossibleTraveller:
    names = {folded_name(name.full) for name in names_from_json(row.names).values()} - {""}
    return PossibleTraveller(("stored", row.id), names, numbers, row.id)
