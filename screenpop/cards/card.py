"""The card: what one agent sees of one call. Its JSON is part of the public websocket protocol.

Texts are codes with parameters (``Reason``), worded by the page. Data that differs by language
(names with honorifics, offers) is a mapping of language code to text.
"""

from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from typing import NewType

from screenpop.agents.agent import AgentId
from screenpop.calls.events import Direction
from screenpop.offers.suggestion import Reason, Suggestion
from screenpop.telephony.identifiers import CallId, Endpoint, PbxId

CardId = NewType("CardId", str)
"""``<pbx>/<call>/<agent>``: one card belongs to one call and one agent."""


class CardState(StrEnum):
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    DIALLING = "dialling"
    """An outbound call of the agent; the card is the called customer's."""
    LISTENING = "listening"
    """A supervisor listens to the call of an agent; the card can only be read."""
    ELSEWHERE = "elsewhere"
    """Another agent answered (``reason`` has the name); the page dismisses the card."""
    MISSED = "missed"
    """It rang here and was not answered."""
    WRAP_UP = "wrap_up"
    """This agent's part has ended (hung up or transferred); kept for notes."""
    GONE = "gone"
    """Remove it from the screen."""


class MatchKind(StrEnum):
    CERTAIN = "certain"
    """Exactly one customer has this number."""
    SHARED = "shared"
    """Several customers have it: ask for the name."""
    MAYBE = "maybe"
    """Only the last nine digits are equal: ask for the name."""
    NONE = "none"
    PENDING = "pending"
    """The lookup is not done yet; the next revision has its result."""
    UNREACHABLE = "unreachable"
    """The records could not be read in time."""
    WITHHELD = "withheld"
    COLLEAGUE = "colleague"
    """An internal call."""


@dataclass(frozen=True, slots=True)
class CardCaller:
    raw: str
    kind: str
    """As ``telephony.caller_id.CallerIdKind``."""
    e164: str | None
    display: str
    region: str | None
    line_type: str | None
    name: str
    """The caller ID name from the PBX: untrusted text. Empty when it only repeats the number."""


@dataclass(frozen=True, slots=True)
class CardLine:
    did: str
    label: str
    """The line's name from the settings, or empty."""
    display: str
    queue: str
    waited_s: float | None
    """Seconds between the call's arrival and the first ring here; None when not known."""


@dataclass(frozen=True, slots=True)
class CardLastTrip:
    destination: str
    departs: str
    """ISO date."""


@dataclass(frozen=True, slots=True)
class CardPerson:
    """A customer on a card.

    ``address``: language → title and full name. ``salutation``: language → title and family name
    for the greeting; empty for a candidate, who is not greeted by name. ``notes`` and
    ``preferences`` are empty for a candidate and where the agent's department may not see them.
    """

    id: int
    address: dict[str, str]
    salutation: dict[str, str]
    language: str
    tier: str
    vip: bool
    since: str | None
    """ISO date since when they are a customer."""
    household: str
    notes: str
    preferences: str
    last_trip: CardLastTrip | None = None
    """Of a candidate, where the department may see trips: the last one that has begun."""


@dataclass(frozen=True, slots=True)
class CardAlert:
    """An alert of today, most urgent first; only what the agent's department may see.

    ``tone``: ``plain``, ``good``, ``due``, ``alarm``.
    Codes: ``departs_in{destination, days, adults, children}``, ``travelling{destination,
    returns}``, ``just_returned{destination, days}``, ``balance_due{amount, currency}``,
    ``visa{state, destination}``, ``birthday_in{days, date}``, ``anniversary_in{days,
    date}``, ``case_open{kind, subject, since}``, ``promised{by, date}``, ``silent_for{months}``,
    ``household_case{kind, subject, since, name}`` (``name``: the household member of the case),
    ``passport_before_trip``, ``passport_in_trip``, ``passport_short``, ``visa_before_trip``,
    ``visa_in_trip``, ``visa_after_departure`` (all ``{date, days, destination}``),
    ``passport_expired{date, days}``, ``passport_expires{date, days, months}``; see
    ``customers.document_alerts``. ``cheque_returned``, ``payment_overdue``, ``payment_due`` (all
    ``{amount, currency, method, destination, date, days}``; without ``date`` for a returned cheque
    that has no due day); see ``customers.payment_alerts``. An amount has a fraction only for cents.
    """

    code: str
    params: dict[str, str | int | float]
    tone: str


