"""The fields of conditions: kind, operators, choices, limits, and the section that may see them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from screenpop.accounts.departments import Section
from screenpop.common.search_normalization import fold
from screenpop.conditions.tree import (
    LIST_OPS,
    NUMBER_OPS,
    SET_OPS,
    Node,
    Op,
    Trips,
    comparisons_of,
    nodes_of,
)
from screenpop.customers.consent import CHANNELS
from screenpop.customers.models import (
    CURRENCIES,
    LANGUAGES,
    Gender,
    Product,
    Tier,
    Title,
    TripStatus,
    VisaState,
)
from screenpop.customers.own_fields import OwnField, OwnKind, OwnSubject
from screenpop.customers.place_names import place_key
from screenpop.loyalty.stages import Stage
from screenpop.loyalty.value import ChanceWord


class Kind(StrEnum):
    CHOICE = "choice"
    """One code of a short list."""
    TEXT = "text"
    """Words as written, compared without case, accents and spelling of letters."""
    PLACE = "place"
    """As a text; common destinations are the same in all languages."""
    TAGS = "tags"
    """Several texts."""
    WISH = "wish"
    """A longer text, in which words are looked for."""
    USER = "user"
    """The id of a user."""
    BRANCH = "branch"
    """The id of a branch of the office."""
    OPTION = "option"
    """The id of a choice of an own field."""
    FLAG = "flag"
    NUMBER = "number"
    MONEY = "money"
    DAY = "day"


ID_KINDS = frozenset({Kind.USER, Kind.BRANCH, Kind.OPTION})
"""Kinds that are compared by ids."""
_OPS: Mapping[Kind, tuple[Op, ...]] = {
    Kind.CHOICE: LIST_OPS,
    Kind.TEXT: (*LIST_OPS, *SET_OPS),
    Kind.PLACE: (*LIST_OPS, *SET_OPS),
    Kind.TAGS: (*LIST_OPS, *SET_OPS),
    Kind.WISH: (Op.CONTAINS, *SET_OPS),
    Kind.USER: (*LIST_OPS, *SET_OPS),
    Kind.BRANCH: (*LIST_OPS, *SET_OPS),
    Kind.OPTION: (*LIST_OPS, *SET_OPS),
    Kind.FLAG: (Op.IS,),
    Kind.NUMBER: NUMBER_OPS,
    Kind.MONEY: NUMBER_OPS,
    Kind.DAY: (*NUMBER_OPS, *SET_OPS),
}
SEASONS: Mapping[str, tuple[int, int]] = {
    "spring": (321, 620),
    "summer": (621, 922),
    "autumn": (923, 1221),
    "winter": (1222, 320),
}
"""First and last day of each season, as month × 100 + day: the seasons of the Persian calendar."""
MONTHS = tuple(str(month) for month in range(1, 13))
CONSENT_ANSWERS = ("yes", "no", "never_asked")
WISHES = ("destinations", "season", "budget", "seat", "meals", "other")
MOST_DAYS = 36_500
MAX_TEXT_LENGTH = 200
"""Characters of a text that is compared; a longer one on file equals none."""
LARGEST_AMOUNT = 10**15
"""As forms and imports accept it."""


@dataclass(frozen=True, slots=True)
class Field:
    code: str
    kind: Kind
    section: Section | None = None
    """The section that a user must see to use the field; None: every user."""
    choices: tuple[str, ...] = ()
    least: int = 0
    """Of a number or an amount, as ``most``."""
    most: int = 0
    is_closed: bool = False
    """No number on file can be larger than ``most``; others are only unlikely."""
    unset: bool = False
    """A number, choice or flag may be missing, so that ``is_set`` and ``is_not_set`` are
    operators."""
    own: OwnField | None = None
    """The own field that is compared: its id, kind and subject, without its names."""

    @property
    def ops(self) -> tuple[Op, ...]:
        more = SET_OPS if self.unset else ()
        return tuple(dict.fromkeys([*_OPS[self.kind], *more]))

    @property
    def currencies(self) -> tuple[str, ...]:
        return CURRENCIES if self.kind is Kind.MONEY else ()


def _codes(*enums: type[StrEnum]) -> tuple[str, ...]:
    return tuple(code.value for enum in enums for code in enum)


def _days(code: str, section: Section | None, least: int = 0, most: int = MOST_DAYS) -> Field:
    closed = most != MOST_DAYS
    return Field(code, Kind.NUMBER, section, (), least, most, closed, unset=True)


def _money(code: str, section: Section) -> Field:
    return Field(code, Kind.MONEY, section, least=-LARGEST_AMOUNT, most=LARGEST_AMOUNT)


_CUSTOMER = (
    Field("tag", Kind.TAGS),
    Field("language", Kind.CHOICE, choices=LANGUAGES, unset=True),
    Field("title", Kind.CHOICE, choices=_codes(Title)),
    Field("gender", Kind.CHOICE, choices=_codes(Gender)),
    Field("tier", Kind.CHOICE, choices=_codes(Tier)),
    Field("vip", Kind.FLAG),
    Field("city", Kind.PLACE),
    Field("company", Kind.TEXT),
    Field("heard_from", Kind.TEXT),
    Field("owner", Kind.USER),
    Field("branch", Kind.BRANCH),
    Field("was_sent", Kind.FLAG),
    Field("sent_customers", Kind.NUMBER, most=100_000, unset=True),
    Field("has_email", Kind.FLAG),
    Field("customer_since", Kind.DAY),
    _days("birthday_in_days", Section.PERSONAL, most=366),
    _days("anniversary_in_days", Section.PERSONAL, most=366),
    Field("trip_count", Kind.NUMBER, Section.TRIPS, most=10_000),
    Field("last_trip", Kind.DAY, Section.TRIPS),
    Field("next_trip", Kind.DAY, Section.TRIPS),
    _days("last_trip_days_ago", Section.TRIPS, least=1),
    _days("next_trip_in_days", Section.TRIPS),
    _days("last_contact_days_ago", Section.CALLS),
    Field("lapsed", Kind.FLAG, Section.OFFERS),
    _days("usual_trip_overdue_days", Section.OFFERS, least=-MOST_DAYS),
    Field("stage", Kind.CHOICE, Section.TRIPS, _codes(Stage), unset=True),
    Field("likelihood", Kind.CHOICE, Section.TRIPS, _codes(ChanceWord), unset=True),
    Field("chance", Kind.NUMBER, Section.TRIPS, most=100, is_closed=True, unset=True),
    _money("spend", Section.PRICES),
    Field("best_percent", Kind.NUMBER, Section.PRICES, (), 1, 100, is_closed=True, unset=True),
    Field("top_customer", Kind.FLAG, Section.PRICES),
    _money("balance", Section.BALANCE),
    Field("open_cases", Kind.NUMBER, Section.CASES, most=10_000),
    Field("open_complaints", Kind.NUMBER, Section.CASES, most=10_000),
    *(
        Field(f"consent_{channel}", Kind.CHOICE, Section.PERSONAL, CONSENT_ANSWERS)
        for channel in CHANNELS
    ),
    *(Field(f"wish_{subject}", Kind.WISH, Section.PERSONAL) for subject in WISHES),
)
_TRIP = (
    Field("trip.destination", Kind.PLACE, Section.TRIPS),
    Field("trip.month", Kind.CHOICE, Section.TRIPS, MONTHS, unset=True),
    Field("trip.season", Kind.CHOICE, Section.TRIPS, tuple(SEASONS), unset=True),
    Field("trip.status", Kind.CHOICE, Section.TRIPS, _codes(TripStatus)),
    Field("trip.product", Kind.CHOICE, Section.TRIPS, _codes(Product)),
    Field("trip.party", Kind.NUMBER, Section.TRIPS, most=10_000),
    Field("trip.children", Kind.NUMBER, Section.TRIPS, most=10_000),
    Field("trip.departs", Kind.DAY, Section.TRIPS),
    _days("trip.departs_in_days", Section.TRIPS),
    _days("trip.departed_days_ago", Section.TRIPS, least=1),
    Field("trip.visa", Kind.CHOICE, Section.TRIPS, _codes(VisaState)),
    Field("trip.rating", Kind.NUMBER, Section.TRIPS, least=1, most=5, is_closed=True, unset=True),
    _money("trip.price", Section.PRICES),
)
_OWN_CODE = re.compile(r"(trip\.)?own_(text|number|date|choice|yes_no)\.([1-9][0-9]{0,17})")
_OWN_KINDS: Mapping[OwnKind, Kind] = {
    OwnKind.TEXT: Kind.TEXT,
    OwnKind.NUMBER: Kind.NUMBER,
    OwnKind.DATE: Kind.DAY,
    OwnKind.CHOICE: Kind.OPTION,
    OwnKind.YES_NO: Kind.FLAG,
}


def own_code(own: OwnField) -> str:
    """Return the code of an own field: it names the kind, so that nothing is read to compare."""
    trip = "trip." if own.subject is OwnSubject.TRIP else ""
    return f"{trip}own_{own.kind.value}.{own.id}"


@lru_cache(maxsize=1024)
def _own_field(code: str) -> Field | None:
    found = _OWN_CODE.fullmatch(code)
    if found is None:
        return None
    subject = OwnSubject.TRIP if found[1] else OwnSubject.CUSTOMER
    own = OwnField(id=int(found[3]), subject=subject, kind=OwnKind(found[2]))
    section = Section.TRIPS if found[1] else Section.PERSONAL
    return Field(
        code,
        _OWN_KINDS[own.kind],
        section,
        least=-LARGEST_AMOUNT,
        most=LARGEST_AMOUNT,
        unset=True,
        own=own,
    )


class _Fields(dict[str, Field]):
    """The fields of this program; and any own field of an office."""

    def __missing__(self, code: str) -> Field:
        found = _own_field(code)
        if found is None:
            raise KeyError(code)
        return found


FIELDS: Mapping[str, Field] = _Fields({one.code: one for one in (*_CUSTOMER, *_TRIP)})
"""By code; the code of an own field has one too, and is not among the keys."""


def find_field(code: str) -> Field | None:
    """Return a field, own fields among them; None for an unknown code."""
    try:
        return FIELDS[code]
    except KeyError:
        return None


CUSTOMER_FIELDS = tuple(one.code for one in _CUSTOMER)
TRIP_FIELDS = tuple(one.code for one in _TRIP)
TAKEN = (
    TripStatus.BOOKED.value,
    TripStatus.TICKETED.value,
    TripStatus.TRAVELLING.value,
    TripStatus.TRAVELLED.value,
)
"""Trips that count as booked: neither asked for nor cancelled."""


def is_trip_field(code: str) -> bool:
    """Return whether a field compares a trip."""
    return code.startswith("trip.")


def sections_of(node: Node) -> frozenset[Section]:
    """Return the sections that a user must see to use a condition."""
    found = {FIELDS[one.field].section for one in comparisons_of(node)}
    if any(isinstance(one, Trips) for one in nodes_of(node)):
        found.add(Section.TRIPS)
    return frozenset(one for one in found if one is not None)


def text_key(kind: Kind, text: str) -> str:
    """Return what two texts of a field have in common when they count as the same."""
    return place_key(text) if kind is Kind.PLACE else fold(text)


def season_of(day: date) -> str:
    place = day.month * 100 + day.day
    for season, (first, last) in SEASONS.items():
        if (first <= place <= last) if first <= last else (place >= first or place <= last):
            return season
    raise AssertionError("the seasons are the whole year")


def common_amount(amount: int, currency: str) -> tuple[int, str]:
    """Return an amount in a currency that compares: toman as rial."""
    return (amount * 10, "IRR") if currency == "IRT" else (amount, currency)
