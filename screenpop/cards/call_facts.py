"""Facts of a call that the service passes in to compose one agent's card."""

from dataclasses import dataclass
from enum import StrEnum

from screenpop.calls.events import CallerInfo, Direction
from screenpop.cards.card import CardLeg, CardState, CardTransfer
from screenpop.offers.suggestion import Reason
from screenpop.telephony.identifiers import CallId, PbxId


class LookupStatus(StrEnum):
    """State of the lookup while there is no match."""

    PENDING = "pending"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """One agent's side of one call. Times are seconds since 1970, UTC."""

    pbx: PbxId
    call: CallId
    direction: Direction
    party: CallerInfo
    """As reported by the PBX; for an outbound call the called party."""
    arrived_at: float
    state: CardState
    since: float
    """When it entered this state."""
    did: str = ""
    did_display: str = ""
    """The DID as formatted in the settings; the DID itself if empty."""
    label: str = ""
    """The line's name from the settings."""
    queue: str = ""
    rang_at: float | None = None
    """When it first rang at one of this agent's phones."""
    answered_at: float | None = None
    reason: Reason | None = None
    """The reason of the state, as ``Card.reason``."""
    legs: tuple[CardLeg, ...] = ()
    also_ringing: tuple[str, ...] = ()
    colleague: str = ""
    """The display name of the calling colleague, for an internal call."""
    transfer: CardTransfer | None = None
    note: str = ""
    estimated: bool = False
    linked_by: str = ""
    """As ``Card.linked_by``."""
    created_here: bool = False
    """As ``Card.created_here``."""
