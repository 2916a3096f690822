"""Drafts without numbers of payment cards in their free text."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from screenpop.common.card_numbers import mask_card_numbers
from screenpop.customers.draft import CustomerDraft

_OF_CUSTOMERS = ("notes", "preferences", "heard_from", "tags", "wishes", "own")
_OF_TRIPS = ("note", "supplier", "feedback", "own")
_OF_CASES = ("subject", "promised_by")


def masked_draft(draft: CustomerDraft) -> CustomerDraft:
    """Return the draft as it will be stored, so that a sheet and what came of it compare equal.

    A draft without such a number, as nearly all are, is returned itself.
    """
    changed = _masked_fields(draft, _OF_CUSTOMERS)
    for field, names in (("phones", ("label",)), ("trips", _OF_TRIPS), ("cases", _OF_CASES)):
        before = getattr(draft, field)
        after = tuple(_masked_part(part, names) for part in before)
        if any(new is not old for new, old in zip(after, before, strict=True)):
            changed[field] = after
    return replace(draft, **changed) if changed else draft


def _masked_part(part: Any, names: tuple[str, ...]) -> Any:
    changed = _masked_fields(part, names)
    return replace(part, **changed) if changed else part


def _masked_fields(part: object, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields of a part that masking changes."""
    changed: dict[str, Any] = {}
    for name in names:
        before = getattr(part, name)
        if before:
            after = _masked_value(before)
            if after != before:
                changed[name] = after
    return changed


def _masked_value(value: Any) -> Any:
    if isinstance(value, str):
        return mask_card_numbers(value)
    if isinstance(value, tuple):
        return tuple(map(_masked_value, value))
    if isinstance(value, Mapping):
        return {key: _masked_value(one) for key, one in value.items()}
    return value
