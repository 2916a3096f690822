"""The columns of the caller lookup's rows, each listed once.

``lookup_sql`` builds its statements from these fields and ``lookup_rows`` reads the rows by them.
Days are ISO text, and JSON stays as the database returns it.
"""

from typing import NamedTuple

from screenpop.telephony.identifiers import E164

MAX_TRIPS = 20


class CustomerColumns(NamedTuple):
    id: int
    title: str
    gender: str
    names: object
    language: str
    tier: str
    vip: int
    birthday: str | None
    balance: int
    currency: str
    marketing_consent: int | None
    customer_since: str | None
    notes: str
    preferences: str
    anniversary: str | None
    household: str


class PhoneColumns(NamedTuple):
    e164: E164 | None
    raw: str
    label: str
    since: str | None
    verified_on: str | None


class RelatedColumns(NamedTuple):
    company: str | None
    member_of: int | None
    """The household's id."""
    quiet_offers: object
    """JSON, or None; see ``store.customers.offer_answers``."""
    tags: object
    """JSON, as ``emails``, ``consents`` and ``wishes``."""
    city: str
    heard_from: str
    owner_id: int | None
    branch_id: int | None
    referred_by_id: int | None
    emails: object
    consents: object
    wishes: object
    talked_at: float | None
    rhythm_due: str | None
    lapsed_from: str | None
    chance: int | None
    percentile: int | None
    value: str | None
    """JSON of ``store.value.rows.card_view``."""
    own: object
    """JSON; NULL for none."""


class TripColumns(NamedTuple):
    """In the order of the fields of ``Trip``."""

    id: int
    destination: str
    country: str
    product: str
    departs: str | None
    returns: str | None
    status: str
    adults: int
    children: int
    price: int
    paid: int
    currency: str
    visa: str
    note: str
    rating: int | None
    payments: str | None
    """JSON of ``customers.trip_payments``."""
    own: object
    """JSON; NULL for none."""


class CaseColumns(NamedTuple):
    id: int
    kind: str
    state: str
    subject: str
    opened: str
    promised_by: str
    promised_for: str | None


class PersonRefColumns(NamedTuple):
    id: int
    names: object
    title: str
    gender: str


class DocumentColumns(NamedTuple):
    """In the order of the fields of ``DocumentDays``."""

    kind: str
    country: str
    valid_from: str | None
    expires: str | None


class CallColumns(NamedTuple):
    linkedid: str
    arrived_at: float
    direction: str
    disposition: str
    agent: str | None
    talk_s: int | None
    note: str | None


CUSTOMER_WIDTH = len(CustomerColumns._fields)
PHONE_WIDTH = len(PhoneColumns._fields)
TRIP_WIDTH = len(TripColumns._fields)
CASE_WIDTH = len(CaseColumns._fields)
