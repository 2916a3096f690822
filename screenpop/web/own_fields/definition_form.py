"""Reads the form of an own field on its page."""

from collections.abc import Mapping
from dataclasses import replace

from screenpop.common.search_normalization import fold
from screenpop.customers.models import LANGUAGES
from screenpop.customers.own_fields import (
    OwnChoice,
    OwnField,
    OwnKind,
    next_choice_id,
)
from screenpop.store.own_fields.editing import OwnFieldEdit

NEW_CHOICES = 4
"""Empty rows for new choices."""
NO_VALUE = "none"
"""Where the records of a removed choice go: they lose it."""

Form = Mapping[str, str]
_KINDS = {kind.value: kind for kind in OwnKind}
_MAX_POSITION = 999


def read_definition(form: Form, before: OwnField, language: str) -> OwnFieldEdit:
    """Return the edit of a field; ``before`` as it is stored, or a new one with its subject."""
    choices, moves = _choices(form, before)
    kind = _KINDS.get(form.get("kind", ""), before.kind)
    edited = replace(
        before,
        names=_names(form, "name"),
        kind=kind,
        choices=choices if kind is OwnKind.CHOICE else before.choices,
        position=_position(form.get("position", ""), before.position),
        active="active" in form,
        on_card="on_card" in form,
    )
    return OwnFieldEdit(edited, moves, language)


def _choices(
    form: Form, before: OwnField
) -> tuple[tuple[OwnChoice, ...], Mapping[int, int | None]]:
    """Return the choices that stay and new ones, and where the values of removed ones go."""
    kept, moves = list[OwnChoice](), dict[int, int | None]()
    for one in before.choices:
        prefix = f"choice_{one.id}"
        if one.gone or f"{prefix}_en" not in form:
            kept.append(one)
            continue
        goal = form.get(f"{prefix}_remove", "")
        names = _names(form, prefix)
        if goal or not names:
            if goal == NO_VALUE:
                moves[one.id] = None
            elif goal.isascii() and goal.isdigit() and len(goal) < len("1000000"):
                moves[one.id] = int(goal)
            continue
        kept.append(replace(one, names=names, active=f"{prefix}_active" in form))
    next_id = next_choice_id(before.choices)
    for place in range(NEW_CHOICES):
        if names := _names(form, f"new_{place}"):
            kept.append(OwnChoice(next_id, names))
            next_id += 1
    return tuple(kept), moves


def _names(form: Form, prefix: str) -> dict[str, str]:
    names = {code: " ".join(form.get(f"{prefix}_{code}", "").split()) for code in LANGUAGES}
    return {code: name for code, name in names.items() if name}


def _position(text: str, before: int) -> int:
    digits = fold(text)
    return min(int(digits), _MAX_POSITION) if digits.isdigit() and len(digits) < 4 else before
