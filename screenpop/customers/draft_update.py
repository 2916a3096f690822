"""Update a stored customer by a row that has the office's own code of this customer.

Unlike ``draft_merge``, values of the row replace stored ones. What a row leaves out stays, and so
do numbers, e-mail addresses, tags, notes and refused consents.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import Enum
from typing import Any

from screenpop.customers.draft import CustomerDraft, TripDraft
from screenpop.customers.draft_merge import full_names, join_trips, merge_drafts, same_trip
from screenpop.customers.own_fields import OwnValue, OwnValues
from screenpop.customers.preferences import join_preferences, preferences_by_subject

_EMPTY = CustomerDraft(names={})
_REPLACED = (
    *("title", "gender", "language", "tier", "birthday", "anniversary", "customer_since"),
    *("household", "company", "city", "heard_from", "owner", "branch", "referred_by", "code"),
)
_NO_TRIP = TripDraft()
_TRIP_FIELDS = tuple(
    one.name
    for one in fields(TripDraft)
    if one.name
    not in {"destination", "departs", "travellers", "status", "is_status_guessed", "own"}
)


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One stored value that a row replaces, as text or code."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class UpdatedDraft:
    draft: CustomerDraft
    added: tuple[str, ...]
    """Fields of the draft that gained or changed values."""
    changes: tuple[ValueChange, ...]
    """The replaced values."""


def update_draft(stored: CustomerDraft, row: CustomerDraft) -> UpdatedDraft:
    """Return ``stored`` with the values of ``row``; empty ones change nothing."""
    new: dict[str, Any] = {}
    changes: list[ValueChange] = []
    for field in _REPLACED:
        _replace(field, getattr(stored, field), getattr(row, field), new, changes)
    if row.balance and (stored.balance, stored.currency) != (row.balance, row.currency):
        new |= {"balance": row.balance, "currency": row.currency}
        if stored.balance:
            changes.append(ValueChange("balance", _money(stored), _money(row)))
    _replace_names(stored, row, new, changes)
    _replace_wishes(stored, row, new, changes)
    own = _replaced_own(stored.own, row.own, changes)
    if own != stored.own:
        new["own"] = own
    trips = _updated_trips(stored, row, changes)
    replaced = replace(stored, **new)
    merged = merge_drafts(replaced, row)
    after = replace(merged.draft, trips=join_trips(trips, row.trips))
    added = [*new, *merged.added]
    if after.trips != stored.trips:
        added.append("trips")
    return UpdatedDraft(after, tuple(dict.fromkeys(added)), tuple(changes))


def _replace(
    field: str, old: Any, value: Any, new: dict[str, Any], changes: list[ValueChange]
) -> None:
    empty = getattr(_EMPTY, field)
    if value in (empty, old):
        return
    new[field] = value
    if old != empty:
        changes.append(ValueChange(field, _text(old), _text(value)))


def _replace_names(
    stored: CustomerDraft,
    row: CustomerDraft,
    new: dict[str, Any],
    changes: list[ValueChange],
) -> None:
    names = dict(stored.names)
    for language, name in row.names.items():
        old = names.get(language)
        if not name.full or (old is not None and _is_same_name(old.full, name.full)):
            continue
        names[language] = name if old is None else replace(name, called=name.called or old.called)
        if old is not None:
            changes.append(ValueChange("names", old.full, name.full))
    if names != stored.names:
        new["names"] = names


def _is_same_name(one: str, other: str) -> bool:
    return full_names([one]) == full_names([other])


def _replace_wishes(
    stored: CustomerDraft,
    row: CustomerDraft,
    new: dict[str, Any],
    changes: list[ValueChange],
) -> None:
    if not row.wishes and not row.preferences:
        return
    ours = preferences_by_subject(stored.wishes, stored.preferences)
    theirs = preferences_by_subject(row.wishes, row.preferences)
    for subject, wish in theirs.items():
        if ours.get(subject, wish) != wish:
            changes.append(ValueChange("wishes", ours[subject], wish))
    both = {**ours, **theirs}
    if both != ours:
        new |= {"wishes": both, "preferences": join_preferences(both)}


def _replaced_own(
    stored: OwnValues, row: OwnValues, changes: list[ValueChange]
) -> Mapping[str, OwnValue]:
    for key, value in row.items():
        if stored.get(key, value) != value:
            changes.append(ValueChange(f"own:{key}", _text(stored[key]), _text(value)))
    return {**stored, **row}


def _updated_trips(
    stored: CustomerDraft, row: CustomerDraft, changes: list[ValueChange]
) -> tuple[TripDraft, ...]:
    again = {same_trip(trip): trip for trip in row.trips}
    return tuple(
        trip if (more := again.get(same_trip(trip))) is None else _updated_trip(trip, more, changes)
        for trip in stored.trips
    )


def _updated_trip(trip: TripDraft, row: TripDraft, changes: list[ValueChange]) -> TripDraft:
    names = _TRIP_FIELDS if row.is_status_guessed else (*_TRIP_FIELDS, "status")
    new = {
        name: value
        for name in names
        if (value := getattr(row, name)) not in (getattr(_NO_TRIP, name), getattr(trip, name))
        or (name == "status" and value is not trip.status)
    }
    if "note" in new and trip.note:
        lines = [line for line in row.note.splitlines() if line not in trip.note.splitlines()]
        new["note"] = "\n".join([trip.note, *lines])
        if not lines:
            del new["note"]
    for name, value in new.items():
        old = getattr(trip, name)
        if name != "note" and old != getattr(_NO_TRIP, name):
            changes.append(ValueChange(name, _text(old), _text(value)))
    own = _replaced_own(trip.own, row.own, changes)
    if own != trip.own:
        new["own"] = own
    return replace(trip, **new) if new else trip


def _money(draft: CustomerDraft) -> str:
    return f"{draft.balance} {draft.currency}".strip()


def _text(value: object) -> str:
    match value:
        case Enum():
            return str(value.value)
        case date():
            return value.isoformat()
        case Mapping():
            return ", ".join(map(str, value.values()))
        case _:
            return str(value)
