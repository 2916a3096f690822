"""Cells of travel documents: numbers, countries, names and days.

A number whose check fails is kept with its doubt and reported, never dropped and never written into
the notes, which are not encrypted.
"""

from collections.abc import Callable
from datetime import date
from functools import partial

from screenpop.customers.documents import (
    MAX_NUMBER_LENGTH,
    DocumentDraft,
    DocumentKind,
    check_document,
    check_number,
    complete_number,
)
from screenpop.customers.import_columns import DOCUMENTS, Field
from screenpop.spreadsheets.rows.row_builder import RowBuilder
from screenpop.spreadsheets.values.countries import parse_country
from screenpop.spreadsheets.values.dates import DateParser
from screenpop.spreadsheets.values.enum_words import CellError
from screenpop.spreadsheets.values.text_cells import clean_line

_MEMBERSHIPS = frozenset({Field.FREQUENT_FLYER, Field.CLUB})
_FEWEST_DIGITS = 2
"""Digits of each part of a membership's number; the airline A3 has one."""


def document_parser(
    place: int, field: Field, days: DateParser
) -> Callable[[RowBuilder, str], None]:
    kind, name = DOCUMENTS[field]
    if field in _MEMBERSHIPS:
        return partial(_membership, place, DocumentKind(kind))
    match name:
        case "number":
            return partial(_number, place, DocumentKind(kind))
        case "country":
            return partial(_country, place, kind)
        case "name":
            return partial(_name, place, kind)
        case _:
            return partial(_day, place, (kind, name), days)


def _number(place: int, kind: DocumentKind, person: RowBuilder, text: str) -> None:
    number = complete_number(kind, clean_line(text))
    values = person.document(kind.value)
    values["number"] = number
    problem = check_number(kind, number)
    if problem is not None:
        values["doubt"] = problem.value
        person.wrong.append((place, problem.value))


def _membership(place: int, kind: DocumentKind, person: RowBuilder, text: str) -> None:
    """Read ``AEGEAN 1001234567`` or ``1001234567 (Aegean)``."""
    words = clean_line(text).replace("(", " ").replace(")", " ").replace(":", " ").split()
    numbers = [word for word in words if sum(map(str.isdigit, word)) >= _FEWEST_DIGITS]
    issuer = " ".join(word for word in words if word not in numbers)
    if len("".join(numbers)) <= MAX_NUMBER_LENGTH and numbers:
        person.document(kind.value)["issuer"] = issuer
        _number(place, kind, person, " ".join(numbers))
    else:
        _number(place, kind, person, text)


def _country(place: int, kind: str, person: RowBuilder, text: str) -> None:
    code = parse_country(text)
    if isinstance(code, CellError):
        person.wrong.append((place, code.code))
    else:
        person.document(kind)["country"] = code


def _name(place: int, kind: str, person: RowBuilder, text: str) -> None:
    name = clean_line(text).upper()
    if "name" in check_document(DocumentDraft(kind=DocumentKind(kind), name=name, country="XX")):
        person.wrong.append((place, "not_latin"))
    else:
        person.document(kind)["name"] = name


def _day(
    place: int, which: tuple[str, str], days: DateParser, person: RowBuilder, text: str
) -> None:
    day: date | CellError = days.expiry(text)
    if isinstance(day, CellError):
        person.wrong.append((place, day.code))
        return
    kind, name = which
    person.document(kind)[name] = day.isoformat()
    if days.is_guess(text):
        person.wrong.append((place, "short_year"))
