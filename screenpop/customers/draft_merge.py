"""Merge two drafts of one person: known values stay, missing ones are added."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

from screenpop.common.search_normalization import fold
from screenpop.customers.consent import add_consents
from screenpop.customers.documents import differing_documents, join_documents
from screenpop.customers.draft import CaseDraft, CustomerDraft, PhoneDraft, TripDraft
from screenpop.customers.models import PersonName
from screenpop.customers.preferences import join_preferences, preferences_by_subject
from screenpop.customers.travellers import join_travellers

_One = TypeVar("_One", PhoneDraft, TripDraft, CaseDraft)
_UNKNOWN_VALUES = CustomerDraft(names={})
_PLAIN_FIELDS = (
    "title",
    "gender",
    "language",
    "tier",
    "birthday",
    "anniversary",
    "customer_since",
    "household",
    "company",
    "city",
    "heard_from",
    "code",
    "owner",
    "branch",
    "referred_by",
)
_MONEY = ("balance", "currency")


@dataclass(frozen=True, slots=True)
class MergedDraft:
    draft: CustomerDraft
    """The draft with the values of both."""
    added: tuple[str, ...]
    """Fields of the draft that gained values, ``phones``, ``trips`` and ``cases`` among them."""
    differs: tuple[str, ...]
    """Fields in which the second draft has another value; the first one's stays."""


def merge_drafts(kept: CustomerDraft, more: CustomerDraft) -> MergedDraft:
    """Return ``kept`` with what only ``more`` has. A known value is never replaced."""
    new: dict[str, Any] = {}
    differs = []
    for field in _PLAIN_FIELDS:
        ours, theirs, unsaid = (
            getattr(kept, field),
            getattr(more, field),
            getattr(_UNKNOWN_VALUES, field),
        )
        if theirs in (unsaid, ours):
            continue
        if ours == unsaid:
            new[field] = theirs
        else:
            differs.append(field)
    _join_money(kept, more, new, differs)
    _join_names(kept, more, new, differs)
    _join_wishes(kept, more, new, differs)
    if more.documents and differing_documents(kept.documents, more.documents):
        differs.append("documents")
    if any(kept.own.get(key, value) != value for key, value in more.own.items()):
        differs.append("own")
    if _has_refused_consents(kept, more):
        differs.append("consents")
    several = {
        "emails": _union(kept.emails, more.emails),
        "tags": _union(kept.tags, more.tags),
        "notes": _join_notes(kept.notes, more.notes),
        "phones": (*kept.phones, *new_phones(kept.phones, more.phones)),
        "trips": join_trips(kept.trips, more.trips),
        "cases": (*kept.cases, *new_cases(kept.cases, more.cases)),
        "documents": join_documents(kept.documents, more.documents),
        "consents": add_consents(kept.consents, more.consents),
        "vip": kept.vip or more.vip,
        "own": {**more.own, **kept.own} if more.own else kept.own,
    }
    new |= {field: value for field, value in several.items() if value != getattr(kept, field)}
    return MergedDraft(replace(kept, **new), tuple(new), tuple(differs))


def _has_refused_consents(kept: CustomerDraft, more: CustomerDraft) -> bool:
    """Return whether the second draft has a yes where the first has a no, which stays."""
    return any(
        consent.given and channel in kept.consents and not kept.consents[channel].given
        for channel, consent in more.consents.items()
    )


def new_phones(kept: Iterable[PhoneDraft], more: Iterable[PhoneDraft]) -> tuple[PhoneDraft, ...]:
    """Return the phones of ``more`` that ``kept`` has in no spelling, each once."""
    return _missing_items(kept, more, _number)


def new_trips(kept: Iterable[TripDraft], more: Iterable[TripDraft]) -> tuple[TripDraft, ...]:
    return _missing_items(kept, more, same_trip)


def join_trips(kept: tuple[TripDraft, ...], more: Sequence[TripDraft]) -> tuple[TripDraft, ...]:
    """Return the trips of both; a trip that both have gets travellers and own fields of both."""
    found: dict[object, TripDraft] = {}
    for trip in more:
        before = found.get(key := same_trip(trip))
        found[key] = trip if before is None else _with_travellers(before, trip)
    joined = [
        _with_travellers(trip, again) if (again := found.pop(same_trip(trip), None)) else trip
        for trip in kept
    ]
    return (*joined, *found.values())


