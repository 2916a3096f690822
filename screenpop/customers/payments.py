"""Payments of a trip: instalments and cheques, their states, and what is wrong with one.

Amounts are in hundredths of their currency ("cents"), so that an instalment keeps its cents. Rial
and toman are two currencies; one toman is ten rials, exactly.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from persiantools.jdatetime import JalaliDate

from screenpop.common.amounts import MARKS, plain_number
from screenpop.common.text import fold_digits

_Persian: Any = JalaliDate  # the library has no types

CENTS = 100
MOST_CENTS = 10**17
"""The largest amount, 10^15 whole units as in every form."""
MOST_PARTS = 60
_RIAL, _TOMAN = "IRR", "IRT"
RIALS_PER_TOMAN = 10
WITHOUT_CENTS = frozenset({_RIAL, _TOMAN})


class PaymentState(StrEnum):
    DUE = "due"
    PAID = "paid"
    RETURNED = "returned"
    """The bank returned the cheque; nothing was paid."""


class PaymentMethod(StrEnum):
    CASH = "cash"
    CARD = "card"
    TRANSFER = "transfer"
    CHEQUE = "cheque"
    OTHER = "other"
    BEFORE = "before"
    """What the trip had as paid before its first payment was entered; on no form."""


METHODS = tuple(method for method in PaymentMethod if method is not PaymentMethod.BEFORE)
"""Those that a form offers."""


class PaymentProblem(StrEnum):
    """What is wrong with a payment; the code of its sentence, ``error.<code>``."""

    NOT_AN_AMOUNT = "payment_no_amount"
    NOT_POSITIVE = "payment_not_positive"
    CENTS = "payment_cents"
    """Rial and toman have none."""
    NO_DUE_DAY = "payment_no_due_day"
    PAID_BEFORE_MADE = "payment_paid_before_made"
    IN_FUTURE = "payment_in_future"
    ONLY_CHEQUES = "payment_only_cheques"
    RETURNED_TWICE = "payment_returned_twice"
    PAID_TWICE = "payment_paid_twice"
    OTHER_CURRENCY = "payment_other_currency"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDraft:
    """A payment to be stored."""

    cents: int
    """Hundredths of ``currency``; more than nothing."""
    currency: str = ""
    method: PaymentMethod = PaymentMethod.OTHER
    state: PaymentState = PaymentState.DUE
    due: date | None = None
    made_on: date | None = None
    """The day on which it was agreed, or the cheque was written."""
    paid_on: date | None = None
    returned_on: date | None = None
    """Stays when a returned cheque is paid later."""
    cheque_number: str = ""
    bank: str = ""
    note: str = ""
    counts_as: int | None = None
    """For a payment in another currency: hundredths of the trip's currency that it covers."""


@dataclass(frozen=True, slots=True)
class StoredPayment:
    id: int
    trip_id: int
    payment: PaymentDraft


def counted_cents(payment: PaymentDraft, currency: str) -> int | None:
    """Return how much of a trip in ``currency`` the payment covers; None if that is unknown."""
    if payment.currency == currency:
        return payment.cents
    if payment.currency == _TOMAN and currency == _RIAL:
        return payment.cents * RIALS_PER_TOMAN
    if payment.currency == _RIAL and currency == _TOMAN:
        return payment.cents // RIALS_PER_TOMAN
    return payment.counts_as


def needs_counts_as(payment_currency: str, trip_currency: str) -> bool:
    """Return whether a payment has to be given in the trip's currency too."""
    both = {payment_currency, trip_currency}
    return len(both) > 1 and not both.issubset({_RIAL, _TOMAN})


def check_payment(
    payment: PaymentDraft, trip_currency: str, today: date
) -> dict[str, PaymentProblem]:
    """Return what is wrong, by the field; an empty mapping for a payment that can be stored.

    ``trip_currency``: empty for a trip without a currency, which takes that of its first payment.
    """
    found: dict[str, PaymentProblem] = {}
    if not 0 < payment.cents <= MOST_CENTS:
        found["amount"] = PaymentProblem.NOT_POSITIVE
    elif payment.currency in WITHOUT_CENTS and payment.cents % CENTS:
        found["amount"] = PaymentProblem.CENTS
    if trip_currency and needs_counts_as(payment.currency, trip_currency):
        if payment.counts_as is None:
            found["counts_as"] = PaymentProblem.OTHER_CURRENCY
        elif not 0 < payment.counts_as <= MOST_CENTS:
            found["counts_as"] = PaymentProblem.NOT_POSITIVE
    if payment.state is PaymentState.DUE and payment.due is None:
        found["due"] = PaymentProblem.NO_DUE_DAY
    return found | _wrong_days(payment, today)


