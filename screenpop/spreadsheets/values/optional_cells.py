"""Parsers of cells with their own syntax: account manager, consents, rating."""

import re
from collections.abc import Mapping
from datetime import date

from screenpop.common.search_normalization import fold
from screenpop.common.text import fold_digits
from screenpop.spreadsheets.rows.row_builder import RowBuilder
from screenpop.spreadsheets.values.dates import DateParser
from screenpop.spreadsheets.values.enum_words import ALLOWED, CellError

_BETWEEN = re.compile(r"[,;،؛|\n]+")
_SINCE = re.compile(r"^([^()]*)\(([^()]*)\)$")
_STARS = re.compile(r"^([1-5])(?:\s*/\s*5|\.0+)?$")
_MOST_STARS = 5


def parse_owner(place: int, owners: Mapping[str, int], person: RowBuilder, text: str) -> None:
    """Set the account manager. ``owners``: user ids by folded name."""
    owner = owners.get(fold(text))
    if owner is None:
        person.wrong.append((place, "unknown_owner"))
    else:
        person.fields["owner"] = owner


def parse_consents(place: int, days: DateParser, person: RowBuilder, text: str) -> None:
    """Set consents: ``E-mail (2026-01-31), SMS``; without a day, the day of the import counts."""
    given: dict[str, str] = {}
    problem: CellError | None = None
    for part in filter(str.strip, _BETWEEN.split(text)):
        found = _SINCE.match(part.strip())
        name, written = (found[1], found[2]) if found else (part, "")
        what = ALLOWED.understand(name.strip())
        since = days.past(written) if written.strip() else days.today
        if isinstance(what, str) and isinstance(since, date):
            given[what] = since.isoformat()
        elif isinstance(what, CellError):
            problem = what
        elif isinstance(since, CellError):
            problem = since
    if given:
        person.fields["consents"] = given
    if problem is not None:
        person.wrong.append((place, problem.code))


def parse_rating(place: int, person: RowBuilder, text: str) -> None:
    """Set a rating: ``4``, ``4/5``, or four star characters."""
    written = fold_digits(text).strip()
    found = _STARS.match(written)
    stars = len(written) if not found and set(written) <= {"★", "⭐"} else 0
    if found or 0 < stars <= _MOST_STARS:
        person.trip["rating"] = int(found[1]) if found else stars
    else:
        person.wrong.append((place, "bad_rating"))
