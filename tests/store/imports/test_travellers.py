"""Travellers that a sheet names are on its trips and go with the undo, on both databases."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from screenpop.customers.draft import IncomingRow, TravellerDraft, TripDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips import load_trips
from screenpop.store.customers.trips_edit import TravellerInput, set_travellers
from screenpop.store.engine.database import Database
from screenpop.store.imports.batch import ImportCallbacks, check_rows, import_rows, undo_import
from screenpop.store.imports.travellers import UnknownTraveller
from screenpop.store.schema.customer_tables import trip_travellers
from screenpop.store.schema.tables import customers, trips
from tests.store.sheet_rows import (
    ISTANBUL,
    ROME,
    all_customers,
    going_on,
    ids_on_file,
    person,
    phone,
    row,
    sheet,
)

pytestmark = pytest.mark.anyio

DORSA = TravellerDraft("Dorsa Rostami")
SHIRIN = TravellerDraft("Shirin Rostami", (str(phone(3).e164),))


def with_travellers(trip: TripDraft, *travellers: TravellerDraft) -> TripDraft:
    return replace(trip, travellers=travellers)


async def bring_in(
    database: Database, *rows: IncomingRow, at_once: int = 500
) -> tuple[int, list[UnknownTraveller]]:
    reported: list[UnknownTraveller] = []
    done = await import_rows(
        database,
        sheet(*rows, at_once=at_once),
        filename="a.csv",
        now=5.0,
        callbacks=ImportCallbacks(travellers=reported.extend),
    )
    return done.batch, reported


async def on_trips(database: Database) -> list[tuple[str, int | None, str, bool]]:
    """Destination, customer, name and child of each traveller."""
    async with database.reading() as connection:
        rows = await connection.execute(
            select(
                trips.c.destination,
                trip_travellers.c.customer_id,
                trip_travellers.c.name,
                trip_travellers.c.child,
            )
            .select_from(trip_travellers.join(trips, trips.c.id == trip_travellers.c.trip_id))
            .order_by(trip_travellers.c.id)
        )
        return [tuple(one) for one in rows]


async def test_travellers_are_linked_wherever_in_the_sheet_or_on_file_they_are(
    database: Database,
) -> None:
    on_file = await create_customer(database, person("Shirin Rostami", 3), 1.0)
    unknown = TravellerDraft("Ali Rostami", child=True)
    trip = with_travellers(ROME, DORSA, SHIRIN, unknown)

    _, reported = await bring_in(
        database,
        row(2, person("Kaveh Rostami", 1, trips=(trip,))),
        row(3, person("Dorsa Rostami", 2)),
    )

    ids = dict(zip(("shirin", "kaveh", "dorsa"), await ids_on_file(database), strict=True))
    assert ids["shirin"] == on_file
    assert await on_trips(database) == [
        ("Rome", ids["dorsa"], "", False),
        ("Rome", ids["shirin"], "", False),
        ("Rome", None, "Ali Rostami", True),
    ]
    assert reported == [UnknownTraveller(2, "Kaveh Rostami", "Ali Rostami", "unknown_traveller")]
    async with database.reading() as connection:
        [hers] = await load_trips(connection, CustomerId(ids["dorsa"]))
    assert (hers.trip.destination, hers.buyer.id) == ("Rome", ids["kaveh"])


async def test_the_check_reports_the_same_travellers_and_writes_nothing(database: Database) -> None:
    rows = (
        row(2, person("Kaveh Rostami", 1, trips=(with_travellers(ROME, DORSA, SHIRIN),))),
        row(3, person("Dorsa Rostami", 2)),
    )
    reported: list[UnknownTraveller] = []
    await check_rows(database, sheet(*rows), callbacks=ImportCallbacks(travellers=reported.extend))
    assert [(one.line, one.code) for one in reported] == [(2, "unknown_traveller")]
    assert await ids_on_file(database) == []
    assert (await bring_in(database, *rows))[1] == reported


async def test_of_two_customers_with_one_name_none_is_guessed(database: Database) -> None:
    for number in (8, 9):
        await create_customer(database, person("Dorsa Rostami", number), 1.0)
    trip = with_travellers(ROME, DORSA)
    _, reported = await bring_in(database, row(2, person("Kaveh Rostami", 1, trips=(trip,))))
    assert [one.code for one in reported] == ["several_travellers"]
    assert await on_trips(database) == [("Rome", None, "Dorsa Rostami", False)]


@pytest.mark.parametrize("at_once", [1, 500])
async def test_one_row_for_each_traveller_makes_one_trip_with_all_of_them(
    database: Database, at_once: int
) -> None:
    kaveh = person("Kaveh Rostami", 1)
    only = TripDraft(travellers=(TravellerDraft("Nima Rostami"),))
    await bring_in(
        database,
        row(2, replace(kaveh, trips=(with_travellers(ROME, DORSA), ISTANBUL))),
        row(3, replace(kaveh, trips=(with_travellers(ROME, SHIRIN),))),
        going_on(4, only),
        at_once=at_once,
    )
    assert [(trip, name) for trip, _, name, _ in await on_trips(database)] == [
        ("Rome", "Dorsa Rostami"),
        ("Rome", f"Shirin Rostami ({phone(3).e164})"),
        ("Rome", "Nima Rostami"),
    ]
    assert [len(one.trips) for one in await all_customers(database)] == [2]


async def test_a_sheet_brought_in_twice_adds_no_traveller_twice(database: Database) -> None:
    await create_customer(
        database,
        replace(
            person("Dorsa Rostami", 2, language="en"),
            names={"fa": PersonName("درسا", "رستمی"), "en": PersonName("Dorsa", "Rostami")},
        ),
        1.0,
    )
    rows = [row(2, person("Kaveh Rostami", 1, trips=(with_travellers(ROME, DORSA, SHIRIN),)))]
    await bring_in(database, *rows)
    before = await on_trips(database)
    assert before[0][1] is not None
    await bring_in(database, *rows)
    assert await on_trips(database) == before


async def test_an_undo_takes_away_the_travellers_it_added_to_a_stored_trip(
    database: Database,
) -> None:
    kaveh = person("Kaveh Rostami", 1)
    await bring_in(database, row(2, replace(kaveh, trips=(with_travellers(ROME, DORSA),))))
    before, stored = await all_customers(database), await on_trips(database)

    batch, _ = await bring_in(
        database,
        row(
            2,
            replace(kaveh, trips=(with_travellers(ROME, SHIRIN), with_travellers(ISTANBUL, DORSA))),
        ),
    )
    assert len(await on_trips(database)) == 3

    assert (await undo_import(database, batch, 9.0)).kept == ()
    assert (await all_customers(database), await on_trips(database)) == (before, stored)


async def test_an_undo_keeps_a_traveller_it_created_as_a_name_on_the_trip_of_another(
    database: Database,
) -> None:
    buyer = await create_customer(database, person("Kaveh Rostami", 1), 1.0)
    batch, _ = await bring_in(database, row(2, person("Dorsa Rostami", 2)))
    [dorsa] = set(await ids_on_file(database)) - {buyer}
    async with database.writing() as connection:
        await connection.execute(
            trips.insert().values(id=50, customer_id=buyer, destination="Paris")
        )
    going = [TravellerInput(CustomerId(dorsa), "", False)]
    await set_travellers(database, 50, going, user_id=None, now=6.0)

    await undo_import(database, batch, 9.0)

    assert await on_trips(database) == [("Paris", None, "Dorsa Rostami", False)]


async def test_an_undo_keeps_an_imported_trip_whose_travellers_were_edited_since(
    database: Database,
) -> None:
    await create_customer(database, person("Kaveh Rostami", 1), 1.0)
    batch, _ = await bring_in(
        database, row(2, person("Kaveh Rostami", 1, trips=(with_travellers(ROME, DORSA),)))
    )
    async with database.reading() as connection:
        trip = (await connection.execute(select(trips.c.id))).scalar_one()
    going = [TravellerInput(None, "Ali", False)]
    await set_travellers(database, trip, going, user_id=None, now=6.0)

    undone = await undo_import(database, batch, 9.0)

    assert [one.why for one in undone.kept] == [("trips",)]
    assert await on_trips(database) == [("Rome", None, "Ali", False)]


async def test_an_undo_of_all_leaves_no_traveller(database: Database) -> None:
    batch, _ = await bring_in(
        database,
        row(2, person("Kaveh Rostami", 1, trips=(with_travellers(ROME, DORSA),))),
        row(3, person("Dorsa Rostami", 2)),
    )
    assert (await undo_import(database, batch, 9.0)).kept == ()
    assert await on_trips(database) == []
    async with database.reading() as connection:
        assert (await connection.execute(select(customers.c.id))).all() == []
