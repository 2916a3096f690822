"""Trips and cases that come with a caller."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert

from screenpop.customers.models import TripStatus, VisaState
from screenpop.store.engine.database import Database
from screenpop.store.lookup.lookup_columns import MAX_TRIPS
from screenpop.store.schema.customer_tables import trip_travellers
from screenpop.store.schema.tables import cases, customers, households, trips
from tests.store.samples import (
    LALEH,
    NIKOS,
    add_customer,
    look_up,
)

pytestmark = pytest.mark.anyio


async def _trip_of(database: Database, buyer: int, *travellers: int, **values: Any) -> int:
    given: dict[str, Any] = {
        "customer_id": buyer,
        "destination": "Rome",
        "departs": date(2026, 11, 25),
        "status": "booked",
        "visa": "pending",
        "price": 900,
        "paid": 400,
        "currency": "EUR",
        "rating": 4,
    }
    async with database.writing() as connection:
        row = await connection.execute(insert(trips).values(**given | values).returning(trips.c.id))
        trip: int = row.scalar_one()
        for traveller in travellers:
            await connection.execute(
                insert(trip_travellers).values(trip_id=trip, customer_id=traveller)
            )
    return trip


async def test_a_traveller_that_is_not_the_buyer_has_the_trip_without_the_money(
    database: Database,
) -> None:
    parent = await add_customer(database, "Karimi", NIKOS, given="Maryam")
    child = await add_customer(database, "Karimi", LALEH, given="Sara")
    await _trip_of(database, parent, child, child)  # twice, as after a merge

    [file] = (await look_up(database, LALEH)).exact
    [trip] = file.trips
    assert (trip.destination, trip.departs) == ("Rome", date(2026, 11, 25))
    assert (trip.status, trip.visa) == (TripStatus.BOOKED, VisaState.PENDING)
    assert trip.buyer is not None
    assert (trip.buyer.id, trip.buyer.names["en"].full) == (parent, "Maryam Karimi")
    assert (trip.price, trip.paid, trip.currency, trip.rating) == (0, 0, "", None)

    [file] = (await look_up(database, NIKOS)).exact
    [trip] = file.trips
    assert (trip.buyer, trip.price, trip.rating) == (None, 900, 4)


async def test_a_buyer_that_travels_has_the_trip_once_and_as_the_buyer(database: Database) -> None:
    customer_id = await add_customer(database, "Karimi", LALEH)
    await _trip_of(database, customer_id, customer_id)

    [trip] = (await look_up(database, LALEH)).exact[0].trips
    assert (trip.buyer, trip.price) == (None, 900)


async def test_own_trips_and_those_of_others_come_newest_first_and_no_more_than_twenty(
    database: Database,
) -> None:
    boss = await add_customer(database, "Boss", NIKOS)
    customer_id = await add_customer(database, "Karimi", LALEH)
    for number in range(15):
        await _trip_of(database, customer_id, departs=date(2020 + number, 1, 1))
        await _trip_of(database, boss, customer_id, departs=date(2020 + number, 7, 1))
    await _trip_of(database, boss, customer_id, departs=None)

    found = (await look_up(database, LALEH)).exact[0].trips
    assert len(found) == MAX_TRIPS
    assert found[0].departs is None
    days = [trip.departs for trip in found[1:] if trip.departs]
    assert days[:3] == [date(2034, 7, 1), date(2034, 1, 1), date(2033, 7, 1)]
    assert days == sorted(days, reverse=True)


async def test_open_cases_of_the_household_come_with_whose_they_are(database: Database) -> None:
    mother = await add_customer(database, "Karimi", NIKOS, given="Maryam")
    child = await add_customer(database, "Karimi", LALEH, given="Sara")
    stranger = await add_customer(database, "Else")
    async with database.writing() as connection:
        home = (
            await connection.execute(
                insert(households).values(name="Karimi").returning(households.c.id)
            )
        ).scalar_one()
        await connection.execute(
            customers.update().where(customers.c.id.in_([mother, child])).values(household_id=home)
        )
        for customer_id, subject, state in (
            (mother, "Lost bag", "open"),
            (mother, "Old", "closed"),
            (child, "Own", "waiting"),
            (stranger, "Not theirs", "open"),
        ):
            await connection.execute(
                insert(cases).values(
                    customer_id=customer_id,
                    kind="complaint",
                    state=state,
                    subject=subject,
                    opened=date(2026, 11, 1),
                )
            )

    [file] = (await look_up(database, LALEH)).exact
    assert [case.subject for case in file.cases] == ["Own"]
    [one] = file.household_cases
    assert (one.case.subject, one.member.id) == ("Lost bag", mother)
    assert one.member.names["en"].full == "Maryam Karimi"


async def test_trips_come_newest_first_at_most_twenty_and_undated_ones_lead(
    database: Database,
) -> None:
    customer_id = await add_customer(database, "Karimi", LALEH)
    async with database.writing() as connection:
        await connection.execute(
            insert(trips),
            [
                {
                    "customer_id": customer_id,
                    "destination": str(day),
                    "departs": date(2020, 1, day),
                }
                for day in range(1, 25)
            ],
        )
        await connection.execute(insert(trips).values(customer_id=customer_id, destination="asked"))

    [file] = (await look_up(database, LALEH)).exact

    assert [trip.destination for trip in file.trips] == ["asked", *map(str, range(24, 5, -1))]


async def test_closed_cases_stay_off_the_card(database: Database) -> None:
    customer_id = await add_customer(database, "Karimi", LALEH)
    async with database.writing() as connection:
        await connection.execute(
            insert(cases),
            [
                {
                    "customer_id": customer_id,
                    "kind": "refund",
                    "state": state,
                    "opened": date(2026, 1, 1),
                }
                for state in ("open", "closed", "waiting")
            ],
        )

    [file] = (await look_up(database, LALEH)).exact

    assert [case.state for case in file.cases] == ["open", "waiting"]
