"""The state of one live call on Screenpop's side: its events, caller, match and cards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from screenpop.accounts.users import UserId
from screenpop.agents.agent import Agent, AgentId
from screenpop.calls.call_record import CallRecord
from screenpop.calls.call_state import CallState
from screenpop.cards.card import Card, CardId, CardState
from screenpop.customers.match import CustomerMatch, MatchReason, Sureness
from screenpop.customers.models import CustomerId
from screenpop.offers.suggestion import Suggestions
from screenpop.protocol.client_messages import Stage
from screenpop.service.caller_bodies import CallerBodies
from screenpop.service.lookup_queue import NumberKey
from screenpop.service.ports import NumberLink, OfferAnswerToKeep
from screenpop.service.supervisor_board import CallRow
from screenpop.service.trace import Trace
from screenpop.telephony.caller_id import CallerId
from screenpop.telephony.identifiers import Endpoint

LOOKUP_NOT_NEEDED = CustomerMatch(Sureness.NONE, MatchReason("not_on_file"))


class LookupProgress(StrEnum):
    """The state of the record lookup."""

    PENDING = "pending"
    HERE = "here"
    UNREACHABLE = "unreachable"


@dataclass(slots=True)
class CardReceipts:
    """The times of the first receipt of each kind; seconds since 1970."""

    sent_at: float | None = None
    received_at: float | None = None
    notified_at: float | None = None
    painted_at: float | None = None
    seen_at: float | None = None

    def take(self, stage: Stage, at: float) -> bool:
        """Record a receipt; return whether it is the first of its kind."""
        name = _PROOFS[stage]
        if getattr(self, name) is not None:
            return False
        setattr(self, name, at)
        if self.received_at is None:
            self.received_at = at  # Any receipt proves that the page has received the card.
        return True


_PROOFS = {
    Stage.RECEIVED: "received_at",
    Stage.NOTIFIED: "notified_at",
    Stage.PAINTED: "painted_at",
    Stage.SEEN: "seen_at",
}

ON = frozenset({CardState.RINGING, CardState.TALKING, CardState.HELD, CardState.DIALLING})
"""The agent's phone rings or talks, so the card cannot be dismissed."""


@dataclass(slots=True)
class LiveCard:
    """One agent's card of one call, and the agent's input on the page."""

    id: CardId
    agent: Agent
    phones: set[Endpoint]
    """The agent's phones that have rung for this call."""
    rev: int = 0
    card: Card | None = None
    """The card as last published."""
    state: CardState | None = None
    since: float = 0.0
    leaves_at: float | None = None
    dismissed: bool = False
    note: str = ""
    drafts: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """The unfinished forms, as ``commands.DRAFT_FIELDS``; never on disk."""
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
    """The key of the lookup whose answer is expected."""
    patient_until: float = 0.0
    """Until this time the cards wait for the lookup."""
    match: CustomerMatch = LOOKUP_NOT_NEEDED
    """Valid once the lookup is done."""
    chosen: tuple[CustomerId, str] | None = None
    """The customer chosen by an agent, and that agent's name."""
    link: NumberLink | None = None
    """The changes of an agent's link, choice or new customer, while they can be undone."""
    linked_by: str = ""
    """The display name of the agent of ``link``; empty when there is nothing to undo."""
    suggestions: Suggestions = field(default_factory=Suggestions)
    cards: dict[AgentId, LiveCard] = field(default_factory=dict)
    listening: tuple[LiveCard, ...] = ()
    """Cards of supervisors who listen to the call. They are no delivery to an agent: they are not
    in the log, take no command and no receipt, and leave when the listening ends."""
    bodies: CallerBodies = field(default_factory=CallerBodies)
    view: CallRow | None = None
    view_since: float = 0.0
    readers: tuple[UserId, ...] = ()
    """Who has the row."""
    end_published: bool = False
    about: "CallSession | None" = None
    """The call whose caller a colleague holds while consulting this agent: an internal call that
    may end as a transfer."""
    consultations: "list[CallSession]" = field(default_factory=list)
    """The consultations of this call: the inverse of the consulted call."""
    kept: CallRecord | None = None
    """The log entry, once it has been queued for the log."""
    trace: Trace = field(default_factory=Trace)
    offer_answers: list[OfferAnswerToKeep] = field(default_factory=list)
    branches: frozenset[int] = frozenset()
    """Branches of the office of the agents at whom it rang."""
    earlier_suggestions: list[Suggestions] = field(default_factory=list)
    """Those that the cards of this caller had in an earlier queue or branch."""

    @property
    def created_here(self) -> bool:
        """Return whether undoing ``link`` deletes a customer that was created on this call."""
        return self.link is not None and self.link.created_at is not None

    @property
    def customer_id(self) -> CustomerId | None:
        """Return the customer of the call, only for a certain match."""
        certain = self.match.customer if self.records is LookupProgress.HERE else None
        return certain.customer.id if certain is not None else None

    def waits(self, now: float) -> bool:
        return self.records is LookupProgress.PENDING and now < self.patient_until

    def cards_on_screen(self) -> bool:
        return any(card.on_screen for card in self.cards.values())
