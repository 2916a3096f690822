"""Drafts: customers before they are stored, from a sheet, a form or demo data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from screenpop.customers.consent import Consent
from screenpop.customers.documents import DocumentDraft
from screenpop.customers.models import (
    CaseKind,
    CaseState,
    Gender,
    PersonName,
    Product,
    Tier,
    Title,
    TripStatus,
    VisaState,
)
from screenpop.customers.own_fields import OwnValues
from screenpop.customers.sheet_payments import SheetPayment
from screenpop.telephony.identifiers import E164


@dataclass(frozen=True, slots=True)
class PhoneDraft:
    raw: str
    """As written."""
    e164: E164 | None
    last_nine: str | None
    label: str = ""
    """``mobile``, ``home``, ``work``, ``other`` ..."""
    since: date | None = None
    verified_on: date | None = None


@dataclass(frozen=True, slots=True)
class TravellerDraft:
    """A person who travels on a trip, as a customer list names them."""

    name: str = ""
    numbers: tuple[str, ...] = ()
    """E.164."""
    customer: int | None = None
    """The customer number of this office."""
    child: bool = False
    also: tuple[str, ...] = field(default=(), compare=False)
    """The name in other scripts, of a stored customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TripDraft:
    """A trip to be stored. Amounts in whole units of ``currency``."""

    destination: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2, or empty."""
    product: Product = Product.OTHER
    departs: date | None = None
    returns: date | None = None
    status: TripStatus = TripStatus.ASKED
    adults: int = 1
    children: int = 0
    price: int = 0
    paid: int = 0
    currency: str = ""
    visa: VisaState = VisaState.NOT_NEEDED
    note: str = ""
    supplier: str = ""
    margin: int = 0
    rating: int | None = None
    """1 to 5, the traveller's rating; None without one."""
    feedback: str = ""
    feedback_asked: date | None = None
    travellers: tuple[TravellerDraft, ...] = ()
    own: OwnValues = field(default_factory=dict, hash=False)
    is_status_guessed: bool = field(default=False, compare=False)
    """The status follows from the days, so it replaces no stored one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDraft:
    """A question, complaint or refund to be stored, without its history."""

    kind: CaseKind = CaseKind.QUESTION
    state: CaseState = CaseState.OPEN
    subject: str = ""
    opened: date | None = None
    """None: the opening day is not known; the day of the import is used."""
    promised_by: str = ""
    promised_for: date | None = None
    closed: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDraft:
    """A customer to be stored. Amounts in whole units of ``currency``."""

    names: dict[str, PersonName]
    """Language code to name; at least one, the name as first written first."""
    title: Title = Title.NONE
    gender: Gender = Gender.UNSAID
    language: str = ""
    tier: Tier = Tier.NONE
    vip: bool = False
    birthday: date | None = None
    """A birthday without a known year has the year 1904."""
    anniversary: date | None = None
    balance: int = 0
    currency: str = ""
    customer_since: date | None = None
    notes: str = ""
    preferences: str = ""
    tags: tuple[str, ...] = ()
    household: str = ""
    company: str = ""
    city: str = ""
    """Where they live, as written."""
    heard_from: str = ""
    """How they heard of us, as written."""
    code: str = ""
    """The office's own customer code."""
    phones: tuple[PhoneDraft, ...] = ()
    emails: tuple[str, ...] = ()
    trips: tuple[TripDraft, ...] = ()
    cases: tuple[CaseDraft, ...] = ()
    documents: tuple[DocumentDraft, ...] = ()
    payments: tuple[SheetPayment, ...] = ()
    """Of a sheet; each finds its trip at the end of the import."""
    wishes: Mapping[str, str] = field(default_factory=dict)
    """Travel preferences by subject.

    ``seat``, ``meals``, ``season``, ``budget``, ``destinations``, ``other``. ``preferences`` is all
    of it in one line.
    """
    consents: Mapping[str, Consent] = field(default_factory=dict)
    """By channel (``consent.CHANNELS``); a missing channel was never asked."""
    owner: int | None = None
    """The customer's account manager, a user."""
    branch: int | None = None
    """The branch of the office."""
    referred_by: int | None = None
    """The customer who referred them."""
    own: OwnValues = field(default_factory=dict)
    """Values of the office's own fields."""


@dataclass(frozen=True, slots=True)
class IncomingRow:
    """One row of a sheet that can become a customer, or one more trip of a customer."""

    line: int
    """The row of the sheet, counted from 1."""
    draft: CustomerDraft
    more_of_above: bool = False
    """The row has no name: it continues the person of the row above."""
