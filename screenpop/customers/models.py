"""Customer records as the caller lookup returns them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from screenpop.customers.document_days import DocumentDays
from screenpop.customers.own_fields import NO_OWN_VALUES, OwnValues
from screenpop.customers.trip_payments import TripPayments, due_cents
from screenpop.telephony.identifiers import E164, CallId

CustomerId = NewType("CustomerId", int)
TripId = NewType("TripId", int)
CaseId = NewType("CaseId", int)

LANGUAGES = ("en", "fa", "el")
"""The languages of pages, honorifics and offers: English, Persian, Greek."""

CURRENCIES = ("IRR", "IRT", "EUR", "GBP", "USD", "AED", "TRY")
"""ISO 4217 codes, and IRT for toman, that forms and imports offer, in this order."""


class Title(StrEnum):
    """A title; ``cards.honorifics`` has the words of each language."""

    NONE = "none"
    MR = "mr"
    MS = "ms"
    DR = "dr"
    ENG = "eng"
    PROF = "prof"


class Gender(StrEnum):
    UNSAID = "unsaid"
    WOMAN = "woman"
    MAN = "man"


class Tier(StrEnum):
    NONE = "none"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"


class TripStatus(StrEnum):
    ASKED = "asked"
    QUOTED = "quoted"
    """An offer with a price was sent."""
    BOOKED = "booked"
    TICKETED = "ticketed"
    TRAVELLING = "travelling"
    TRAVELLED = "travelled"
    CANCELLED = "cancelled"


class Product(StrEnum):
    TOUR = "tour"
    FLIGHT = "flight"
    HOTEL = "hotel"
    VISA = "visa"
    FLIGHT_HOTEL = "flight_hotel"
    OTHER = "other"


class VisaState(StrEnum):
    NOT_NEEDED = "not_needed"
    PENDING = "pending"
    ISSUED = "issued"
    REFUSED = "refused"


class CaseKind(StrEnum):
    QUESTION = "question"
    COMPLAINT = "complaint"
    REFUND = "refund"


class CaseState(StrEnum):
    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name in one script."""

    given: str
    family: str
    called: str = ""
    """The preferred form of address in a greeting, where it is not title and family name."""

    @property
    def full(self) -> str:
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True, slots=True)
class Phone:
    e164: E164 | None
    raw: str
    label: str
    """``mobile``, ``home``, ``work``, ``other`` ..."""
    since: date | None = None
    verified_on: date | None = None


@dataclass(frozen=True, slots=True)
class PersonRef:
    """A reference to another customer: id and names."""

    id: CustomerId
    names: Mapping[str, PersonName]
    title: Title
    gender: Gender


@dataclass(frozen=True, slots=True)
class Trip:
    id: TripId
    destination: str
    """The city or place, in the language it was written in."""
    country: str
    """ISO 3166-1 alpha-2, or empty."""
    product: Product
    departs: date | None
    returns: date | None
    status: TripStatus
    adults: int = 1
    children: int = 0
    price: int = 0
    """In whole units of ``currency``."""
    paid: int = 0
    currency: str = ""
    visa: VisaState = VisaState.NOT_NEEDED
    note: str = ""
    rating: int | None = None
    """1 to 5, the traveller's rating; None without one."""
    payments: TripPayments | None = None
    """None without payments; ``paid`` is then as typed or imported."""
    own: OwnValues = field(default_factory=lambda: NO_OWN_VALUES)
    """Values of own fields; none of a trip that another customer booked."""
    buyer: PersonRef | None = None
    """The customer who booked the trip, where that is another one.

    Price, payments and rating belong to the buyer and are then empty.
    """

    @property
    def is_own(self) -> bool:
        """Return whether the customer booked the trip."""
        return self.buyer is None

    @property
    def due_cents(self) -> int:
        """Return the price less what is paid, in hundredths of ``currency``."""
        return due_cents(self.price, self.paid, self.payments)


@dataclass(frozen=True, slots=True)
class Case:
    id: CaseId
    kind: CaseKind
    state: CaseState
    subject: str
    opened: date
    promised_by: str = ""
    promised_for: date | None = None


