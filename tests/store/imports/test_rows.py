"""Rows come in, each as a new customer, one of the sheet, or one on file."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, PersonName, Tier
from screenpop.store.calls.call_filter import CallFilter
from screenpop.store.calls.queries import list_calls
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database
from screenpop.store.imports.batch import (
    ExistingCustomerPolicy,
    ImportCallbacks,
    ImportCounts,
    RowMatch,
    RowOutcome,
    check_rows,
    import_rows,
)
from screenpop.store.schema.tables import customer_phones, import_batches, trips
from screenpop.telephony.identifiers import E164
from tests.store.samples import LALEH, finished_call
from tests.store.sheet_rows import (
    ISTANBUL,
    ROME,
    all_customers,
    going_on,
    ids_on_file,
    person,
    row,
    sheet,
)

pytestmark = pytest.mark.anyio


async def bring_in(
    database: Database, *rows: object, known: ExistingCustomerPolicy = ExistingCustomerPolicy.ADD
) -> tuple[ImportCounts, dict[int, RowOutcome]]:
    outcomes: dict[int, RowOutcome] = {}
    done = await import_rows(
        database,
        sheet(*rows),  # type: ignore[arg-type]
        filename="a.xlsx",
        now=5.0,
        known=known,
        callbacks=ImportCallbacks(
            outcomes=lambda reported: outcomes.update({one.line: one for one in reported})
        ),
    )
    return done.counts, outcomes


async def test_a_customer_comes_in_as_in_the_sheet(database: Database) -> None:
    laleh = person(
        "Laleh Karimi",
        1,
        2,
        tier=Tier.GOLD,
        birthday=date(1986, 8, 3),
        balance=1250,
        currency="EUR",
        notes="tea,\nno sugar",
        tags=("doctor",),
        emails=("laleh@example.com",),
        household="Karimi",
        trips=(ISTANBUL, ROME),
    )

    counts, _ = await bring_in(database, row(2, laleh))

    assert await all_customers(database) == [laleh]
    assert (counts.rows, counts.new, counts.trips) == (1, 1, 2)


async def test_several_rows_of_one_person_are_one_customer_with_several_trips(
    database: Database,
) -> None:
    counts, reported = await bring_in(
        database,
        row(2, person("Laleh Karimi", 1, trips=(ISTANBUL,))),
        row(3, person("Nima Moradi", 2, trips=(ROME,))),
        row(4, person("KARIMI Laleh", 1, trips=(ROME,), birthday=date(1986, 8, 3))),
        going_on(5, replace(ROME, destination="Milan")),
    )

    laleh, nima = await all_customers(database)
    assert [trip.destination for trip in laleh.trips] == ["Istanbul", "Rome", "Milan"]
    assert laleh.birthday == date(1986, 8, 3)
    assert nima.names["en"].family == "Moradi"
    assert (counts.new, counts.joined, counts.trips) == (2, 2, 4)
    assert (reported[4].meets, reported[4].of_line) == (RowMatch.JOINED, 2)
    assert (reported[5].meets, reported[5].of_line) == (RowMatch.JOINED, 2)


async def test_a_person_is_known_again_a_thousand_rows_further_down(database: Database) -> None:
    many = [row(n, person(f"Family {n}", n)) for n in range(2, 1202)]

    counts, _ = await bring_in(
        database,
        *many,
        row(1300, person("Family 3", 3, trips=(ROME,))),
        row(1301, person("Family 3", 5000)),
    )

    assert (counts.rows, counts.new, counts.joined, counts.trips) == (1202, 1201, 1, 1)
    third = (await all_customers(database))[1]
    assert [trip.destination for trip in third.trips] == ["Rome"]


async def test_a_family_shares_its_number_and_stays_a_family(database: Database) -> None:
    counts, reported = await bring_in(
        database, row(2, person("Laleh Karimi", 1)), row(3, person("Nima Karimi", 1))
    )

    assert (counts.new, counts.sharing) == (2, 1)
    assert reported[3] == RowOutcome(3, RowMatch.NEW, shares_line=2)


async def test_the_same_name_with_the_number_of_another_country_is_the_same_person(
    database: Database,
) -> None:
    unread = PhoneDraft("912 000 0001", None, "120000001", "mobile")

    counts, _ = await bring_in(
        database,
        row(2, person("Laleh Karimi", 1)),
        row(3, replace(person("Laleh Karimi"), phones=(unread,))),
    )

    assert (counts.new, counts.joined) == (1, 1)


async def test_a_row_without_a_number_goes_to_the_person_above_only_with_the_same_name(
    database: Database,
) -> None:
    counts, _ = await bring_in(
        database,
        row(2, person("Laleh Karimi", 1)),
        row(3, person("Laleh Karimi", trips=(ROME,))),
        row(4, person("Nima Moradi", 2)),
        row(5, person("Laleh Karimi", trips=(ISTANBUL,))),
    )

    assert (counts.new, counts.joined) == (3, 1)


async def test_the_same_sheet_again_adds_nothing(database: Database) -> None:
    rows = (
        row(2, person("Laleh Karimi", 1, notes="tea", trips=(ISTANBUL,))),
        row(3, person("Nobody Reachable")),
        row(4, person("Nima Moradi", 2, 3)),
    )
    await bring_in(database, *rows)
    before = await all_customers(database)

    counts, reported = await bring_in(database, *rows)

    assert await all_customers(database) == before
    assert (counts.new, counts.on_file, counts.changed) == (0, 3, 0)
    assert [reported[line].added for line in (2, 3, 4)] == [(), (), ()]


async def test_an_existing_customer_gets_what_was_not_known_and_keeps_what_was(
    database: Database,
) -> None:
    on_file = person("Laleh Karimi", 1, tier=Tier.GOLD, notes="tea")
    customer_id = await create_customer(database, on_file, 1.0)

    counts, reported = await bring_in(
        database,
        row(
            2,
            person(
                "Laleh Karimi",
                1,
                2,
                tier=Tier.SILVER,
                birthday=date(1986, 8, 3),
                notes="aisle",
                trips=(ROME,),
            ),
        ),
    )

    [laleh] = await all_customers(database)
    assert (laleh.tier, laleh.birthday, laleh.notes) == (Tier.GOLD, date(1986, 8, 3), "tea\naisle")
    assert [phone.raw for phone in laleh.phones] == ["09120000001", "09120000002"]
    assert [trip.destination for trip in laleh.trips] == ["Rome"]
    assert counts.changed == 1
    assert reported[2].customer == customer_id
    assert set(reported[2].added) == {"birthday", "notes", "phones", "trips"}
    assert reported[2].differs == ("tier",)


async def test_existing_customers_can_be_left_as_they_are(database: Database) -> None:
    await create_customer(database, person("Laleh Karimi", 1), 1.0)

    counts, _ = await bring_in(
        database,
        row(2, person("Laleh Karimi", 1, notes="aisle")),
        known=ExistingCustomerPolicy.SKIP,
    )

    assert (counts.on_file, counts.changed) == (1, 0)
    assert (await all_customers(database))[0].notes == ""


async def test_a_stranger_with_the_number_of_a_customer_is_reported(database: Database) -> None:
    customer_id = await create_customer(database, person("Laleh Karimi", 1), 1.0)

    _, reported = await bring_in(database, row(2, person("Nima Moradi", 1)))

    assert reported[2] == RowOutcome(2, RowMatch.NEW, shares_with=customer_id)


async def test_a_row_that_continues_no_customer_is_left_out(database: Database) -> None:
    counts, reported = await bring_in(
        database, going_on(2, ROME), row(3, person("Laleh Karimi", 1))
    )

    assert (counts.new, counts.left_out) == (1, 1)
    assert reported[2].meets is RowMatch.NOBODY
    assert (await all_customers(database))[0].trips == ()


async def test_past_calls_of_a_number_become_those_of_its_only_owner(database: Database) -> None:
    database.log.start()
    database.log.keep(finished_call())
    await database.log.flush()
    e164 = LALEH.e164 or E164("")
    draft = CustomerDraft(
        names={"en": PersonName("Laleh", "Karimi")},
        phones=(PhoneDraft(LALEH.raw, e164, LALEH.last_nine, "mobile"),),
    )

    await bring_in(database, row(2, draft))

    [customer_id] = await ids_on_file(database)
    calls = await list_calls(database, CallFilter(customer=CustomerId(customer_id)))
    assert len(calls.calls) == 1


async def test_a_trial_reports_what_would_be_and_changes_nothing(database: Database) -> None:
    await create_customer(database, person("Laleh Karimi", 1), 1.0)
    before = await all_customers(database)
    rows = (
        row(2, person("Laleh Karimi", 1, notes="tea")),
        row(3, person("Nima Moradi", 2, trips=(ROME,))),
        row(4, person("Nima Moradi", 2)),
        row(5, person("Sara Moradi", 2)),
    )
    tried: dict[int, RowOutcome] = {}

    counts = await check_rows(
        database,
        sheet(*rows),
        callbacks=ImportCallbacks(
            outcomes=lambda reported: tried.update({one.line: one for one in reported})
        ),
    )

    assert await all_customers(database) == before
    async with database.reading() as connection:
        assert (await connection.execute(select(func.count(import_batches.c.id)))).scalar() == 0
    done, reported = await bring_in(database, *rows)
    assert counts == done
    assert tried == reported


async def test_progress_is_reported_and_a_cancelled_import_stays_to_be_undone(
    database: Database,
) -> None:
    seen: list[int] = []
    done = await import_rows(
        database,
        sheet(*[row(n, person(f"Family {n}", n)) for n in range(3000)]),
        filename="a.csv",
        now=5.0,
        refused=lambda: 7,
        callbacks=ImportCallbacks(
            progress=lambda counts: seen.append(counts.rows), cancelled=lambda: len(seen) == 2
        ),
    )

    assert done.cancelled
    assert seen == [1000, 2000]
    assert len(await ids_on_file(database)) == 2000
    async with database.reading() as connection:
        batch = (await connection.execute(select(import_batches))).one()
    assert (batch.state, batch.rows_in, batch.rows_refused) == ("cancelled", 2000, 7)


async def test_a_sheet_that_breaks_off_leaves_nothing_behind(database: Database) -> None:
    customer_id = await create_customer(database, person("Laleh Karimi", 1), 1.0)
    before = await all_customers(database)

    async def broken() -> object:
        yield [row(2, person("Laleh Karimi", 1, notes="tea"))]
        yield [row(n, person(f"Family {n}", n)) for n in range(3, 1500)]
        raise RuntimeError("the sheet is torn")

    with pytest.raises(RuntimeError, match="torn"):
        await import_rows(database, broken(), filename="a.csv", now=5.0)  # type: ignore[arg-type]

    assert await all_customers(database) == before
    assert await ids_on_file(database) == [customer_id]
    async with database.reading() as connection:
        for table in (import_batches, trips):
            assert (await connection.execute(select(func.count()).select_from(table))).scalar() == 0
        phones = select(func.count()).select_from(customer_phones)
        assert (await connection.execute(phones)).scalar() == 1
