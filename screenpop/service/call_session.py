"""Everything our side holds about one live call: what happened, who it is, whose cards it has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from screenpop.agents.agent import Agent, AgentId
from screenpop.calls.call_record import CallRecord
from screenpop.calls.call_state import CallState
from screenpop.cards.card import CallerPart, Card, CardId, CardState
from screenpop.customers.match import CustomerMatch, MatchReason, Sureness
from screenpop.customers.models import CustomerId
from screenpop.offers.suggestion import Suggestions
from screenpop.protocol.client_messages import Stage
from screenpop.service.lookup_queue import NumberKey
from screenpop.service.ports import NumberLink, OfferAnswerToKeep
from screenpop.service.supervisor_board import CallRow
from screenpop.service.trace import Trace
from screenpop.telephony.caller_id import CallerId
from screenpop.telephony.identifiers import Endpoint

LOOKUP_NOT_NEEDED = CustomerMatch(Sureness.NONE, MatchReason("not_on_file"))


class LookupProgress(StrEnum):
    """How far the records have answered."""

    PENDING = "pending"
    HERE = "here"
    UNREACHABLE = "unreachable"


@dataclass(slots=True)
class CardReceipts:
    """When the first proof of each kind came; seconds since 1970."""

    sent_at: float | None = None
    received_at: float | None = None
    notified_at: float | None = None
    painted_at: float | None = None
    seen_at: float | None = None

    def take(self, stage: Stage, at: float) -> bool:
        """Whether this is the first proof of its kind."""
        name = _PROOFS[stage]
        if getattr(self, name) is not None:
            return False
        setattr(self, name, at)
        if self.received_at is None:
            self.received_at = at  # whatever a page did with it, it must have had it
        return True


_PROOFS = {
    Stage.RECEIVED: "received_at",
    Stage.NOTIFIED: "notified_at",
    Stage.PAINTED: "painted_at",
    Stage.SEEN: "seen_at",
}

ON = frozenset({CardState.RINGING, CardState.TALKING, CardState.HELD, CardState.DIALLING})
"""The agent's phone rings or talks, so the card cannot be put away."""


@dataclass(slots=True)
class LiveCard:
    """One agent's card of one call, and what the page said about it."""

    id: CardId
    agent: Agent
    phones: set[Endpoint]
    """Where the agent sits, as far as this call has rung there."""
    rev: int = 0
    card: Card | None = None
    """As last published."""
    state: CardState | None = None
    since: float = 0.0
    leaves_at: float | None = None
    dismissed: bool = False
    note: str = ""
    draft: Mapping[str, str] = field(default_factory=dict)
    """The half-filled form of who is calling, as ``commands.DRAFT_FIELDS``; never on disk."""
    caller_part: CallerPart | None = None
    """What it says of the caller, and its JSON; of what it was made."""
    caller_part_json: bytes = b""
    caller_part_inputs: tuple[object, ...] = ()
    receipts: CardReceipts = field(default_factory=CardReceipts)

    @property
    def on_screen(self) -> bool:
        return self.card is not None and self.card.state is not CardState.GONE

    @property
    def call_is_on(self) -> bool:
        return self.state in ON


@dataclass(slots=True)
class CallSession:
    call: CallState
    caller: CallerId
    records: LookupProgress = LookupProgress.PENDING
    number: NumberKey | None = None
    """Under which the answer of the records will come."""
    patient_until: float = 0.0
    """Until then the cards wait for the records rather than to go out without them."""
    match: CustomerMatch = LOOKUP_NOT_NEEDED
    """Good when the records are here."""
    chosen: tuple[CustomerId, str] | None = None
    """Who it is, as an agent said, and that agent's name."""
    link: NumberLink | None = None
    """What an agent's link, choice or new customer has changed, while it can be undone."""
    linked_by: str = ""
    """The display name of who made ``link``; empty when there is none to undo."""
    suggestions: Suggestions = field(default_factory=Suggestions)
    cards: dict[AgentId, LiveCard] = field(default_factory=dict)
    view: CallRow | None = None
    view_since: float = 0.0
    end_published: bool = False
    about: "CallSession | None" = None
    """The caller whom a colleague has in hand while they ask for this agent: an internal call
    that may end as a transfer."""
    consultations: "list[CallSession]" = field(default_factory=list)
    """The other way round."""
    kept: CallRecord | None = None
    """Its entry, once it is in the log."""
    trace: Trace = field(default_factory=Trace)
    offer_answers: list[OfferAnswerToKeep] = field(default_factory=list)

    @property
    def created_here(self) -> bool:
        """Return whether undoing ``link`` deletes a customer that was created on this call."""
        return self.link is not None and self.link.created_at is not None

    @property
    def customer_id(self) -> CustomerId | None:
        """Whose call it was, only when that is certain."""
        found = self.match.customer if self.records is LookupProgress.HERE else None
        return found.customer.id if found is not None else None

    def waits(self, now: float) -> bool:
        return self.records is LookupProgress.PENDING and now < self.patient_until

    def cards_on_screen(self) -> bool:
        return any(card.on_screen for card in self.cards.values())
