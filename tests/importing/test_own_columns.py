"""Own fields as columns of a sheet: named by a user, remembered, and in a joined sheet of trips."""

import pytest

from screenpop.customers.import_columns import ColumnGuess, ColumnMapping, Field, SheetPreview
from screenpop.customers.own_fields import OwnField
from screenpop.importing.column_choice import (
    InvalidColumnChoiceError,
    choose_columns,
    correct_column,
    parse_field,
)
from screenpop.spreadsheets.columns.own_headings import known_columns
from screenpop.store.customers.drafts import load_drafts
from screenpop.store.customers.queries import list_customers
from tests.importing.import_setup import Office
from tests.importing.test_joined_sheets import CUSTOMERS, TRIPS, book, imported
from tests.store.own_fields.fields import OFFICE, VOUCHER, make

COLUMNS = ("Name", "Mobile", "Badge", "Colour")
FIELDS = (Field.NAME, Field.MOBILE, Field.IGNORED, Field.IGNORED)


def preview() -> SheetPreview:
    columns = tuple(
        ColumnGuess(heading, field, 0.9, "heading", ())
        for heading, field in zip(COLUMNS, FIELDS, strict=True)
    )
    return SheetPreview("csv", ("a",), "a", 1, columns, True, 3)


def test_an_own_field_is_chosen_by_its_id() -> None:
    codes = ["name", "mobile", "own:7", "ignored"]
    choice = choose_columns(preview(), codes, day_first=True)
    assert (choice.fields[2], choice.own) == (Field.OWN, (0, 0, 7, 0))
    assert ColumnMapping.from_plain(choice.plain()) == choice
    assert parse_field("own:" + "9" * 18) == (Field.OWN, 10**18 - 1)


@pytest.mark.parametrize("code", ["own", "own:", "own:x", "own:-1", "name:7", "own:" + "9" * 19])
def test_a_code_that_names_no_field_is_refused(code: str) -> None:
    with pytest.raises(InvalidColumnChoiceError):
        parse_field(code)


def test_two_columns_cannot_be_the_same_own_field() -> None:
    with pytest.raises(InvalidColumnChoiceError) as refused:
        choose_columns(preview(), ["name", "mobile", "own:7", "own:7"], day_first=True)
    assert refused.value.code == "same_column"
    both = choose_columns(preview(), ["name", "mobile", "own:7", "own:8"], day_first=True)
    assert both.own == (0, 0, 7, 8)
    look = correct_column(correct_column(preview(), "Badge", Field.OWN, 7), "4", Field.OWN, 7)
    assert [column.code for column in look.columns] == ["name", "mobile", "ignored", "own:7"]


def test_a_column_of_a_field_that_is_switched_off_is_not_imported() -> None:
    look = correct_column(preview(), "Badge", Field.OWN, 7)
    on = OwnField(id=7, names={"en": "Badge"})
    off = OwnField(id=7, names={"en": "Badge"}, active=False)
    assert known_columns(look.columns, [on])[2].code == "own:7"
    for fields in ([off], []):
        assert known_columns(look.columns, fields)[2].code == "ignored"


@pytest.mark.anyio
async def test_own_fields_come_in_with_the_sheet_of_customers_and_the_joined_sheet_of_trips(
    office: Office,
) -> None:
    issuer, voucher = await make(office.database, OFFICE), await make(office.database, VOUCHER)
    headings, *rows = TRIPS
    trips = [[*headings, "Voucher"], *([*row, f"V-{row[1]}"] for row in rows)]
    people = [
        [*row, text] for row, text in zip(CUSTOMERS, ("Passport office", "A", "B", ""), strict=True)
    ]
    done = await imported(office, book(office, {"People": people, "Trips": trips}), "Trips")
    assert not done.refused
    found = (await list_customers(office.database)).rows
    async with office.database.reading() as connection:
        drafts = await load_drafts(connection, [row.customer.id for row in found])
    got = sorted(
        (str(one.own.get(issuer.key)), sorted(str(trip.own[voucher.key]) for trip in one.trips))
        for one in drafts.values()
    )
    assert got == [("A", ["V-Oslo", "V-Rome"]), ("B", []), ("None", ["V-Paris"])]
