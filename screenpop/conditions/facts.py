"""What a condition compares: the facts of one customer, as stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from screenpop.customers.own_fields import OwnValues


@dataclass(frozen=True, slots=True, kw_only=True)
class TripFacts:
    """A trip that the customer booked; codes as stored."""

    destination: str = ""
    product: str = "other"
    departs: date | None = None
    status: str = "asked"
    adults: int = 1
    children: int = 0
    price: int = 0
    currency: str = ""
    visa: str = "not_needed"
    rating: int | None = None
    own: OwnValues = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFacts:
    """Codes as stored; an empty text is not known."""

    tags: tuple[str, ...] = ()
    language: str = ""
    title: str = "none"
    gender: str = "unsaid"
    tier: str = "none"
    vip: bool = False
    city: str = ""
    company: str = ""
    heard_from: str = ""
    owner: int | None = None
    branch: int | None = None
    was_sent: bool = False
    """Another customer sent them."""
    sent: int | None = None
    """How many customers they sent; None before they were scored."""
    has_email: bool = False
    customer_since: date | None = None
    birthday: date | None = None
    anniversary: date | None = None
    balance: int = 0
    currency: str = ""
    consents: Mapping[str, bool] = field(default_factory=dict)
    """By channel; one that is missing was never asked."""
    wishes: Mapping[str, str] = field(default_factory=dict)
    open_cases: int = 0
    open_complaints: int = 0
    last_contact: date | None = None
    """The day of the last talk that counts, in the office's time zone."""
    trips: tuple[TripFacts, ...] = ()
    rhythm_due: date | None = None
    """When the next trip is usual, by the customer's own rhythm."""
    lapsed_from: date | None = None
    stage: str = ""
    likelihood: str = ""
    """As ``loyalty.value.ChanceWord``; empty before the customer was scored."""
    chance: int | None = None
    """Percent."""
    best_percent: int | None = None
    is_top: bool = False
    own: OwnValues = field(default_factory=dict)
