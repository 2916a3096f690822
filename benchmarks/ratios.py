"""Computes figures from time stamps: latency, lost and misrouted cards, ratios to a floor."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.page import Seen
from benchmarks.pbx import Rang

NOISY_ABOVE = 1.25
"""Highest ratio of the floors before and after a measurement on a quiet machine."""
NOISY_TAIL = 12
"""Highest ratio of a floor's p99 to its p50 on a quiet machine, where it is two to four; with other
programs running it is about a hundred."""


@dataclass(frozen=True, slots=True)
class Latency:
    """In seconds, from the send of the ring to the card's frame at the browser."""

    p50: float
    p99: float
    longest: float
    calls: int


@dataclass(frozen=True, slots=True)
class Routed:
    """The result of the calls that were played."""

    latency: Latency | None
    """None when no card arrived at all."""
    lost: tuple[str, ...]
    """Calls without a card at the phone that rang."""
    misrouted: tuple[str, ...]
    """Calls with a card at a phone that did not ring, and cards of unknown calls."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The same figure of several repetitions."""

    median: float
    least: float
    most: float


def route(
    rang: Iterable[Rang], seen: Iterable[Seen], stalled: frozenset[str] = frozenset()
) -> Routed:
    """Compare the cards with the rings. Phones that are ``stalled`` may receive nothing."""
    wanted = {(ring.call, ring.phone): ring.at for ring in rang}
    took = {(s.call, s.phone): s.at - wanted[s.call, s.phone] for s in seen if s[:2] in wanted}
    lost = [call for call, phone in wanted if (call, phone) not in took and phone not in stalled]
    wrong = [s.call for s in seen if s[:2] not in wanted]
    return Routed(latency_of(took.values()) if took else None, tuple(lost), tuple(wrong))


def latency_of(seconds: Iterable[float]) -> Latency:
    times = sorted(seconds)
    return Latency(percentile(times, 50), percentile(times, 99), times[-1], len(times))


def percentile(ordered: Sequence[float], per_cent: float) -> float:
    """Return the nearest-rank percentile, which is always a measured value."""
    return ordered[max(0, math.ceil(len(ordered) * per_cent / 100) - 1)]


def spread(figures: Iterable[float]) -> Spread:
    values = list(figures)
    return Spread(median(values), min(values), max(values))


def is_calm(floor: Latency) -> bool:
    """Return whether a floor's p99 is below ``NOISY_TAIL`` times its p50."""
    return floor.p99 < NOISY_TAIL * floor.p50


def is_noisy(floor_before: float, floor_after: float) -> bool:
    low, high = sorted((floor_before, floor_after))
    return high > low * NOISY_ABOVE