@dataclass(frozen=True, slots=True)
class HouseholdCase:
    """An open case of another member of the household."""

    case: Case
    member: PersonRef


@dataclass(frozen=True, slots=True)
class PastCall:
    call: CallId
    at: datetime
    direction: str
    disposition: str
    agent: str
    """The display name of the agent who answered; empty when the call was not answered."""
    talk_s: float | None
    note: str = ""
    log_id: int | None = None
    """The id of the call in the log; None where it was not read."""


@dataclass(frozen=True, slots=True)
class Customer:
    id: CustomerId
    title: Title
    gender: Gender
    names: dict[str, PersonName]
    """Language code to name; at least one entry. The first is the name as first written."""
    language: str
    """The language the customer prefers, or empty."""
    tier: Tier = Tier.NONE
    vip: bool = False
    birthday: date | None = None
    """A birthday without a known year has the year 1904 (a leap year no caller has)."""
    balance: int = 0
    """What the customer owes (positive) or has as credit (negative), in whole units."""
    currency: str = ""
    marketing_consent: bool | None = None
    """Whether offers are welcome; None: never asked."""
    customer_since: date | None = None
    notes: str = ""
    preferences: str = ""
    household: str = ""
    """The name of the household or company this person shares numbers with, if any."""
    anniversary: date | None = None
    """As the birthday: without a known year it has the year 1904."""
    company: str = ""
    """The name of the company, also where there is a household; read by the caller lookup only."""
    quiet_offers: dict[str, date] = field(default_factory=dict)
    """Declined offers by id: the first day on which each may be suggested again; as ``company``."""


@dataclass(frozen=True, slots=True)
class MoreFacts:
    """Facts of a customer that the card does not show and conditions of offers compare."""

    tags: tuple[str, ...] = ()
    city: str = ""
    heard_from: str = ""
    owner: int | None = None
    """The id of the user who looks after the customer."""
    branch: int | None = None
    """The id of the branch of the office."""
    was_sent: bool = False
    """Another customer sent them."""
    has_email: bool = False
    consents: Mapping[str, bool] = field(default_factory=dict)
    """By channel, without offers; one that is missing was never asked."""
    wishes: Mapping[str, str] = field(default_factory=dict)
    talked_at: float | None = None
    """The last talk that counts as a contact, in seconds since 1970."""
    rhythm_due: date | None = None
    lapsed_from: date | None = None
    chance: int | None = None
    """Percent: how likely a booking within three months is; None: not known."""
    best_percent: int | None = None
    """1 for the best hundredth of the customers; None without profit or spend."""
    value: Mapping[str, object] = field(default_factory=dict)
    """As a card shows it, with ``stage``, ``chance`` (a word) and ``top``; empty: not scored."""
    own: OwnValues = field(default_factory=lambda: NO_OWN_VALUES)


NO_MORE_FACTS = MoreFacts()


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """A customer with what a card needs: newest trips first, open cases, newest calls first."""

    customer: Customer
    phone: Phone
    """The phone that matched."""
    trips: tuple[Trip, ...] = ()
    """Trips the customer booked, and those of others on which the customer travels."""
    cases: tuple[Case, ...] = ()
    calls: tuple[PastCall, ...] = ()
    household_cases: tuple[HouseholdCase, ...] = ()
    documents: tuple[DocumentDays, ...] = ()
    """Days of passports and visas."""
    more: MoreFacts = NO_MORE_FACTS


@dataclass(frozen=True, slots=True)
class CallerRecord:
    """Everything stored about one number. ``exact`` by E.164, ``maybe`` by the last nine digits."""

    e164: E164 | None
    exact: tuple[CustomerFile, ...] = ()
    maybe: tuple[CustomerFile, ...] = ()
    calls: tuple[PastCall, ...] = field(default=())
    """Past calls of this number when no customer is known."""
    chosen: CustomerId | None = None
    """Of several customers with the number: the one an agent chose last time."""
