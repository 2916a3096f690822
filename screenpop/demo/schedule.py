"""An endless schedule of demo calls that includes every kind of call."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from screenpop.simulator.call_script import Outcome, ScriptedCall


@dataclass(frozen=True, slots=True)
class DemoCallers:
    """Callers as E.164 numbers; ``leads`` in the order in which they are played."""

    leads: tuple[str, ...]
    crowd: tuple[str, ...]
    strangers: tuple[str, ...]
    """Numbers without a customer."""
    shared: tuple[str, ...] = ()
    """Numbers shared by several customers."""


@dataclass(frozen=True, slots=True)
class DemoLines:
    """Targets of the calls; ``lines`` are the dialled numbers."""

    line: str
    group_line: str
    queue_lines: tuple[tuple[str, str], ...]
    """Queue and the number that leads to it."""


class CallSchedule:
    """``next`` returns the next call, without end; equal random seeds give equal schedules."""

    def __init__(self, cast: DemoCallers, lines: DemoLines, rng: random.Random) -> None:
        self._cast = cast
        self._lines = lines
        self._rng = rng
        self._played = 0
        self._leads = 0

    def next(self, phones: Sequence[str], favourite: str = "") -> ScriptedCall:
        """Return a call for these phones, preferring ``favourite`` if it is set."""
        scenario = (
            _OPENING[self._played]
            if self._played < len(_OPENING)
            else self._rng.choices(list(_SCENARIOS), list(_SCENARIOS.values()))[0]
        )
        self._played += 1
        first = favourite or self._rng.choice(phones)
        others = [phone for phone in phones if phone != first]
        return scenario(self, first, others)

    def lead(self, phone: str) -> ScriptedCall:
        """Return an answered direct call of the next showcase customer."""
        return ScriptedCall(
            number=self.as_sent(self._next_lead()),
            to=(phone,),
            did=self._lines.line,
            ring_s=self._between(6, 8),
            talk_s=self._between(9, 14),
        )

    def as_sent(self, e164: str) -> str:
        """Return a number in one of the notations of trunks."""
        spellings = [e164, f"00{e164[1:]}"]
        if e164.startswith("+98"):
            spellings += [f"0{e164[3:]}", f"0{e164[3:]}"]
        return self._rng.choice(spellings)

    # -- scenarios ---------------------------------------------------------------------------

    def _a_lead(self, phone: str, _: Sequence[str]) -> ScriptedCall:
        return self.lead(phone)

    def _one_of_the_crowd(self, phone: str, _: Sequence[str]) -> ScriptedCall:
        return self._direct(self.as_sent(self._rng.choice(self._cast.crowd)), phone)

    def _a_stranger(self, phone: str, _: Sequence[str]) -> ScriptedCall:
        return self._direct(self.as_sent(self._rng.choice(self._cast.strangers)), phone)

    def _a_stranger_with_a_name(self, phone: str, _: Sequence[str]) -> ScriptedCall:
        number = self.as_sent(self._rng.choice(self._cast.strangers))
        return self._direct(number, phone, name=self._rng.choice(_NAMES_SENT))

    def _withheld(self, phone: str, _: Sequence[str]) -> ScriptedCall:
        return self._direct("anonymous", phone, name="Anonymous")

    def _a_shared_number(self, phone: str, others: Sequence[str]) -> ScriptedCall:
        if not self._cast.shared:
            return self._one_of_the_crowd(phone, others)
        return self._direct(self.as_sent(self._rng.choice(self._cast.shared)), phone)

    def _a_ring_group(self, phone: str, others: Sequence[str]) -> ScriptedCall:
        rings = (phone, *others)
        return ScriptedCall(
            number=self.as_sent(self._next_lead()),
            to=rings,
            did=self._lines.group_line,
            answered_by=self._rng.choice(rings),
            ring_s=self._between(5, 8),
            talk_s=self._between(8, 14),
        )

    def _a_queue(self, phone: str, others: Sequence[str]) -> ScriptedCall:
        queue, did = self._rng.choice(self._lines.queue_lines)
        rings = (phone, *others)
        return ScriptedCall(
            number=self.as_sent(self._rng.choice((*self._cast.leads, *self._cast.crowd))),
            to=rings,
            did=did,
            queue=queue,
            answered_by=self._rng.choice(rings),
            wait_s=self._between(2, 5),
            ring_s=self._between(4, 7),
            talk_s=self._between(8, 16),
        )

    def _missed(self, phone: str, _: Sequence[str]) -> ScriptedCall:
        number = self.as_sent(self._rng.choice(self._cast.crowd))
        return self._direct(number, phone, outcome=Outcome.MISSED)

    def _given_up_in_a_queue(self, phone: str, others: Sequence[str]) -> ScriptedCall:
        queue, did = self._rng.choice(self._lines.queue_lines)
        return ScriptedCall(
            number=self.as_sent(self._rng.choice(self._cast.crowd)),
            to=(phone, *others),
            did=did,
            queue=queue,
            outcome=Outcome.ABANDONED,
            wait_s=self._between(2, 4),
            ring_s=self._between(5, 8),
        )

    def _busy(self, phone: str, _: Sequence[str]) -> ScriptedCall:
        number = self.as_sent(self._rng.choice(self._cast.crowd))
        return self._direct(number, phone, outcome=Outcome.BUSY)

    def _direct(
        self, number: str, phone: str, *, name: str = "", outcome: Outcome = Outcome.ANSWERED
    ) -> ScriptedCall:
        return ScriptedCall(
            number=number,
            name=name,
            to=(phone,),
            did=self._lines.line,
            outcome=outcome,
            ring_s=self._between(5, 8),
            talk_s=self._between(7, 14),
        )

    def _next_lead(self) -> str:
        lead = self._cast.leads[self._leads % len(self._cast.leads)]
        self._leads += 1
        return lead

    def _between(self, least: int, most: int) -> float:
        return self._rng.randrange(least * 10, most * 10 + 1) / 10


_NAMES_SENT = ("Taverna Plaka", "دفتر مهر", "M. O'Hara", "Ξενοδοχείο Αίγλη")

Scenario = Callable[[CallSchedule, str, Sequence[str]], ScriptedCall]

# ruff: noqa: SLF001 -- the scenarios are this schedule's own
_OPENING: tuple[Scenario, ...] = (
    CallSchedule._a_lead,
    CallSchedule._a_queue,
    CallSchedule._a_lead,
    CallSchedule._a_ring_group,
    CallSchedule._a_lead,
    CallSchedule._a_shared_number,
    CallSchedule._a_stranger,
    CallSchedule._a_lead,
    CallSchedule._withheld,
    CallSchedule._missed,
)
"""Kinds of call that come soon after the start. Known callers come first, so that the first
minute of the demo shows what a card is for."""

_SCENARIOS: dict[Scenario, int] = {
    CallSchedule._a_lead: 26,
    CallSchedule._one_of_the_crowd: 16,
    CallSchedule._a_queue: 16,
    CallSchedule._a_ring_group: 10,
    CallSchedule._a_stranger: 7,
    CallSchedule._a_stranger_with_a_name: 5,
    CallSchedule._withheld: 5,
    CallSchedule._a_shared_number: 5,
    CallSchedule._missed: 5,
    CallSchedule._given_up_in_a_queue: 3,
    CallSchedule._busy: 2,
}
"""Every kind of call with its relative frequency."""
