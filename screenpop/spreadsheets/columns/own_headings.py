"""Columns of own fields: known by the names of the fields, proposed for unknown columns."""

from collections.abc import Sequence
from dataclasses import replace

from screenpop.common.search_normalization import fold
from screenpop.customers.import_columns import DOCUMENTS, NAMES, PHONES, TRIP, ColumnGuess, Field
from screenpop.customers.own_fields import (
    OwnField,
    OwnKind,
    OwnSubject,
    field_with_long_name,
    field_with_name,
)
from screenpop.customers.own_kinds import choices_from_texts, propose_kind
from screenpop.spreadsheets.values.own_cells import language_of_numbers
from screenpop.telephony.number_plan import NumberPlan

_NEVER_OWN = NAMES | PHONES | DOCUMENTS.keys() | {Field.OWN}
"""Fields that a user would not correct into an own field; numbers of documents are secret."""


def with_own_fields(
    columns: Sequence[ColumnGuess],
    cells: Sequence[Sequence[str]],
    fields: Sequence[OwnField],
    plan: NumberPlan,
) -> list[ColumnGuess]:
    """Return the columns; one named as an own field is it, whatever else the name may mean."""
    has_trips = any(column.field in TRIP for column in columns)
    exact = [field_with_long_name(fields, column.heading) for column in columns]
    # Where our own export has the long name, the bare one is a built-in field.
    taken, found = {one.id for one in exact if one is not None}, list[ColumnGuess]()
    for column, texts, known in zip(columns, cells, exact, strict=True):
        field = known or _field_of(column.heading, fields, has_trips=has_trips)
        if field is not None and (field is known or field.id not in taken):
            taken.add(field.id)
            column = replace(  # noqa: PLW2901
                column, field=Field.OWN, own=field.id, confidence=1.0, why="heading"
            )
        found.append(_with_proposed_kind(column, texts, language_of_numbers(plan)))
    return found


def known_columns(
    columns: Sequence[ColumnGuess], fields: Sequence[OwnField]
) -> tuple[ColumnGuess, ...]:
    """Return the columns; one of an own field that is not there (any more) is not imported."""
    ids = {one.id for one in fields if one.active}
    return tuple(
        replace(column, field=Field.IGNORED, own=0, why="nothing", confidence=0.0)
        if column.field is Field.OWN and column.own not in ids
        else column
        for column in columns
    )


def _field_of(heading: str, fields: Sequence[OwnField], *, has_trips: bool) -> OwnField | None:
    if not fields or not fold(heading):
        return None
    of_customer = field_with_name(fields, heading, OwnSubject.CUSTOMER)
    if of_customer is not None or not has_trips:
        return of_customer
    return field_with_name(fields, heading, OwnSubject.TRIP)


def _with_proposed_kind(column: ColumnGuess, texts: Sequence[str], language: str) -> ColumnGuess:
    if column.field in _NEVER_OWN or not any(texts):
        return column
    kind = propose_kind(texts, language)
    choices: tuple[str, ...] = ()
    if kind is OwnKind.CHOICE:
        choices = tuple(one.name(language) for one in choices_from_texts(texts, language))
    return replace(column, own_kind=kind.value, own_choices=choices)
