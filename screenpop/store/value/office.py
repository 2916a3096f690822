"""Reads the trips of all customers, or of some, into plain arrays: 1,000,000 fit into memory."""

from __future__ import annotations  # array[int] is no type at run time before Python 3.12

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, func, select

from screenpop.customers.models import Tier, TripStatus
from screenpop.loyalty.own_rhythm import ONE_TRIP_DAYS
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import cases, customers, trips

SLICE = 20_000
"""Customers read in one transaction, so that a long read keeps no old state of the database."""
_NOT_TAKEN = (TripStatus.ASKED.value, TripStatus.QUOTED.value, TripStatus.CANCELLED.value)
_TIERS = tuple(Tier)
Among = Callable[[ColumnElement[int]], ColumnElement[bool]]


@dataclass(slots=True)
class Office:
    """Customers with their trips as buyers; arrays of a group have equal lengths."""

    customers: array[int] = field(default_factory=lambda: array("q"))
    """Ids, in order."""
    tiers: array[int] = field(default_factory=lambda: array("b"))
    """Places in ``Tier``."""
    trips: array[int] = field(default_factory=lambda: array("q"))
    """Number of trips of each customer."""
    day: array[int] = field(default_factory=lambda: array("q"))
    """Of each trip: the ordinal of the departure, in order within a customer."""
    party: array[int] = field(default_factory=lambda: array("q"))
    price: array[int] = field(default_factory=lambda: array("q"))
    margin: array[int] = field(default_factory=lambda: array("q"))
    currency: array[int] = field(default_factory=lambda: array("h"))
    """Places in ``currencies``."""
    currencies: list[str] = field(default_factory=list)
    case_owner: array[int] = field(default_factory=lambda: array("q"))
    """Of each case: the place of the customer."""
    case_day: array[int] = field(default_factory=lambda: array("q"))
    referred: Counter[int] = field(default_factory=Counter)
    """Customers sent, by the id of the one that sent them."""

    def tier_of(self, place: int) -> Tier:
        return _TIERS[self.tiers[place]]


async def read_office(database: Database) -> Office:
    """Return all customers that are not merged into another."""
    office, last = Office(), 0
    places: dict[str, int] = {}
    while True:
        begin = last

        def read_slice(connection: Connection, begin: int = begin) -> int:
            ids = select(customers.c.id).where(customers.c.id > begin)
            ids = ids.order_by(customers.c.id).limit(SLICE)
            end = connection.scalar(select(func.max(ids.subquery().c.id)))
            if end is None:
                return 0
            _read(connection, office, places, lambda column: column.between(begin + 1, end))
            return int(end)

        last = await database.read(read_slice)
        if not last:
            return office


async def read_customers(database: Database, ids: Sequence[int]) -> Office:
    """Return these customers, without those that are merged or no longer stored."""
    office = Office()
    await database.read(
        lambda connection: _read(connection, office, {}, lambda column: column.in_(ids))
    )
    return office


def _read(connection: Connection, office: Office, currencies: dict[str, int], among: Among) -> None:
    kept = [customers.c.id, customers.c.tier]
    begin = len(office.customers)
    tiers = {tier.value: place for place, tier in enumerate(_TIERS)}
    people = connection.execute(
        select(*kept)
        .where(among(customers.c.id), customers.c.merged_into_id.is_(None))
        .order_by(customers.c.id)
    )
    for customer_id, tier in people:
        office.customers.append(customer_id)
        office.tiers.append(tiers.get(tier, 0))
        office.trips.append(0)
    places = {office.customers[place]: place for place in range(begin, len(office.customers))}
    _read_trips(connection, office, currencies, among, places)
    days = connection.execute(
        select(cases.c.customer_id, cases.c.opened).where(among(cases.c.customer_id))
    )
    for customer_id, opened in days:
        place = places.get(customer_id)
        if place is not None:
            office.case_owner.append(place)
            office.case_day.append(opened.toordinal())
    sent = connection.execute(
        select(customers.c.referred_by_id, func.count())
        .where(among(customers.c.referred_by_id), customers.c.merged_into_id.is_(None))
        .group_by(customers.c.referred_by_id)
    )
    for customer_id, count in sent:
        office.referred[customer_id] = count


def _read_trips(
    connection: Connection,
    office: Office,
    currencies: dict[str, int],
    among: Among,
    places: dict[int, int],
) -> None:
    party = trips.c.adults + trips.c.children
    rows = connection.execute(
        select(
            *(trips.c.customer_id, trips.c.departs, party),
            *(trips.c.price, trips.c.margin, trips.c.currency),
        )
        .where(
            among(trips.c.customer_id),
            trips.c.departs.is_not(None),
            trips.c.status.not_in(_NOT_TAKEN),
        )
        .order_by(trips.c.customer_id, trips.c.departs, trips.c.id)
    )
    before, last = 0, 0
    for customer_id, departs, travellers, price, margin, currency in rows:
        place = places.get(customer_id)
        if place is None:
            continue
        day = departs.toordinal()
        number = currencies.get(currency)
        if number is None:
            number = currencies[currency] = len(office.currencies)
            office.currencies.append(currency)
        if customer_id == before and day - last <= ONE_TRIP_DAYS:
            # A flight and a hotel in two rows are one trip.
            office.party[-1] = max(office.party[-1], travellers)
            if office.currency[-1] == number:
                office.price[-1] += price
                office.margin[-1] += margin
            continue
        before, last = customer_id, day
        office.trips[place] += 1
        office.day.append(day)
        office.party.append(travellers)
        office.price.append(price)
        office.margin.append(margin)
        office.currency.append(number)
