"""Effects of the use cases: executed in order by the runner, without blocking."""

from collections.abc import Callable
from dataclasses import dataclass

from screenpop.accounts.users import UserId
from screenpop.calls.call_state import CallKey
from screenpop.service.availability_ports import AvailabilitySpan, QueuePause
from screenpop.service.ports import LoggedCall
from screenpop.telephony.identifiers import BootId, CallId, Endpoint, PbxId


@dataclass(frozen=True, slots=True)
class Publish:
    """As ``ports.Publisher.publish``."""

    users: tuple[UserId, ...]
    kind: str
    key: str
    payload: bytes
    gone: bool = False


@dataclass(frozen=True, slots=True)
class LogCall:
    """Log a finished call, after everything is published.

    A later record of the same call replaces the earlier one, so a call has one row.
    """

    record: LoggedCall
    is_again: bool = False
    """An earlier record of this call was logged."""


@dataclass(frozen=True, slots=True)
class KeepOpen:
    """Log a call in progress; ``record`` returns what is known when the log writes it."""

    key: CallKey
    record: Callable[[], LoggedCall | None]


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A call that became part of the call ``into``: it has no row of its own."""

    key: CallKey
    into: CallId


@dataclass(frozen=True, slots=True)
class CloseLeftOpen:
    """Close the calls of an earlier run: a PBX has listed for the first time in this run which
    calls are up."""

    pbx: PbxId


@dataclass(frozen=True, slots=True)
class LogNote:
    call: CallId
    pbx: PbxId
    boot: BootId
    agent: UserId
    text: str


@dataclass(frozen=True, slots=True)
class WarnUnmappedPhone:
    """Warn once that a phone without an agent rings."""

    pbx: PbxId
    call: CallId
    endpoint: Endpoint
    at: float


@dataclass(frozen=True, slots=True)
class KeepAvailability:
    """Keep the beginning of an agent's state, which ends the one before."""

    span: AvailabilitySpan


@dataclass(frozen=True, slots=True)
class UpdateQueue:
    """Pause or unpause an agent in one queue."""

    request: QueuePause


Effect = (
    Publish
    | LogCall
    | KeepOpen
    | MergeRow
    | CloseLeftOpen
    | LogNote
    | WarnUnmappedPhone
    | KeepAvailability
    | UpdateQueue
)
