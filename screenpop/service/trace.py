"""The trace of a card: events and decisions in order, which explain why a card did or did not
appear."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import cast

from screenpop.agents.agent import Agent
from screenpop.calls.call_state import CallState
from screenpop.calls.events import (
    CallArrived,
    CallEnded,
    CallerChanged,
    CallEvent,
    CallHeld,
    CallLeftQueue,
    CallListenerJoined,
    CallListenerLeft,
    CallQueued,
    CallResumed,
    CallTransferred,
    Correction,
    LegAnswered,
    LegEnded,
    LegRang,
    LegRinging,
    LegStopped,
)
from screenpop.telephony.identifiers import Endpoint, LegId

MOST_STEPS = 200
"""Bounds the trace of a call that never ends."""


@dataclass(slots=True)
class Trace:
    steps: list[dict[str, object]] = field(default_factory=list)
    stopped: dict[LegId, int] = field(default_factory=dict)
    """Index of the step in which a leg stopped."""

    def add(self, at: float, step: str, **params: object) -> None:
        """Add a step: ``step`` is a code, ``params`` plain values; the pages have the texts."""
        if len(self.steps) < MOST_STEPS:
            self.steps.append({"at": round(at, 6), "step": step, **params})
        elif len(self.steps) == MOST_STEPS:
            self.steps.append({"at": round(at, 6), "step": "more_left_out"})

    def add_earlier(self, at: float, step: str, **params: object) -> None:
        """Add a step before those that happened after it, although it is reported later."""
        count, place = len(self.steps), len(self.steps)
        while place and cast(float, self.steps[place - 1]["at"]) > round(at, 6):
            place -= 1
        self.add(at, step, **params)
        if place < count < MOST_STEPS:
            self.steps.insert(place, self.steps.pop())
            self.stopped = {leg: index + (index >= place) for leg, index in self.stopped.items()}

    def correct(self, corrected: tuple[Correction, ...], call: CallState | None = None) -> None:
        """Correct the reasons of earlier steps after a later event corrected them."""
        for leg, reason, endpoint in corrected:
            place = self.stopped.get(leg)
            if place is not None:
                self.steps[place].update(reason=reason.value, by=_number(endpoint, call))

    def hide_number(self) -> None:
        """Remove the number from all steps: the caller turned out to be withheld."""
        for step in self.steps:
            step.update({name: "" for name in ("raw", "e164") if name in step})


def trace_change(
    trace: Trace,
    change: CallEvent,
    agent_at: Callable[[Endpoint], Agent | None],
    call: CallState | None = None,
) -> None:
    """Add the step of a call event.

    ``agent`` is empty for a phone without an agent: no card then. ``call`` has the numbers dialled
    over trunks, which replace the trunk's name.
    """
    if isinstance(change, LegAnswered | CallEnded):
        trace.correct(change.corrected, call)
    step, params = _step(change)
    if isinstance(change, LegRinging | LegRang | LegAnswered | LegStopped | LegEnded):
        agent = agent_at(change.endpoint)
        params = {
            "endpoint": _number(change.endpoint, call),
            "agent": agent.display_name if agent is not None else "",
            **params,
        }
        if call is not None and call.outside_number(change.endpoint):
            params["outside"] = True
    if isinstance(change, LegStopped):
        params["by"] = _number(change.by, call)
    if isinstance(change, LegAnswered) and call is not None and call.is_placing(change.leg):
        step = "own_phone_answered"
    if change.estimated:
        params = {**params, "estimated": True}
    if isinstance(change, LegStopped) and len(trace.steps) < MOST_STEPS:
        trace.stopped[change.leg] = len(trace.steps)
    trace.add(change.at, step, **params)


def _number(endpoint: Endpoint | None, call: CallState | None) -> str:
    outside = call.outside_number(endpoint) if call is not None and endpoint else ""
    return outside or endpoint or ""


def _step(change: CallEvent) -> tuple[str, dict[str, object]]:
    """Return the code of an event, and those of its fields that explain it."""
    step, names = _STEPS[type(change)]
    return step, {name: _plain(getattr(change, name)) for name in names}


def _plain(value: object) -> object:
    if value is None:
        return ""
    return value.value if isinstance(value, Enum) else value


_STEPS: dict[type, tuple[str, tuple[str, ...]]] = {
    CallArrived: ("arrived", ("direction", "endpoint", "did", "called")),
    CallerChanged: ("caller_changed", ()),
    CallQueued: ("queued", ("queue", "position")),
    CallLeftQueue: ("left_queue", ("queue", "reason")),
    LegRinging: ("dialled", ("queue",)),
    LegRang: ("rang", ()),
    LegAnswered: ("answered", ()),
    LegStopped: ("stopped", ("reason", "by")),
    LegEnded: ("left", ()),
    CallHeld: ("held", ("endpoint",)),
    CallResumed: ("resumed", ("endpoint",)),
    CallListenerJoined: ("listening", ("endpoint",)),
    CallListenerLeft: ("listened", ("endpoint",)),
    CallTransferred: ("transferred", ("transfer", "origin", "target", "talked_s")),
    CallEnded: ("ended", ("reason", "disposition", "into")),
}

STEPS = frozenset(step for step, _ in _STEPS.values()) | {"own_phone_answered"}
"""The codes of the steps of call events."""
