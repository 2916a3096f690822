"""A board of Trello as JSON: the outcome of each card."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screenpop.spreadsheets.reading.messages import ReadRequest
from screenpop.spreadsheets.reading.open_file import workbook_from_bytes
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.row_parser import ImportContext, ParsedRow
from screenpop.spreadsheets.rows.sheets import select_sheet
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

TODAY = date(2026, 3, 1)
BOARD: dict[str, Any] = {
    "id": "b1",
    "name": "Spring sales",
    "lists": [{"id": "l1", "name": "Quoted"}, {"id": "l2", "name": "Paid"}],
    "members": [{"id": "m1", "fullName": "Eleni Sales", "username": "eleni"}],
    "customFields": [
        {"id": "f1", "name": "Birthday", "type": "date"},
        {
            "id": "f2",
            "name": "Tier",
            "type": "list",
            "options": [{"id": "o1", "value": {"text": "Gold"}}],
        },
    ],
    "cards": [
        {
            "name": "Maryam Rezaei - 0912 345 6789 - Istanbul, 2 pax",
            "desc": "wants a window seat\nmaryam@example.com\nsecond: +98 21 8877 6655",
            "labels": [{"name": "VIP", "color": "red"}, {"name": "", "color": "blue"}],
            "idList": "l1",
            "idMembers": ["m1", "gone"],
            "due": "2026-04-01T09:30:00.000Z",
            "closed": False,
            "customFieldItems": [
                {"idCustomField": "f1", "value": {"date": "1986-08-03T00:00:00.000Z"}},
                {"idCustomField": "f2", "idValue": "o1", "value": None},
            ],
        },
        {"name": "۰۹۳۵۱۲۳۴۵۶۷ رضا توانا", "desc": "", "closed": True, "due": None},
        {"name": "Order tickets", "desc": "", "labels": [], "idList": "l2"},
        {"name": "", "desc": ""},
    ],
}


def read(board: object, *, skip: bool = False) -> tuple[list[ParsedRow], Any]:
    context = ImportContext(NumberPlan(Region("IR")), TODAY, skip_hidden=skip)
    book = workbook_from_bytes(json.dumps(board).encode(), "x")
    sheet = select_sheet(book, ReadRequest("", context, only_look=True))
    return list(sheet.understood(context)), sheet.look


def test_each_card_is_a_customer_with_its_numbers_labels_list_and_own_fields() -> None:
    [maryam, reza, tickets], look = read(BOARD)

    assert (look.kind, look.sheet, look.rows, look.hidden_rows) == ("trello", "Spring sales", 3, 1)
    assert maryam.draft is not None
    assert maryam.draft["names"] == {"en": ["Maryam", "Rezaei"]}
    assert [phone[1] for phone in maryam.draft["phones"]] == ["+989123456789", "+982188776655"]
    assert maryam.draft["emails"] == ["maryam@example.com"]
    assert maryam.draft["tags"] == ["VIP"]
    assert (maryam.draft["birthday"], maryam.draft["tier"]) == ("1986-08-03", "gold")
    assert "trips" not in maryam.draft
    notes = maryam.draft["notes"]
    for text in ("Istanbul, 2 pax", "wants a window seat", "List: Quoted", "Due: 2026-04-01"):
        assert text in notes
    assert [one.code for one in maryam.problems] == ["unknown_owner"]
    assert reza.draft is not None
    assert reza.draft["names"] == {"fa": ["رضا", "توانا"]}
    assert [phone[1] for phone in reza.draft["phones"]] == ["+989351234567"]
    assert tickets.line == 4
    assert tickets.draft is None or tickets.draft.get("phones") is None


def test_archived_cards_are_left_out_when_asked() -> None:
    rows, _ = read(BOARD, skip=True)
    assert [row.line for row in rows] == [2, 4]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Kostas Vlachos: Rome in May", "Kostas Vlachos"),
        ("+30 694 412 3456 | Eleni Rossi", "Eleni Rossi"),
        ("Jean-Luc Smith – 2026-05-01", "Jean-Luc Smith"),
    ],
)
def test_the_name_of_a_card_is_its_first_words_that_are_no_number(title: str, name: str) -> None:
    [row], _ = read({"cards": [{"name": title, "desc": "0912 345 6789"}]})

    assert row.draft is not None
    assert [" ".join(filter(None, parts)) for parts in row.draft["names"].values()] == [name]


@pytest.mark.parametrize(
    "text", ['{"name": "Board"}', '{"cards": {}}', '[{"name": "L"}]', '{"a": 1']
)
def test_other_json_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(SheetRefusedError, match="Export it as CSV") as refused:
        workbook_from_bytes(text.encode(), "")
    assert refused.value.code == "json"


_any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)
_KEYS = ("name", "desc", "labels", "idList", "idMembers", "due", "closed", "customFieldItems")
_card = st.fixed_dictionaries({}, optional=dict.fromkeys(_KEYS, _any_json))


@settings(max_examples=50, deadline=None)
@given(
    st.fixed_dictionaries(
        {"cards": st.lists(_card, max_size=3)},
        optional=dict.fromkeys(("name", "lists", "members", "customFields"), _any_json),
    )
)
def test_any_board_is_read_or_refused(board: dict[str, object]) -> None:
    book = workbook_from_bytes(json.dumps(board).encode(), "x")
    rows = [row for table in book.tables for row in table.rows()]

    assert rows[0].cells[0] == "Name"
    assert all(isinstance(cell, str) for row in rows for cell in row.cells)