def _with_travellers(trip: TripDraft, again: TripDraft) -> TripDraft:
    if again.own.keys() - trip.own.keys():
        trip = replace(trip, own={**again.own, **trip.own})
    travellers = join_travellers(trip.travellers, again.travellers)
    return trip if travellers is trip.travellers else replace(trip, travellers=travellers)


def same_trip(trip: TripDraft) -> tuple[object, ...]:
    """Return a key that is equal for two records of one trip: destination and day.

    Without a day or a destination the price is part of the key.
    """
    place = fold(trip.destination)
    if place and trip.departs is not None:
        return place, trip.departs
    return place, trip.departs, trip.country, trip.product, trip.returns, trip.price


def new_cases(kept: Iterable[CaseDraft], more: Iterable[CaseDraft]) -> tuple[CaseDraft, ...]:
    """Return cases that ``kept`` lacks; without an opening day, cases of equal subject are one."""
    before = list(kept)
    known = {_case_topic(case) for case in before}
    dated = _missing_items(before, (case for case in more if case.opened), same_case)
    undated = (case for case in more if not case.opened and _case_topic(case) not in known)
    return (*dated, *_missing_items(dated, undated, same_case))


def same_case(case: CaseDraft) -> tuple[object, ...]:
    return *_case_topic(case), case.opened


def _case_topic(case: CaseDraft) -> tuple[object, ...]:
    return case.kind, fold(case.subject)


def full_names(names: Iterable[str]) -> frozenset[str]:
    """Return names for comparison: folded, their words in any order."""
    return frozenset([_sorted_words(name) for name in names]) - _NO_NAME


_NO_NAME = frozenset([""])


def _sorted_words(name: str) -> str:
    folded = " ".join([_folded_word(word) for word in name.split()])
    return " ".join(sorted(folded.split()))


@lru_cache(maxsize=32_768)
def _folded_word(word: str) -> str:
    """Return the folded word; cached, as many people share few names."""
    return fold(word)


def _missing_items(
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
    """Merge line by line, so that the same sheet read again adds nothing."""
    known = set(ours.splitlines())
    new = [line for line in theirs.splitlines() if line not in known]
    return "\n".join([ours, *new] if ours else new) if new else ours


def _join_money(
    kept: CustomerDraft, more: CustomerDraft, new: dict[str, Any], differs: list[str]
) -> None:
    """Take over an amount only together with its currency."""
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
    called = _merge_called_names(kept, more)
    if called:
        new["names"] = {**new.get("names", kept.names), **called}
    if len(added) < len(others) or _has_other_called_name(kept, more):
        differs.append("names")


def _merge_called_names(kept: CustomerDraft, more: CustomerDraft) -> dict[str, PersonName]:
    """Return stored names that gain the form of address of the same name in ``more``."""
    return {
        language: replace(name, called=again.called)
        for language, name in kept.names.items()
        if not name.called and (again := _same_name(name, more)) is not None and again.called
    }


def _has_other_called_name(kept: CustomerDraft, more: CustomerDraft) -> bool:
    return any(
        name.called
        and (again := _same_name(name, more)) is not None
        and again.called
        and again.called != name.called
        for name in kept.names.values()
    )


def _same_name(name: PersonName, more: CustomerDraft) -> PersonName | None:
    """Return the same name in the other draft."""
    words = full_names([name.full])
    return next((one for one in more.names.values() if full_names([one.full]) == words), None)


def _join_wishes(
    kept: CustomerDraft, more: CustomerDraft, new: dict[str, Any], differs: list[str]
) -> None:
    """Merge preferences by subject; a one-line text stays beside them."""
    if (more.wishes, more.preferences) in (({}, ""), ({}, kept.preferences)):
        return
    if not kept.wishes and not more.wishes:
        if kept.preferences:
            differs.append("preferences")
        else:
            new["preferences"] = more.preferences
        return
    ours = preferences_by_subject(kept.wishes, kept.preferences)
    theirs = preferences_by_subject(more.wishes, more.preferences)
    both = ours | {subject: wish for subject, wish in theirs.items() if subject not in ours}
    if both != ours:
        new |= {"wishes": both, "preferences": join_preferences(both)}
    if any(both[subject] != wish for subject, wish in theirs.items()):
        differs.append("wishes")
