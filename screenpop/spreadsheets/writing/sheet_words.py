"""Cells, columns and words that all parts of an exported list share."""

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import date
from functools import cache

from babel import Locale

from screenpop.accounts.departments import Section
from screenpop.customers.draft import PhoneDraft
from screenpop.customers.own_fields import OwnField
from screenpop.spreadsheets.values.countries import parse_country


@dataclass(frozen=True, slots=True)
class PhoneCell:
    """The numbers of one cell: each in E.164, or as written where it could not be parsed."""

    numbers: tuple[PhoneDraft, ...]


class ShareCell(float):
    """A share, written as percent."""


class SecondsCell(float):
    """A length in seconds, written as hours, minutes and seconds."""


Cell = str | int | float | date | PhoneCell | None
Sections = Set[Section]


@dataclass(frozen=True, slots=True)
class ExportWords:
    """Returns the words of a code (``sheet.given``, ``tier.gold``) in the reader's language."""

    language: str
    say: Callable[[str], str]
    today: date | None = None
    """Needed for Persian days without a year."""
    own_fields: tuple[OwnField, ...] = ()
    """The office's own fields; the active ones get columns."""

    def __call__(self, code: str) -> str:
        return self.say(code)


@dataclass(frozen=True, slots=True)
class Column:
    code: str
    """The heading's code, without ``sheet.``."""
    section: Section | None = None
    """The permission needed; None: every user."""
    width: int = 14
    """The width in characters, as spreadsheets measure."""
    heading: str = ""
    """Of a column that has no code of its own."""

    def title(self, words: ExportWords) -> str:
        return self.heading or words(f"sheet.{self.code}")


@cache
def country_name(code: str, language: str) -> str:
    """Return the country's name if the import knows it by that name; else its code."""
    name = Locale(language).territories.get(code, "") if code else ""
    return name if name and parse_country(name) == code else code
