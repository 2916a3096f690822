"""The whole of what is on file of one customer, as the customer's page shows it."""

from collections.abc import Mapping
from datetime import date

from screenpop.customers.records import (
    Case,
    Customer,
    CustomerId,
    PastCall,
    PersonRef,
    Phone,
    Trip,
)
from screenpop.values import dataclass


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
class FileTrip:
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
class FileCase:
    case: Case
    closed: date | None
    steps: tuple[CaseStep, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """``changes``: field to what it was and what it became, as JSON holds them."""

    at: float
    by: str
    what: str
    changes: Mapping[str, tuple[object, object]]


@dataclass(frozen=True, slots=True)
class Look:
    by: str
    first_at: float
    last_at: float
    times: int


@dataclass(frozen=True, slots=True)
class Merge:
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
class Group:
    """A household or a company. ``members`` without the customer whose file this is."""

    id: int
    name: str
    members: tuple[PersonRef, ...]


@dataclass(frozen=True, slots=True)
class Companion:
    """Somebody who has travelled with the customer, and how often."""

    person: PersonRef
    trips: int


@dataclass(frozen=True, slots=True)
class PersonFile:
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
    household: Group | None
    company: Group | None
    companions: tuple[Companion, ...]
    trips: tuple[FileTrip, ...]
    """Bought by the customer, or travelled in."""
    cases: tuple[FileCase, ...]
    calls: tuple[PastCall, ...]
    offers: tuple[OfferAnswer, ...]
    history: tuple[Change, ...]
    looks: tuple[Look, ...]
    merges: tuple[Merge, ...]
    created_at: float
    changed_at: float
