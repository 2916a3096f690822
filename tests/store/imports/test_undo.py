"""One undo for a whole import, also after people have worked with what came in."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select, update

from screenpop.customers.models import CaseKind, CustomerId, PersonName, Tier
from screenpop.follow_ups.models import FollowUpSource, NewFollowUp
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.merge import merge_customers
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips_edit import add_case, add_trip, update_trip
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.changes import insert_follow_up
from screenpop.store.imports.batch import NoSuchBatchError, import_rows, undo_import
from screenpop.store.schema.tables import (
    customer_phones,
    customers,
    households,
    import_batches,
    trips,
)
from tests.store.sheet_rows import ISTANBUL, ROME, all_customers, ids_on_file, person, row, sheet

pytestmark = pytest.mark.anyio

LALEH = person("Laleh Karimi", 1, tier=Tier.GOLD, trips=(ISTANBUL,))


async def bring_in(database: Database, *drafts: object, now: float = 5.0) -> int:
    rows = [row(line, draft) for line, draft in enumerate(drafts, 2)]  # type: ignore[arg-type]
    return (await import_rows(database, sheet(*rows), filename="a.csv", now=now)).batch


async def state(database: Database, batch: int) -> str:
    async with database.reading() as connection:
        found = await connection.execute(
            select(import_batches.c.state).where(import_batches.c.id == batch)
        )
        return str(found.scalar_one())


async def test_every_customer_of_a_batch_goes_and_every_other_customer_stays(
    database: Database,
) -> None:
    stays = await create_customer(database, person("Nima Moradi", 2), 1.0)
    batch = await bring_in(
        database, *[person(f"Family {n}", n, household=f"House {n}") for n in range(10, 800)]
    )

    undone = await undo_import(database, batch, 9.0)

    assert (undone.gone, undone.kept) == (790, ())
    assert await ids_on_file(database) == [stays]
    assert await state(database, batch) == "undone"
    async with database.reading() as connection:
        assert (await connection.execute(select(func.count(households.c.id)))).scalar() == 0


async def test_an_existing_customer_is_as_before(database: Database) -> None:
    customer_id = await create_customer(database, person("Laleh Karimi", 1, notes="tea"), 1.0)
    before = await all_customers(database)
    batch = await bring_in(
        database,
        replace(LALEH, birthday=date(1986, 8, 3), notes="aisle", household="Karimi"),
        person("Laleh Karimi", 1, 7, emails=("l@example.com",)),
    )
    assert await all_customers(database) != before

    undone = await undo_import(database, batch, 9.0)

    assert await all_customers(database) == before
    assert (undone.gone, undone.restored, undone.kept) == (0, 1, ())
    async with database.reading() as connection:
        found = await connection.execute(
            select(customers.c.changed_at, customers.c.folded).where(customers.c.id == customer_id)
        )
        assert found.one().changed_at == 1.0


async def test_a_customer_edited_since_is_named_and_kept(database: Database) -> None:
    batch = await bring_in(
        database,
        LALEH,
        person("Nima Moradi", 2),
        person("Sara Amini", 3, trips=(ROME,)),
        person("Ali Nouri", 4),
        person("Reza Nouri", 5),
        person("Mina Rad", 6, trips=(ROME,)),
    )
    laleh, nima, sara, ali, reza, mina = (CustomerId(one) for one in await ids_on_file(database))
    await update_customer_fields(database, laleh, {"notes": "tea"}, user_id=None, now=6.0)
    case = {"kind": CaseKind.QUESTION.value, "state": "open", "subject": "?"}
    await add_case(database, nima, case | {"opened": date(2026, 1, 1)}, user_id=None, now=6.0)
    async with database.writing() as connection:
        mine = select(trips.c.id).where(trips.c.customer_id == sara)
        trip = (await connection.execute(mine)).scalar_one()
        # Also when the trip is changed without marking the customer as changed.
        await connection.execute(update(trips).where(trips.c.id == trip).values(paid=700))
    await merge_customers(database, ali, reza, user_id=None, now=6.0)

    undone = await undo_import(database, batch, 9.0)

    assert {one.customer: one.why for one in undone.kept} == {
        laleh: ("edited",),
        nima: ("edited", "case"),
        sara: ("trip",),
        ali: ("edited", "merged"),
        reza: ("edited", "merged"),
    }
    assert undone.kept[0].names == {"en": PersonName("Laleh", "Karimi")}
    assert undone.gone == 1
    assert mina not in await ids_on_file(database)
    assert await state(database, batch) == "partly_undone"


async def test_a_forced_undo_takes_all_of_it(database: Database) -> None:
    batch = await bring_in(database, LALEH, person("Nima Moradi", 2))
    laleh, _ = await ids_on_file(database)
    await update_customer_fields(
        database, CustomerId(laleh), {"notes": "tea"}, user_id=None, now=6.0
    )
    kept = await undo_import(database, batch, 9.0)
    assert len(kept.kept) == 1

    undone = await undo_import(database, batch, 10.0, force=True)

    assert (undone.gone, undone.kept) == (1, ())
    assert await ids_on_file(database) == []
    with pytest.raises(NoSuchBatchError):
        await undo_import(database, batch, 11.0)


async def test_what_was_changed_since_on_an_existing_customer_stays(
    database: Database,
) -> None:
    customer_id = await create_customer(database, person("Laleh Karimi", 1), 1.0)
    batch = await bring_in(
        database, replace(LALEH, birthday=date(1986, 8, 3), notes="aisle", phones=LALEH.phones)
    )
    await update_customer_fields(database, customer_id, {"notes": "window"}, user_id=None, now=6.0)
    async with database.reading() as connection:
        trip = (await connection.execute(select(trips.c.id))).scalar_one()
    await update_trip(database, trip, {"paid": 900}, user_id=None, now=6.0)

    undone = await undo_import(database, batch, 9.0)

    [laleh] = await all_customers(database)
    assert (laleh.notes, laleh.birthday, laleh.tier) == ("window", None, Tier.NONE)
    assert [(trip.destination, trip.paid) for trip in laleh.trips] == [("Istanbul", 900)]
    assert [(one.customer, one.why) for one in undone.kept] == [(customer_id, ("notes", "trips"))]

    forced = await undo_import(database, batch, 10.0, force=True)

    [laleh] = await all_customers(database)
    assert (laleh.notes, laleh.trips, forced.restored) == ("", (), 1)


async def test_a_number_verified_since_stays(database: Database) -> None:
    await create_customer(database, person("Laleh Karimi", 1), 1.0)
    batch = await bring_in(database, person("Laleh Karimi", 1, 2))
    async with database.writing() as connection:
        await connection.execute(
            update(customer_phones)
            .where(customer_phones.c.raw == "09120000002")
            .values(verified_on=date(2026, 11, 1))
        )

    undone = await undo_import(database, batch, 9.0)

    assert [one.why for one in undone.kept] == [("phones",)]
    assert len((await all_customers(database))[0].phones) == 2


async def test_a_trip_added_by_a_user_keeps_its_customer(database: Database) -> None:
    batch = await bring_in(database, LALEH)
    [customer_id] = await ids_on_file(database)
    await add_trip(
        database,
        CustomerId(customer_id),
        {"destination": "Rome", "status": "asked"},
        user_id=None,
        now=6.0,
    )

    undone = await undo_import(database, batch, 9.0)

    assert [one.why for one in undone.kept] == [("edited", "trip")]


async def test_two_imports_of_one_person_are_undone_from_the_last(database: Database) -> None:
    customer_id = await create_customer(database, person("Laleh Karimi", 1), 1.0)
    before = await all_customers(database)
    first = await bring_in(database, person("Laleh Karimi", 1, notes="tea"), now=5.0)
    second = await bring_in(database, person("Laleh Karimi", 1, notes="aisle"), now=6.0)

    assert (await undo_import(database, second, 9.0)).kept == ()
    assert (await all_customers(database))[0].notes == "tea"
    assert (await undo_import(database, first, 9.0)).kept == ()

    assert await all_customers(database) == before
    assert await ids_on_file(database) == [customer_id]


async def test_there_is_no_undo_of_what_never_was(database: Database) -> None:
    with pytest.raises(NoSuchBatchError, match="number 999"):
        await undo_import(database, 999, 9.0)


async def test_an_imported_customer_with_a_follow_up_is_named_and_kept(database: Database) -> None:
    batch = await bring_in(database, LALEH, person("Nima Moradi", 2))
    laleh, _ = (CustomerId(one) for one in await ids_on_file(database))
    day = date(2026, 1, 1)
    new = NewFollowUp(laleh, day, "send the quote", FollowUpSource.CALL, None, None)
    await insert_follow_up(database, new, today=day, now=6.0)

    undone = await undo_import(database, batch, 9.0)

    assert [(one.customer, one.why) for one in undone.kept] == [(laleh, ("follow_up",))]
    assert await ids_on_file(database) == [laleh]
