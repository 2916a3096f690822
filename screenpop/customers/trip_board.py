"""The board of trips: its columns, the checklist of a trip, and what makes a trip stuck."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from screenpop.customers.models import TripStatus, VisaState

COLUMNS = (
    TripStatus.ASKED,
    TripStatus.QUOTED,
    TripStatus.BOOKED,
    TripStatus.TICKETED,
    TripStatus.TRAVELLING,
    TripStatus.TRAVELLED,
)
"""In the order of a trip's way; a cancelled trip is on no column."""


class CheckItem(StrEnum):
    PASSPORT = "passport"
    VISA = "visa"
    SEATS = "seats"
    VOUCHER = "voucher"
    BALANCE = "balance"


TICKED_BY_HAND = frozenset({CheckItem.PASSPORT, CheckItem.SEATS, CheckItem.VOUCHER})
"""The visa is kept with the trip, the balance follows from its payments."""


class StuckReason(StrEnum):
    DAYS_IN_STATE = "days_in_state"
    NEAR_DEPARTURE = "near_departure"
    """The departure is near and an item is open."""
    DEPARTED = "departed"
    """The day of departure is over and the trip is not travelling."""
    RETURNED = "returned"
    """The day of return is over and the trip is still travelling."""


@dataclass(frozen=True, slots=True)
class BoardRules:
    """When a trip is stuck."""

    days_in_state: Mapping[TripStatus, int] = field(
        default_factory=lambda: {
            TripStatus.ASKED: 3,
            TripStatus.QUOTED: 7,
            TripStatus.BOOKED: 14,
        }
    )
    """Most days in a state; a state without a number has no limit."""
    near_days: int = 7
    """Days before the departure from which on an open item makes a trip stuck."""


@dataclass(frozen=True, slots=True)
class BoardTrip:
    """What the checklist and the rules look at."""

    status: TripStatus
    departs: date | None
    returns: date | None
    visa: VisaState
    due_cents: int
    passport_until: date | None
    """The last day of the buyer's passport that ends last; None without one."""
    ticked: frozenset[CheckItem] = frozenset()
    """Items ticked by hand."""
    since: date | None = None
    """The day on which the trip came into its state; None where it is not known."""


def done_items(trip: BoardTrip) -> frozenset[CheckItem]:
    """Return the items that are done: ticked, or known from the file."""
    done = set(trip.ticked & TICKED_BY_HAND)
    if trip.visa in {VisaState.NOT_NEEDED, VisaState.ISSUED}:
        done.add(CheckItem.VISA)
    if trip.due_cents <= 0:
        done.add(CheckItem.BALANCE)
    last = trip.returns or trip.departs
    if trip.passport_until is not None and last is not None and trip.passport_until >= last:
        done.add(CheckItem.PASSPORT)
    return frozenset(done)


def stuck_reasons(
    trip: BoardTrip, rules: BoardRules, today: date, *, with_balance: bool
) -> tuple[StuckReason, ...]:
    """Return why a trip is stuck; empty if it is not.

    ``with_balance``: whether an open balance counts, for users who may know of it.
    """
    found = []
    most = rules.days_in_state.get(trip.status)
    if most is not None and trip.since is not None and (today - trip.since).days > most:
        found.append(StuckReason.DAYS_IN_STATE)
    if trip.status in {TripStatus.BOOKED, TripStatus.TICKETED} and trip.departs is not None:
        days = (trip.departs - today).days
        wanted = frozenset(CheckItem) - (frozenset() if with_balance else {CheckItem.BALANCE})
        if days < 0:
            found.append(StuckReason.DEPARTED)
        elif days <= rules.near_days and wanted - done_items(trip):
            found.append(StuckReason.NEAR_DEPARTURE)
    if trip.status is TripStatus.TRAVELLING and trip.returns is not None and trip.returns < today:
        found.append(StuckReason.RETURNED)
    return tuple(found)
