"""What the scale demo proves: rings compared with the cards that pages received."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.page_orders import Break, ReceivedCards
from benchmarks.ratios import Latency, latency_of
from tests.whole_office.simulated_pbx import Ring

IN_FLIGHT_S = 1.0
"""A ring so long before the kill may not have reached Redis when the listener died; one so long
after it may come before the PBX knows that no client follows."""


@dataclass(frozen=True, slots=True)
class Takeover:
    """The listener was killed at ``killed_at``, on the clock of the rings."""

    killed_at: float
    first_card_s: float | None
    """Seconds until the first card of a call that rang after it; None: none arrived."""
    rings_unheard: int
    """Phones that rang while no listener followed the PBX, and just before and after the kill."""
    shown_later: int
    """Of these, how many got their card all the same, from the PBX's list of live calls."""


@dataclass(frozen=True, slots=True)
class ScaleResult:
    rings: int
    seen: int
    lost: tuple[Ring, ...]
    """Without a card at their phone, and not in the gap of a takeover."""
    misrouted: int
    """Cards at a phone that did not ring for their call."""
    repeated: int
    usual: Latency | None
    """Of rings while the listener followed and the page was connected."""
    interrupted: Latency | None
    """Of all others that got their card."""
    takeover: Takeover | None
    reconnected: Latency | None
    """Seconds without a connection, of pages that had a break."""
    still_away: int
    """Pages that were not connected at the end."""

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.misrouted or self.still_away)


def judge(
    rings: Sequence[Ring], received: ReceivedCards, killed_at: float | None = None
) -> ScaleResult:
    """Compare the rings with the cards. ``killed_at``: of the active listener."""
    came = {(one.call, one.phone): one.at for one in received.first}
    rang = {(one.call, one.phone) for one in rings}
    breaks: dict[str, list[Break]] = {}
    for one in received.breaks:
        breaks.setdefault(one.phone, []).append(one)
    usual: list[float] = []
    interrupted: list[float] = []
    lost: list[Ring] = []
    unheard = later = 0
    for ring in rings:
        at = came.get((ring.call, ring.phone))
        is_unheard = _is_unheard(ring, killed_at)
        unheard += is_unheard
        if at is None:
            if not is_unheard:
                lost.append(ring)
            continue
        later += is_unheard
        is_away = any(_was_away(one, ring.at) for one in breaks.get(ring.phone, ()))
        (interrupted if is_unheard or is_away else usual).append(at - ring.at)
    takeover = None
    if killed_at is not None:
        after = [
            came[ring.call, ring.phone] - killed_at
            for ring in rings
            if ring.at > killed_at and (ring.call, ring.phone) in came
        ]
        takeover = Takeover(killed_at, min(after, default=None), unheard, later)
    return ScaleResult(
        rings=len(rings),
        seen=sum((ring.call, ring.phone) in came for ring in rings),
        lost=tuple(lost),
        misrouted=sum(pair not in rang for pair in came),
        repeated=received.repeated,
        usual=_latency(usual),
        interrupted=_latency(interrupted),
        takeover=takeover,
        reconnected=_latency(o.until - o.since for o in received.breaks if o.until is not None),
        still_away=sum(one.until is None for one in received.breaks),
    )


def _is_unheard(ring: Ring, killed_at: float | None) -> bool:
    in_flight = killed_at is not None and abs(killed_at - ring.at) <= IN_FLIGHT_S
    return killed_at is not None and (in_flight or (ring.at > killed_at and not ring.is_followed))


def _was_away(one: Break, at: float) -> bool:
    # A page that has just lost its connection learns of it later.
    return one.since - IN_FLIGHT_S <= at and (one.until is None or at <= one.until)


def _latency(seconds: Iterable[float]) -> Latency | None:
    times = list(seconds)
    return latency_of(times) if times else None
