"""Sheets of programs and habits unlike the samples: which field each column is, and each row."""

from datetime import date

import pytest

from screenpop.customers.import_columns import Field
from screenpop.spreadsheets.columns.detection import (
    _DIGITS_OF_DAY,
    SheetHead,
    _is_short_number,
    detect_columns,
)
from screenpop.spreadsheets.columns.group_headings import _FEWEST_GROUPS, are_groups
from screenpop.spreadsheets.rows.row_parser import ImportContext, ParsedRow, RowParser
from screenpop.spreadsheets.rows.rows import Row
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

TODAY = date(2026, 3, 1)


def rows_of(*lines: str) -> list[Row]:
    """Return rows of cells parted by a bar."""
    return [Row(place, line.split("|")) for place, line in enumerate(lines, 1)]


def read(rows: list[Row], region: str) -> tuple[SheetHead, list[ParsedRow]]:
    head = detect_columns(rows, NumberPlan(Region(region)), TODAY)
    reader = RowParser(head.choice, ImportContext(NumberPlan(Region(region)), TODAY), closed=False)
    return head, [reader.read(row) for row in rows if row.line > head.line]


def fields_of(head: SheetHead) -> dict[str, Field]:
    return {column.heading: column.field for column in head.columns}


def test_a_persian_account_report_has_groups_above_its_headings_and_their_unit() -> None:
    rows = rows_of(
        "شرکت خدمات مسافرتی آفتاب|||||||",
        "گزارش مانده مشتریان|||||||",
        "ردیف|مشخصات طرف حساب|||مبالغ (تومان)|||شرح",
        "|کد تفصیلی|نام طرف حساب|تلفن همراه|بدهکار|بستانکار|مانده|",
        "1|10023|خانم مریم رضوانی|09121110022|45000000|30000000|15000000|تور استانبول",
        "||جمع صفحه||45000000|30000000|15000000|",
        "2|10031|آقای نادر کاشفی|09352233445|8500000|8500000|0|",
    )
    head, [maryam, total, nader] = read(rows, "IR")

    assert head.line == 4
    assert fields_of(head) == {
        "ردیف": Field.IGNORED,
        "کد تفصیلی": Field.CODE,
        "نام طرف حساب": Field.NAME,
        "تلفن همراه": Field.MOBILE,
        "بدهکار (تومان)": Field.IGNORED,
        "بستانکار (تومان)": Field.IGNORED,
        "مانده (تومان)": Field.BALANCE,
        "شرح": Field.NOTES,
    }
    assert maryam.draft is not None
    assert (maryam.draft["code"], maryam.draft["balance"]) == ("10023", 15_000_000)
    assert maryam.draft["currency"] == "IRT"
    assert total.draft is None
    assert nader.draft is not None


@pytest.mark.parametrize("heading", ["بدهکار", "Debit", "گردش", "سپرده (تومان)", "Zzz €"])
def test_amounts_of_eight_digits_are_no_phones_of_the_offices_own_town(heading: str) -> None:
    rows = rows_of(
        f"نام|تلفن همراه|{heading}",
        "مریم رضوانی|09121110022|45000000",
        "نادر کاشفی|09352233445|38500000",
    )
    head = detect_columns(rows, NumberPlan(Region("IR"), "21"), TODAY)

    assert fields_of(head)[heading] is Field.IGNORED


def test_outlook_in_greek_has_jobs_categories_and_empty_days() -> None:
    headings = (
        "Τίτλος|Όνομα|Επώνυμο|Εταιρεία|Θέση εργασίας|Φαξ επιχείρησης|Τηλέφωνο επιχείρησης"
        "|Κινητό τηλέφωνο|Βομβητής|Επέτειος|Γενέθλια|Διεύθυνση ηλεκτρονικού ταχυδρομείου"
        "|Κατηγορίες|Όνομα συζύγου|Φύλο"
    )
    rows = rows_of(
        headings,
        "κα|Ελένη|Σταματίου|Νότος ΑΕ|Διευθύντρια|2103344556|2103344550|6944556677||0/0/00|14/8/1975"
        "|eleni@example.gr|VIP|Νίκος|Μη καθορισμένο",
    )
    head, [eleni] = read(rows, "GR")
    found = fields_of(head)

    assert found["Θέση εργασίας"] is Field.NOTES
    assert found["Διεύθυνση ηλεκτρονικού ταχυδρομείου"] is Field.EMAIL
    assert found["Τηλέφωνο επιχείρησης"] is Field.WORK_PHONE
    assert found["Κατηγορίες"] is Field.TAGS
    assert found["Φαξ επιχείρησης"] is Field.NOTES
    assert eleni.problems == ()
    assert eleni.draft is not None
    assert eleni.draft["emails"] == ["eleni@example.gr"]
    assert "anniversary" not in eleni.draft


