"""Books with customers and trips on sheets of their own, joined by a code or by the name."""

from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.import_report import SHEET_LINES, ReportRow, RowResult
from screenpop.customers.other_sheet import OtherSheet
from screenpop.importing.job import run_import_task
from screenpop.importing.messages import ImportFinished
from screenpop.importing.report import ReportWriter, all_rows
from screenpop.importing.request import ImportTask
from screenpop.spreadsheets.reading.client import preview_sheet
from screenpop.spreadsheets.reading.messages import RowChunk
from screenpop.spreadsheets.rows.errors import RowProblem
from screenpop.spreadsheets.rows.joined_sheets import _FEWEST_KNOWN
from screenpop.spreadsheets.rows.rows import MAX_ROWS
from screenpop.store.customers.drafts import load_drafts
from screenpop.store.customers.queries import list_customers
from tests.importing.import_setup import ATHENS, Office

pytestmark = pytest.mark.anyio
Rows = list[list[str | int]]

CUSTOMERS: Rows = [
    ["Customer ID", "Name", "Mobile"],
    [101, "Laleh Karimi", "6912345678"],
    [102, "Nikos Pappas", "6912345679"],
    [103, "Nikos Pappas", "6912345670"],
]
TRIPS: Rows = [
    ["Client", "Destination", "Departure"],
    [101, "Rome", "2026-12-01"],
    [103, "Paris", "2026-12-02"],
    [101, "Oslo", "2026-12-03"],
]


def book(office: Office, sheets: dict[str, Rows]) -> Path:
    path = office.folder / "book.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name.strip("-"))
            if name.startswith("-"):
                sheet.hide()
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return path


async def imported(office: Office, path: Path, *joined: str) -> ImportFinished:
    ask = office.ask(ImportTask.IMPORT, path)
    assert ask.sheet is not None
    ask = replace(ask, sheet=replace(ask.sheet, joined=joined))
    return await run_import_task(ask, lambda _: None, lambda: False)


async def trips_by_number(office: Office) -> dict[str | None, list[str]]:
    """Return the destinations of each customer, by the first number."""
    rows = (await list_customers(office.database)).rows
    async with office.database.reading() as connection:
        drafts = await load_drafts(connection, [row.customer.id for row in rows])
    return {number(one): [trip.destination for trip in one.trips] for one in drafts.values()}


def number(draft: CustomerDraft) -> str | None:
    return draft.phones[0].e164 if draft.phones else None


def left_out(office: Office) -> list[ReportRow]:
    return [row for row in all_rows(office.report) if row.what is RowResult.REFUSED]


async def test_other_sheets_are_named_with_their_rows_kind_and_code(office: Office) -> None:
    sheets: dict[str, Rows] = {
        "Customers": CUSTOMERS,
        "Trips": TRIPS,
        "-Old": [["Name", "Phone"], ["Anna Riga", "6912345611"]],
        "Payments": [["Customer ID", "Amount", "Due"], [101, 300, "2026-12-01"]],
        "Rates": [["What", "Rate"], ["x", "y"]],
        "Empty": [],
    }
    look = await preview_sheet(book(office, sheets), ATHENS)
    assert look.sheet == "Customers"
    assert look.others == (
        OtherSheet("Trips", 3, "trips", False, "Client", True),
        OtherSheet("Old", 1, "customers", True, "", True),
        OtherSheet("Payments", 1, "payments", False, "Customer ID", True),
        OtherSheet("Rates", 2, "unknown", False, "", False),
    )


async def test_trips_join_their_customers_by_the_code(office: Office) -> None:
    ended = await imported(office, book(office, {"People": CUSTOMERS, "Trips": TRIPS}), "Trips")
    assert (ended.counts.new, ended.counts.trips, ended.counts.refused) == (3, 3, 0)
    assert await trips_by_number(office) == {
        "+306912345678": ["Rome", "Oslo"],
        "+306912345679": [],
        "+306912345670": ["Paris"],
    }


