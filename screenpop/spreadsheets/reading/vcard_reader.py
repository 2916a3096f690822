"""vCard 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350): one row a card, always the same columns."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import vobject

from screenpop.customers.import_columns import Field
from screenpop.spreadsheets.reading.text_encoding import DecodedText
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.rows import DAMAGED_CARD, MAX_ROWS, Row, Table, Workbook

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
    Field.CITY,
    Field.TAGS,
    Field.LANGUAGE,
    Field.GENDER,
    Field.NOTES,
)
"""The fields of the columns: no detection is needed."""

_EDGE = re.compile(r"^(BEGIN|END):VCARD[ \t]*$", re.IGNORECASE | re.MULTILINE)
_INSIDE = re.compile(r"^AGENT\b[^\n]*\n\Z", re.IGNORECASE | re.MULTILINE)
"""Properties that contain another card (RFC 2426, 3.5.4)."""
_BULKY = re.compile(
    r"^(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY|X-MS-CARDPICTURE)\b[^\n]*\n"
    r"(?:[ \t][^\n]*\n|[A-Za-z0-9+/=]{40,}[ \t]*\n)*",
    re.IGNORECASE | re.MULTILINE,
)
_OWN_LABEL = re.compile(
    r"^((?:[\w-]+\.)?TEL[^:\n]*?);X-CUSTOM\([^)\n]*\)", re.IGNORECASE | re.MULTILINE
)
"""Android's notation of a custom label; not part of the vCard standard."""
_LONGEST_CARD = 100_000
_LONGEST_AGENT = 200
_DEEPEST = 4
"""Nesting depth of cards."""


def open_vcards(decoded: DecodedText, name: str) -> Workbook:
    """Return the cards as a workbook. Raises ``SheetRefusedError`` when no card is complete."""
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    if all(card is None for _, card in islice(_cards(text), _JUDGED)):
        raise SheetRefusedError("damaged")
    return Workbook("vcard", (Table(name, False, lambda: _rows(text, decoded)),))


_JUDGED = 50


def _rows(text: str, decoded: DecodedText) -> Iterator[Row]:
    line, at = 1, 0
    for count, (start, card) in enumerate(_cards(text)):
        if count >= MAX_ROWS:
            raise SheetRefusedError("too_many_rows", limit=MAX_ROWS)
        line += text.count("\n", at, start)
        at = start
        other = decoded.has_other_encoding(line, line + (card or "").count("\n"))
        yield Row(line, _DAMAGED_ROW if card is None else _cells(card), other_encoding=other)


def _cards(text: str) -> Iterator[tuple[int, str | None]]:
    """Yield the line of each card and its text without nested cards; None if it never ends.

    Goes through the text once, whatever it holds.
    """
    start, depth, own = 0, 0, list[str]()
    taken = 0
    for edge in _EDGE.finditer(text):
        begins = edge[1].upper() == "BEGIN"
        if begins and depth and not (depth < _DEEPEST and _is_inside(text, edge.start())):
            yield start, None
            depth = 0
        if begins:
            if depth == 0:
                start, own = edge.start(), []
            elif depth == 1:
                own.append(text[taken : edge.start()])
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                own.append(text[taken : edge.end()])
                yield start, "".join(own)
        taken = edge.start() if begins and depth == 1 else edge.end()
    if depth:
        yield start, None


def _is_inside(text: str, at: int) -> bool:
    return _INSIDE.search(text[max(0, at - _LONGEST_AGENT) : at]) is not None


_DAMAGED_ROW = [DAMAGED_CARD] + [""] * (len(COLUMNS) - 1)


def _cells(text: str) -> list[str]:
    slim = _OWN_LABEL.sub(r"\1", _BULKY.sub("", text))
    if len(slim) > _LONGEST_CARD:
        return _DAMAGED_ROW
    try:
        return _Card(vobject.readOne(slim + "\n", allowQP=True)).cells()
    except Exception:  # noqa: BLE001 -- its parser raises whatever comes, also IndexError
        return _DAMAGED_ROW


