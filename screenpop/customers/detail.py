"""The whole of what is on file of one customer, as the customer's page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from screenpop.customers.models import (
    Case,
    Customer,
    CustomerId,
    PastCall,
    PersonRef,
    Phone,
    Trip,
)


@dataclass(frozen=True, slots=True)
class NumberOnFile:
    id: int
    phone: Phone
    shared_with: tuple[PersonRef, ...] = ()
    chosen: CustomerId | None = None
    """Who it was the last time, of those who share it."""


@dataclass(frozen=True, slots=True)
class Traveller:
    id: int
    person: PersonRef | None
    """None for one without a file."""
    name: str
    child: bool


@dataclass(frozen=True, slots=True)
class TripDetail:
    trip: Trip
    buyer: PersonRef
    travellers: tuple[Traveller, ...]
    supplier: str
    margin: int
    feedback_asked: date | None
    feedback: str


@dataclass(frozen=True, slots=True)
class CaseStep:
    """``what``: ``opened``, ``said``, ``state`` (``text`` is the state), ``promised``."""

    at: float
    by: str
    what: str
    text: str
    due: date | None


@dataclass(frozen=True, slots=True)
class CaseDetail:
    case: Case
    closed: date | None
    steps: tuple[CaseStep, ...]


@dataclass(frozen=True, slots=True)
class CustomerChange:
    """``changes``: field to what it was and what it became, as JSON holds them."""

    at: float
    by: str
    what: str
    changes: Mapping[str, tuple[object, object]]


@dataclass(frozen=True, slots=True)
class CustomerView:
    by: str
    first_at: float
    last_at: float
    times: int


@dataclass(frozen=True, slots=True)
class CustomerMerge:
    id: int
    at: float
    by: str
    gone: PersonRef


@dataclass(frozen=True, slots=True)
class OfferAnswer:
    at: float
    by: str
    offer: str
    answer: str


@dataclass(frozen=True, slots=True)
class CustomerGroup:
    """A household or a company. ``members`` without the customer whose file this is."""

    id: int
    name: str
    members: tuple[PersonRef, ...]


@dataclass(frozen=True, slots=True)
class TravelCompanion:
    """Somebody who has travelled with the customer, and how often."""

    person: PersonRef
    trips: int


@dataclass(frozen=True, slots=True)
class CustomerDetail:
    """Newest first, wherever there is a time."""

    customer: Customer
    merged_into: CustomerId | None
    numbers: tuple[NumberOnFile, ...]
    emails: tuple[str, ...]
    anniversary: date | None
    tags: tuple[str, ...]
    wishes: Mapping[str, str]
    consents: Mapping[str, str]
    owner: tuple[int, str] | None
    """The user whose customer it is, and their name."""
    referred_by: PersonRef | None
    household: CustomerGroup | None
    company: CustomerGroup | None
    companions: tuple[TravelCompanion, ...]
    trips: tuple[TripDetail, ...]
    """Bought by the customer, or travelled in."""
    cases: tuple[CaseDetail, ...]
    calls: tuple[PastCall, ...]
    offers: tuple[OfferAnswer, ...]
    history: tuple[CustomerChange, ...]
    looks: tuple[CustomerView, ...]
    merges: tuple[CustomerMerge, ...]
    created_at: float
    changed_at: float
