"""The states of a leg and its transitions. A leg only moves forward."""

from enum import StrEnum


class LegStage(StrEnum):
    DIALLED = "dialled"
    RANG = "rang"
    ANSWERED = "answered"
    STOPPED = "stopped"
    """Ended without an answer."""
    ENDED = "ended"
    """Ended after an answer."""


TRANSITIONS: dict[LegStage, frozenset[LegStage]] = {
    LegStage.DIALLED: frozenset({LegStage.RANG, LegStage.ANSWERED, LegStage.STOPPED}),
    LegStage.RANG: frozenset({LegStage.ANSWERED, LegStage.STOPPED}),
    LegStage.ANSWERED: frozenset({LegStage.ENDED}),
    LegStage.STOPPED: frozenset(),
    LegStage.ENDED: frozenset(),
}


def can_transition(now: LegStage, then: LegStage) -> bool:
    return then in TRANSITIONS[now]
