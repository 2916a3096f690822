"""What each column of a sheet is: as proposed, as a person chose it, as it is remembered."""

import hashlib
from collections.abc import Sequence, Set
from dataclasses import dataclass

from screenpop.customers.import_columns import CASE, NAMES, PHONES, SEVERAL, TRIP, Field
from screenpop.spreadsheets.columns.header_aliases import LIKELY, match_heading, normalize_heading

TRIP_ANCHORS = frozenset({Field.DESTINATION, Field.DEPARTS, Field.PRODUCT})
"""A sheet with none of these tells of no trips, whatever else it seems to have."""
CASE_ANCHORS = frozenset({Field.CASE_KIND, Field.CASE_SUBJECT})
"""And one with none of these of no cases."""


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
