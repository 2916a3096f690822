"""Which numbers are being looked up: at most so many at once, one a number, none for ever.

Only the bookkeeping: the asking is done outside, its answer comes back as a value.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import NewType

from screenpop.telephony.caller_id import CallerId

NumberKey = NewType("NumberKey", str)
"""What makes two lookups the same one."""

MAX_IN_FLIGHT = 8
LOOKUP_TIMEOUT_S = 2.0
"""After that the card says that the records cannot be reached."""


def number_key(caller: CallerId) -> NumberKey | None:
    """None for a caller id that no record can hold: withheld, an extension, a service code."""
    if caller.e164 is not None:
        return NumberKey(caller.e164)
    if caller.last_nine is not None:
        return NumberKey(f"raw:{caller.raw}")
    return None


@dataclass(frozen=True, slots=True)
class LookupRequest:
    """Ask the records for this number now, and bring the answer back under ``key``."""

    key: NumberKey
    caller: CallerId


@dataclass(slots=True)
class _InFlight:
    look_up: LookupRequest
    asked_at: float


@dataclass(slots=True)
class LookupQueue:
    """Times are seconds of any clock that only goes forward."""

    most: int = MAX_IN_FLIGHT
    limit_s: float = LOOKUP_TIMEOUT_S
    _in_flight: dict[NumberKey, _InFlight] = field(default_factory=dict)
    _waiting: dict[NumberKey, _InFlight] = field(default_factory=dict)
    _ready: deque[LookupRequest] = field(default_factory=deque)

    def ask(self, caller: CallerId, now: float) -> NumberKey | None:
        """Have a number looked up unless it is already. None when there is nothing to look up."""
        key = number_key(caller)
        if key is None or key in self._in_flight or key in self._waiting:
            return key
        self._waiting[key] = _InFlight(LookupRequest(key, caller), now)
        self._fill()
        return key

    def start(self) -> LookupRequest | None:
        """The next lookup to be made, each given out once; None when none may start."""
        return self._ready.popleft() if self._ready else None

    def answered(self, key: NumberKey) -> bool:
        """An answer (or a failure) came back. False when nobody waits for it any more."""
        awaited = self._in_flight.pop(key, None) is not None
        self._fill()
        return awaited

    def expired(self, now: float) -> tuple[NumberKey, ...]:
        """The numbers that took too long; their late answers will find nobody."""
        late = [
            key
            for asked in (self._in_flight, self._waiting)
            for key, one in asked.items()
            if now - one.asked_at >= self.limit_s
        ]
        for key in late:
            self._in_flight.pop(key, None)
            self._waiting.pop(key, None)
        self._ready = deque(one for one in self._ready if one.key not in late)
        self._fill()
        return tuple(late)

    def next_limit(self) -> float | None:
        """When the next lookup will have taken too long."""
        times = [one.asked_at for one in (*self._in_flight.values(), *self._waiting.values())]
        return min(times) + self.limit_s if times else None

    def _fill(self) -> None:
        while self._waiting and len(self._in_flight) < self.most:
            key = next(iter(self._waiting))
            asked = self._in_flight[key] = self._waiting.pop(key)
            self._ready.append(asked.look_up)
