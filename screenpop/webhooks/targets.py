"""A target of webhooks, the state of a delivery, and the times of its attempts."""

from dataclasses import dataclass
from enum import StrEnum

from screenpop.webhooks.events import EventType, OutgoingEvent


class TargetShape(StrEnum):
    STANDARD = "standard"
    ZAMMAD = "zammad"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"
    """Every attempt failed until the time was over."""
    GONE = "gone"
    """The target answered 410, which switched it off."""


@dataclass(frozen=True, slots=True)
class Target:
    """A target without its secret. Times are seconds since 1970, UTC."""

    id: int
    name: str
    url: str
    shape: TargetShape
    types: frozenset[EventType]
    with_numbers: bool
    with_names: bool
    is_active: bool
    off_reason: str
    """``gone`` after an answer of 410; else empty."""
    failures: int
    """Attempts that failed in a row."""
    failing_since: float | None
    paused_until: float | None
    made_at: float
    secret_sealed: str = ""

    def is_paused(self, now: float) -> bool:
        """Return whether nothing is sent now: never for longer from now than a pause lasts, as
        the clock that wrote its end may have been ahead."""
        longest_s = pause_s(self.failures) * LONGEST_PAUSE
        return self.paused_until is not None and now < self.paused_until <= now + longest_s


@dataclass(frozen=True, slots=True)
class Delivery:
    id: int
    target_id: int
    event: OutgoingEvent
    state: DeliveryState
    attempts: int
    made_at: float
    next_at: float
    last_at: float | None = None
    status: int | None = None
    """HTTP status of the last answer; None if there was none."""
    problem: str = ""
    """Code of what prevented an answer, as ``app.webhook_sender`` has them; or empty."""
    took_ms: int | None = None


SHORTEST_PAUSE, LONGEST_PAUSE = 0.8, 1.2
"""Random factors of a pause: not all targets and events at the same moment."""
_PAUSES_S = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14400.0)


def pause_s(failures: int) -> float:
    """Return how many seconds to wait after this many failures in a row: 5 s to 4 h."""
    return _PAUSES_S[min(max(failures, 1), len(_PAUSES_S)) - 1]


_OF_THE_EVENT = frozenset({400, 409, 413, 415, 422})


def blames_target(status: int | None) -> bool:
    """Return whether a failure concerns all events of a target, not only the one sent."""
    return status not in _OF_THE_EVENT
