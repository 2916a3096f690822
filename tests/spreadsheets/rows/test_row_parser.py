"""A row of text as a draft, and what is wrong with it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.draft_json import draft_from_json
from screenpop.customers.import_columns import SEVERAL, ColumnMapping, Field
from screenpop.spreadsheets.rows.errors import REMEDIES, Weight
from screenpop.spreadsheets.rows.row_parser import ImportContext, ParsedRow, RowParser
from screenpop.spreadsheets.rows.rows import Row
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

CONTEXT = ImportContext(NumberPlan(Region("IR"), "21"), date(2026, 11, 22), "EUR")
ALL = tuple(Field)
LIST = (Field.NAME, Field.MOBILE, Field.BIRTHDAY, Field.NOTES)

cells = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["=1+1", "09123456789", "1365/05/12", "-", "yes", "€ 12,5", "#REF!", "\0", "2+1"]
    ),
    st.text("0123456789/.,- ", max_size=14),
)


def read(*row: str, fields: tuple[Field, ...] = LIST) -> ParsedRow:
    choice = ColumnMapping(tuple(field.value for field in fields), fields)
    return RowParser(choice, CONTEXT).read(Row(7, list(row)))


@given(
    st.lists(st.sampled_from(ALL), min_size=1, max_size=12).flatmap(
        lambda fields: st.tuples(
            st.just(tuple(f for n, f in enumerate(fields) if f in SEVERAL or f not in fields[:n])),
            st.lists(cells, max_size=14),
        )
    )
)
def test_any_cells_in_a_row_become_a_draft_or_are_reported(
    given_row: tuple[tuple[Field, ...], list[str]],
) -> None:
    fields, row = given_row

    understood = read(*row, fields=fields)

    assert all(problem.code in REMEDIES for problem in understood.problems)
    assert all(problem.line == 7 for problem in understood.problems)
    if understood.draft is None:
        assert understood.problems
    else:
        draft = draft_from_json(understood.draft)
        assert draft.names or understood.more_of_above
        assert all(problem.weight is Weight.NOTED for problem in understood.problems)


@pytest.mark.parametrize("country", ["0", "Atlantis", "ZZ"])
def test_a_visa_of_an_unknown_country_is_reported_and_the_customer_comes_in(country: str) -> None:
    row = read("Laleh", "Karimi", country, fields=(Field.GIVEN, Field.FAMILY, Field.VISA_COUNTRY))
    assert [problem.code for problem in row.problems] == ["unknown_country"]
    assert row.draft is not None
    assert draft_from_json(row.draft).documents == ()


def test_what_is_not_understood_is_noted_and_kept_as_it_is_written() -> None:
    understood = read("Laleh Karimi", "09123456789", "in summer", "tea")

    assert [(one.code, one.weight) for one in understood.problems] == [("bad_date", Weight.NOTED)]
    assert understood.draft is not None
    assert draft_from_json(understood.draft).notes == "tea\nbirthday: in summer"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("name", "mobile", "birthday", "notes"), "headings_again"),
        (("Total:", "", "", ""), "totals"),
        (("Sara", "", "", ""), "only_a_name"),
        (("", "09123456789", "", ""), "no_name"),
        (("Sara", "09123456789", "", "", "more"), "too_many_cells"),
    ],
)
def test_a_row_that_is_no_customer_is_reported(row: tuple[str, ...], code: str) -> None:
    understood = read(*row)

    assert understood.draft is None
    assert [problem.code for problem in understood.problems] == [code]