@dataclass(frozen=True, slots=True)
class CardTrip:
    id: int
    destination: str
    country: str
    product: str
    departs: str | None
    returns: str | None
    status: str
    mark: str
    """``next`` (the one that departs soonest), ``later`` (booked, after that), ``now``, ``past``,
    ``cancelled`` or ``asked``."""
    adults: int
    children: int
    note: str
    price: int | None
    """None where the agent's department does not see prices."""
    paid: int | float | None
    currency: str
    booked_by: dict[str, str] = field(default_factory=dict)
    """Language → title and name of the customer who booked it; empty where that is the caller."""
    booked_by_id: int | None = None


@dataclass(frozen=True, slots=True)
class CardRhythm:
    """How the customer travels over the years, from three trips on; days are ISO dates."""

    kind: str
    """``season`` (once a year, in the weeks around ``due``) or ``interval``."""
    months: int
    """Months between trips; 12 for a season."""
    last: str
    """The last departure, a booked one included."""
    due: str
    """When the next trip is usual, from the last one on."""
    lapsed: bool
    """The usual time has passed without a trip and none is booked."""
    ago: int
    """Full months since the last departure."""


@dataclass(frozen=True, slots=True)
class CardPastCall:
    at: str
    """ISO date and time, UTC."""
    direction: str
    disposition: str
    agent: str
    talk_s: float | None
    note: str


@dataclass(frozen=True, slots=True)
class CardLeg:
    endpoint: Endpoint
    state: str
    """``ringing``, ``talking``, ``held``, ``stopped``, ``ended``."""


@dataclass(frozen=True, slots=True)
class CardTransfer:
    """The transfer or consultation that led to this agent.

    Who transferred or still holds the caller, how, how long they had talked, and their note.
    ``queue``: of the call's first entry.
    """

    origin: str
    kind: str
    talked_s: float | None
    note: str
    queue: str = ""


@dataclass(frozen=True, slots=True)
class CallerPart:
    """What a card contains about the caller, not the call: it rarely changes during a call."""

    caller: CardCaller
    match: MatchKind
    match_reason: Reason | None
    """The reason of the match.

    ``number_on_file{label, since}`` (``since`` may be empty), ``shared_number{count,
    household}`` (the household may be empty), ``last_nine_digits{stored}``, ``withheld``,
    ``no_number``, ``not_on_file``, ``hidden_file``, ``records_slow``, ``colleague{name}``."""
    person: CardPerson | None
    """Set only for a certain match: only then is the caller greeted by title and name."""
    candidates: tuple[CardPerson, ...]
    """The possible customers, for ``shared`` and ``maybe``."""
    now: tuple[CardAlert, ...]
    trips: tuple[CardTrip, ...]
    trips_more: int
    suggestions: tuple[Suggestion, ...]
    silence: Reason | None
    calls: tuple[CardPastCall, ...]
    rhythm: CardRhythm | None
    """Of a certain match with three trips or more, where the department may see trips."""


@dataclass(frozen=True)
class CallPart:
    """What a card contains about this agent's side of the call, unchanged from the call's facts.

    It has no slots of its own, so that ``Card`` and ``CallFacts`` can both have its fields.
    """

    __slots__ = ()

    state: CardState
    since: float
    """When it entered this state. Seconds since 1970, UTC."""
    direction: Direction
    arrived_at: float
    """Seconds since 1970, UTC: when the call arrived."""
    rang_at: float | None = None
    """When it first rang at one of this agent's phones."""
    answered_at: float | None = None
    reason: Reason | None = None
    """The reason of the state.

    ``answered_by{name}``, ``caller_gave_up``, ``not_answered``, ``busy``, ``declined``,
    ``unreachable``, ``forwarded_to{target}``, ``transferred_to{name}``, ``picked_up_by{name}``,
    ``ended``, ``lost_sight``, ``listening_to{name}`` (the agents who talk).
    """
    legs: tuple[CardLeg, ...] = ()
    also_ringing: tuple[str, ...] = ()
    """Display names of the other agents whose phones ring for this call."""
    transfer: CardTransfer | None = None
    note: str = ""
    estimated: bool = False
    """Rebuilt after the PBX link was down."""
    linked_by: str = ""
    """The agent who linked the caller to this customer on this call, while it can be undone."""
    created_here: bool = False
    """The customer was created on this call, so that undoing deletes the customer."""


@dataclass(frozen=True, slots=True)
class Card(CallPart, CallerPart):
    """One revision of a card: its own fields, and those of both parts.

    The positional fields are those of ``CallerPart``, then those of ``CallPart``.
    """

    _: KW_ONLY
    id: CardId
    rev: int
    call: CallId
    pbx: PbxId
    agent: AgentId
    line: CardLine
