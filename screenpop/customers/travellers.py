"""Travellers of a trip in a customer list: when two of them are one, and which customer one is.

Nothing is guessed: a traveller is a customer only if exactly one customer has all that is written
(name, number, customer number). A single word is no name that identifies a customer.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from screenpop.common.search_normalization import fold
from screenpop.customers.draft import TravellerDraft

CHILD_MARK = "*"
"""At the end of a traveller: a child, as in the form of a trip."""
UNKNOWN, SEVERAL = "unknown_traveller", "several_travellers"


@dataclass(frozen=True, slots=True)
class PossibleTraveller:
    """A customer who may be meant. ``names``: folded, their words sorted; ``numbers``: E.164."""

    key: object
    """Equal for the same customer."""
    names: Collection[str]
    numbers: Collection[str]
    customer: int | None
    """None for a customer of the list who is not stored yet."""


def folded_name(name: str) -> str:
    """Return a name for comparison: folded, its words sorted; a comma is no part of it."""
    return " ".join(sorted(fold(name.replace(",", " ").replace("،", " ")).split()))


def traveller_text(traveller: TravellerDraft) -> str:
    """Return what is kept on the trip for a traveller who is no customer."""
    parts = [traveller.name]
    if traveller.numbers:
        number = traveller.numbers[0]
        parts.append(f"({number})" if traveller.name else number)
    if traveller.customer is not None:
        parts.append(f"#{traveller.customer}")
    return " ".join(filter(None, parts))


def join_travellers(
    kept: tuple[TravellerDraft, ...], more: Iterable[TravellerDraft]
) -> tuple[TravellerDraft, ...]:
    """Return ``kept`` and those of ``more`` that it does not have."""
    joined = list(kept)
    for one in more:
        if not any(is_same_traveller(one, other) for other in joined):
            joined.append(one)
    return tuple(joined) if len(joined) > len(kept) else kept


def is_same_traveller(one: TravellerDraft, other: TravellerDraft) -> bool:
    if one.customer is not None and other.customer is not None:
        return one.customer == other.customer
    if fold(traveller_text(one)) == fold(traveller_text(other)):
        return True
    share = not set(one.numbers).isdisjoint(other.numbers)
    mine, theirs = _names(one), _names(other)
    if mine and theirs:
        either_has_none = not (one.numbers and other.numbers)
        return not mine.isdisjoint(theirs) and (share or either_has_none)
    return share


def _names(traveller: TravellerDraft) -> set[str]:
    return {folded_name(name) for name in (traveller.name, *traveller.also)} - {""}


def identify_traveller(
    traveller: TravellerDraft, possible: Mapping[object, PossibleTraveller]
) -> PossibleTraveller | str:
    """Return the customer who is meant, or the code of the problem: ``UNKNOWN``, ``SEVERAL``."""
    name = folded_name(traveller.name)
    identified = bool(traveller.numbers) or traveller.customer is not None
    if not identified and " " not in name:
        return UNKNOWN
    found = [one for one in possible.values() if _is_meant(one, traveller, name)]
    if len(found) == 1:
        return found[0]
    return SEVERAL if found else UNKNOWN


def _is_meant(one: PossibleTraveller, traveller: TravellerDraft, name: str) -> bool:
    if traveller.customer is not None and one.customer != traveller.customer:
        return False
    if traveller.numbers and set(traveller.numbers).isdisjoint(one.numbers):
        return False
    return not name or name in one.names
