"""The numbers of a cell, after a spreadsheet has had its hands on them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.spreadsheets.values.enum_words import CellError
from screenpop.spreadsheets.values.phone_words import split_numbers
from screenpop.spreadsheets.values.phones import parse_partly, phone_parser
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_numbers import resolve

TEHRAN = NumberPlan(Region("IR"), "21")
ATHENS = NumberPlan(Region("GR"), "210")
read = phone_parser(TEHRAN)
mobiles = st.integers(0, 9_999_999).map(lambda number: f"912{number:07}")
PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def e164(text: str) -> list[str | None]:
    phones = read(text, "mobile")
    assert not isinstance(phones, CellError), phones
    return [phone.e164 for phone in phones]


@given(
    mobiles,
    st.sampled_from(
        [
            *("{}", "0{}", "+98{}", "0098{}", "98{}", "{}.0", "{},00", "'0{}", '="0{}"', "0{} "),
            *("tel:+98{}", "+98 (0){}", "\u200e0{}\u200f", "\u00a00{}"),
        ]
    ),
    st.booleans(),
)
def test_a_number_is_the_same_however_it_was_kept(number: str, form: str, persian: bool) -> None:
    digits = number.translate(PERSIAN_DIGITS) if persian else number

    assert e164(form.format(digits)) == [f"+98{number}"]


@given(mobiles)
def test_a_number_kept_as_an_amount_has_all_its_digits_or_is_reported(number: str) -> None:
    exact = f"{number[0]}.{number[1:]}E+09"

    assert e164(exact) == [f"+98{number}"]
    assert read("9.12E+09", "mobile") == CellError("rounded_phone")


@given(st.lists(mobiles, min_size=2, max_size=5, unique=True), st.sampled_from(";,/|\n،؛"))
def test_several_numbers_of_a_cell_are_several_phones(numbers: list[str], mark: str) -> None:
    assert e164(f" {mark} ".join(f"0{one}" for one in numbers)) == [f"+98{n}" for n in numbers]


@given(
    st.text("0123456789+ -()/.", max_size=20) | st.text(max_size=20),
    st.sampled_from([TEHRAN, ATHENS]),
)
def test_a_number_of_the_fast_path_is_what_the_library_returns(text: str, plan: NumberPlan) -> None:
    phones = phone_parser(plan)(text, "")
    result = resolve(text, plan=plan)

    if (
        not isinstance(phones, CellError)
        and len(phones) == 1
        and result.kind is CallerIdKind.NUMBER
    ):
        assert phones[0].e164 == result.e164
        assert phones[0].last_nine == result.last_nine


@given(st.text(max_size=40).map(lambda text: f"{text} 1234"))
def test_what_is_not_understood_is_kept_as_it_is_written(text: str) -> None:
    phones = parse_partly(text, "home", TEHRAN)

    assert phones
    assert all(phone.raw for phone in phones)


def test_of_several_numbers_those_that_are_understood_are_numbers() -> None:
    good, bad = parse_partly("0912 345 6789 , 12", "mobile", TEHRAN)

    assert (good.e164, bad.e164, bad.raw) == ("+989123456789", None, "12")


@pytest.mark.parametrize(
    ("text", "column", "label"),
    [
        ("09123456789", "home", "mobile"),
        ("02188776655", "mobile", "other"),
        ("02188776655", "work", "work"),
    ],
)
def test_a_mobile_is_one_in_whatever_column(text: str, column: str, label: str) -> None:
    phones = read(text, column)

    assert not isinstance(phones, CellError)
    assert [phone.label for phone in phones] == [label]


@pytest.mark.parametrize("mark", ["", "'"])
def test_a_number_that_cannot_be_parsed_is_not_lost_behind_one_that_can(mark: str) -> None:
    read = phone_parser(TEHRAN)
    written = f"+30 697 078 4988; {mark}694 90"

    assert read(written, "mobile") == CellError("bad_phone")
    kept = parse_partly(written, "mobile", TEHRAN)
    assert [(phone.e164, phone.raw) for phone in kept] == [
        ("+306970784988", "+30 697 078 4988"),
        (None, "694 90"),
    ]


@pytest.mark.parametrize("written", ["0912 345 6789;ext=1234", "tel:+98-912-345-6789;isub=12345"])
def test_what_belongs_to_a_number_is_no_other_number(written: str) -> None:
    [phone] = phone_parser(TEHRAN)(written, "mobile")  # type: ignore[misc]
    assert phone.e164 == "+989123456789"


@pytest.mark.parametrize(
    "written", ["0000000", "9999999999", "1111111", "۹۹۹۹۹۹۹۹۹۹", "0000000000.0"]
)
def test_one_repeated_digit_in_a_cell_is_reported_and_kept_nowhere(written: str) -> None:
    assert read(written, "mobile") == CellError("bad_phone")
    assert parse_partly(written, "mobile", TEHRAN) == ()
    [phone] = parse_partly(f"0912 345 6789 / {written}", "mobile", TEHRAN)
    assert phone.e164 == "+989123456789"


def test_a_zero_in_brackets_after_the_country_code_is_read_in_a_sheet() -> None:
    assert e164("+30 (0)210 6412345") == ["+302106412345"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0912 345 6789 - 22334455", [("+989123456789", "mobile"), (None, "mobile")]),
        ("0912 345 6789-22334455", [("+989123456789", "mobile"), (None, "mobile")]),
        ("22334455 منزل / 09123456789", [(None, "home"), ("+989123456789", "mobile")]),
        ("0912 345 6789 / 22334455-6", [("+989123456789", "mobile"), *[(None, "mobile")] * 2]),
        ("2233445", [(None, "mobile")]),
    ],
)
def test_a_number_without_area_code_is_kept_and_reported_beside_those_that_are_read(
    written: str, kept: list[tuple[str | None, str]]
) -> None:
    plan = NumberPlan(Region("IR"))

    assert phone_parser(plan)(written, "mobile") == CellError("local_phone")
    found = parse_partly(written, "mobile", plan)
    assert [(phone.e164, phone.label) for phone in found] == kept


@pytest.mark.parametrize(
    ("region", "written"),
    [("IR", "22334"), ("IR", "223344556"), ("IR", "02233445"), ("GR", "2334455")],
)
def test_too_few_or_too_many_digits_are_no_number_without_area_code(
    region: str, written: str
) -> None:
    read_there = phone_parser(NumberPlan(Region(region)))

    assert read_there(written, "mobile") == CellError("bad_phone")


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("0912 345 6789-0935 123 4567", 2),
        ("+98 912 345 6789–021 2233 4401", 2),
        ("+98-912-345-6789", 1),
        ("0098 21 - 88776655", 1),
        ("021-8877-6655", 1),
    ],
)
def test_a_dash_parts_two_numbers_only_where_one_would_have_too_many_digits(
    written: str, count: int
) -> None:
    found = phone_parser(NumberPlan(Region("IR")))(written, "mobile")

    assert isinstance(found, tuple)
    assert len(found) == count


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("1234 5678-1234 5678", 2),
        ("1234 5678 9-123 4567", 2),
        ("1234 5678-123 4567", 1),
        ("123 4567-1234 5678 9", 1),
        ("1234 5678 90-123 456", 1),
    ],
)
def test_two_numbers_at_a_dash_have_sixteen_digits_eight_before_it_and_seven_behind(
    written: str, count: int
) -> None:
    assert len(split_numbers(written)) == count


@pytest.mark.parametrize(
    ("region", "written"),
    [("GB", "0151 23456789"), ("GR", "015123456789"), ("IR", "(0) 151 23456789")],
)
def test_a_national_number_with_wrong_digits_is_no_number_of_another_country(
    region: str, written: str
) -> None:
    read_there = phone_parser(NumberPlan(Region(region)))

    assert read_there(written, "mobile") == CellError("bad_phone")
