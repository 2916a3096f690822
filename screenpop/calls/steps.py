"""The steps of a leg, in one table. A leg only moves forward; an illegal step changes nothing."""

from enum import StrEnum


class LegStep(StrEnum):
    DIALLED = "dialled"
    RANG = "rang"
    ANSWERED = "answered"
    STOPPED = "stopped"
    """Nobody talked on it."""
    ENDED = "ended"
    """Somebody did, and it is over."""


NEXT_STEPS: dict[LegStep, frozenset[LegStep]] = {
    LegStep.DIALLED: frozenset({LegStep.RANG, LegStep.ANSWERED, LegStep.STOPPED}),
    LegStep.RANG: frozenset({LegStep.ANSWERED, LegStep.STOPPED}),
    LegStep.ANSWERED: frozenset({LegStep.ENDED}),
    LegStep.STOPPED: frozenset(),
    LegStep.ENDED: frozenset(),
}


def may_step(now: LegStep, then: LegStep) -> bool:
    return then in NEXT_STEPS[now]
