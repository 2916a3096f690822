"""Parses and checks the forms of payments; errors are shown at their fields."""

from dataclasses import dataclass, replace
from datetime import date

from screenpop.customers.date_input import format_date
from screenpop.customers.models import CURRENCIES
from screenpop.customers.payments import (
    METHODS,
    MOST_PARTS,
    PaymentDraft,
    PaymentMethod,
    PaymentProblem,
    PaymentState,
    cents_text,
    check_payment,
    monthly_days,
    needs_counts_as,
    parse_cents,
    split_amount,
)
from screenpop.customers.yearless_days import NO_YEAR
from screenpop.web.customers.forms import Errors, Form, FormReader

_LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class PaymentContext:
    """What the forms of a trip's payments need of the trip and of the reader."""

    currency: str
    """Of the trip, or empty."""
    today: date
    language: str


def read_new_payments(form: Form, trip: PaymentContext) -> tuple[tuple[PaymentDraft, ...], Errors]:
    """Read one payment, or the monthly parts of an amount."""
    reading = FormReader(form)
    payment, errors = _read(reading, trip)
    parts = reading.count("parts", 1)
    if not 1 <= parts <= MOST_PARTS:
        errors["parts"] = "payment_parts"
    elif parts > 1 and payment.state is not PaymentState.DUE:
        errors["parts"] = "payment_parts_due"
    if errors | reading.errors:
        return (), reading.errors | errors
    if parts == 1 or payment.due is None:
        return (payment,), {}
    try:
        return _parts(payment, parts, payment.due, trip), {}
    except ValueError:
        return (), {"parts": "payment_parts_small"}


def read_payment(
    form: Form, trip: PaymentContext, stored: PaymentDraft
) -> tuple[PaymentDraft, Errors]:
    """Read the form of a stored payment."""
    reading = FormReader(form)
    payment, errors = _read(reading, trip)
    if stored.method is PaymentMethod.BEFORE and payment.method is PaymentMethod.OTHER:
        payment = replace(payment, method=stored.method)
    return payment, reading.errors | errors


def _read(reading: FormReader, trip: PaymentContext) -> tuple[PaymentDraft, Errors]:
    errors: Errors = {}
    currency = reading.text("currency", 3).upper() or trip.currency
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        errors["currency"] = "not_a_currency"
    state = reading.choice("state", PaymentState, PaymentState.DUE)
    days = {name: _day(reading, name) for name in ("due", "made_on", "paid_on", "returned_on")}
    if state is PaymentState.DUE:
        days |= {"made_on": days["made_on"] or trip.today, "paid_on": None, "returned_on": None}
    if state is PaymentState.PAID:
        days["paid_on"] = days["paid_on"] or trip.today
    if state is PaymentState.RETURNED:
        days |= {"paid_on": None, "returned_on": days["returned_on"] or trip.today}
    counts_as: int | None = None
    if needs_counts_as(currency, trip.currency) and reading.text("counts_as"):
        counts_as = _cents(reading, "counts_as", errors)
    payment = PaymentDraft(
        cents=_cents(reading, "amount", errors),
        currency=currency,
        method=reading.choice("method", PaymentMethod, PaymentMethod.OTHER),
        state=state,
        cheque_number=reading.text("cheque_number", 40),
        bank=reading.text("bank", 80),
        note=reading.text("note"),
        counts_as=counts_as,
        **days,
    )
    problems = check_payment(payment, trip.currency, trip.today)
    return payment, {name: problem.value for name, problem in problems.items()} | errors


def _cents(reading: FormReader, name: str, errors: Errors) -> int:
    cents = parse_cents(reading.text(name, 40))
    if isinstance(cents, PaymentProblem):
        errors[name] = cents.value
        return 0
    return cents


def _day(reading: FormReader, name: str) -> date | None:
    day = reading.day(name)
    if day is not None and day.year == NO_YEAR:
        reading.errors[name] = "not_a_day"
    return day


def _parts(
    payment: PaymentDraft, parts: int, first: date, trip: PaymentContext
) -> tuple[PaymentDraft, ...]:
    amounts = split_amount(payment.cents, parts, payment.currency)
    covers: tuple[int | None, ...] = (None,) * parts
    if payment.counts_as is not None:
        covers = split_amount(payment.counts_as, parts, trip.currency)
    days = monthly_days(first, parts, trip.language)
    return tuple(
        replace(
            payment,
            cents=amounts[place],
            counts_as=covers[place],
            due=days[place],
            cheque_number=_following(payment.cheque_number, place),
        )
        for place in range(parts)
    )


def _following(number: str, place: int) -> str:
    """Return the number of the cheque ``place`` leaves further on; another text stays."""
    if not (number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER):
        return number
    return f"{int(number) + place:0{len(number)}d}"


def form_of_payment(payment: PaymentDraft, language: str) -> dict[str, str]:
    """Return the initial values of the form of a stored payment."""
    return {
        "amount": cents_text(payment.cents),
        "currency": payment.currency,
        "method": payment.method.value,
        "state": payment.state.value,
        "due": format_date(payment.due, language),
        "made_on": format_date(payment.made_on, language),
        "paid_on": format_date(payment.paid_on, language),
        "returned_on": format_date(payment.returned_on, language),
        "cheque_number": payment.cheque_number,
        "bank": payment.bank,
        "note": payment.note,
        "counts_as": "" if payment.counts_as is None else cents_text(payment.counts_as),
    }


def form_choices(currency: str) -> dict[str, object]:
    """Return the choices of the selects: known currencies, with that of the trip."""
    known = dict.fromkeys((currency, *CURRENCIES)) if currency else dict.fromkeys(CURRENCIES)
    return {
        "currencies": [*known],
        "methods": [method.value for method in METHODS],
        "states": [state.value for state in PaymentState],
    }
