"""What each column is: proposed, chosen, remembered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.import_columns import ColumnMapping, Field
from screenpop.spreadsheets.columns.mapping import headings_key, read_headings, score


def fields(*headings: str) -> list[Field]:
    return [heading.field for heading in read_headings(headings)]


def test_a_name_alone_is_the_whole_name_and_beside_a_family_name_the_given_one() -> None:
    assert fields("Name", "Phone") == [Field.NAME, Field.PHONE]
    assert fields("Name", "Surname", "Phone") == [Field.GIVEN, Field.FAMILY, Field.PHONE]


def test_several_columns_of_numbers_are_side_by_side() -> None:
    assert fields("نام", "موبایل", "تلفن ۲", "منزل")[1:] == [
        Field.MOBILE,
        Field.PHONE,
        Field.HOME_PHONE,
    ]


def test_a_second_column_of_the_same_field_is_reported_and_not_read() -> None:
    found = read_headings(["Name", "Phone", "Birthday", "Date of birth"])

    assert (found[3].field, found[3].double) == (Field.IGNORED, True)


def test_a_price_is_of_a_trip_only_where_the_sheet_has_trips() -> None:
    assert fields("Name", "Phone", "Price") == [Field.NAME, Field.PHONE, Field.IGNORED]
    assert fields("Name", "Phone", "Destination", "Price")[2:] == [Field.DESTINATION, Field.PRICE]


def test_the_line_of_the_headings_is_distinguished_from_a_row() -> None:
    assert score(["Name", "Phone", "Notes"]) == 3
    assert score(["Laleh Karimi", "09123456789", "tea"]) == 0
    assert score(["Our customers in 2026", "", ""]) == 0


def test_names_and_numbers_are_needed() -> None:
    assert ColumnMapping(("a", "b"), (Field.NAME, Field.MOBILE)).usable
    assert not ColumnMapping(("a", "b"), (Field.NAME, Field.BIRTHDAY)).usable
    assert not ColumnMapping(("a", "b"), (Field.PHONE, Field.BIRTHDAY)).usable


def test_a_choice_comes_back_from_what_was_remembered() -> None:
    choice = ColumnMapping(("Name", "Tel"), (Field.NAME, Field.PHONE), day_first=False)

    assert ColumnMapping.from_plain(choice.plain()) == choice


@pytest.mark.parametrize(
    "plain",
    [
        None,
        [],
        {},
        {"headings": ["a"], "fields": []},
        {"headings": ["a"], "fields": ["sherry"]},
        {"headings": ["a", "b"], "fields": ["birthday", "birthday"]},
        {"headings": 3, "fields": 4},
    ],
)
def test_what_is_no_choice_is_refused(plain: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        ColumnMapping.from_plain(plain)


def test_the_same_headings_have_the_same_key_however_they_are_spelt() -> None:
    assert headings_key(["First Name", "Tel."]) == headings_key(["first_name", "TEL"])
    assert headings_key(["نام خانوادگي"]) == headings_key(["نام‌خانوادگی"])
    assert headings_key(["Name", "Phone"]) != headings_key(["Phone", "Name"])
    assert headings_key(["ab", "c"]) != headings_key(["a", "bc"])


@given(st.lists(st.text(max_size=20), max_size=8))
def test_any_headings_are_read(headings: list[str]) -> None:
    found = read_headings(headings)

    assert len(found) == len(headings)
    ColumnMapping(tuple(headings), tuple(heading.field for heading in found))
    headings_key(headings)


def test_a_sheet_without_subjects_has_no_cases() -> None:
    alone = read_headings(["Name", "Mobile", "Opened on", "Closed"])
    assert [one.field for one in alone[2:]] == [Field.IGNORED, Field.IGNORED]

    reported = read_headings(["Name", "Mobile", "Subject", "Opened on", "Closed"])
    cases = [Field.CASE_SUBJECT, Field.CASE_OPENED, Field.CASE_CLOSED]
    assert [one.field for one in reported[2:]] == cases


def test_a_passenger_beside_a_customer_is_a_traveller_and_alone_the_customer() -> None:
    with_trip = ("Phone", "Destination")
    assert fields("Customer", "Passenger", "Passenger 2", *with_trip)[:3] == [
        Field.NAME,
        Field.TRAVELLERS,
        Field.TRAVELLERS,
    ]
    assert fields("Passenger", "Passenger 2", *with_trip)[:2] == [Field.NAME, Field.TRAVELLERS]
    assert fields("مشتری", "مسافر", "موبایل", "مقصد")[1] is Field.TRAVELLERS
    assert fields("Επιβάτης", "Κινητό", "Προορισμός")[0] is Field.NAME


def test_travellers_are_read_only_where_there_are_trips() -> None:
    assert fields("Name", "Phone", "Travellers")[2] is Field.IGNORED
    assert fields("Name", "Phone", "Travellers", "Destination")[2] is Field.TRAVELLERS
