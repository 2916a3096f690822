"""Two customers are merged and separated again; duplicates are found."""

from datetime import date

import pytest
from sqlalchemy import insert

from screenpop.customers.detail import CustomerDetail
from screenpop.customers.models import CustomerId
from screenpop.store.customers.duplicates import find_duplicates
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.merge import MergeRefusedError, merge_customers, undo_merge
from screenpop.store.customers.queries import (
    CustomerRefusedError,
    create_customer,
    link_phone,
    list_customers,
)
from screenpop.store.customers.trips_edit import add_trip
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import customer_phones
from tests.store.customers.drafts import HERS, HIS, draft, file_of
from tests.store.samples import LALEH, NIKOS, finished_call, look_up

pytestmark = pytest.mark.anyio


async def two_files(database: Database) -> tuple[CustomerId, CustomerId]:
    one = await create_customer(database, draft("Karimi", HERS, notes="tea"), 1.0)
    other = await create_customer(
        database,
        draft("Karimi", HERS, HIS, notes="coffee", birthday=date(1980, 5, 5), city="Yazd"),
        2.0,
    )
    await add_trip(database, other, {"destination": "Rome"}, user_id=None, now=3.0)
    database.log.start()
    database.log.keep(finished_call("1.1", caller=NIKOS, customer=other))
    await database.log.flush()
    return one, other


def mergeable_fields(file: CustomerDetail) -> tuple[object, ...]:
    """What a merge may change."""
    return (
        file.customer,
        sorted((number.phone.e164 or "", number.phone.raw) for number in file.numbers),
        [trip.trip for trip in file.trips],
        file.calls,
        file.tags,
        file.city,
        file.merged_into,
    )


async def test_two_files_become_one_and_two_again(database: Database) -> None:
    one, other = await two_files(database)
    before = (
        mergeable_fields(await file_of(database, one)),
        mergeable_fields(await file_of(database, other)),
    )

    number = await merge_customers(database, one, other, user_id=None, now=5.0)

    kept, gone = await file_of(database, one), await file_of(database, other)
    assert (kept.customer.birthday, kept.customer.notes) == (date(1980, 5, 5), "tea\ncoffee")
    assert kept.city == "Yazd"
    assert {entry.phone.e164 for entry in kept.numbers} == {LALEH.e164, NIKOS.e164}
    assert (len(kept.trips), len(kept.calls)) == (1, 1)
    assert (gone.merged_into, gone.numbers) == (one, ())
    assert [row.customer.id for row in (await list_customers(database)).rows] == [one]
    assert [row.customer.id for row in (await list_customers(database, search="rome")).rows] == [
        one
    ]
    assert [file.customer.id for file in (await look_up(database, LALEH)).exact] == [one]

    assert await undo_merge(database, number, user_id=None, now=6.0) == (one, other)

    assert (
        mergeable_fields(await file_of(database, one)),
        mergeable_fields(await file_of(database, other)),
    ) == before
    assert len((await list_customers(database, search="karimi")).rows) == 2


async def test_what_was_changed_since_a_merge_stays_when_it_is_undone(database: Database) -> None:
    one, other = await two_files(database)
    number = await merge_customers(database, one, other, user_id=None, now=5.0)
    await update_customer_fields(database, one, {"notes": "both"}, user_id=None, now=6.0)

    await undo_merge(database, number, user_id=None, now=7.0)

    assert (await file_of(database, one)).customer.notes == "both"
    assert (await file_of(database, other)).customer.notes == "coffee"


async def test_nothing_is_added_to_a_file_that_was_merged_away(database: Database) -> None:
    one, other = await two_files(database)
    number = await merge_customers(database, one, other, user_id=None, now=5.0)
    with pytest.raises(CustomerRefusedError, match="no customer number"):
        await link_phone(database, other, HERS, 6.0)
    with pytest.raises(CustomerRefusedError, match="no customer number"):
        await add_trip(database, other, {"destination": "Oslo"}, user_id=None, now=6.0)
    assert await undo_merge(database, number, user_id=None, now=7.0) == (one, other)


async def test_a_merge_is_undone_although_the_number_it_dropped_is_there_again(
    database: Database,
) -> None:
    one, other = await two_files(database)
    number = await merge_customers(database, one, other, user_id=None, now=5.0)
    async with database.writing() as connection:  # as a program of an older version did
        values = {"customer_id": other, "raw": HERS.raw, "e164": HERS.e164, "label": "mobile"}
        await connection.execute(insert(customer_phones).values(values))
    assert await undo_merge(database, number, user_id=None, now=7.0) == (one, other)
    numbers = [entry.phone.e164 for entry in (await file_of(database, other)).numbers]
    assert sorted(numbers, key=str) == sorted([HERS.e164, HIS.e164], key=str)


async def test_merges_that_make_no_sense_are_refused(database: Database) -> None:
    one, other = await two_files(database)
    third = await create_customer(database, draft("Rich", balance=5, currency="USD"), 1.0)
    await update_customer_fields(
        database, one, {"balance": 1, "currency": "EUR"}, user_id=None, now=2.0
    )

    async def code(kept: int, gone: int) -> str:
        with pytest.raises(MergeRefusedError) as refused:
            await merge_customers(
                database, CustomerId(kept), CustomerId(gone), user_id=None, now=5.0
            )
        return refused.value.code

    assert await code(one, one) == "same_customer"
    assert await code(one, 999) == "unknown_customer"
    assert await code(one, third) == "two_currencies"
    number = await merge_customers(database, one, other, user_id=None, now=5.0)
    assert await code(third, other) == "merged_already"
    await undo_merge(database, number, user_id=None, now=6.0)
    with pytest.raises(MergeRefusedError) as refused:
        await undo_merge(database, number, user_id=None, now=7.0)
    assert refused.value.code == "unknown_merge"


async def test_the_same_name_on_the_same_number_is_a_duplicate_and_a_family_is_none(
    database: Database,
) -> None:
    one, other = await two_files(database)
    await create_customer(database, draft("Karimi", HERS, given="Nima"), 1.0)

    pairs = (await find_duplicates(database)).pairs

    assert [(pair.older.id, pair.newer.id, pair.why) for pair in pairs] == [(one, other, "number")]
