"""Customer search of a card: the best matches first, each with the last trip."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import or_, select

from screenpop.customers.itinerary import last_trip_of
from screenpop.customers.models import CustomerId, Trip
from screenpop.store.customers.queries import CustomerPage, CustomerRow, list_customers
from screenpop.store.engine.database import Database
from screenpop.store.lookup import lookup_sql as hot
from screenpop.store.lookup.lookup_rows import trip_from_row
from screenpop.store.schema.customer_tables import trip_travellers
from screenpop.store.schema.tables import trips
from screenpop.store.search.queries import searchable_words, typed_words

RANKED = 200
"""Number of matches that are ranked."""


async def best_customers(database: Database, search: str, *, notes: bool = False) -> CustomerPage:
    """Return the customers found by ``search``, the best match first.

    Order: whole names before beginnings of names, names before places and notes, VIPs before others
    that match as well.
    """
    exact = await list_customers(database, search=search, limit=RANKED, notes=notes, whole=True)
    found = await list_customers(database, search=search, limit=RANKED, notes=notes)
    rows = {row.customer.id: row for row in (*exact.rows, *found.rows)}
    typed = typed_words(search)
    ranked = sorted(rows.values(), key=lambda row: _rank(row, typed))
    return CustomerPage(tuple(ranked[:50]), None)


def _rank(row: CustomerRow, typed: list[tuple[str, ...]]) -> tuple[int, int, int, bool, int]:
    """Return a sort key; smaller is better."""
    customer = row.customer
    names = [
        searchable_words([name.given, name.family]).split() for name in customer.names.values()
    ]
    digits = [(one.phone.e164 or one.phone.raw).lstrip("+") for one in row.phones]
    best = min((_misses(words, typed) for words in names), default=(len(typed), 0, 0))
    in_numbers = sum(
        any(
            number.endswith(spelling) for number in digits for spelling in word if len(spelling) > 3
        )
        for word in typed
    )
    not_found, begun, more = best
    return (not_found - in_numbers, begun, more, not customer.vip, -customer.id)


def _misses(name: list[str], typed: list[tuple[str, ...]]) -> tuple[int, int, int]:
    """Return three counts of mismatch between name and typed words; smaller is better.

    The typed words that are not in the name, those that only begin one of its words, and the words
    of the name that were not typed.
    """
    missing = begun = 0
    for word in typed:
        if any(spelling in name for spelling in word):
            continue
        if any(part.startswith(spelling) for part in name for spelling in word):
            begun += 1
        else:
            missing += 1
    return missing, begun, max(0, len(name) - len(typed))


async def last_trips(
    database: Database, customer_ids: Sequence[CustomerId], today: date
) -> Mapping[CustomerId, Trip]:
    """Return the last trip that has begun of each of these customers, booked or travelled on."""
    if not customer_ids:
        return {}
    travels = (
        select(trip_travellers.c.trip_id, trip_travellers.c.customer_id)
        .where(trip_travellers.c.customer_id.in_(customer_ids))
        .subquery("travels")
    )
    statement = (
        select(*hot.TRIP_COLUMNS, trips.c.customer_id, travels.c.customer_id.label("traveller"))
        .select_from(trips.outerjoin(travels, travels.c.trip_id == trips.c.id))
        .where(or_(trips.c.customer_id.in_(customer_ids), travels.c.customer_id.is_not(None)))
        .where(trips.c.departs <= today)
    )
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
    of_each: dict[CustomerId, list[Trip]] = {}
    for row in rows:
        plain = [
            one.isoformat() if isinstance(one, date) else one
            for one in row[: len(hot.TRIP_COLUMNS)]
        ]
        trip = trip_from_row(plain)
        for customer_id in {row.customer_id, row.traveller} & set(customer_ids):
            of_each.setdefault(CustomerId(customer_id), []).append(trip)
    last = {customer_id: last_trip_of(theirs, today) for customer_id, theirs in of_each.items()}
    return {customer_id: trip for customer_id, trip in last.items() if trip is not None}
