"""A board that Trello exports as JSON: each card is a customer, its other texts are notes.

https://developer.atlassian.com/cloud/trello/guides/rest-api/object-definitions/
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from screenpop.common.text import fold_digits
from screenpop.customers.import_columns import Field
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.rows import MAX_COLUMNS, MAX_ROWS, Row, Table, Workbook

COLUMNS: Final = (Field.NAME, Field.PHONE, Field.EMAIL, Field.TAGS, Field.OWNER, Field.NOTES)
"""Fields of the first columns; the own fields of the board follow."""
_HEADINGS = ("Name", "Phone", "Email", "Labels", "Assigned to", "Notes")
_PARTS = re.compile(r"\s+[-–—|/•]\s+|\s*[|;،]\s*|:\s+|\n")
"""Between the name on a card and what follows it."""
_PHONE = re.compile(r"(?<![\w+])(?:\+|00)?[0-9][0-9 ().-]{6,20}[0-9](?![\w])")
_DAY = re.compile(r"^[0-9]{2,4}[-./][0-9]{1,2}[-./][0-9]{1,4}$")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_FEWEST_DIGITS = 8
_DAY_LENGTH = len("2026-03-01")


def open_board(text: str, name: str) -> Workbook:
    """Return the cards of a board as rows. Raises ``SheetRefusedError`` for other JSON."""
    try:
        board = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SheetRefusedError("json") from error
    cards = board.get("cards") if isinstance(board, dict) else None
    if not isinstance(cards, list) or not all(isinstance(card, dict) for card in cards):
        raise SheetRefusedError("json")
    if len(cards) > MAX_ROWS:
        raise SheetRefusedError("too_many_rows", limit=MAX_ROWS)
    title = board.get("name")
    return Workbook(
        "trello",
        (Table(title if isinstance(title, str) and title else name, False, _Board(board).rows),),
    )


class _Board:
    def __init__(self, board: Mapping[str, Any]) -> None:
        self._cards = board["cards"]
        self._lists = _names(board.get("lists"), "name")
        self._members = _names(board.get("members"), "fullName")
        fields = [one for one in _dicts(board.get("customFields")) if _text(one.get("name"))]
        self._fields = fields[: MAX_COLUMNS - len(_HEADINGS)]
        self._options = {
            _text(option.get("id")): _option_text(option.get("value"))
            for field in fields
            for option in _dicts(field.get("options"))
        }

    def rows(self) -> Iterator[Row]:
        yield Row(1, [*_HEADINGS, *(_text(one["name"]) for one in self._fields)])
        for line, card in enumerate(self._cards, 2):
            cells = self._cells(card)
            if any(cells):
                yield Row(line, cells, (), card.get("closed") is True)

    def _cells(self, card: Mapping[str, Any]) -> list[str]:
        title, text = _text(card.get("name")).strip(), _text(card.get("desc")).strip()
        phones = list(dict.fromkeys([*_phones(title), *_phones(text)]))
        mails = list(dict.fromkeys(_EMAIL.findall(f"{title}\n{text}")))
        name, rest = _name_of(title)
        labels = [_text(one.get("name")) for one in _dicts(card.get("labels"))]
        members = [self._members.get(_text(one), "") for one in _list(card.get("idMembers"))]
        notes = [rest, text, *self._remarks(card)]
        own = {_text(one.get("idCustomField")): one for one in _dicts(card.get("customFieldItems"))}
        return [
            name,
            " / ".join(phones),
            "; ".join(mails),
            ", ".join(filter(None, labels)),
            ", ".join(filter(None, members)),
            "\n".join(filter(None, notes)),
            *(self._own(own.get(_text(field.get("id")))) for field in self._fields),
        ]

    def _remarks(self, card: Mapping[str, Any]) -> Iterator[str]:
        place = self._lists.get(_text(card.get("idList")), "")
        if place:
            yield f"List: {place}"
        due = _text(card.get("due"))[:_DAY_LENGTH]
        if due:
            yield f"Due: {due}"

    def _own(self, item: Mapping[str, Any] | None) -> str:
        if item is None:
            return ""
        if option := _text(item.get("idValue")):
            return self._options.get(option, "")
        value = item.get("value")
        found = next(iter(value.values()), "") if isinstance(value, dict) else ""
        text = _text(found) if isinstance(found, str) else str(found)
        is_day = isinstance(value, dict) and "date" in value
        return text[:_DAY_LENGTH] if is_day else text


def _name_of(title: str) -> tuple[str, str]:
    """Return the first words of a card's title that are no number, and its other words."""
    plain = _EMAIL.sub(" ", title)
    for phone in _phones(plain):
        plain = plain.replace(phone, " | ")
    parts = [part.strip(" ,.()-–—") for part in _PARTS.split(f" {plain} ")]
    words = [part for part in parts if any(map(str.isalpha, part))]
    return (words[0], " - ".join(words[1:])) if words else ("", "")


def _phones(text: str) -> list[str]:
    found = [(one.start(), one.end()) for one in _PHONE.finditer(fold_digits(text))]
    phones = [text[start:end].strip() for start, end in found]
    return [
        one
        for one in phones
        if sum(map(str.isdigit, one)) >= _FEWEST_DIGITS and not _DAY.match(fold_digits(one))
    ]


def _names(entries: object, key: str) -> dict[str, str]:
    return {_text(one.get("id")): _text(one.get(key)) for one in _dicts(entries)}


def _list(entries: object) -> list[Any]:
    return entries if isinstance(entries, list) else []


def _dicts(entries: object) -> list[Mapping[str, Any]]:
    return [one for one in _list(entries) if isinstance(one, dict)]


def _option_text(value: object) -> str:
    return _text(value.get("text")) if isinstance(value, dict) else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
