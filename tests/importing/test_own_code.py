"""Customers found and updated by the office's own code, with the difference before the import."""

import pytest

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.import_report import ReportRow, RowResult
from screenpop.importing.job import run_import_task
from screenpop.importing.messages import ImportFinished
from screenpop.importing.report import all_rows
from screenpop.importing.request import ImportRequest, ImportTask
from screenpop.store.customers.drafts import load_drafts
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.queries import list_customers
from tests.importing.import_setup import Office

pytestmark = pytest.mark.anyio

HEAD = "Code,Name,Mobile,City,Tier,Balance,Destination,Departure,Price,Status\n"
FIRST = HEAD + (
    "0017,Laleh Karimi,6912345678,Patra,gold,100,Rome,2026-12-01,900,booked\n"
    "18,Nikos Pappas,6912345679,Athina,,,,,,\n"
)
CHANGED = HEAD + (
    "0017,Laleh Karimi,6912345678,Volos,platinum,40,Rome,2026-12-01,950,ticketed\n"
    "18,Nikolaos Pappas,6912345679,,,,,,,\n"
    "19,Anna Riga,6912345671,,,,,,,\n"
)


async def done(ask: ImportRequest) -> ImportFinished:
    return await run_import_task(ask, lambda _: None, lambda: False)


async def imported(office: Office, text: str) -> ImportFinished:
    return await done(office.ask(ImportTask.IMPORT, office.sheet(text)))


async def stored(office: Office) -> dict[str, CustomerDraft]:
    """Return the customers by code."""
    rows = (await list_customers(office.database)).rows
    async with office.database.reading() as connection:
        drafts = await load_drafts(connection, [row.customer.id for row in rows])
    return {draft.code: draft for draft in drafts.values()}


def rows_of(office: Office, what: RowResult) -> list[ReportRow]:
    return [row for row in all_rows(office.report) if row.what is what]


async def test_a_check_counts_new_changed_and_unchanged_and_lists_each_old_and_new_value(
    office: Office,
) -> None:
    await imported(office, FIRST)
    sheet = office.sheet(CHANGED + FIRST.splitlines()[2].replace("18,", ",") + "\n")
    ended = await done(office.ask(ImportTask.CHECK, sheet))
    assert (ended.counts.new, ended.counts.changed, ended.counts.on_file) == (1, 2, 1)
    changed = {row.line: row.changes for row in rows_of(office, RowResult.CHANGED)}
    assert changed == {
        2: (
            ("tier", "gold", "platinum"),
            ("city", "Patra", "Volos"),
            ("balance", "100 EUR", "40 EUR"),
            ("price", "900", "950"),
            ("status", "booked", "ticketed"),
        ),
        3: (("names", "Nikos Pappas", "Nikolaos Pappas"),),
    }
    assert (await stored(office))["0017"].city == "Patra"


@pytest.mark.defends("hidden-files")
async def test_report_has_no_value_and_no_number_of_a_customer_with_a_hidden_file(
    office: Office,
) -> None:
    first = await imported(office, FIRST)
    rows = (await list_customers(office.database)).rows
    people = {row.customer.names["en"].given: row.customer.id for row in rows}
    sheet = office.sheet(CHANGED + ",Eva Other,6912345678,,,,,,,\n")
    hidden = frozenset({int(people["Laleh"])})
    asked = office.ask(ImportTask.CHECK, sheet, hidden=hidden)
    assert ImportRequest.from_plain(asked.plain()) == asked
    checked = await done(asked)
    report = repr(list(all_rows(office.report)))
    assert ("Nikos Pappas" in report, "Patra" in report, "100 EUR" in report) == (
        True,
        False,
        False,
    )
    of_hidden = [row for row in all_rows(office.report) if row.line in {2, 5}]
    assert {(row.customer, row.shares_with, row.added, row.changes) for row in of_hidden} == {
        (0, 0, (), ())
    }
    assert [row.line for row in of_hidden if row.code == "hidden_file"] == [2]
    assert (checked.counts.refused, checked.counts.changed, checked.counts.new) == (1, 1, 2)
    changes = {"city": "Volos"}
    for number in people.values():
        await update_customer_fields(office.database, number, changes, user_id=None, now=2e9)
    ended = await done(office.ask(ImportTask.UNDO, batch=first.batch, hidden=hidden))
    assert sorted(one.name for one in ended.kept) == ["", "Nikos Pappas"]


