"""Invented payments: a cheque that is due in three days, a returned one, instalments."""

from collections.abc import Sequence
from datetime import date, timedelta

from screenpop.customers.models import Trip
from screenpop.customers.payments import (
    CENTS,
    PaymentDraft,
    PaymentMethod,
    PaymentState,
    monthly_days,
    split_amount,
)


def cheque_due_soon(trip: Trip, today: date) -> tuple[PaymentDraft, ...]:
    """Return a deposit by card, and a cheque for the rest that is due in three days."""
    agreed = today - timedelta(40)
    rest = trip.price * CENTS - trip.paid * CENTS
    return (
        _paid(trip.paid * CENTS, trip.currency, PaymentMethod.CARD, agreed),
        PaymentDraft(
            cents=rest,
            currency=trip.currency,
            method=PaymentMethod.CHEQUE,
            due=today + timedelta(3),
            made_on=agreed,
            cheque_number="884213",
            bank="بانک ملت",
        ),
    )


def cheque_returned(trip: Trip, today: date) -> tuple[PaymentDraft, ...]:
    """Return a transfer, and a cheque for the rest that the bank returned four days ago."""
    agreed, due = today - timedelta(60), today - timedelta(5)
    return (
        _paid(trip.paid * CENTS, trip.currency, PaymentMethod.TRANSFER, agreed),
        PaymentDraft(
            cents=(trip.price - trip.paid) * CENTS,
            currency=trip.currency,
            method=PaymentMethod.CHEQUE,
            state=PaymentState.RETURNED,
            due=due,
            made_on=agreed,
            returned_on=due + timedelta(1),
            cheque_number="0271155",
            bank="Εθνική Τράπεζα",
        ),
    )


def instalments(trip: Trip, today: date) -> tuple[PaymentDraft, ...]:
    """Return a deposit, and four monthly parts of the rest, the first due today."""
    agreed = today - timedelta(25)
    amounts = split_amount((trip.price - trip.paid) * CENTS, 4, trip.currency)
    days = monthly_days(today, 4, "fa")
    return (
        _paid(trip.paid * CENTS, trip.currency, PaymentMethod.TRANSFER, agreed),
        *(
            PaymentDraft(
                cents=cents,
                currency=trip.currency,
                method=PaymentMethod.TRANSFER,
                due=day,
                made_on=agreed,
            )
            for cents, day in zip(amounts, days, strict=True)
        ),
    )


def _paid(cents: int, currency: str, method: PaymentMethod, day: date) -> PaymentDraft:
    return PaymentDraft(
        cents=cents,
        currency=currency,
        method=method,
        state=PaymentState.PAID,
        due=day,
        made_on=day,
        paid_on=day,
    )


_OF_FIRST_TRIP = {
    "Laleh Karimi": cheque_due_soon,
    "Spyros Lamprou": cheque_returned,
    "Shirin Rostami": instalments,
}


def demo_payments(name: str, trips: Sequence[Trip], today: date) -> tuple[PaymentDraft, ...]:
    """Return the payments of the first trip of a customer, by the English name; mostly none."""
    make = _OF_FIRST_TRIP.get(name)
    return make(trips[0], today) if make is not None and trips else ()
