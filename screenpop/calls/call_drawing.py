"""One call as lanes of spans on one axis of time: the caller, and a lane for each phone.

Legs come from the log; those of a call in progress, which the log has not yet, from its trace.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

Steps = Sequence[Mapping[str, Any]]


class SpanKind(StrEnum):
    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class DrawnLeg:
    """One attempt to reach a phone. Times are seconds since 1970, UTC; None: not (yet)."""

    endpoint: str
    agent: str
    rang_at: float
    answered_at: float | None
    ended_at: float | None
    outcome: str
    """As ``LegOutcome``; of a leg that goes on ``ringing`` or ``talking``."""
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    kind: SpanKind
    begun_at: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class Lane:
    """``endpoint`` and ``agent`` are empty for the caller's lane."""

    endpoint: str
    agent: str
    spans: tuple[Span, ...]
    transfers: tuple[float, ...] = ()
    """When this phone passed the caller on."""
    hung_up_at: float | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    begun_at: float
    ended_at: float
    """The end of the call, or now."""
    lanes: tuple[Lane, ...]


def draw_call(
    *,
    arrived_at: float,
    answered_at: float | None,
    ended_at: float | None,
    now: float,
    legs: Iterable[DrawnLeg],
    transfers: Iterable[tuple[str, float]],
    trace: Steps,
) -> Drawing:
    """Return the lanes. ``transfers``: who passed the caller on, and when."""
    end = max(now if ended_at is None else ended_at, arrived_at)
    legs, transfers = list(legs), list(transfers)
    answers = [leg.answered_at for leg in legs if leg.answered_at is not None]
    first_answer = answered_at if answered_at is not None else min(answers, default=None)
    holds = _holds(trace, end)
    until = end if first_answer is None else min(max(first_answer, arrived_at), end)
    spans = [Span(SpanKind.WAITING, arrived_at, until)]
    if first_answer is not None:
        spans.append(Span(SpanKind.TALKING, until, end))
    caller = Lane("", "", _cut(spans, arrived_at, end), (), ended_at)
    lanes = [caller]
    for leg in legs:
        passed_on = tuple(
            at
            for origin, at in transfers
            if origin == leg.endpoint and leg.rang_at <= at <= (leg.ended_at or end)
        )
        spans = _spans_of(leg, end, holds.get(leg.endpoint, ()))
        lane = Lane(leg.endpoint, leg.agent, _cut(spans, arrived_at, end), passed_on, leg.ended_at)
        lanes.append(lane)
    return Drawing(arrived_at, end, tuple(lanes))


def _spans_of(leg: DrawnLeg, end: float, holds: Sequence[tuple[float, float]]) -> list[Span]:
    over_at = end if leg.ended_at is None else leg.ended_at
    if leg.answered_at is None:
        return [Span(SpanKind.RINGING, leg.rang_at, over_at)]
    spans = [Span(SpanKind.RINGING, leg.rang_at, leg.answered_at)]
    begins = leg.answered_at
    for held_at, resumed_at in holds:
        if leg.answered_at <= held_at < over_at:
            spans.append(Span(SpanKind.TALKING, begins, held_at))
            begins = min(resumed_at, over_at)
            spans.append(Span(SpanKind.HELD, held_at, begins))
    spans.append(Span(SpanKind.TALKING, begins, over_at))
    return spans


def _cut(spans: Iterable[Span], begun_at: float, ended_at: float) -> tuple[Span, ...]:
    """Return the spans within the call, without empty ones."""
    within = (
        replace(
            span,
            begun_at=min(max(span.begun_at, begun_at), ended_at),
            ended_at=min(max(span.ended_at, begun_at), ended_at),
        )
        for span in spans
    )
    return tuple(span for span in within if span.ended_at > span.begun_at)


def _holds(trace: Steps, end: float) -> dict[str, list[tuple[float, float]]]:
    """Return the times on hold by the phone that holds."""
    found: dict[str, list[tuple[float, float]]] = {}
    held: dict[str, float] = {}
    for step in trace:
        phone = str(step.get("endpoint", ""))
        if step.get("step") == "held":
            held.setdefault(phone, _at(step))
        elif step.get("step") in {"resumed", "left", "ended"}:
            for one in [phone] if step.get("step") != "ended" else [*held]:
                if one in held:
                    found.setdefault(one, []).append((held.pop(one), _at(step)))
    for phone, since in held.items():
        found.setdefault(phone, []).append((since, end))
    return found


@dataclass(slots=True)
class _OpenLegs:
    done: list[DrawnLeg] = field(default_factory=list)
    open: dict[str, DrawnLeg] = field(default_factory=dict)

    def close(self, phone: str, at: float, outcome: str) -> None:
        leg = self.open.pop(phone, None)
        if leg is not None:
            self.done.append(replace(leg, ended_at=at, outcome=outcome))


def legs_from_trace(trace: Steps) -> tuple[DrawnLeg, ...]:
    """Return the legs that a trace describes, in the order in which they rang."""
    legs = _OpenLegs()
    for step in trace:
        phone, at = str(step.get("endpoint", "")), _at(step)
        match step.get("step"):
            case "dialled":
                legs.close(phone, at, "no_answer")
                leg = DrawnLeg(
                    *(phone, str(step.get("agent", "")), at, None, None, "ringing"),
                    queue=str(step.get("queue", "")),
                )
                legs.open[phone] = leg
            case "answered" | "own_phone_answered" if phone in legs.open:
                answered = replace(legs.open[phone], answered_at=at, outcome="talking")
                legs.open[phone] = answered
            case "stopped":
                legs.close(phone, at, str(step.get("reason", "")))
            case "left":
                legs.close(phone, at, "answered")
            case "ended":
                for one, leg in tuple(legs.open.items()):
                    legs.close(one, at, "answered" if leg.answered_at is not None else "no_answer")
            case _:
                pass
    return tuple(sorted((*legs.done, *legs.open.values()), key=lambda leg: leg.rang_at))


def _at(step: Mapping[str, Any]) -> float:
    at = step.get("at")
    return float(at) if isinstance(at, int | float) else 0.0
