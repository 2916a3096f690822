"""Travellers of a cell: names, numbers and customer numbers of those who travel on a trip."""

import re
from collections.abc import Callable
from typing import Any
from unicodedata import decimal

from screenpop.common.search_normalization import fold
from screenpop.common.text import display_text
from screenpop.customers.draft import PhoneDraft, TravellerDraft
from screenpop.customers.travellers import CHILD_MARK
from screenpop.spreadsheets.values.enum_words import CellError
from screenpop.spreadsheets.values.names import split_name

ReadPhones = Callable[[str, str], tuple[PhoneDraft, ...] | CellError]

_LONGEST = 200
_STRONG = re.compile(r"[;؛|\n]+")
_WEAK = re.compile(r"[,،/&]+|\s+(?:and|و|και|κι)\s+", re.IGNORECASE)
_CODE = re.compile(r"#\s*(\d{1,18})(?!\d)")
_NUMBER = re.compile(r"\(?(?:\+|00)?\(?\d[\d\s().-]{4,}\d\)?")
_CHILD_WORDS = frozenset(map(fold, ("child", "infant", "کودک", "نوزاد", "παιδί", "βρέφος")))
_IN_BRACKETS = re.compile(r"\(([^()\d]*)\)\s*$")
_AROUND = " \t.,:;()[]-–—"


def parse_travellers(text: str, phones: ReadPhones) -> list[TravellerDraft]:
    """Return the travellers of a cell.

    A semicolon, a bar or a line break separates them; without any of these a comma, a slash or
    the word "and" in one of the three languages. ``phones`` reads numbers as the office dials.
    """
    between = _STRONG if _STRONG.search(text) else _WEAK
    parts = (display_text(part, _LONGEST).strip() for part in between.split(text))
    found = [_traveller(part, phones) for part in parts if any(map(str.isalnum, part))]
    return list(dict.fromkeys(found))


def plain_traveller(traveller: TravellerDraft) -> list[Any]:
    """Return the traveller as ``draft_from_json`` takes it."""
    return [traveller.name, list(traveller.numbers), traveller.customer, traveller.child]


def _traveller(part: str, phones: ReadPhones) -> TravellerDraft:
    rest, child = _without_child_mark(_ascii_digits(part))
    customer = None
    if code := _CODE.search(rest):
        customer = int(code[1])
        rest = rest[: code.start()] + " " + rest[code.end() :]
    numbers: tuple[str, ...] = ()
    if written := _NUMBER.search(rest):
        read = phones(written[0].strip("() "), "")
        numbers = () if isinstance(read, CellError) else tuple(p.e164 for p in read if p.e164)
        if numbers:
            rest = rest[: written.start()] + " " + rest[written.end() :]
    name = split_name(" ".join(rest.split()).strip(_AROUND), family_first=False)[0].full
    return TravellerDraft(name.strip(), numbers, customer, child)


def _without_child_mark(text: str) -> tuple[str, bool]:
    bare = text.rstrip()
    if bare.endswith(CHILD_MARK):
        return bare.rstrip(f"{CHILD_MARK} "), True
    found = _IN_BRACKETS.search(bare)
    if found is not None and fold(found[1]) in _CHILD_WORDS:
        return bare[: found.start()], True
    return bare, False


def _ascii_digits(text: str) -> str:
    """Return the text with ASCII digits; everything else stays as written."""
    if text.isascii():
        return text
    return "".join(str(decimal(char)) if char.isdecimal() else char for char in text)
