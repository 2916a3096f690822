"""What the use cases want done. The shell does it, in order; nothing here waits."""

from collections.abc import Callable
from dataclasses import dataclass

from screenpop.accounts.users import UserId
from screenpop.calls.call_state import CallKey
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
    """A finished call for the log, after everything that is to be published of it. It may come
    again, with what became known later: one call stays one row."""

    record: LoggedCall


@dataclass(frozen=True, slots=True)
class KeepOpen:
    """A call in progress for the log; ``record`` gives what is known when the log writes it."""

    key: CallKey
    record: Callable[[], LoggedCall | None]


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A call that became part of the call ``into``: it has no row of its own."""

    key: CallKey
    into: CallId


@dataclass(frozen=True, slots=True)
class CloseLeftOpen:
    """A PBX has said for the first time in this run which calls are up: the others that an earlier
    run left in progress are over."""

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
    """A phone rings and nobody is known to sit there. Told once."""

    pbx: PbxId
    endpoint: Endpoint
    at: float


Effect = Publish | LogCall | KeepOpen | MergeRow | CloseLeftOpen | LogNote | WarnUnmappedPhone
