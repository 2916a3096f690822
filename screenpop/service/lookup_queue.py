"""Bounds the running lookups: a maximum at once, one per number, each with a time limit.

Bookkeeping only: the lookup is done outside, its answer comes back as a value.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import NewType

from screenpop.telephony.caller_id import CallerId

NumberKey = NewType("NumberKey", str)
"""Identifies equal lookups."""

MAX_IN_FLIGHT = 8
LOOKUP_TIMEOUT_S = 2.0
"""Seconds until the card shows that the records cannot be reached."""


def number_key(caller: CallerId) -> NumberKey | None:
    """Return the key; None if no record can have it: withheld, an extension, a service code."""
    if caller.e164 is not None:
        return NumberKey(caller.e164)
    if caller.last_nine is not None:
        return NumberKey(f"raw:{caller.raw}")
    return None


@dataclass(frozen=True, slots=True)
class LookupRequest:
    """Look this number up now, and return the answer under ``key``."""

    key: NumberKey
    caller: CallerId


@dataclass(slots=True)
class _InFlight:
    look_up: LookupRequest
    asked_at: float


@dataclass(slots=True)
class LookupQueue:
    """The waiting and running lookups. Times are seconds of any monotonic clock."""

    most: int = MAX_IN_FLIGHT
    limit_s: float = LOOKUP_TIMEOUT_S
    _in_flight: dict[NumberKey, _InFlight] = field(default_factory=dict)
    _waiting: dict[NumberKey, _InFlight] = field(default_factory=dict)
    _ready: deque[LookupRequest] = field(default_factory=deque)

    def ask(self, caller: CallerId, now: float) -> NumberKey | None:
        """Queue a lookup unless it is already queued. None when there is nothing to look up."""
        key = number_key(caller)
        if key is None or key in self._in_flight or key in self._waiting:
            return key
        self._waiting[key] = _InFlight(LookupRequest(key, caller), now)
        self._fill()
        return key

    def start(self) -> LookupRequest | None:
        """Return the next lookup to be made, each once; None when none may start."""
        return self._ready.popleft() if self._ready else None

    def answered(self, key: NumberKey) -> bool:
        """Remove an answered or failed lookup. False when no call waits for it any more."""
        awaited = self._in_flight.pop(key, None) is not None
        self._fill()
        return awaited

    def expired(self, now: float) -> tuple[NumberKey, ...]:
        """Return the numbers that reached the time limit; their late answers are ignored."""
        late = [
            key
            for asked in (self._in_flight, self._waiting)
            for key, request in asked.items()
            if now - request.asked_at >= self.limit_s
        ]
        for key in late:
            self._in_flight.pop(key, None)
            self._waiting.pop(key, None)
        self._ready = deque(request for request in self._ready if request.key not in late)
        self._fill()
        return tuple(late)

    def next_limit(self) -> float | None:
        """Return when the next lookup reaches its time limit."""
        times = [
            request.asked_at for request in (*self._in_flight.values(), *self._waiting.values())
        ]
        return min(times) + self.limit_s if times else None

    def _fill(self) -> None:
        while self._waiting and len(self._in_flight) < self.most:
            key = next(iter(self._waiting))
            asked = self._in_flight[key] = self._waiting.pop(key)
            self._ready.append(asked.look_up)
