"""Records of the call log: one row a call, one a leg."""

from dataclasses import dataclass
from enum import StrEnum

from screenpop.calls.events import CallerInfo, Direction, Disposition, TransferKind
from screenpop.telephony.identifiers import BootId, CallId, Endpoint, LegId, PbxId


class LegOutcome(StrEnum):
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    UNREACHABLE = "unreachable"
    FORWARDED = "forwarded"


@dataclass(frozen=True, slots=True)
class LegRecord:
    leg: LegId
    endpoint: Endpoint
    queue: str
    rang_at: float
    answered_at: float | None
    ended_at: float
    outcome: LegOutcome
    rang: bool
    """The phone was seen ringing, not only dialled."""
    dialled: str = ""
    """The number dialled, for a leg over a trunk."""
    by: Endpoint | None = None
    """The endpoint that answered instead; of a cancelled leg the colleague who stopped
    consulting."""
    hold_s: float = 0.0
    """Seconds on hold, part of the talk; 0 where there was no clock."""


@dataclass(frozen=True, slots=True)
class TransferRecord:
    origin: Endpoint
    target: str
    kind: TransferKind
    at: float


@dataclass(frozen=True, slots=True)
class CallRecord:
    """Times are seconds since 1970 (UTC); durations seconds, None where there was no clock."""

    pbx: PbxId
    boot: BootId
    call: CallId
    direction: Direction
    caller: CallerInfo
    called: str
    did: str
    queue: str
    """The first queue of the call; empty if none."""
    arrived_at: float
    answered_at: float | None
    ended_at: float | None
    """None while the call is in progress."""
    disposition: Disposition | None
    """None while the call is in progress."""
    answered_by: tuple[Endpoint, ...]
    transfers: tuple[TransferRecord, ...]
    wait_s: float | None
    talk_s: float | None
    legs: tuple[LegRecord, ...]
    estimated: bool = False

    def number_at(self, endpoint: Endpoint) -> str:
        """Return the number last dialled over a trunk; the endpoint itself for a phone of this
        PBX."""
        numbers = [leg.dialled for leg in self.legs if leg.endpoint == endpoint and leg.dialled]
        return numbers[-1] if numbers else endpoint
