"""Plays demo calls: one soon after a page opens, then one every few seconds."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from screenpop.demo.schedule import CallSchedule
from screenpop.simulator.call_player import CallPlayer
from screenpop.simulator.call_script import ScriptedCall
from screenpop.simulator.script_player import Wait

LOOK_EVERY_S = 0.25
WELCOME_AFTER_S = 1.2
"""Seconds from the opening of an agent's page to its first call."""
PAUSES_S = (4.0, 7.0)
IDLE_S = 30.0
"""Seconds between calls without viewers."""


@dataclass(frozen=True, slots=True)
class DemoViewers:
    phones: tuple[str, ...] = ()
    """The phones of agents who have a page open."""
    is_watched: bool = False
    """True if a page is open, with a phone or without."""


@dataclass(slots=True)
class DemoDriver:
    """Starts calls. ``audience`` is polled every quarter of a second; ``clock`` is monotonic."""

    player: CallPlayer
    programme: CallSchedule
    audience: Callable[[], DemoViewers]
    clock: Callable[[], float]
    rng: random.Random
    wait: Wait
    _seen: set[str] = field(default_factory=set)
    _welcomes: dict[str, float] = field(default_factory=dict)
    _next_at: float | None = None

    async def run(self) -> None:
        """Play calls for ever."""
        while True:
            self.look()
            await self.wait(LOOK_EVERY_S)

    def look(self) -> None:
        now, audience = self.clock(), self.audience()
        watching = set(audience.phones)
        for phone in watching - self._seen:
            self._welcomes[phone] = now + WELCOME_AFTER_S
        for phone in self._seen - watching:
            self._welcomes.pop(phone, None)
        self._seen = watching
        free = self.player.free_phones()
        # An agent with a busy phone sees that call's card; the first call waits for its end.
        due = [phone for phone, at in self._welcomes.items() if at <= now and phone in free]
        for phone in due:
            del self._welcomes[phone]
            self._play(self.programme.lead(phone), audience)
        if self._is_time(now, audience) and not due and free:
            watched = [phone for phone in free if phone in audience.phones]
            favourite = self.rng.choice(watched) if watched else ""
            # Without viewers, most phones stay free for the next viewer.
            phones = free if audience.is_watched else [self.rng.choice(free)]
            self._play(self.programme.next(phones, favourite), audience)

    def _is_time(self, now: float, audience: DemoViewers) -> bool:
        if self._next_at is None:
            self._next_at = now if audience.is_watched else now + IDLE_S
        elif audience.is_watched:
            self._next_at = min(self._next_at, now + PAUSES_S[1])
        return self._next_at <= now

    def _play(self, call: ScriptedCall, audience: DemoViewers) -> None:
        pause = self.rng.uniform(*PAUSES_S) if audience.is_watched else IDLE_S
        self._next_at = self.clock() + pause
        self.player.start(call)
