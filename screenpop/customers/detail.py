"""Everything on file about one customer, as the customer's page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from screenpop.customers.consent import Consent
from screenpop.customers.documents import StoredDocument
from screenpop.customers.models import (
    Case,
    Customer,
    CustomerId,
    PastCall,
    PersonRef,
    Phone,
    Trip,
)
from screenpop.customers.own_fields import OwnField, OwnValues
from screenpop.customers.payments import StoredPayment


@dataclass(frozen=True, slots=True)
class NumberOnFile:
    id: int
    phone: Phone
    shared_with: tuple[PersonRef, ...] = ()
    chosen: CustomerId | None = None
    """The customer chosen last time, of those who share the number."""


@dataclass(frozen=True, slots=True)
class Traveller:
    id: int
    person: PersonRef | None
    """None for a traveller who is no customer."""
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
    payments: tuple[StoredPayment, ...] = ()
    """By their due day."""
    own: OwnValues = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class CaseStep:
    """One entry of a case's history.

    ``what``: ``opened``, ``said``, ``state`` (``text`` is the state), ``promised``.
    """

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
    """One entry of the audit log; ``changes``: field to old and new value, as JSON holds them."""

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
    why: str = ""
    """Why the answer was no, as ``offers.quiet.DECLINE_REASONS``."""
    name: str = ""
    """The name of an offer that the office made; empty for one of a rule."""


@dataclass(frozen=True, slots=True)
class CustomerGroup:
    """A household or a company; ``members`` are the others, without the customer of the page."""

    id: int
    name: str
    members: tuple[PersonRef, ...]


@dataclass(frozen=True, slots=True)
class TravelCompanion:
    """A person who has travelled with the customer, and how often."""

    person: PersonRef
    trips: int


@dataclass(frozen=True, slots=True)
class CustomerDetail:
    """Everything about one customer. Lists with times are newest first."""

    customer: Customer
    merged_into: CustomerId | None
    numbers: tuple[NumberOnFile, ...]
    emails: tuple[str, ...]
    anniversary: date | None
    tags: tuple[str, ...]
    wishes: Mapping[str, str]
    consents: Mapping[str, Consent]
    owner: tuple[int, str] | None
    """The account manager: user id and name."""
    branch: tuple[int, str] | None
    """Id and name."""
    referred_by: PersonRef | None
    household: CustomerGroup | None
    company: CustomerGroup | None
    city: str
    heard_from: str
    """How they heard of us, as written."""
    code: str
    """The office's own customer code."""
    companions: tuple[TravelCompanion, ...]
    trips: tuple[TripDetail, ...]
    """Trips they booked or travelled on."""
    cases: tuple[CaseDetail, ...]
    calls: tuple[PastCall, ...]
    offers: tuple[OfferAnswer, ...]
    history: tuple[CustomerChange, ...]
    looks: tuple[CustomerView, ...]
    merges: tuple[CustomerMerge, ...]
    created_at: float
    changed_at: float
    documents: tuple[StoredDocument, ...] = ()
    """Without their numbers."""
    own: OwnValues = field(default_factory=dict)
    """Values of the office's own fields."""
    own_fields: tuple[OwnField, ...] = ()
    """All own fields of the office, of customers and trips."""
    branches: Mapping[int, str] = field(default_factory=dict)
    """Names of all branches of the office, by id."""
    documents_problem: str = ""
    """Why their numbers cannot be read, as ``store.engine.document_key.KeyProblem``."""