@pytest.mark.parametrize(
    "heading", ["Asst Phone", "Assistant's phone", "Secretary tel", "Τηλέφωνο βοηθού"]
)
def test_the_phone_of_an_assistant_is_no_phone_of_the_customer(heading: str) -> None:
    rows = rows_of(f"Name|Mobile|{heading}", "Kostas Vlachos|+306944123456|+302104123400")
    head, [kostas] = read(rows, "GR")

    assert fields_of(head)[heading] is Field.NOTES
    assert kostas.draft is not None
    assert len(kostas.draft["phones"]) == 1


def test_a_part_of_a_heading_that_its_cells_contradict_decides_nothing() -> None:
    rows = rows_of(
        "Name|Mobile|Balance team|Outstanding colour|Balance",
        "Ann Lee|+447911123456|north|blue|120",
        "Bob Ray|+447911123457|south|red|0",
    )
    head, [ann, _] = read(rows, "GB")
    found = fields_of(head)

    assert (found["Balance team"], found["Outstanding colour"]) == (Field.IGNORED, Field.IGNORED)
    assert found["Balance"] is Field.BALANCE
    assert ann.draft is not None
    assert ann.draft["balance"] == 120


def test_plain_numbers_are_no_days_under_an_unknown_heading() -> None:
    rows = rows_of(
        "Name|Mobile|Kiosk|Birthday",
        "Ann Lee|+447911123456|10023|25000",
        "Bob Ray|+447911123457|10031|30000",
    )
    head, [ann, _] = read(rows, "GB")

    assert fields_of(head)["Kiosk"] is Field.IGNORED
    assert ann.draft is not None
    assert ann.draft["birthday"] == "1968-06-11"


@pytest.mark.parametrize(
    ("written", "status"),
    [("safar karde", "travelled"), ("rezerv", "booked"), ("laghv shod", "cancelled")],
)
def test_states_of_trips_are_read_in_finglish(written: str, status: str) -> None:
    rows = rows_of(
        "nam|nam khanevadegi|hamrah|maghsad|tarikh raft|vaziat",
        f"Maryam|Sohrabi|09123334455|Antalya|1402/05/20|{written}",
    )
    _, [maryam] = read(rows, "IR")

    assert maryam.draft is not None
    assert maryam.draft["trips"][0]["status"] == status


@pytest.mark.parametrize("digits", [_DIGITS_OF_DAY - 1, _DIGITS_OF_DAY])
def test_a_number_shorter_than_a_day_is_no_day_by_its_digits(digits: int) -> None:
    assert _is_short_number("1" * digits) is (digits < _DIGITS_OF_DAY)


@pytest.mark.parametrize("groups", [_FEWEST_GROUPS - 1, _FEWEST_GROUPS])
def test_a_line_with_one_text_is_a_title_and_one_with_two_names_groups(groups: int) -> None:
    above = ["", "", *["Euro", "Extra"][:groups]]
    below = rows_of("Ann Lee|+447911123456|120|window")

    assert are_groups(above, ["Name", "Mobile", "Balance"], below) is (groups == _FEWEST_GROUPS)


def test_a_title_above_the_headings_names_no_column() -> None:
    rows = rows_of(
        "Customers of spring||",
        "Name|Mobile|",
        "Ann Lee|+447911123456|likes tea",
    )
    head, _ = read(rows, "GB")

    assert [column.heading for column in head.columns] == ["Name", "Mobile", ""]