class _Card:
    def __init__(self, card: Any) -> None:
        self._contents: dict[str, list[Any]] = card.contents

    def cells(self) -> list[str]:
        return [_one_text(self._cell(column)) for column in COLUMNS]

    def _cell(self, column: Field) -> list[str]:
        match column:
            case Field.TITLE | Field.GIVEN:
                return self._part_of_name(column)
            case Field.FAMILY:
                is_nameless = not (self._is_named() or self._values("fn"))
                return self._firms(slice(1)) if is_nameless else self._part_of_name(column)
            case Field.NAME:
                return [] if self._is_named() else self._values("fn")
            case Field.MOBILE | Field.HOME_PHONE | Field.WORK_PHONE | Field.PHONE:
                return [_number(line) for line in self._lines("tel") if _use_of(line) is column]
            case Field.COMPANY:
                return self._firms(slice(1))
            case Field.CITY:
                return self._cities()[:1]
            case Field.BIRTHDAY | Field.ANNIVERSARY:
                return self._days(column)
            case Field.TAGS:
                tags = self._values("categories")
                return [tag for tag in tags if tag.casefold() not in _EVERYBODY]
            case Field.NOTES:
                return [*self._values("note"), *self._values("title"), *self._more()]
            case _:
                return self._values(_PROPERTIES[column])

    def _lines(self, name: str) -> list[Any]:
        return self._contents.get(name, [])

    def _values(self, name: str) -> list[str]:
        return [text for line in self._lines(name) for text in _flat(line.value)]

    def _firms(self, part: slice) -> list[str]:
        """Return the organisation, or the departments after it."""
        return [text for line in self._lines("org") for text in _flat(line.value)[part]]

    def _cities(self) -> list[str]:
        """Return the cities of all but work addresses, home first; the notes have all addresses."""
        lines = [line for line in self._lines("adr") if "work" not in _types(line)]
        lines.sort(key=lambda line: "home" not in _types(line))
        return [text for line in lines for text in _flat(getattr(line.value, "city", ""))]

    def _days(self, column: Field) -> list[str]:
        is_birthday = column is Field.BIRTHDAY
        found = self._values("bday") if is_birthday else self._anniversaries()[:1]
        return [_day(text) for text in found]

    def _anniversaries(self) -> list[str]:
        """Return anniversaries; Apple stores any labelled date as one, with the label beside it."""
        groups = {
            line.group
            for line in self._lines("x-ablabel")
            if "anniversary" in str(line.value).casefold()
        }
        own = [str(line.value) for line in self._lines("x-abdate") if line.group in groups]
        others = ("anniversary", "x-anniversary", "x-ms-anniversary")
        return [*(text for name in others for text in self._values(name)), *own]

    def _is_named(self) -> bool:
        return any(self._part_of_name(Field.GIVEN) + self._part_of_name(Field.FAMILY))

    def _part_of_name(self, column: Field) -> list[str]:
        for line in self._lines("n"):
            parts = {
                Field.TITLE: [line.value.prefix],
                Field.GIVEN: [line.value.given, line.value.additional],
                Field.FAMILY: [line.value.family],
            }[column]
            return [" ".join(text for part in parts for text in _flat(part))]
        return []

    def _more(self) -> list[str]:
        """Return what has no column: other name parts, departments, addresses, fax numbers."""
        rest = [" ".join(_flat(line.value.suffix)) for line in self._lines("n")]
        fields = ("street", "city", "region", "code", "country")
        places = [
            ", ".join(text for name in fields for text in _flat(getattr(line.value, name, "")))
            for line in self._lines("adr")
        ]
        faxes = [f"fax {line.value}" for line in self._lines("tel") if _use_of(line) is Field.NOTES]
        return [*rest, *self._values("nickname"), *self._firms(slice(1, None)), *places, *faxes]


_PROPERTIES = {
    Field.EMAIL: "email",
    Field.LANGUAGE: "lang",
    Field.GENDER: "gender",
}


_EVERYBODY = frozenset(("mycontacts", "* mycontacts", "starred", "* starred"))
"""Groups that Google creates automatically."""


def _use_of(line: Any) -> Field:
    """Return the phone field of a TEL property; none for fax and pager, which place no calls."""
    words = _types(line)
    if words & {"fax", "pager", "modem"} and not words & {"voice", "cell"}:
        return Field.NOTES
    if words & {"cell", "mobile", "iphone"}:
        return Field.MOBILE
    if "work" in words:
        return Field.WORK_PHONE
    return Field.HOME_PHONE if "home" in words else Field.PHONE


def _types(line: Any) -> set[str]:
    """Return the words of TYPE; vCard 2.1 writes them without its name."""
    types = {str(one).casefold() for one in (*line.params.get("TYPE", ()), *line.singletonparams)}
    return {word for one in types for word in one.split(",")}


def _number(line: Any) -> str:
    """Return the number without URI syntax: vCard 4 writes ``tel:+98-21-22334455;ext=12``."""
    text = str(line.value).strip()
    scheme, colon, number = text.partition(":")
    return number.partition(";")[0] if colon and scheme.casefold() == "tel" else text


def _day(text: str) -> str:
    """Return the day without a time; a day without year as ``03/08``.

    iPhones write 1604 for no year, vCard 4 two hyphens (RFC 6350, 4.3.1).
    """
    day = text.partition("T")[0].strip()
    yearless = _YEARLESS.match(day)
    return f"{yearless[2]}/{yearless[1]}" if yearless else day


_YEARLESS = re.compile(r"^(?:--|1604-?)(\d\d)-?(\d\d)$")


def _flat(value: object) -> list[str]:
    """Return the non-empty texts of a value."""
    if isinstance(value, list | tuple):
        return [text for one in value for text in _flat(one)]
    text = str(value).strip()
    return [text] if text else []


def _one_text(values: list[str]) -> str:
    return "\n".join(filter(None, values))
