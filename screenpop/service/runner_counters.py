"""Counters of the task that owns the calls, for the metrics."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from screenpop.common.histogram import Histogram
from screenpop.customers.models import CallerRecord
from screenpop.service.ports import CardDelivery, LoggedCall

PAINTED_EDGES_S = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0)
"""A card is due within half a second from the ring; above 5 s the phone is answered already."""
LAG_EDGES_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0)
LOOKUP_EDGES_S = (0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0)


class LookupOutcome(StrEnum):
    FOUND = "found"
    """At least one customer has the number."""
    NOT_FOUND = "not_found"
    FAILED = "failed"
    """The records could not be reached in time."""


class CardOutcome(StrEnum):
    """What became of the card of a phone that rang, known when the call ends."""

    BEFORE_PICKUP = "before_pickup"
    AFTER_PICKUP = "after_pickup"
    UNANSWERED = "unanswered"
    """Painted, and this agent did not take the call."""
    NOT_PAINTED = "not_painted"
    """A page received the card and never reported it as painted."""
    NO_PAGE = "no_page"
    """No page of the agent was open or connected."""


@dataclass(slots=True)
class RunnerCounters:
    """Counters for the metrics."""

    messages: int = 0
    malformed: int = 0
    cards: int = 0
    calls_kept: int = 0
    failures: int = 0
    lag: Histogram = field(default_factory=lambda: Histogram(LAG_EDGES_S))
    """Seconds from the arrival of events to their handling."""
    lookups: dict[LookupOutcome, Histogram] = field(
        default_factory=lambda: {outcome: Histogram(LOOKUP_EDGES_S) for outcome in LookupOutcome}
    )
    """Seconds of each lookup."""
    card_outcomes: Counter[CardOutcome] = field(default_factory=Counter)
    painted: Histogram = field(default_factory=lambda: Histogram(PAINTED_EDGES_S))
    """Seconds from the first ring of the agent's phone to the painted card."""

    def looked_up(self, record: CallerRecord | None, took_s: float) -> None:
        """Count a lookup; ``record`` is None if it failed."""
        self.lookups[lookup_outcome(record)].observe(took_s)

    def call_ended(self, record: LoggedCall) -> None:
        """Count the cards of a call that is logged for the first time."""
        self.calls_kept += 1
        for outcome, painted_after_s in outcomes_of_cards(record):
            self.card_outcomes[outcome] += 1
            if painted_after_s is not None:
                self.painted.observe(painted_after_s)


def lookup_outcome(record: CallerRecord | None) -> LookupOutcome:
    if record is None:
        return LookupOutcome.FAILED
    return LookupOutcome.FOUND if record.exact or record.maybe else LookupOutcome.NOT_FOUND


def outcomes_of_cards(record: LoggedCall) -> Iterator[tuple[CardOutcome, float | None]]:
    """Return the outcome of each card whose agent's phone rang, and the seconds from the first
    ring to the painting; None if it was not painted."""
    for card in record.painted:
        rings = [leg.rang_at for leg in record.entry.legs if card.sat_at(leg.endpoint)]
        if rings:
            after_s = None if card.painted_at is None else card.painted_at - min(rings)
            yield _outcome_of(card), after_s


def _outcome_of(card: CardDelivery) -> CardOutcome:
    if card.painted_at is None:
        return CardOutcome.NO_PAGE if card.received_at is None else CardOutcome.NOT_PAINTED
    if card.before_pickup is None:
        return CardOutcome.UNANSWERED
    return CardOutcome.BEFORE_PICKUP if card.before_pickup else CardOutcome.AFTER_PICKUP
