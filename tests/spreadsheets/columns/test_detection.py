"""What each column seems to be."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.import_columns import SEVERAL, ColumnMapping, Field
from screenpop.spreadsheets.columns.detection import SheetHead, detect_columns
from screenpop.spreadsheets.rows.rows import Row
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

PLAN = NumberPlan(Region("IR"), "21")
TODAY = date(2026, 11, 22)


def head(*rows: tuple[str, ...], remembered: ColumnMapping | None = None) -> SheetHead:
    listed = [Row(line, list(cells)) for line, cells in enumerate(rows, 1)]
    return detect_columns(listed, PLAN, TODAY, remembered)


def test_headings_may_be_below_a_title() -> None:
    found = head(("Our customers", ""), ("Name", "Mobile"), ("Laleh", "09123456789"))

    assert found.line == 2
    assert [column.field for column in found.columns] == [Field.NAME, Field.MOBILE]
    assert [column.why for column in found.columns] == ["heading", "heading"]


def test_columns_without_headings_are_known_by_their_cells() -> None:
    found = head(
        ("Laleh Karimi", "09123456789", "l@example.com", "1365/05/12"),
        ("Nima Moradi", "09123456780", "n@example.com", "1360/01/02"),
    )

    assert found.line == 0
    assert [column.field for column in found.columns] == [
        Field.NAME,
        Field.PHONE,
        Field.EMAIL,
        Field.BIRTHDAY,
    ]
    assert all(column.confidence <= 0.5 for column in found.columns)


def test_a_heading_that_its_cells_belie_is_less_sure() -> None:
    true = head(("Name", "Mobile"), ("Laleh", "09123456789"))
    false = head(("Name", "Mobile"), ("Laleh", "likes tea"))

    assert false.columns[1].confidence < 0.5 < true.columns[1].confidence


def test_months_before_days_are_noticed() -> None:
    assert not head(("Name", "Phone", "Born"), ("A", "09123456789", "12/25/1990")).day_first
    assert head(("Name", "Phone", "Born"), ("A", "09123456789", "25/12/1990")).day_first


def test_what_was_remembered_is_believed() -> None:
    choice = ColumnMapping(("a", "b"), (Field.NOTES, Field.PHONE), day_first=False)

    found = head(("Name", "Mobile"), ("Laleh", "09123456789"), remembered=choice)

    assert [column.field for column in found.columns] == [Field.NOTES, Field.PHONE]
    assert not found.day_first


def test_a_column_of_travellers_with_their_count_has_the_adults() -> None:
    headings = ("Name", "Mobile", "Destination", "Travellers")
    counted = head(headings, ("A B", "09123456789", "Rome", "2+1"), ("C D", "", "Rome", "۳"))
    named = head(headings, ("A B", "09123456789", "Rome", "Ann Lee"), ("C D", "", "Rome", "2"))
    both = head((*headings, "Adults"), ("A B", "09123456789", "Rome", "2", "2"))
    assert counted.columns[3].field is Field.ADULTS
    assert named.columns[3].field is Field.TRAVELLERS
    assert [one.field for one in both.columns[3:]] == [Field.TRAVELLERS, Field.ADULTS]


cells = st.text(max_size=12) | st.sampled_from(["Name", "نام", "Κινητό", "09123456789", "Phone"])


@given(st.lists(st.lists(cells, max_size=6).map(tuple), min_size=1, max_size=8))
def test_any_rows_have_a_head_that_can_be_chosen(rows: list[tuple[str, ...]]) -> None:
    found = head(*rows)

    once = [one.field for one in found.columns if one.field not in SEVERAL]
    assert len(once) == len(set(once))
    assert 0 <= found.line <= len(rows)
    assert found.choice.fields == tuple(column.field for column in found.columns)
    assert all(0 <= column.confidence <= 1 for column in found.columns)
