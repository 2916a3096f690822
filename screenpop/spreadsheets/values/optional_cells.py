"""What to do with cells that need more than a word's meaning: who looks after a customer, what they
agreed to, how many stars a trip got."""

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
    """``owners``: users by their folded names."""
    owner = owners.get(fold(text))
    if owner is None:
        person.wrong.append((place, "unknown_owner"))
    else:
        person.said["owner"] = owner


def parse_consents(place: int, days: DateParser, person: RowBuilder, text: str) -> None:
    """``E-mail (2026-01-31), SMS``: without a day since today, when we were told."""
    given: dict[str, str] = {}
    problem: CellError | None = None
    for part in filter(str.strip, _BETWEEN.split(text)):
        found = _SINCE.match(part.strip())
        said, written = (found[1], found[2]) if found else (part, "")
        what = ALLOWED.understand(said.strip())
        since = days.past(written) if written.strip() else days.today
        if isinstance(what, str) and isinstance(since, date):
            given[what] = since.isoformat()
        elif isinstance(what, CellError):
            problem = what
        elif isinstance(since, CellError):
            problem = since
    if given:
        person.said["consents"] = given
    if problem is not None:
        person.wrong.append((place, problem.code))


def parse_rating(place: int, person: RowBuilder, text: str) -> None:
    """``4``, ``4/5``, four stars as such."""
    written = fold_digits(text).strip()
    found = _STARS.match(written)
    stars = len(written) if not found and set(written) <= {"★", "⭐"} else 0
    if found or 0 < stars <= _MOST_STARS:
        person.trip["rating"] = int(found[1]) if found else stars
    else:
        person.wrong.append((place, "bad_rating"))
