"""The kind of an own field: proposed from the cells of a column, and changed with its values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from screenpop.common.search_normalization import fold
from screenpop.customers.own_fields import (
    MAX_CHOICE_NAME,
    MAX_CHOICES,
    OwnChoice,
    OwnField,
    OwnKind,
    OwnValue,
    next_choice_id,
)
from screenpop.customers.own_values import (
    InvalidOwnValueError,
    format_value,
    is_valid,
    parse_value,
)

MAX_PROPOSED_CHOICES = 12
_FEWEST_REPEATS = 2
"""Cells for each choice of a proposed field, on average."""
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class KindChange:
    """What a change of a field's kind makes of its values."""

    field: OwnField
    """With the new kind, and the choices that the values need."""
    values: Mapping[OwnValue, OwnValue]
    """The new value of each old one."""
    lost: int
    """Records whose value is none of the new kind."""
    examples: tuple[str, ...]
    """The first of these values, as shown in the language."""


def propose_kind(cells: Sequence[str], language: str) -> OwnKind:
    """Return the kind that holds all cells of a column, the plainest where several do."""
    filled = [cell for cell in cells if cell.strip()]
    if not filled:
        return OwnKind.TEXT
    for kind in (OwnKind.YES_NO, OwnKind.NUMBER, OwnKind.DATE):
        field = OwnField(kind=kind)
        if all(_converted(field, cell, language) is not None for cell in filled):
            return kind
    names = {fold(cell) for cell in filled}
    repeated = len(filled) >= _FEWEST_REPEATS * len(names)
    short = all(len(cell.strip()) <= MAX_CHOICE_NAME for cell in filled)
    if len(names) <= MAX_PROPOSED_CHOICES and repeated and short:
        return OwnKind.CHOICE
    return OwnKind.TEXT


def choices_from_texts(texts: Iterable[str], language: str) -> tuple[OwnChoice, ...]:
    """Return a choice for each text, with its first spelling as the name."""
    found: dict[str, str] = {}
    for text in texts:
        if fold(text):
            found.setdefault(fold(text), " ".join(text.split()))
    return tuple(
        OwnChoice(place, {language: name}) for place, name in enumerate(found.values(), start=1)
    )


def change_kind(
    field: OwnField, kind: OwnKind, counts: Sequence[tuple[OwnValue, int]], language: str
) -> KindChange:
    """Return what becomes of the values of a field, given each value and how many records have it.

    ``language``: of the names of new choices, and of texts made of values.
    """
    changed = replace(field, kind=kind)
    if kind is OwnKind.CHOICE:
        changed = _with_choices(changed, field, counts, language)
    values: dict[OwnValue, OwnValue] = {}
    lost, examples = 0, list[str]()
    for value, count in counts:
        text = format_value(field, value, language)
        new = _converted(changed, text, language)
        if new is None:
            lost += count
            examples += [text] if len(examples) < _EXAMPLES else []
        else:
            values[value] = new
    return KindChange(changed, values, lost, tuple(examples))


def _with_choices(
    changed: OwnField, field: OwnField, counts: Sequence[tuple[OwnValue, int]], language: str
) -> OwnField:
    """Return the field with a choice for each value, as many as a field may have."""
    choices = list(changed.choices)
    for value, _ in counts:
        text = format_value(field, value, language)
        is_new = _parsed(replace(changed, choices=tuple(choices)), text, language) is None
        active = sum(not one.gone for one in choices)
        if is_new and len(text) <= MAX_CHOICE_NAME and active < MAX_CHOICES:
            choices.append(OwnChoice(next_choice_id(choices), {language: text}))
    return replace(changed, choices=tuple(choices))


def _converted(field: OwnField, text: str, language: str) -> OwnValue | None:
    if field.kind is OwnKind.NUMBER and _has_leading_zero(text):
        return None
    value = _parsed(field, text, language)
    return value if value is not None and is_valid(field, value) else None


def _parsed(field: OwnField, text: str, language: str) -> OwnValue | None:
    try:
        return parse_value(field, text, language)
    except InvalidOwnValueError:
        return None


def _has_leading_zero(text: str) -> bool:
    """Return whether a number would lose its first digits: ``007`` is a code."""
    digits = fold(text).lstrip("+-")
    return len(digits) > 1 and digits.startswith("0") and digits[1].isdigit()
