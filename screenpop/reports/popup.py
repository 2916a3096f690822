"""How often the card was on the screen before the phone was answered, and why it was not.

Counted are inbound calls that one of our phones answered; the phone that answered first decides.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import TypeVar

K = TypeVar("K")


class PopupOutcome(StrEnum):
    BEFORE_PICKUP = "before_pickup"
    LATE = "late"
    """Painted after the phone was answered."""
    NOT_PAINTED = "not_painted"
    """A page received the card and never reported it as painted."""
    NOT_RECEIVED = "not_received"
    """There was a card, and no page of the agent received it: none was open or connected."""
    NO_CARD = "no_card"
    """The agent had no card of this call: by their own settings, or the PBX link was down."""
    NO_AGENT = "no_agent"
    """No agent was assigned to the phone that answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTimes:
    """Times of the first receipts of a card; seconds since 1970, None if it never came."""

    sent_at: float | None = None
    received_at: float | None = None
    painted_at: float | None = None
    seen_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredCall:
    """One answered inbound call. Times are seconds since 1970 (UTC)."""

    call: int
    arrived_at: float
    rang_at: float
    """When the phone that answered first began to ring."""
    answered_at: float
    agent: int | None
    """The agent of that phone."""
    queue: str
    hour: int
    """Hour of the day, 0 to 23, in the office's time zone."""
    browser: str
    """The browser of the agent's last login before the call; empty if not known."""
    painted_before_pickup: bool
    card: CardTimes | None
    """None if the agent had no card of this call."""


class Step(StrEnum):
    """What is timed from the ring of the phone."""

    SENT = "sent"
    RECEIVED = "received"
    PAINTED = "painted"
    SEEN = "seen"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Share:
    answered: int
    before: int

    @property
    def part(self) -> float | None:
        """The share, 0 to 1; None of no calls."""
        return self.before / self.answered if self.answered else None


@dataclass(frozen=True, slots=True)
class Distribution:
    """Seconds from the ring. ``bins``: how many calls by the edges of ``BIN_EDGES_S``."""

    count: int
    p50: float
    p90: float
    p99: float
    bins: tuple[int, ...]


BIN_EDGES_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0)
"""Upper edges of the bins, exclusive; one more bin is without an upper edge."""


@dataclass(frozen=True, slots=True)
class PopupSummary:
    total: Share
    outcomes: Mapping[PopupOutcome, int]
    by_agent: Mapping[int | None, Share]
    by_queue: Mapping[str, Share]
    by_hour: Mapping[int, Share]
    by_browser: Mapping[str, Share]
    steps: Mapping[Step, Distribution]
    """Steps that no call had are left out."""


def popup_outcome(call: AnsweredCall) -> PopupOutcome:
    if call.painted_before_pickup:
        return PopupOutcome.BEFORE_PICKUP
    if call.agent is None:
        return PopupOutcome.NO_AGENT
    if call.card is None:
        return PopupOutcome.NO_CARD
    if call.card.received_at is None and call.card.painted_at is None:
        return PopupOutcome.NOT_RECEIVED
    if call.card.painted_at is None:
        return PopupOutcome.NOT_PAINTED
    return PopupOutcome.LATE


def answered_by(
    calls: Iterable[AnsweredCall], agents: Collection[int] | None
) -> tuple[AnsweredCall, ...]:
    """Return the calls that one of these agents or the phone of no agent answered; None: all."""
    return tuple(one for one in calls if agents is None or one.agent is None or one.agent in agents)


def summarize_popups(calls: Sequence[AnsweredCall]) -> PopupSummary:
    outcomes = dict.fromkeys(PopupOutcome, 0)
    for call in calls:
        outcomes[popup_outcome(call)] += 1
    return PopupSummary(
        Share(len(calls), outcomes[PopupOutcome.BEFORE_PICKUP]),
        outcomes,
        _shares(calls, lambda call: call.agent),
        _shares(calls, lambda call: call.queue),
        _shares(calls, lambda call: call.hour),
        _shares(calls, lambda call: call.browser),
        _steps(calls),
    )


def _shares(calls: Iterable[AnsweredCall], key: Callable[[AnsweredCall], K]) -> dict[K, Share]:
    counted: dict[K, list[int]] = defaultdict(lambda: [0, 0])
    for call in calls:
        pair = counted[key(call)]
        pair[0] += 1
        pair[1] += call.painted_before_pickup
    return {value: Share(*pair) for value, pair in counted.items()}


def _steps(calls: Iterable[AnsweredCall]) -> dict[Step, Distribution]:
    taken: dict[Step, list[float]] = {step: [] for step in Step}
    for call in calls:
        taken[Step.ANSWERED].append(max(call.answered_at - call.rang_at, 0.0))
        if call.card is None:
            continue
        for step, at in (
            (Step.SENT, call.card.sent_at),
            (Step.RECEIVED, call.card.received_at),
            (Step.PAINTED, call.card.painted_at),
            (Step.SEEN, call.card.seen_at),
        ):
            if at is not None:
                # The clocks of two machines may differ by some milliseconds.
                taken[step].append(max(at - call.rang_at, 0.0))
    return {step: _distribution(sorted(times)) for step, times in taken.items() if times}


def _distribution(times: Sequence[float]) -> Distribution:
    """Return the distribution of sorted times, of which there is at least one."""
    bins = [0] * (len(BIN_EDGES_S) + 1)
    place = 0
    for seconds in times:
        while place < len(BIN_EDGES_S) and seconds >= BIN_EDGES_S[place]:
            place += 1
        bins[place] += 1
    return Distribution(
        len(times),
        _quantile(times, 50),
        _quantile(times, 90),
        _quantile(times, 99),
        tuple(bins),
    )


def _quantile(times: Sequence[float], percent: int) -> float:
    """Return the least time that at least this percentage of all do not exceed (nearest rank)."""
    return times[ceil(len(times) * percent / 100) - 1]
