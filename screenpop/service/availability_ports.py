"""Ports of the agents' availability: the queues of a PBX, the history, and placing a call."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from screenpop.accounts.users import UserId
from screenpop.telephony.identifiers import Endpoint, PbxId


class ActionOutcome(StrEnum):
    """What became of an action that changes something on a PBX."""

    DONE = "done"
    NOT_ALLOWED = "not_allowed"
    """The AMI user lacks the class of this action."""
    NOT_A_MEMBER = "not_a_member"
    """The queue has no such member any more."""
    REFUSED = "refused"
    """The PBX answered with another error, or the request was not safe to send."""
    UNREACHABLE = "unreachable"
    """The link to the PBX is down, or the PBX did not answer in time."""


@dataclass(frozen=True, slots=True)
class QueuePause:
    """Pause or unpause one member; queue and interface as the PBX itself listed them."""

    pbx: PbxId
    queue: str
    interface: str
    is_paused: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Originate:
    """Ring an agent's own phone, then dial ``number`` for it in ``context``."""

    pbx: PbxId
    technology: str
    """``PJSIP`` or ``SIP``."""
    endpoint: Endpoint
    number: str
    """Digits as a phone of this PBX dials them."""
    context: str


class PbxActions(Protocol):
    """The actions that change something on a PBX. None raises; those of one PBX stay in order."""

    async def pause(self, request: QueuePause) -> ActionOutcome: ...

    async def originate(self, request: Originate) -> ActionOutcome: ...


@dataclass(frozen=True, slots=True)
class PbxRights:
    """Which of these actions the AMI user of a PBX may send."""

    can_pause: bool = False
    can_originate: bool = False


@dataclass(frozen=True, slots=True)
class AvailabilitySpan:
    """A time in one state. Times are seconds since 1970, UTC."""

    agent: UserId
    state: str
    reason: str
    """The code of the pause's reason; empty unless the agent is paused, also under a call."""
    reason_text: str
    begun_at: float
    until: float | None = None
    """When the wrap-up ends by itself."""
    ended_at: float | None = None
    """None: it goes on."""
    estimated: bool = False
    """Its end is not known exactly: Screenpop was not running."""


class AvailabilityLog(Protocol):
    """Keeps the history of states. Nothing blocks."""

    def keep(self, span: AvailabilitySpan) -> None:
        """Keep a span that begins, and end the one before of the same agent at its beginning.

        A span with the beginning of the open one replaces it.
        """

    async def flush(self) -> None:
        """Return when everything kept so far is committed, or cannot be."""
