"""Which missing fact about a customer is worth asking for on the phone, and what was answered.

One fact at most, and then none for some time. Before a trip abroad the expiry of the passport comes
first. With a booked trip ahead a second number and an e-mail address come next, because the office
must reach the traveller. A customer who has not
travelled yet is asked how they heard of us, which an old customer no longer knows. All others are
asked for the birthday, a reason to call each year. Nothing is asked during an open complaint.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from screenpop.customers.contact_input import is_email, phone_draft
from screenpop.customers.date_input import InvalidDateError, parse_date
from screenpop.customers.draft import PhoneDraft
from screenpop.customers.yearless_days import NO_YEAR
from screenpop.telephony.number_plan import NumberPlan

MAX_VALUE_LENGTH = 200
"""Characters of an answer."""


class Fact(StrEnum):
    BIRTHDAY = "birthday"
    SECOND_NUMBER = "second_number"
    EMAIL = "email"
    HEARD_FROM = "heard_from"
    """How the customer heard of us."""
    PASSPORT_EXPIRES = "passport_expires"
    """The last day of the passport; asked only before a trip abroad."""


_TRIP_AHEAD = (Fact.SECOND_NUMBER, Fact.EMAIL, Fact.BIRTHDAY, Fact.HEARD_FROM)
_NEW_CUSTOMER = (Fact.HEARD_FROM, Fact.BIRTHDAY, Fact.EMAIL, Fact.SECOND_NUMBER)
_OLD_CUSTOMER = (Fact.BIRTHDAY, Fact.EMAIL, Fact.SECOND_NUMBER, Fact.HEARD_FROM)
_TRIP_ABROAD = (Fact.PASSPORT_EXPIRES, *_TRIP_AHEAD)
"""The facts in the order of their worth."""

FactValue = date | PhoneDraft | str
"""A day (a birthday with the year 1904 for no year), a second number, or a text."""


@dataclass(frozen=True, slots=True)
class FactsOnFile:
    """What the choice depends on."""

    missing: frozenset[Fact]
    has_trip_ahead: bool
    """A booked trip has not departed yet."""
    has_travelled: bool
    has_open_complaint: bool
    asked_on: date | None
    """The day of the last question; None if nothing was ever asked."""
    has_trip_abroad: bool = False
    """A booked trip that has not departed yet goes to another country."""


class FactProblem(StrEnum):
    NO_VALUE = "no_value"
    VALUE_TOO_LONG = "value_too_long"
    NOT_A_BIRTHDAY = "not_a_birthday"
    BIRTHDAY_AHEAD = "birthday_ahead"
    INCOMPLETE_NUMBER = "incomplete_number"
    BAD_EMAIL = "bad_email"
    BAD_DATE = "bad_date"


class InvalidFactError(ValueError):
    """The answer is not a value of the fact."""

    def __init__(self, code: FactProblem) -> None:
        super().__init__(code.value)
        self.code = code


def choose_fact(
    on_file: FactsOnFile, allowed: Collection[Fact], again_days: int, today: date
) -> Fact | None:
    """Return the fact to ask for; None when nothing is missing, allowed or due.

    ``allowed``: the facts that the office asks and the agent may see. ``again_days``: days after
    a question until the next one.
    """
    if on_file.has_open_complaint or was_asked_lately(on_file.asked_on, again_days, today):
        return None
    return next((one for one in _order(on_file) if one in on_file.missing and one in allowed), None)


def was_asked_lately(asked_on: date | None, again_days: int, today: date) -> bool:
    """Return whether the last question is less than ``again_days`` days ago."""
    return asked_on is not None and (today - asked_on).days < again_days


def read_fact(fact: Fact, text: str, today: date, plan: NumberPlan) -> FactValue:
    """Return the value of a typed answer. Raises ``InvalidFactError``."""
    text = text.strip()
    if not text:
        raise InvalidFactError(FactProblem.NO_VALUE)
    if len(text) > MAX_VALUE_LENGTH:
        raise InvalidFactError(FactProblem.VALUE_TOO_LONG)
    match fact:
        case Fact.BIRTHDAY:
            return _read_birthday(text, today)
        case Fact.SECOND_NUMBER:
            phone = phone_draft(text, plan)
            if phone.e164 is None:
                raise InvalidFactError(FactProblem.INCOMPLETE_NUMBER)
            return phone
        case Fact.EMAIL:
            if not is_email(text):
                raise InvalidFactError(FactProblem.BAD_EMAIL)
            return text
        case Fact.HEARD_FROM:
            return text
        case Fact.PASSPORT_EXPIRES:
            return _read_expiry(text)


def _read_expiry(text: str) -> date:
    try:
        day = parse_date(text)
    except InvalidDateError:
        day = None
    if day is None or day.year == NO_YEAR:
        raise InvalidFactError(FactProblem.BAD_DATE)
    return day


def _read_birthday(text: str, today: date) -> date:
    try:
        day = parse_date(text, today)
    except InvalidDateError:
        day = None
    if day is None:
        raise InvalidFactError(FactProblem.NOT_A_BIRTHDAY)
    if day > today:
        raise InvalidFactError(FactProblem.BIRTHDAY_AHEAD)
    return day


def _order(on_file: FactsOnFile) -> tuple[Fact, ...]:
    if on_file.has_trip_abroad:
        return _TRIP_ABROAD
    if on_file.has_trip_ahead:
        return _TRIP_AHEAD
    return _OLD_CUSTOMER if on_file.has_travelled else _NEW_CUSTOMER