@pytest.mark.defends("hidden-files")
async def test_no_row_changes_a_file_that_is_hidden_from_the_user(office: Office) -> None:
    await imported(office, FIRST)
    before = (await stored(office))["0017"]
    rows = (await list_customers(office.database)).rows
    hidden = frozenset(
        int(row.customer.id) for row in rows if row.customer.names["en"].given == "Laleh"
    )
    sheet = office.sheet(
        "Code,Name,Mobile,City,Anniversary,Destination,Departure\n"
        "0017,Laleh Karimi,6912345678,Volos,2001-05-01,Rome,2026-12-01\n"
        ",,,,,Paris,2027-01-02\n"
        ",Laleh Karimi,6912345678,,2001-05-01,Lisbon,2027-01-03\n"
        "18,Nikos Pappas,6912345679,Volos,,Oslo,2027-01-04\n"
    )
    ended = await done(office.ask(ImportTask.IMPORT, sheet, hidden=hidden))
    after = await stored(office)
    assert after["0017"] == before
    assert (after["18"].city, len(after["18"].trips), len(after)) == ("Volos", 1, 2)
    refused = [(row.line, row.code) for row in rows_of(office, RowResult.REFUSED)]
    assert refused == [(line, "hidden_file") for line in (2, 3, 4)]
    assert (ended.counts.refused, ended.counts.changed) == (3, 1)


async def test_the_import_updates_by_the_code_and_the_undo_restores_the_old_values(
    office: Office,
) -> None:
    await imported(office, FIRST)
    before = await stored(office)
    ended = await imported(office, CHANGED)
    after = await stored(office)
    assert set(after) == {"0017", "18", "19"}
    laleh = after["0017"]
    assert (laleh.city, laleh.tier.value, laleh.balance) == ("Volos", "platinum", 40)
    assert [(trip.price, trip.status.value) for trip in laleh.trips] == [(950, "ticketed")]
    assert [name.full for name in after["18"].names.values()] == ["Nikolaos Pappas"]
    assert after["18"].city == "Athina"
    await done(office.ask(ImportTask.UNDO, batch=ended.batch))
    assert await stored(office) == before


async def test_a_day_alone_changes_no_stored_status(office: Office) -> None:
    await imported(office, FIRST)
    head = "Code,Name,Mobile,Destination,Departure\n"
    await imported(office, head + "0017,Laleh Karimi,6912345678,Rome,2026-12-01\n")
    assert [trip.status.value for trip in (await stored(office))["0017"].trips] == ["booked"]


async def test_a_code_with_another_name_and_number_updates_no_customer_and_is_reported(
    office: Office,
) -> None:
    await imported(office, FIRST)
    ended = await imported(office, HEAD + "18,Petra Vogel,6912349999,Berlin,,,,,,\n")
    assert (ended.counts.new, ended.counts.changed, ended.counts.noted) == (1, 0, 1)
    [noted] = rows_of(office, RowResult.NOTED)
    assert (noted.line, noted.value, noted.code) == (2, "18", "code_of_another")
    found = await stored(office)
    assert [name.full for name in found["18"].names.values()] == ["Nikos Pappas"]
    assert [name.full for name in found[""].names.values()] == ["Petra Vogel"]


async def test_a_row_with_only_a_code_updates_its_customer_or_is_left_out(office: Office) -> None:
    await imported(office, FIRST)
    text = "Code,Name,Mobile,City\n0017,Laleh Karimi,,Corfu\n77,,6912340000,Corfu\n"
    ended = await imported(office, text)
    assert (ended.counts.changed, ended.counts.refused) == (1, 1)
    assert (await stored(office))["0017"].city == "Corfu"
    assert [row.line for row in rows_of(office, RowResult.REFUSED)] == [3]


async def test_a_code_in_persian_digits_is_the_same_code(office: Office) -> None:
    await imported(office, FIRST)
    ended = await imported(office, "کد مشتری,نام,موبایل,شهر\n۰۰۱۷,Laleh Karimi,6912345678,Corfu\n")
    assert (ended.counts.new, ended.counts.changed) == (0, 1)
    assert (await stored(office))["0017"].city == "Corfu"