def _wrong_days(payment: PaymentDraft, today: date) -> dict[str, PaymentProblem]:
    days = {
        "made_on": payment.made_on,
        "paid_on": payment.paid_on,
        "returned_on": payment.returned_on,
    }
    found = {
        name: PaymentProblem.IN_FUTURE
        for name, day in days.items()
        if day is not None and day > today
    }
    for name in ("paid_on", "returned_on"):
        day = days[name]
        if day is not None and payment.made_on is not None and day < payment.made_on:
            found.setdefault(name, PaymentProblem.PAID_BEFORE_MADE)
    if payment.state is PaymentState.RETURNED and payment.method is not PaymentMethod.CHEQUE:
        found["state"] = PaymentProblem.ONLY_CHEQUES
    return found


def change_state(
    payment: PaymentDraft, state: PaymentState, day: date
) -> PaymentDraft | PaymentProblem:
    """Return the payment in its new state since ``day``, or why it cannot be.

    To ``DUE``: takes back what was entered by mistake.
    """
    if payment.state is state and state is not PaymentState.DUE:
        paid = state is PaymentState.PAID
        return PaymentProblem.PAID_TWICE if paid else PaymentProblem.RETURNED_TWICE
    if payment.made_on is not None and day < payment.made_on and state is not PaymentState.DUE:
        return PaymentProblem.PAID_BEFORE_MADE
    match state:
        case PaymentState.PAID:
            return replace(payment, state=state, paid_on=day)
        case PaymentState.RETURNED:
            if payment.method is not PaymentMethod.CHEQUE:
                return PaymentProblem.ONLY_CHEQUES
            return replace(payment, state=state, paid_on=None, returned_on=day)
        case PaymentState.DUE:
            due = payment.due or payment.paid_on or day
            return replace(payment, state=state, due=due, paid_on=None, returned_on=None)


def parse_cents(text: str) -> int | PaymentProblem:
    """Return an amount in hundredths: ``1.250,40``, ``۴۵٬۰۰۰٬۰۰۰``; as sheets are read."""
    written = fold_digits(text.translate(MARKS)).strip()
    negative = written.startswith("-") or written.endswith("-")
    value = plain_number(written.strip("- "))
    if value is None:
        return PaymentProblem.NOT_AN_AMOUNT
    cents = int((value * CENTS).to_integral_value())
    if negative or not 0 < cents <= MOST_CENTS:
        return PaymentProblem.NOT_POSITIVE
    return cents


def cents_text(cents: int) -> str:
    """Return an amount for a form or the history: ``1250`` or ``1250.40``."""
    whole, rest = divmod(abs(cents), CENTS)
    sign = "-" if cents < 0 else ""
    return f"{sign}{whole}.{rest:02d}" if rest else f"{sign}{whole}"


def plain_amount(cents: int) -> int | float:
    """Return the amount in units for JSON: a whole number unless it has cents."""
    return cents / CENTS if cents % CENTS else cents // CENTS


def split_amount(cents: int, parts: int, currency: str) -> tuple[int, ...]:
    """Return ``parts`` amounts that add up to ``cents``; the remainder is in the last.

    Rial and toman are split in whole units. Raises ``ValueError`` where a part would be nothing.
    """
    step = CENTS if currency in WITHOUT_CENTS else 1
    each = cents // parts // step * step if parts > 0 else 0
    if each <= 0:
        raise ValueError("each part has to be an amount")
    return (*[each] * (parts - 1), cents - each * (parts - 1))


def monthly_days(first: date, parts: int, language: str) -> tuple[date, ...]:
    """Return the same day of the following months: of Persian ones for a Persian reader.

    A month without that day has its last day instead.
    """
    if language == "fa":
        start = _Persian(first)
        return tuple(_persian_day(start.year, start.month + i, start.day) for i in range(parts))
    return tuple(_gregorian_day(first.year, first.month + i, first.day) for i in range(parts))


def _persian_day(year: int, month: int, day: int) -> date:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    last = int(_Persian.days_in_month(month, year))
    found: date = _Persian(year, month, min(day, last)).to_gregorian()
    return found


def _gregorian_day(year: int, month: int, day: int) -> date:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    last = (following - date(year, month, 1)).days
    return date(year, month, min(day, last))


def changes_of(
    before: PaymentDraft | None, after: PaymentDraft | None
) -> Mapping[str, tuple[object, object]]:
    """Return the entry of the history: each field that differs, before and after."""
    old, new = _logged(before), _logged(after)
    return {name: (old.get(name), new.get(name)) for name in (new or old)}


def _logged(payment: PaymentDraft | None) -> dict[str, object]:
    if payment is None:
        return {}
    return {
        "payment": payment.method.value,
        "payment_amount": f"{cents_text(payment.cents)} {payment.currency}".strip(),
        "payment_state": payment.state.value,
        "payment_due": payment.due,
        "payment_made_on": payment.made_on,
        "payment_paid_on": payment.paid_on,
        "payment_returned_on": payment.returned_on,
        "payment_cheque_number": payment.cheque_number or None,
        "payment_bank": payment.bank or None,
        "payment_note": payment.note or None,
        "payment_counts_as": None if payment.counts_as is None else cents_text(payment.counts_as),
    }
