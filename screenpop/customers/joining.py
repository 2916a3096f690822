"""Two tellings of one person become one: what is known stays, what was missing is added."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

from screenpop.customers.draft import CustomerDraft, PhoneDraft, TripDraft
from screenpop.customers.folding import fold

_One = TypeVar("_One", PhoneDraft, TripDraft)
_UNSAID = CustomerDraft(names={})
_PLAIN_FIELDS = (
    "title",
    "gender",
    "language",
    "tier",
    "birthday",
    "anniversary",
    "customer_since",
    "preferences",
    "household",
    "company",
    "owner",
    "referred_by",
)
_MONEY = ("balance", "currency")


@dataclass(frozen=True, slots=True)
class Joined:
    draft: CustomerDraft
    """All that is known of the person now."""
    added: tuple[str, ...]
    """Fields of the draft that say more than before, ``phones`` and ``trips`` among them."""
    differs: tuple[str, ...]
    """Fields in which the newcomer says something else; what was there stays."""


def joined(kept: CustomerDraft, more: CustomerDraft) -> Joined:
    """What ``more`` knows beyond ``kept``. Nothing that was said is ever replaced."""
    new: dict[str, Any] = {}
    differs = []
    for field in _PLAIN_FIELDS:
        ours, theirs, unsaid = getattr(kept, field), getattr(more, field), getattr(_UNSAID, field)
        if theirs in (unsaid, ours):
            continue
        if ours == unsaid:
            new[field] = theirs
        else:
            differs.append(field)
    _join_money(kept, more, new, differs)
    _join_names(kept, more, new, differs)
    several = {
        "emails": _union(kept.emails, more.emails),
        "tags": _union(kept.tags, more.tags),
        "notes": _join_notes(kept.notes, more.notes),
        "phones": (*kept.phones, *new_phones(kept.phones, more.phones)),
        "trips": (*kept.trips, *new_trips(kept.trips, more.trips)),
        "wishes": {**more.wishes, **kept.wishes},
        "consents": {**more.consents, **kept.consents},
        "vip": kept.vip or more.vip,
        # Whoever said no once has not said yes.
        "marketing_consent": kept.marketing_consent and more.marketing_consent,
    }
    new |= {field: value for field, value in several.items() if value != getattr(kept, field)}
    return Joined(replace(kept, **new), tuple(new), tuple(differs))


def new_phones(kept: Iterable[PhoneDraft], more: Iterable[PhoneDraft]) -> tuple[PhoneDraft, ...]:
    """Those of ``more`` that are not there in any spelling, each once."""
    return _not_yet(kept, more, _number)


def new_trips(kept: Iterable[TripDraft], more: Iterable[TripDraft]) -> tuple[TripDraft, ...]:
    return _not_yet(kept, more, same_trip)


def same_trip(trip: TripDraft) -> tuple[object, ...]:
    """Two trips with the same mark are one: to the same place on the same day. Without a day, or
    without a place, the price tells them apart."""
    place = fold(trip.destination)
    if place and trip.departs is not None:
        return place, trip.departs
    return place, trip.departs, trip.country, trip.product, trip.returns, trip.price


def full_names(names: Iterable[str]) -> frozenset[str]:
    """Names as they are compared: folded, whatever the order of their words."""
    return frozenset([_sorted_words(name) for name in names]) - _NO_NAME


_NO_NAME = frozenset([""])


def _sorted_words(name: str) -> str:
    folded = " ".join([_folded_word(word) for word in name.split()])
    return " ".join(sorted(folded.split()))


@lru_cache(maxsize=32_768)
def _folded_word(word: str) -> str:
    """A hundred thousand people share a few thousand names."""
    return fold(word)


def _not_yet(
    kept: Iterable[_One], more: Iterable[_One], mark: Callable[[_One], object]
) -> tuple[_One, ...]:
    known = {mark(one) for one in kept}
    new: dict[object, _One] = {}
    for one in more:
        if mark(one) not in known:
            new.setdefault(mark(one), one)
    return tuple(new.values())


def _number(phone: PhoneDraft) -> str:
    return phone.e164 or "".join(char for char in fold(phone.raw) if char.isalnum())


def _union(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    known = {fold(one) for one in ours}
    return (*ours, *dict.fromkeys(one for one in theirs if fold(one) not in known))


def _join_notes(ours: str, theirs: str) -> str:
    """Line by line, so that the same sheet read again adds nothing."""
    known = set(ours.splitlines())
    new = [line for line in theirs.splitlines() if line not in known]
    return "\n".join([ours, *new] if ours else new) if new else ours


def _join_money(
    kept: CustomerDraft, more: CustomerDraft, new: dict[str, Any], differs: list[str]
) -> None:
    """An amount goes with its currency, or not at all."""
    if not more.balance or (kept.balance, kept.currency) == (more.balance, more.currency):
        return
    if kept.balance:
        differs.append("balance")
    else:
        new |= {name: getattr(more, name) for name in _MONEY}


def _join_names(
    kept: CustomerDraft, more: CustomerDraft, new: dict[str, Any], differs: list[str]
) -> None:
    known = full_names(name.full for name in kept.names.values())
    others = {
        language: name
        for language, name in more.names.items()
        if name.full and not full_names([name.full]) <= known
    }
    added = {language: name for language, name in others.items() if language not in kept.names}
    if added:
        new["names"] = {**kept.names, **added}
    if len(added) < len(others):
        differs.append("names")
