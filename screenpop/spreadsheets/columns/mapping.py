"""What each column of a sheet is: as proposed, as a person chose it, as it is remembered."""

import hashlib
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any, Self, cast

from screenpop.spreadsheets.columns.fields import CASE, NAMES, PHONES, SEVERAL, TRIP, Field
from screenpop.spreadsheets.columns.header_aliases import LIKELY, match_heading, normalize_heading

TRIP_ANCHORS = frozenset({Field.DESTINATION, Field.DEPARTS, Field.PRODUCT})
"""A sheet with none of these tells of no trips, whatever else it seems to have."""
CASE_ANCHORS = frozenset({Field.CASE_KIND, Field.CASE_SUBJECT})
"""And one with none of these of no cases."""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What each column is, and how its days are read. Small, and made of plain values: keep it by
    ``headings_key`` and the next sheet with the same headings needs no correction."""

    headings: tuple[str, ...]
    fields: tuple[Field, ...]
    """One for each heading."""
    day_first: bool = True

    def __post_init__(self) -> None:
        if len(self.headings) != len(self.fields):
            raise ValueError("a choice needs one field for each heading")
        once = [field for field in self.fields if field not in SEVERAL]
        if len(set(once)) != len(once):
            raise ValueError("two columns cannot be the same, except phones, e-mails and notes")

    @property
    def usable(self) -> bool:
        """A list of customers has names and numbers at the least."""
        return not (NAMES.isdisjoint(self.fields) or PHONES.isdisjoint(self.fields))

    def plain(self) -> dict[str, Any]:
        return {
            "headings": list(self.headings),
            "fields": [field.value for field in self.fields],
            "day_first": self.day_first,
        }

    @classmethod
    def from_plain(cls, plain: object) -> Self:
        """Raises ``ValueError`` for what is no choice."""
        try:
            values = cast("dict[str, Any]", plain)
            headings = tuple(str(heading) for heading in values["headings"])
            fields = tuple(Field(field) for field in values["fields"])
            return cls(headings, fields, bool(values.get("day_first", True)))
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"no choice of columns: {error!r:.200}") from error


def headings_key(headings: Sequence[str]) -> str:
    """The same for the same headings, however they are spelt: the name of a remembered choice."""
    text = "\x1f".join(normalize_heading(heading) for heading in headings)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Heading:
    """What a heading says by itself, beside the others of its line."""

    field: Field
    sure: float
    """0 to 1; 0 where the heading says nothing."""
    double: bool = False
    """Another column before it was the same, so this one is not read."""


def read_headings(headings: Sequence[str]) -> tuple[Heading, ...]:
    said = [match_heading(heading) or (Field.IGNORED, 0.0) for heading in headings]
    fields = [field for field, _ in said]
    missing = _not_told_of(fields)
    found: list[Heading] = []
    taken: dict[Field, float] = {}
    for field, sure in said:
        one = _beside(field, fields, missing)
        if one not in SEVERAL and one in taken:
            found.append(Heading(Field.IGNORED, sure, double=True))
            continue
        taken[one] = sure
        found.append(Heading(one, sure))
    return tuple(found)


def _not_told_of(fields: Sequence[Field]) -> Set[Field]:
    """What columns cannot be, since nothing else tells of a trip or a case."""
    trips = TRIP if TRIP_ANCHORS.isdisjoint(fields) else frozenset[Field]()
    return trips | CASE.keys() if CASE_ANCHORS.isdisjoint(fields) else trips


def _beside(field: Field, others: Sequence[Field], missing: Set[Field]) -> Field:
    """``Name`` is the whole name where no column has the family name; a price without trips is
    what somebody owes only to those who wrote it, so a person has to say."""
    if field is Field.GIVEN and Field.FAMILY not in others:
        return Field.NAME
    return Field.IGNORED if field in missing else field


def score(headings: Sequence[str]) -> float:
    """How much a row looks like the line of the headings."""
    found = [heading for heading in read_headings(headings) if heading.sure >= LIKELY]
    fields = {heading.field for heading in found}
    useful = not fields.isdisjoint(NAMES) or not fields.isdisjoint(PHONES)
    return len(found) if useful else 0
