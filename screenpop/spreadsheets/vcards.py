"""vCard 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350): each card a row of the same columns."""

import re
from collections.abc import Iterator
from typing import Any, Final

import vobject

from screenpop.spreadsheets.fields import Field
from screenpop.spreadsheets.problems import SheetRefusedError
from screenpop.spreadsheets.tables import MOST_ROWS, Book, Row, Table

COLUMNS: Final = (
    Field.TITLE,
    Field.GIVEN,
    Field.FAMILY,
    Field.NAME,
    Field.MOBILE,
    Field.HOME_PHONE,
    Field.WORK_PHONE,
    Field.PHONE,
    Field.EMAIL,
    Field.BIRTHDAY,
    Field.ANNIVERSARY,
    Field.COMPANY,
    Field.TAGS,
    Field.LANGUAGE,
    Field.GENDER,
    Field.NOTES,
)
"""What the columns of the rows are: nobody has to guess."""

DAMAGED = "BEGIN:VCARD"
"""Stands alone in the row of a card that cannot be read."""

_CARD = re.compile(r"^BEGIN:VCARD\s*$.*?^END:VCARD\s*$", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_BULKY = re.compile(
    r"^(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY)\b[^\n]*\n(?:[ \t][^\n]*\n|[A-Za-z0-9+/=]{40,}\s*\n)*",
    re.IGNORECASE | re.MULTILINE,
)
_LONGEST_CARD = 100_000


def open_vcards(text: str, name: str) -> Book:
    """Raises ``SheetRefusedError`` when there is no whole card in it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _CARD.search(text) is None:
        raise SheetRefusedError("damaged")
    return Book("vcard", (Table(name, False, lambda: _rows(text)),))


def _rows(text: str) -> Iterator[Row]:
    line, at = 1, 0
    for count, found in enumerate(_CARD.finditer(text)):
        if count >= MOST_ROWS:
            raise SheetRefusedError("too_many_rows", limit=MOST_ROWS)
        line += text.count("\n", at, found.start())
        at = found.start()
        yield Row(line, _cells(found[0]))


def _cells(text: str) -> list[str]:
    damaged = [DAMAGED] + [""] * (len(COLUMNS) - 1)
    slim = _BULKY.sub("", text)
    if len(slim) > _LONGEST_CARD:
        return damaged
    try:
        return _Card(vobject.readOne(slim + "\n", allowQP=True)).cells()
    except Exception:  # noqa: BLE001 -- its parser raises whatever comes, also IndexError
        return damaged


class _Card:
    def __init__(self, card: Any) -> None:
        self._contents: dict[str, list[Any]] = card.contents

    def cells(self) -> list[str]:
        return [_one_text(self._cell(column)) for column in COLUMNS]

    def _cell(self, column: Field) -> list[str]:
        match column:
            case Field.TITLE | Field.GIVEN | Field.FAMILY:
                return self._part_of_name(column)
            case Field.NAME:
                named = self._part_of_name(Field.GIVEN) + self._part_of_name(Field.FAMILY)
                return [] if named else self._values("fn")
            case Field.MOBILE | Field.HOME_PHONE | Field.WORK_PHONE | Field.PHONE:
                return [str(line.value) for line in self._lines("tel") if _use_of(line) is column]
            case Field.NOTES:
                return [*self._values("note"), *self._values("title"), *self._more()]
            case _:
                return self._values(_PROPERTIES[column])

    def _lines(self, name: str) -> list[Any]:
        return self._contents.get(name, [])

    def _values(self, name: str) -> list[str]:
        return [_flat(line.value) for line in self._lines(name)]

    def _part_of_name(self, column: Field) -> list[str]:
        for line in self._lines("n"):
            parts = {
                Field.TITLE: [line.value.prefix],
                Field.GIVEN: [line.value.given, line.value.additional],
                Field.FAMILY: [line.value.family],
            }[column]
            return [" ".join(filter(None, map(_flat, parts)))]
        return []

    def _more(self) -> list[str]:
        """Addresses, and the numbers nobody calls from."""
        fields = ("street", "city", "region", "code", "country")
        places = [
            ", ".join(filter(None, (_flat(getattr(line.value, name, "")) for name in fields)))
            for line in self._lines("adr")
        ]
        faxes = [f"fax {line.value}" for line in self._lines("tel") if _use_of(line) is Field.NOTES]
        return [*places, *faxes]


_PROPERTIES = {
    Field.EMAIL: "email",
    Field.BIRTHDAY: "bday",
    Field.ANNIVERSARY: "anniversary",
    Field.COMPANY: "org",
    Field.TAGS: "categories",
    Field.LANGUAGE: "lang",
    Field.GENDER: "gender",
}


def _use_of(line: Any) -> Field:
    """Which phone a TEL is. A fax or pager is none: nobody calls from it."""
    said = {str(one).casefold() for one in (*line.params.get("TYPE", ()), *line.singletonparams)}
    words = {word for one in said for word in one.split(",")}
    if words & {"fax", "pager", "modem"} and not words & {"voice", "cell"}:
        return Field.NOTES
    if words & {"cell", "mobile", "iphone"}:
        return Field.MOBILE
    if "work" in words:
        return Field.WORK_PHONE
    return Field.HOME_PHONE if "home" in words else Field.PHONE


def _flat(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(_flat, value)))
    return str(value).strip()


def _one_text(values: list[str]) -> str:
    return "\n".join(filter(None, values))
