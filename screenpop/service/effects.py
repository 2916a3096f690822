"""What the use cases want done. The shell does it, in order; nothing here waits."""

from screenpop.accounts.users import UserId
from screenpop.service.ports import CallRecordToKeep
from screenpop.telephony.identifiers import BootId, CallId, Endpoint, PbxId
from screenpop.values import dataclass


@dataclass(frozen=True, slots=True)
class Publish:
    """As ``ports.Publisher.publish``."""

    users: tuple[UserId, ...]
    kind: str
    key: str
    payload: bytes
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Keep:
    """A finished call for the log, after everything that is to be published of it. It may come
    again, with what became known later: one call stays one row."""

    record: CallRecordToKeep


@dataclass(frozen=True, slots=True)
class KeepNote:
    call: CallId
    pbx: PbxId
    boot: BootId
    agent: UserId
    text: str


@dataclass(frozen=True, slots=True)
class TellUnmapped:
    """A phone rings and nobody is known to sit there. Told once."""

    pbx: PbxId
    endpoint: Endpoint
    at: float


Effect = Publish | Keep | KeepNote | TellUnmapped
