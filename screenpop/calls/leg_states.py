"""The steps of a leg, in one table. A leg only moves forward; an illegal step changes nothing."""

from enum import StrEnum


class LegStage(StrEnum):
    DIALLED = "dialled"
    RANG = "rang"
    ANSWERED = "answered"
    STOPPED = "stopped"
    """Nobody talked on it."""
    ENDED = "ended"
    """Somebody did, and it is over."""


TRANSITIONS: dict[LegStage, frozenset[LegStage]] = {
    LegStage.DIALLED: frozenset({LegStage.RANG, LegStage.ANSWERED, LegStage.STOPPED}),
    LegStage.RANG: frozenset({LegStage.ANSWERED, LegStage.STOPPED}),
    LegStage.ANSWERED: frozenset({LegStage.ENDED}),
    LegStage.STOPPED: frozenset(),
    LegStage.ENDED: frozenset(),
}


def can_transition(now: LegStage, then: LegStage) -> bool:
    return then in TRANSITIONS[now]
