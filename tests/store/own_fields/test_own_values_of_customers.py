"""Values of own fields on the way through edits, merges, imports, their undo, and privacy."""

import json
from dataclasses import replace

import pytest

from screenpop.customers.models import CustomerId
from screenpop.customers.own_fields import OwnValue
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.merge import merge_customers, undo_merge
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips_edit import add_trip, update_trip
from screenpop.store.engine.database import Database
from screenpop.store.imports.batch import import_rows, undo_import
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.privacy.subject_access import subject_access_report
from tests.store.customers.drafts import HERS, HIS, draft, file_of
from tests.store.own_fields.fields import OFFICE, SIDE, VOUCHER, make
from tests.store.sheet_rows import ISTANBUL, person, row, sheet

pytestmark = pytest.mark.anyio


async def change(database: Database, whose: CustomerId, own: dict[str, OwnValue]) -> None:
    await update_customer_fields(database, whose, {"own": own}, user_id=None, now=2.0)


async def test_each_changed_value_is_in_the_history_and_a_choice_by_its_names(
    database: Database,
) -> None:
    side, office = await make(database, SIDE), await make(database, OFFICE)
    karimi = await create_customer(database, draft("Karimi", HERS), 1.0)
    await change(database, karimi, {side.key: 1, office.key: "Pasdaran"})
    await change(database, karimi, {side.key: 2, office.key: "Pasdaran"})
    await change(database, karimi, {side.key: 2, office.key: "Pasdaran"})

    file = await file_of(database, karimi)
    edits = [dict(one.changes) for one in file.history if one.what == "edited"]
    window, aisle = dict(SIDE.choices[0].names), dict(SIDE.choices[1].names)
    assert edits == [
        {f"own:{side.key}": (window, aisle)},
        {f"own:{side.key}": (None, window), f"own:{office.key}": (None, "Pasdaran")},
    ]
    assert file.own == {side.key: 2, office.key: "Pasdaran"}


async def test_a_changed_value_of_a_trip_is_in_the_history(database: Database) -> None:
    voucher = await make(database, VOUCHER)
    karimi = await create_customer(database, draft("Karimi", HERS), 1.0)
    given = {"destination": "Rome", "own": {voucher.key: "A1"}}
    trip = await add_trip(database, karimi, given, user_id=None, now=2.0)
    await update_trip(database, trip, {"own": {voucher.key: "B2"}}, user_id=None, now=3.0)

    edited, added = (await file_of(database, karimi)).history[:2]
    assert edited.changes[f"own:{voucher.key}"] == ("A1", "B2")
    assert added.changes[f"own:{voucher.key}"] == (None, "A1")


async def test_a_merge_takes_over_missing_values_and_its_undo_returns_them(
    database: Database,
) -> None:
    side, office = await make(database, SIDE), await make(database, OFFICE)
    stays = await create_customer(database, draft("Karimi", HERS, own={side.key: 1}), 1.0)
    goes = await create_customer(
        database, draft("Karimi", HIS, own={office.key: "Pasdaran", side.key: 2}), 1.0
    )

    merge = await merge_customers(database, stays, goes, user_id=None, now=2.0)
    assert (await file_of(database, stays)).own == {side.key: 1, office.key: "Pasdaran"}

    await undo_merge(database, merge, user_id=None, now=3.0)
    assert (await file_of(database, stays)).own == {side.key: 1}
    assert (await file_of(database, goes)).own == {side.key: 2, office.key: "Pasdaran"}


async def test_an_import_adds_values_and_its_undo_takes_them_back(database: Database) -> None:
    side, office = await make(database, SIDE), await make(database, OFFICE)
    voucher = await make(database, VOUCHER)
    known = person("Laleh Karimi", 1, own={side.key: 1})
    laleh = await create_customer(database, known, 1.0)
    trip = replace(ISTANBUL, own={voucher.key: "A1"})
    rows = [
        row(2, replace(known, own={side.key: 2, office.key: "Pasdaran"}, trips=(trip,))),
        row(3, person("Nima Moradi", 2, own={office.key: "Enghelab"}, trips=(trip,))),
    ]

    batch = (await import_rows(database, sheet(*rows), filename="a.csv", now=5.0)).batch
    file = await file_of(database, laleh)
    assert file.own == {side.key: 1, office.key: "Pasdaran"}
    assert file.trips[0].own == {voucher.key: "A1"}
    assert file.history[0].changes[f"own:{office.key}"] == (None, "Pasdaran")

    undone = await undo_import(database, batch, 9.0)
    assert (undone.gone, undone.kept) == (1, ())
    file = await file_of(database, laleh)
    assert (file.own, file.trips) == ({side.key: 1}, ())


async def test_an_import_undone_later_leaves_a_trip_whose_value_was_changed(
    database: Database,
) -> None:
    voucher = await make(database, VOUCHER)
    laleh = await create_customer(database, person("Laleh Karimi", 1), 1.0)
    trip = replace(ISTANBUL, own={voucher.key: "A1"})
    rows = [row(2, person("Laleh Karimi", 1, trips=(trip,)))]
    batch = (await import_rows(database, sheet(*rows), filename="a.csv", now=5.0)).batch
    [there] = (await file_of(database, laleh)).trips
    await update_trip(database, there.trip.id, {"own": {voucher.key: "B2"}}, user_id=None, now=6.0)

    [kept] = (await undo_import(database, batch, 9.0)).kept
    assert kept.why == ("trips",)


async def test_the_whole_file_names_own_fields_and_an_erasure_removes_their_values(
    database: Database,
) -> None:
    side, office = await make(database, SIDE), await make(database, OFFICE)
    voucher = await make(database, VOUCHER)
    own: dict[str, OwnValue] = {side.key: 1, office.key: "Pasdaran-Secret"}
    karimi = await create_customer(database, draft("Karimi", HERS, own=own), 1.0)
    given = {"destination": "Rome", "own": {voucher.key: "Voucher-Secret"}}
    await add_trip(database, karimi, given, user_id=None, now=2.0)

    report = await subject_access_report(database, karimi)
    assert report is not None
    assert [(one["field"]["en"], one["value"]) for one in report["person"]["own"]] == [
        ("Seat", {"en": "Window", "fa": "کنار پنجره"}),
        ("Passport office", "Pasdaran-Secret"),
    ]
    assert [one["value"] for one in report["trips"][0]["own"]] == ["Voucher-Secret"]

    await erase_customer(database, karimi, user_id=None, now=3.0)
    assert await subject_access_report(database, karimi) is None
    async with database.reading() as connection:
        for table in ("customers", "trips", "customer_changes"):
            rows = await connection.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608
            assert "Secret" not in json.dumps([list(one) for one in rows], default=str)
