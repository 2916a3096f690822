"""Column mapping of a sheet: as proposed, as chosen by a user, or as remembered."""

import hashlib
from collections.abc import Sequence, Set
from dataclasses import dataclass

from screenpop.customers.import_columns import CASE, NAMES, PHONES, SEVERAL, TRIP, WISHES, Field
from screenpop.spreadsheets.columns.header_aliases import (
    LIKELY,
    MAYBE,
    is_one_traveller,
    is_other_column,
    match_heading,
    normalize_heading,
)

TRIP_ANCHORS = frozenset({Field.DESTINATION, Field.DEPARTS, Field.PRODUCT})
"""Without any of these columns a sheet has no trips, whatever else was detected."""
CASE_ANCHORS = frozenset({Field.CASE_KIND, Field.CASE_SUBJECT})
"""Without any of these columns a sheet has no cases."""


def headings_key(headings: Sequence[str]) -> str:
    """Return a key that is equal for equal headings, however spelt; names a stored mapping."""
    text = "\x1f".join(normalize_heading(heading) for heading in headings)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Heading:
    """The field of a heading by its text and the other headings of its line."""

    field: Field
    sure: float
    """0 to 1; 0 where the heading is not known."""
    double: bool = False
    """An earlier column has the same field, so this one is not read."""
    is_other: bool = False
    """The heading names something that no field holds, see ``other_columns``."""


def read_headings(headings: Sequence[str]) -> tuple[Heading, ...]:
    matches = _other_travellers(
        headings, [match_heading(heading) or (Field.IGNORED, 0.0) for heading in headings]
    )
    matches = _as_neighbours_show(headings, _without_display_name(headings, matches))
    matches = _surest_of_each(matches)
    fields = [field for field, _ in matches]
    missing = _unmapped_fields(fields)
    found: list[Heading] = []
    taken: dict[Field, float] = {}
    for heading, (field, sure) in zip(headings, matches, strict=True):
        one = _beside(field, fields, missing)
        if one in _KEPT_IF_DOUBLE and one in taken:
            found.append(Heading(Field.NOTES, LIKELY))
            continue
        if one not in SEVERAL and one in taken:
            found.append(Heading(Field.IGNORED, sure, double=True))
            continue
        taken[one] = sure
        is_other = is_other_column(heading) or (one is Field.IGNORED and field in missing)
        found.append(Heading(one, sure, is_other=is_other))
    return tuple(found)


_KEPT_IF_DOUBLE = frozenset({Field.TITLE, Field.CITY})
"""A second title is a job, a second city another address: notes, not a repetition."""


def _surest_of_each(matches: list[tuple[Field, float]]) -> list[tuple[Field, float]]:
    """Return the fields without those of a part of a heading where another whole one has it."""
    whole = {field for field, sure in matches if sure > MAYBE}
    return [
        (Field.IGNORED, 0.0)
        if sure == MAYBE and field in whole and field not in SEVERAL
        else (field, sure)
        for field, sure in matches
    ]


_DISPLAY_NAMES = frozenset(map(normalize_heading, ("name", "όνομα", "نام", "nam", "esm")))
"""Headings of a whole name, of a given name, or of the one that a program shows."""


def _without_display_name(
    headings: Sequence[str], matches: list[tuple[Field, float]]
) -> list[tuple[Field, float]]:
    """Return the fields without ``Name`` beside ``Given Name`` and ``Family Name``."""
    given = [place for place, (field, _) in enumerate(matches) if field is Field.GIVEN]
    has_family = any(field is Field.FAMILY for field, _ in matches)
    bare = [place for place in given if normalize_heading(headings[place]) in _DISPLAY_NAMES]
    if not has_family or len(given) == len(bare):
        return matches
    return [
        (Field.IGNORED, sure) if place in bare else (field, sure)
        for place, (field, sure) in enumerate(matches)
    ]


_SHOWN_NAMES = frozenset(map(normalize_heading, ("display name", "complete name")))
"""Headings of names that a program puts together, some with the company before the person."""
_POSITION = normalize_heading("θέση")


def _as_neighbours_show(
    headings: Sequence[str], matches: list[tuple[Field, float]]
) -> list[tuple[Field, float]]:
    """Return the fields, with those of headings of two meanings as the other columns show."""
    texts = list(map(normalize_heading, headings))
    plain_name = any(
        field in {Field.NAME, Field.GIVEN} and text not in _SHOWN_NAMES
        for text, (field, _) in zip(texts, matches, strict=True)
    )
    fields = {field for field, _ in matches}
    # A list of wishes has more of them than a seat.
    is_job = Field.COMPANY in fields and WISHES.keys() & fields <= {Field.SEAT}
    found = []
    for text, (field, sure) in zip(texts, matches, strict=True):
        if plain_name and text in _SHOWN_NAMES:
            found.append((Field.IGNORED, sure))
        elif is_job and text == _POSITION:
            found.append((Field.NOTES, sure))
        else:
            found.append((field, sure))
    return found


def _other_travellers(
    headings: Sequence[str], matches: list[tuple[Field, float]]
) -> list[tuple[Field, float]]:
    """Return the fields, with ``Passenger`` as a traveller where another column has the name."""
    named = {
        place
        for place, (field, _) in enumerate(matches)
        if field in NAMES and not is_one_traveller(headings[place])
    }
    found = []
    for place, (field, sure) in enumerate(matches):
        if is_one_traveller(headings[place]) and named:
            found.append((Field.TRAVELLERS, sure or LIKELY))
            continue
        if field in NAMES:
            named.add(place)
        found.append((field, sure))
    return found


def _unmapped_fields(fields: Sequence[Field]) -> Set[Field]:
    """Return fields that columns cannot have, as no other column is of a trip or a case."""
    trips = TRIP if TRIP_ANCHORS.isdisjoint(fields) else frozenset[Field]()
    return trips | CASE.keys() if CASE_ANCHORS.isdisjoint(fields) else trips


def _beside(field: Field, others: Sequence[Field], missing: Set[Field]) -> Field:
    """Return the field of an ambiguous heading, given the others.

    ``Name`` is the whole name where no column has the family name. A price without trips may be a
    balance, so a user has to decide.
    """
    if field is Field.GIVEN and Field.FAMILY not in others:
        return Field.NAME
    return Field.IGNORED if field in missing else field


def score(headings: Sequence[str]) -> float:
    """Return how much a row looks like the line of the headings."""
    found = [heading for heading in read_headings(headings) if heading.sure >= LIKELY]
    fields = {heading.field for heading in found}
    useful = not fields.isdisjoint(NAMES) or not fields.isdisjoint(PHONES)
    return len(found) if useful else 0


def has_names_and_phones(headings: Sequence[str]) -> bool:
    """Return whether a line has headings of names and of phones, as a list of customers has."""
    found = {heading.field for heading in read_headings(headings) if heading.sure >= LIKELY}
    return not (found.isdisjoint(NAMES) or found.isdisjoint(PHONES))