@pytest.mark.parametrize(("known", "can_join"), [(3, True), (2, False)])
async def test_a_column_without_a_heading_of_codes_needs_most_of_its_texts_in_the_main_sheet(
    office: Office, known: int, can_join: bool
) -> None:
    codes = [101, 102, 103][:known] + [900, 901, 902][: 5 - known]
    trips: Rows = [["Client", "Destination"]]
    trips += [[code, "Rome"] for code in codes]
    look = await preview_sheet(book(office, {"People": CUSTOMERS, "Trips": trips}), ATHENS)
    assert _FEWEST_KNOWN == 3 / 5
    assert [other.key for other in look.others] == ["Client" if can_join else ""]


async def test_without_a_choice_only_the_customers_come_in(office: Office) -> None:
    ended = await imported(office, book(office, {"People": CUSTOMERS, "Trips": TRIPS}))
    assert (ended.counts.new, ended.counts.trips) == (3, 0)


async def test_a_code_of_two_customers_or_of_none_leaves_the_row_out_with_its_sheet_and_line(
    office: Office,
) -> None:
    people: Rows = [*CUSTOMERS, [101, "Petra Vogel", "6912340001"]]
    trips: Rows = [*TRIPS, [102, "Bonn", "2026-12-04"], [999, "Cork", "2026-12-05"]]
    ended = await imported(office, book(office, {"People": people, "Trips": trips}), "Trips")
    assert ended.counts.trips == 2
    assert [(row.sheet, row.line, row.value, row.code) for row in left_out(office)] == [
        ("Trips", 2, "101", "join_fits_several"),
        ("Trips", 4, "101", "join_fits_several"),
        ("Trips", 6, "999", "no_customer_of_code"),
    ]
    found = await trips_by_number(office)
    assert found["+306912345679"] == ["Bonn"]
    assert found["+306912345678"] == found["+306912340001"] == []


async def test_trips_join_by_the_name_and_a_name_of_two_customers_is_left_out(
    office: Office,
) -> None:
    trips: Rows = [
        ["Name", "Destination", "Departure"],
        ["Karimi Laleh", "Rome", "2026-12-01"],
        ["Nikos Pappas", "Paris", "2026-12-02"],
    ]
    path = book(office, {"People": CUSTOMERS, "Trips": trips})
    await imported(office, path, "Trips")
    assert (await trips_by_number(office))["+306912345678"] == ["Rome"]
    assert [(row.line, row.code) for row in left_out(office)] == [(3, "join_fits_several")]


async def test_one_row_a_trip_with_the_customer_repeated_is_one_customer(office: Office) -> None:
    rows: Rows = [
        ["Code", "Name", "Mobile", "Destination", "Departure"],
        [7, "Laleh Karimi", "6912345678", "Rome", "2026-12-01"],
        [7, "Laleh Karimi", "6912345678", "Oslo", "2026-12-03"],
    ]
    trips: Rows = [["Code", "Destination", "Departure"], [7, "Bonn", "2026-12-09"]]
    ended = await imported(office, book(office, {"People": rows, "More": trips}), "More")
    assert (ended.counts.new, ended.counts.trips) == (1, 3)
    assert await trips_by_number(office) == {"+306912345678": ["Rome", "Oslo", "Bonn"]}


async def test_a_sheet_that_names_no_customers_is_refused_in_one_sentence(office: Office) -> None:
    trips: Rows = [["Destination", "Departure"], ["Rome", "2026-12-01"]]
    ended = await imported(office, book(office, {"People": CUSTOMERS, "Trips": trips}), "Trips")
    assert (ended.refused, ended.params) == ("cannot_join", {"sheet": "Trips"})


@pytest.mark.parametrize(
    ("counted", "sheet", "line"),
    [
        (SHEET_LINES - 1, "", SHEET_LINES - 1),
        (SHEET_LINES, "Trips", 0),
        (2 * SHEET_LINES + 7, "Old", 7),
    ],
)
async def test_a_report_names_the_sheet_and_its_own_line(
    office: Office, counted: int, sheet: str, line: int
) -> None:
    assert SHEET_LINES > MAX_ROWS
    problem = RowProblem(counted, "", "", "no_name")
    with ReportWriter(office.report, joined=("Trips", "Old")) as report:
        report.take(RowChunk((), (problem,), 1, 1))
    assert [(row.sheet, row.line) for row in all_rows(office.report)] == [(sheet, line)]
