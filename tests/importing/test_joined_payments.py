"""Payments on a sheet of their own: joined to customers and trips, undone, and nothing lost."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from screenpop.accounts.departments import Section
from screenpop.customers.import_report import RowResult
from screenpop.customers.models import CustomerId
from screenpop.customers.payments import (
    PaymentDraft,
    PaymentMethod,
    PaymentState,
    StoredPayment,
)
from screenpop.importing.job import run_import_task
from screenpop.importing.report import all_rows
from screenpop.importing.request import ImportTask
from screenpop.spreadsheets.writing.files import XlsxFile
from screenpop.spreadsheets.writing.sheet_words import ExportWords
from screenpop.store.customers.payment_rows import payments_of_trips
from screenpop.store.customers.payments import change_payment_state
from screenpop.store.export_rows import export_customers
from screenpop.store.imports.batch import undo_import
from screenpop.store.schema.tables import customers, trips
from screenpop.web.translations import read_catalogues
from tests.importing.import_setup import Office
from tests.importing.test_joined_sheets import Rows, book, imported

pytestmark = pytest.mark.anyio

LOCALE = Path(__file__).parents[2] / "screenpop" / "web" / "locale"

CUSTOMERS: Rows = [
    ["Customer ID", "Name", "Mobile"],
    [101, "Laleh Karimi", "6912345678"],
    [102, "Nikos Pappas", "6912345679"],
]
TRIPS: Rows = [
    ["Client", "Destination", "Departure", "Price", "Currency", "Paid"],
    [101, "Rome", "2026-12-20", 1000, "EUR", 300],
    [101, "Oslo", "2027-01-20", 900, "EUR", 0],
    [102, "Paris", "2026-12-22", "450000000", "IRR", 0],
]
PAYMENTS: Rows = [
    ["Client", "Trip", "Amount", "Due", "State", "Method", "Cheque no", "Bank"],
    [101, "Rome", "400,40 €", "2026-12-01", "due", "cheque", "884213", "Mellat"],
    [101, "Oslo", 450, "2026-12-05", "paid", "card", "", ""],
    [102, "", "45,000,000 toman", "2026-12-10", "returned", "cheque", "0077", ""],
]


async def stored(office: Office) -> dict[str, list[PaymentDraft]]:
    """Return the payments by the destination of their trips."""
    async with office.database.reading() as connection:
        rows = (await connection.execute(select(trips).order_by(trips.c.id))).all()
        found = await payments_of_trips(connection, [row.id for row in rows])
    return {row.destination: drafts(found.get(row.id, ())) for row in rows}


def drafts(payments: tuple[StoredPayment, ...] | list[StoredPayment]) -> list[PaymentDraft]:
    return [one.payment for one in payments]


async def paid(office: Office) -> dict[str, int]:
    async with office.database.reading() as connection:
        rows = await connection.execute(select(trips.c.destination, trips.c.paid))
    return {row.destination: row.paid for row in rows}


def remarks(office: Office) -> list[tuple[str, int, str, str]]:
    wanted = {RowResult.REFUSED, RowResult.NOTED}
    return [
        (row.sheet, row.line, row.value, row.code)
        for row in all_rows(office.report)
        if row.what in wanted and row.sheet
    ]


async def test_payments_find_their_customers_by_code_and_their_trips_by_place(
    office: Office,
) -> None:
    sheets = {"People": CUSTOMERS, "Payments": PAYMENTS, "Trips": TRIPS}
    ended = await imported(office, book(office, sheets), "Payments", "Trips")

    counts = ended.counts
    assert (counts.new, counts.trips, counts.payments, counts.refused) == (2, 3, 3, 0)
    found = await stored(office)
    before, cheque = found["Rome"]
    assert (before.method, before.cents) == (PaymentMethod.BEFORE, 300_00)
    assert cheque == PaymentDraft(
        cents=400_40,
        currency="EUR",
        method=PaymentMethod.CHEQUE,
        due=date(2026, 12, 1),
        cheque_number="884213",
        bank="Mellat",
    )
    [card] = found["Oslo"]
    assert (card.state, card.currency, card.method) == (PaymentState.PAID, "EUR", "card")
    [returned] = found["Paris"]
    assert (returned.state, returned.cents, returned.currency) == (
        PaymentState.RETURNED,
        45_000_000_00,
        "IRT",
    )
    assert await paid(office) == {"Rome": 300, "Oslo": 450, "Paris": 0}


async def test_a_trial_reports_what_would_be_lost_as_the_import_does(office: Office) -> None:
    payments: Rows = [
        ["Customer ID", "Trip", "Amount", "Due", "State"],
        [101, "", 10, "2026-12-01", "due"],
        [101, "Lima", 11, "2026-12-01", "due"],
        [109, "", 12, "2026-12-01", "due"],
        [102, "", 0, "2026-12-01", "due"],
        [102, "", "14 GBP", "2026-12-01", "due"],
        [102, "", 15, "", "due"],
        [102, "", 16, "2026-12-01", "maybe"],
        ["Total", "", 91, "", ""],
        ["", "", 17, "2026-12-02", "due"],
    ]
    sheets = {"People": CUSTOMERS, "Trips": TRIPS, "Payments": payments}
    expected = {
        ("Payments", 2, "10", "payment_several_trips"),
        ("Payments", 3, "11", "payment_no_trip"),
        ("Payments", 4, "109", "no_customer_of_code"),
        ("Payments", 5, "0", "payment_not_positive"),
        ("Payments", 6, "14 GBP", "payment_other_currency"),
        ("Payments", 7, "", "payment_no_due_day"),
        ("Payments", 8, "maybe", "unknown_payment_state"),
        ("Payments", 9, "Total", "totals"),
    }
    path = book(office, sheets)
    for task in (ImportTask.CHECK, ImportTask.IMPORT):
        ask = office.ask(task, path)
        assert ask.sheet is not None
        ask = replace(ask, sheet=replace(ask.sheet, joined=("Trips", "Payments")))
        ended = await run_import_task(ask, lambda _: None, lambda: False)
        assert set(remarks(office)) == expected, task
        assert ended.counts.reasons["payment_no_trip"] == 1
        assert (ended.counts.payments, ended.counts.refused) == (4, 4), task
    assert [one.cents for one in (await stored(office))["Paris"]] == [15_00, 14_00, 16_00, 17_00]


async def test_a_persian_sheet_joins_by_name_and_reads_its_own_calendar(office: Office) -> None:
    sheets: dict[str, Rows] = {
        "مشتریان": [
            ["نام و نام خانوادگی", "موبایل", "مقصد", "تاریخ رفت", "مبلغ کل (تومان)"],
            ["لاله کریمی", "6912345678", "استانبول", "1405/10/30", "100000000"],
        ],
        "اقساط": [
            ["نام و نام خانوادگی", "مبلغ (تومان)", "سررسید", "وضعیت", "شماره چک", "بانک"],
            ["لاله کریمی", "۲۵٬۰۰۰٬۰۰۰", "۱۴۰۵/۰۹/۱۲", "پرداخت شده", "", ""],
            ["", "25 میلیون", "۱۴۰۵/۱۰/۱۲", "برگشتی", "۸۸۴۲۱۳", "ملت"],
            ["جمع", "50000000", "", "", "", ""],
        ],
    }
    ended = await imported(office, book(office, sheets), "اقساط")

    assert (ended.counts.payments, ended.counts.refused) == (2, 0)
    first, second = (await stored(office))["استانبول"]
    assert (first.cents, first.currency, first.due) == (
        25_000_000_00,
        "IRT",
        date(2026, 12, 3),
    )
    assert (second.state, second.method, second.cents) == (
        PaymentState.RETURNED,
        PaymentMethod.CHEQUE,
        25_000_000_00,
    )
    assert await paid(office) == {"استانبول": 25_000_000}


async def test_headings_of_payments_alone_are_known_where_no_field_of_customers_is(
    office: Office,
) -> None:
    sheets: dict[str, Rows] = {
        "مشتریان": [
            ["کد", "نام و نام خانوادگی", "موبایل", "مقصد", "تاریخ رفت", "مبلغ کل (تومان)"],
            ["M-101", "لاله کریمی", "6912345678", "استانبول", "1405/10/30", "100000000"],
        ],
        "پرداخت‌ها": [
            ["کد مشتری", "تاریخ", "مبلغ", "شماره چک"],
            ["M-101", "1405/6/1", "5000000 تومان", "123457"],
        ],
    }
    ended = await imported(office, book(office, sheets), "پرداخت‌ها")
    assert (ended.counts.payments, ended.counts.refused) == (1, 0)
    [cheque] = (await stored(office))["استانبول"]
    assert (cheque.cents, cheque.currency, cheque.cheque_number) == (5_000_000_00, "IRT", "123457")


async def test_the_same_book_again_adds_nothing_and_reports_another_state(office: Office) -> None:
    sheets = {"People": CUSTOMERS, "Trips": TRIPS, "Payments": PAYMENTS}
    await imported(office, book(office, sheets), "Trips", "Payments")
    again: Rows = [*PAYMENTS[:2], [101, "Oslo", 450, "2026-12-05", "due", "card", "", ""]]
    sheets["Payments"] = [*again, [101, "Oslo", 450, "2026-12-05", "due", "card", "", ""]]

    ended = await imported(office, book(office, sheets), "Trips", "Payments")

    assert ended.counts.payments == 1  # the second of two alike is another one
    assert [code for _, _, _, code in remarks(office)] == ["payment_state_differs"]
    assert [one.state for one in (await stored(office))["Oslo"]] == ["paid", "due"]


async def test_an_undo_takes_payments_from_trips_that_stay_and_restores_what_was_paid(
    office: Office,
) -> None:
    await imported(office, book(office, {"People": CUSTOMERS, "Trips": TRIPS}), "Trips")
    payments: Rows = [PAYMENTS[0], [101, "Rome", 300, "2026-11-01", "paid", "card", "", ""]]
    sheets = {"People": CUSTOMERS, "Payments": [*payments, PAYMENTS[1]]}
    ended = await imported(office, book(office, sheets), "Payments")
    assert [one.cents for one in (await stored(office))["Rome"]] == [300_00, 400_40]

    undone = await undo_import(office.database, ended.batch, 9e9)

    assert (undone.restored, undone.kept) == (1, ())
    assert (await stored(office))["Rome"] == []
    assert await paid(office) == {"Rome": 300, "Oslo": 0, "Paris": 0}


async def test_payments_changed_since_stay_unless_the_undo_is_forced(office: Office) -> None:
    await imported(office, book(office, {"People": CUSTOMERS, "Trips": TRIPS}), "Trips")
    sheets = {"People": CUSTOMERS, "Payments": PAYMENTS[:2]}
    ended = await imported(office, book(office, sheets), "Payments")
    async with office.database.reading() as connection:
        trip = (await connection.execute(select(trips).where(trips.c.destination == "Rome"))).one()
        [_, cheque] = (await payments_of_trips(connection, [trip.id]))[trip.id]
    await change_payment_state(
        office.database,
        CustomerId(trip.customer_id),
        cheque.id,
        PaymentState.PAID,
        date(2026, 12, 1),
        user_id=None,
        now=9e9,
    )

    [kept] = (await undo_import(office.database, ended.batch, 9e9 + 1)).kept
    assert kept.why == ("payments",)
    assert (await paid(office))["Rome"] == 700
    await undo_import(office.database, ended.batch, 9e9 + 2, force=True)
    assert (await paid(office))["Rome"] == 300


async def test_an_undo_of_the_whole_book_leaves_no_customer(office: Office) -> None:
    sheets = {"People": CUSTOMERS, "Trips": TRIPS, "Payments": PAYMENTS}
    ended = await imported(office, book(office, sheets), "Trips", "Payments")

    undone = await undo_import(office.database, ended.batch, 9e9)

    assert (undone.gone, undone.kept) == (2, ())
    async with office.database.reading() as connection:
        assert (await connection.execute(select(customers.c.id))).all() == []


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fa", "el"])
async def test_an_exported_workbook_brings_its_payments_to_another_office(
    office: Office, language: str
) -> None:
    sheets = {"People": CUSTOMERS, "Trips": TRIPS, "Payments": PAYMENTS}
    first = await imported(office, book(office, sheets), "Trips", "Payments")
    before = await stored(office)
    words = ExportWords(language, read_catalogues(LOCALE)[language].gettext)
    path = office.folder / "list.xlsx"
    file = XlsxFile(path, office.folder, words, frozenset(Section), right_to_left=False)
    async for page in export_customers(office.database):
        file.add(page)
    file.close()
    await undo_import(office.database, first.batch, 9e9)

    ended = await imported(office, path, words("sheet.payments"))

    assert (ended.counts.payments, ended.counts.refused) == (4, 0)
    assert {where: sorted(map(str, one)) for where, one in (await stored(office)).items()} == {
        where: sorted(map(str, one)) for where, one in before.items()
    }
