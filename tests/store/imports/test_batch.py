"""A sheet goes in as one, and comes out as one."""

from datetime import date

import pytest
from sqlalchemy import func, select

from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import PersonName, Tier
from screenpop.store.calls.queries import list_calls
from screenpop.store.engine.database import Database
from screenpop.store.imports.batch import NoSuchBatchError, import_customers, undo_import
from screenpop.store.schema.tables import customer_phones, import_batches
from screenpop.telephony.identifiers import E164
from tests.store.samples import LALEH, add_customer, count_customers, finished_call, look_up

pytestmark = pytest.mark.anyio


def draft(number: int, family: str = "Karimi") -> CustomerDraft:
    e164 = E164(f"+98912{number:07d}")
    return CustomerDraft(
        names={"en": PersonName("Laleh", family)},
        tier=Tier.GOLD,
        birthday=date(1986, 8, 3),
        phones=(PhoneDraft(f"0912 {number}", e164, e164[-9:], "mobile"),),
    )


async def test_a_sheet_of_many_goes_in_with_its_phones(database: Database) -> None:
    batch = await import_customers(
        database, [draft(n) for n in range(1200)], filename="a.csv", now=5.0, refused=3
    )

    assert (batch.added, batch.already_there) == (1200, ())
    async with database.reading() as connection:
        phones = await connection.execute(
            select(func.count(), func.count(customer_phones.c.customer_id.distinct())).select_from(
                customer_phones
            )
        )
        assert tuple(phones.one()) == (1200, 1200)
        row = (await connection.execute(select(import_batches))).one()
        assert (row.filename, row.rows_in, row.rows_refused) == ("a.csv", 1200, 3)


async def test_each_phone_belongs_to_the_customer_of_its_row(database: Database) -> None:
    drafts = [draft(n, family=f"Family {n}") for n in range(700)]
    await import_customers(database, drafts, filename="a.csv", now=5.0)

    for number in (0, 1, 499, 500, 699):
        wanted = drafts[number].phones[0]
        caller = LALEH.__class__(
            wanted.raw, LALEH.kind, "national", wanted.e164, last_nine=wanted.last_nine
        )
        [file] = (await look_up(database, caller)).exact
        assert file.customer.names["en"].family == f"Family {number}"


async def test_the_same_sheet_twice_adds_no_customer_twice(database: Database) -> None:
    await import_customers(database, [draft(1), draft(2)], filename="a.csv", now=5.0)

    again = await import_customers(
        database, [draft(1), draft(3), draft(2, "KARIMI"), draft(3)], filename="a.csv", now=6.0
    )

    assert (again.added, again.already_there) == (1, (0, 2, 3))
    assert await count_customers(database) == 3


async def test_another_person_on_a_known_number_is_a_new_customer(database: Database) -> None:
    await import_customers(database, [draft(1)], filename="a.csv", now=5.0)

    other = await import_customers(database, [draft(1, "Moradi")], filename="b.csv", now=6.0)

    assert other.added == 1


async def test_an_undone_batch_takes_its_customers_and_leaves_the_others_and_the_calls(
    database: Database,
) -> None:
    await add_customer(database, "Before")
    batch = await import_customers(database, [draft(1), draft(2)], filename="a.csv", now=5.0)
    database.log.start()
    database.log.keep(finished_call())
    await database.log.flush()

    assert (await undo_import(database, batch.id, 7.0)).gone == 2

    assert await count_customers(database) == 1
    assert len((await list_calls(database)).calls) == 1
    with pytest.raises(NoSuchBatchError):
        await undo_import(database, batch.id, 8.0)
    with pytest.raises(NoSuchBatchError):
        await undo_import(database, 999, 8.0)


async def test_a_batch_that_fails_half_way_leaves_nothing_behind(database: Database) -> None:
    broken = CustomerDraft(names={"en": PersonName("A", "B")}, balance=10**30)

    with pytest.raises(Exception, match=r"(?i)int"):
        await import_customers(database, [draft(1), broken], filename="a.csv", now=5.0)

    assert await count_customers(database) == 0
    async with database.reading() as connection:
        assert (await connection.execute(select(import_batches))).first() is None
