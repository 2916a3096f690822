"""Limits of what a cell may mean: each at the limit, and one beside it."""

from datetime import date

import pytest

from screenpop.customers.import_columns import Field
from screenpop.spreadsheets.columns.detection import _ColumnStatistics, _could_be_phone
from screenpop.spreadsheets.columns.header_aliases import _EXACT, _WHOLE_ONLY, _by_parts
from screenpop.spreadsheets.rows.row_builder import RowBuilder
from screenpop.spreadsheets.values.dates import DateParser
from screenpop.spreadsheets.values.enum_words import CellError
from screenpop.spreadsheets.values.money import Amount, parse_amount
from screenpop.spreadsheets.values.optional_cells import parse_rating
from screenpop.spreadsheets.values.phones import parse_partly, phone_parser
from screenpop.spreadsheets.values.text_cells import parse_count, parse_emails
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

PLAN = NumberPlan(Region("IR"), "21")
DAYS = DateParser(date(2026, 11, 29))
IMPOSSIBLE = CellError("impossible_date")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1906-01-01", date(1906, 1, 1)),
        ("1905-12-31", IMPOSSIBLE),
        ("2026-11-29", date(2026, 11, 29)),
        ("2026-11-30", IMPOSSIBLE),
    ],
)
def test_a_birthday_is_in_the_last_hundred_and_twenty_years(
    text: str, day: date | CellError
) -> None:
    assert DAYS.birthday(text) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1949-12-31", IMPOSSIBLE),
        ("1950-01-01", date(1950, 1, 1)),
        ("2036-12-31", date(2036, 12, 31)),
        ("2037-01-01", IMPOSSIBLE),
        ("01/02/36", date(2036, 2, 1)),
        ("01/02/37", IMPOSSIBLE),
        ("09999", CellError("bad_date")),
        ("10000", IMPOSSIBLE),
        ("80000", IMPOSSIBLE),
        ("80001", CellError("bad_date")),
    ],
)
def test_a_trip_is_from_1950_to_ten_years_ahead(text: str, day: date | CellError) -> None:
    assert DAYS.trip(text) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31/01/99", date(1999, 1, 31)),
        ("32/01/15", CellError("bad_date")),
        ("31 March 15", date(2015, 3, 31)),
        ("32 March 15", date(1932, 3, 15)),
    ],
)
def test_a_number_above_thirty_one_is_no_day(text: str, day: date | CellError) -> None:
    assert DAYS.past(text) == day


@pytest.mark.parametrize(
    ("text", "is_amount"), [("1000000000000000", True), ("1000000000000001", False)]
)
def test_an_amount_has_at_most_fifteen_zeros(text: str, is_amount: bool) -> None:
    assert parse_amount(text) == (Amount(10**15, "") if is_amount else CellError("bad_amount"))


@pytest.mark.parametrize(("stars", "rating"), [(0, None), (1, 1), (5, 5), (6, None)])
def test_a_rating_has_one_to_five_stars(stars: int, rating: int | None) -> None:
    person = RowBuilder()
    parse_rating(0, person, "★" * stars)
    assert person.trip.get("rating") == rating
    assert bool(person.wrong) is (rating is None)


NUMBERS = [f"+98912345{number:04}" for number in range(13)]


@pytest.mark.parametrize(("count", "is_read"), [(1, True), (2, True), (12, True), (13, False)])
def test_a_cell_has_at_most_twelve_numbers(count: int, is_read: bool) -> None:
    phones = phone_parser(PLAN)("; ".join(NUMBERS[:count]), "mobile")
    assert isinstance(phones, CellError) is not is_read
    assert isinstance(phones, CellError) or [phone.e164 for phone in phones] == NUMBERS[:count]


@pytest.mark.parametrize(("count", "kept"), [(11, 12), (12, 1)])
def test_a_cell_of_twelve_numbers_is_read_in_part(count: int, kept: int) -> None:
    phones = parse_partly("; ".join(["12 34", *NUMBERS[:count]]), "mobile", PLAN)
    assert len(phones) == kept


@pytest.mark.parametrize(("length", "is_address"), [(319, True), (320, True), (321, False)])
def test_an_address_has_at_most_320_characters(length: int, is_address: bool) -> None:
    person = RowBuilder()
    text = "a@b.example".rjust(length, "a")
    parse_emails(0, person, text)
    assert person.emails == ([text] if is_address else [])


@pytest.mark.parametrize(("text", "count"), [("998", 998), ("999", 999), ("1000", None)])
def test_at_most_999_people_travel(text: str, count: int | None) -> None:
    person = RowBuilder()
    parse_count(0, Field.ADULTS, person, text)
    assert person.trip.get("adults") == count


ADDRESS, WORD, PHONE, DAY = "ann@agency.example", "-", "0912 345 6789", "2026-08-03"


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ([ADDRESS] * 3 + [WORD] * 2, Field.EMAIL),
        ([ADDRESS] * 2 + [WORD] * 2, Field.IGNORED),
        ([PHONE] * 3 + [WORD] * 2, Field.PHONE),
        ([PHONE] * 2 + [WORD] * 2, Field.IGNORED),
        ([DAY] * 3 + [WORD] * 2, Field.DEPARTS),
        ([DAY] * 2 + [WORD] * 2, Field.IGNORED),
        (["2011-08-03"], Field.BIRTHDAY),
        (["2012-08-03"], Field.DEPARTS),
    ],
)
def test_a_column_is_what_three_of_five_cells_are(cells: list[str], field: Field) -> None:
    statistics = _ColumnStatistics(PLAN, DAYS)
    assert statistics.like(cells, {Field.NAME})[0] is field


@pytest.mark.parametrize(("digits", "is_possible"), [(6, False), (7, True), (8, True)])
def test_a_phone_number_has_at_least_seven_digits(digits: int, is_possible: bool) -> None:
    assert _could_be_phone("0" * digits) is is_possible


@pytest.mark.parametrize(("length", "is_found"), [(3, False), (4, True), (5, True)])
def test_a_known_word_of_four_letters_is_found_within_a_heading(
    length: int, is_found: bool
) -> None:
    word = next(
        word
        for word, field in _EXACT.items()
        if len(word) == length and " " not in word and field not in _WHOLE_ONLY
    )
    assert (_by_parts(f" qqq {word} qqq ") is not None) is is_found
