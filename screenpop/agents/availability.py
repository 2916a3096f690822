"""Where an agent is: available, paused, on a call, in wrap-up or offline. One state machine.

Every function takes the state and a time and returns the next state; nothing waits. A pause lasts
until it is ended, also through calls and restarts. Wrap-up follows a conversation of an agent who
has a page open and is not paused.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from screenpop.common.text import display_text

WRAP_UP_REASON = "wrap-up"
"""The reason with which queues pause an agent during wrap-up."""
EXTENSION_S = 60.0
"""Seconds that one extension adds to a wrap-up."""
MAX_WRAP_UP_S = 1800.0
"""Longest rest of a wrap-up in seconds; a longer absence is a pause."""
OFFLINE_AFTER_S = 15.0
"""Seconds without an open page until the agent is offline; a page that is loaded again is back
earlier."""
MAX_REASON_LENGTH = 80
"""Characters of a reason that the PBX gives."""


class AgentState(StrEnum):
    AVAILABLE = "available"
    PAUSED = "paused"
    ON_CALL = "on_call"
    WRAP_UP = "wrap_up"
    OFFLINE = "offline"
    """No page of this agent is open."""


class PauseReason(StrEnum):
    BREAK = "break"
    LUNCH = "lunch"
    TRAINING = "training"
    MEETING = "meeting"
    BACK_OFFICE = "back_office"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Pause:
    reason: PauseReason
    text: str = ""
    """The reason in the PBX's words, if it is none of ours: untrusted text."""

    @property
    def queue_reason(self) -> str:
        """Return the reason as it is sent to queues."""
        return self.text or self.reason.value


@dataclass(frozen=True, slots=True)
class Availability:
    """One agent's state. Times are seconds since 1970, UTC."""

    since: float
    """When the present state (or its reason) began."""
    is_online: bool = False
    left_at: float | None = None
    """When the last page was closed; None while one is open or long after."""
    is_on_call: bool = False
    pause: Pause | None = None
    wrap_up_until: float | None = None

    @property
    def state(self) -> AgentState:
        if self.is_on_call:
            return AgentState.ON_CALL
        if not self.is_online:
            return AgentState.OFFLINE
        if self.pause is not None:
            return AgentState.PAUSED
        return AgentState.AVAILABLE if self.wrap_up_until is None else AgentState.WRAP_UP

    @property
    def shown_pause(self) -> Pause | None:
        """Return the pause if it is the present state, not under a call or an absence."""
        return self.pause if self.state is AgentState.PAUSED else None

    @property
    def queue_reason(self) -> str:
        """Return the reason with which queues must pause the agent; empty: they must not."""
        if self.pause is not None:
            return self.pause.queue_reason
        return WRAP_UP_REASON if self.wrap_up_until is not None else ""


class WrapUpError(ValueError):
    """A wrap-up cannot be changed; ``code``: ``no_wrap_up``, ``wrap_up_too_long``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def pages_counted(agent: Availability, pages: int, at: float) -> Availability:
    """Return the state after counting the agent's open pages, ``agent`` itself if none changed."""
    if pages > 0:
        if agent.is_online and agent.left_at is None:
            return agent
        return _step(agent, at, is_online=True, left_at=None)
    if agent.is_online and agent.left_at is None:
        return replace(agent, left_at=at)
    return agent


def time_passed(agent: Availability, at: float) -> Availability:
    """Return the state after the limits that have passed: of a wrap-up, of an absence."""
    if agent.wrap_up_until is not None and agent.wrap_up_until <= at:
        agent = _step(agent, max(agent.wrap_up_until, agent.since), wrap_up_until=None)
    if agent.left_at is not None and at - agent.left_at >= OFFLINE_AFTER_S:
        agent = _step(agent, at, is_online=False, left_at=None)
    return agent


def next_limit(agent: Availability) -> float | None:
    """Return when ``time_passed`` is needed next for a wrap-up."""
    return agent.wrap_up_until


def call_began(agent: Availability, at: float) -> Availability:
    return _step(agent, at, is_on_call=True, wrap_up_until=None)


def call_ended(agent: Availability, at: float, wrap_up_s: float) -> Availability:
    """Return the state after the agent's last call; ``wrap_up_s``: 0 for none."""
    wraps_up = wrap_up_s > 0 and agent.is_on_call and agent.is_online and agent.pause is None
    until = at + min(wrap_up_s, MAX_WRAP_UP_S) if wraps_up else agent.wrap_up_until
    return _step(agent, at, is_on_call=False, wrap_up_until=until)


def paused(agent: Availability, pause: Pause, at: float) -> Availability:
    """Return the paused state; the pause shows after a call that is going on."""
    return _step(agent, at, pause=pause, wrap_up_until=None)


def resumed(agent: Availability, at: float) -> Availability:
    """Return the state without a pause and without a wrap-up."""
    return _step(agent, at, pause=None, wrap_up_until=None)


def wrap_up_ended(agent: Availability, at: float) -> Availability:
    if agent.wrap_up_until is None:
        raise WrapUpError("no_wrap_up")
    return _step(agent, at, wrap_up_until=None)


def wrap_up_extended(agent: Availability, at: float) -> Availability:
    if agent.wrap_up_until is None:
        raise WrapUpError("no_wrap_up")
    until = agent.wrap_up_until + EXTENSION_S
    if until - at > MAX_WRAP_UP_S:
        raise WrapUpError("wrap_up_too_long")
    return replace(agent, wrap_up_until=until)


def pause_named(text: str) -> Pause:
    """Return the pause for a reason in the PBX's words."""
    reason = display_text(text, MAX_REASON_LENGTH)
    code = reason.casefold().replace(" ", "_").replace("-", "_")
    if code in set(PauseReason):
        return Pause(PauseReason(code))
    return Pause(PauseReason.OTHER, reason)


def is_new_pause(agent: Availability, reason: str) -> bool:
    """Return whether a pause that all queues have is not the agent's present one.

    Without a reason, as desk phones pause, it is new for an agent who has none: queues that forget
    reasons report the present one in the same way.
    """
    if not reason:
        return not agent.queue_reason
    return reason not in {WRAP_UP_REASON, agent.queue_reason}


def _step(agent: Availability, at: float, **changes: object) -> Availability:
    """Return the changed state; ``since`` moves only if the state or its reason changes."""
    after = replace(agent, **changes)  # type: ignore[arg-type]
    if (after.state, after.shown_pause) == (agent.state, agent.shown_pause):
        return after
    return replace(after, since=max(at, agent.since))
