"""Facts of a call that the service passes in to compose one agent's card."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from screenpop.calls.events import CallerInfo, Direction
from screenpop.cards.card import CallPart
from screenpop.customers.match import CustomerMatch
from screenpop.offers.suggestion import Suggestions
from screenpop.telephony.caller_id import CallerId
from screenpop.telephony.identifiers import CallId, PbxId


class LookupStatus(StrEnum):
    """State of the lookup while there is no match."""

    PENDING = "pending"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts(CallPart):
    """One agent's side of one call: ``CallPart``, and what the rest of the card is built from."""

    pbx: PbxId
    call: CallId
    party: CallerInfo
    """As reported by the PBX; for an outbound call the called party."""
    did: str = ""
    did_display: str = ""
    """The DID as formatted in the settings; the DID itself if empty."""
    label: str = ""
    """The line's name from the settings."""
    queue: str = ""
    colleague: str = ""
    """The display name of the calling colleague, for an internal call."""


class CallerFacts(NamedTuple):
    """All inputs of a card's caller part except the department and language of its agent.

    A caller part is valid for as long as these are equal.
    """

    party: CallerInfo
    """As ``CallFacts.party``."""
    direction: Direction
    colleague: str
    """As ``CallFacts.colleague``."""
    caller: CallerId
    match: CustomerMatch | LookupStatus
    suggestions: Suggestions
    """Of the customer of a certain match; left out of every other card."""
    today: date
    """The day in the agent's time zone."""
