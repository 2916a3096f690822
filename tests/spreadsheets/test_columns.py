"""Headings as people write them."""

import pytest

from screenpop.spreadsheets.columns import Field, recognise


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("First Name", Field.GIVEN),
        ("LAST_NAME", Field.FAMILY),
        (" phone: ", Field.PHONE),
        ("Date of Birth", Field.BIRTHDAY),
        ("نام خانوادگي", Field.FAMILY),
        ("نام‌خانوادگی", Field.FAMILY),
        ("تلفن ۲", Field.SECOND_PHONE),
        ("ΕΠΩΝΥΜΟ", Field.FAMILY),
        ("Επωνυμο", Field.FAMILY),
        ("Ημ. γέννησης", Field.BIRTHDAY),
        ("Σημειώσεις", Field.NOTES),
    ],
)
def test_a_heading_is_recognised_in_any_spelling(heading: str, field: Field) -> None:
    assert recognise([heading]).places == {field: 0}


def test_names_and_numbers_are_needed() -> None:
    assert recognise(["Name", "Phone"]).usable
    assert not recognise(["Name", "Birthday"]).usable
    assert not recognise(["Phone", "Birthday"]).usable


def test_two_columns_of_numbers_are_the_first_and_the_second() -> None:
    places = recognise(["Name", "Mobile", "Telephone"]).places

    assert (places[Field.PHONE], places[Field.SECOND_PHONE]) == (1, 2)


def test_a_row_that_is_too_short_is_empty_there() -> None:
    columns = recognise(["Name", "Phone", "Notes"])

    assert columns.cell(["A", "1"], Field.NOTES) == ""
    assert columns.cell(["A", "1"], Field.TIER) == ""
    assert columns.heading(Field.TIER) == "tier"
