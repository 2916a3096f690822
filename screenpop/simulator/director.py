"""Keeps the demo lively: a call soon for whoever opens a page, then one every few seconds."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from screenpop.simulator.playing import Wait
from screenpop.simulator.programme import Programme
from screenpop.simulator.stage import Stage

LOOK_EVERY_S = 0.25
WELCOME_AFTER_S = 1.2
"""From the opening of an agent's page to its first call: the page has been seen by then."""
PAUSES_S = (4.0, 7.0)
IDLE_S = 30.0
"""Between calls while nobody watches."""


@dataclass(frozen=True, slots=True)
class Audience:
    phones: tuple[str, ...] = ()
    """The phones of agents who have a page open."""
    anybody: bool = False
    """Somebody watches, with a phone or without."""


@dataclass(slots=True)
class Director:
    """``audience`` is asked every quarter of a second. ``clock`` only goes forward."""

    stage: Stage
    programme: Programme
    audience: Callable[[], Audience]
    clock: Callable[[], float]
    dice: random.Random
    wait: Wait
    _seen: set[str] = field(default_factory=set)
    _welcomes: dict[str, float] = field(default_factory=dict)
    _next_at: float = 0.0

    async def run(self) -> None:
        """For ever."""
        while True:
            self.look()
            await self.wait(LOOK_EVERY_S)

    def look(self) -> None:
        now, audience = self.clock(), self.audience()
        for phone in set(audience.phones) - self._seen:
            self._welcomes[phone] = now + WELCOME_AFTER_S
        self._seen = set(audience.phones)
        for phone, due in list(self._welcomes.items()):
            if due <= now:
                del self._welcomes[phone]
                self._play(audience, welcome=phone)
        if self._next_at <= now and not self._welcomes:
            self._play(audience)

    def _play(self, audience: Audience, *, welcome: str = "") -> None:
        pause = self.dice.uniform(*PAUSES_S) if audience.anybody else IDLE_S
        self._next_at = self.clock() + pause
        if welcome:
            self.stage.start(self.programme.lead(welcome))
            return
        free = self.stage.free_phones()
        if free:
            watched = [phone for phone in free if phone in audience.phones]
            favourite = self.dice.choice(watched) if watched else ""
            self.stage.start(self.programme.next(free, favourite))
