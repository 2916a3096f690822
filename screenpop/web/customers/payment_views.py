"""Views of payments and balances for pages and API."""

from collections.abc import Iterable
from datetime import date

from screenpop.customers.detail import TripDetail
from screenpop.customers.models import Trip, TripStatus
from screenpop.customers.payment_alerts import PAYMENT_DAYS, balances_of
from screenpop.customers.payments import (
    CENTS,
    PaymentDraft,
    PaymentState,
    StoredPayment,
    counted_cents,
    plain_amount,
)
from screenpop.web.calls.views import View

PAYMENT_CHANGES = tuple(
    f"payment_{what}" for what in ("added", "edited", "paid", "returned", "reopened", "removed")
)
"""Entries of a customer's history."""
PAYMENT_FIELDS = (
    *("payment", "payment_amount", "payment_state", "payment_cheque_number", "payment_bank"),
    *("payment_note", "payment_counts_as", "payment_due", "payment_made_on", "payment_paid_on"),
    "payment_returned_on",
)
"""Fields of such entries."""


def payment_view(stored: StoredPayment, currency: str) -> View:
    """Return one payment of a trip in ``currency``; ``counted``: null where it is not known."""
    payment = stored.payment
    counted = counted_cents(payment, currency)
    return {
        "id": stored.id,
        "method": payment.method.value,
        "state": payment.state.value,
        "amount": plain_amount(payment.cents),
        "currency": payment.currency,
        "counted": None if counted is None else plain_amount(counted),
        "due": _iso(payment.due),
        "made_on": _iso(payment.made_on),
        "paid_on": _iso(payment.paid_on),
        "returned_on": _iso(payment.returned_on),
        "cheque_number": payment.cheque_number,
        "bank": payment.bank,
        "note": payment.note,
    }


def urgency(payment: PaymentDraft, today: date) -> str:
    """Return how a payment is marked: ``returned``, ``overdue``, ``soon`` or nothing."""
    if payment.state is PaymentState.RETURNED:
        return "returned"
    if payment.state is not PaymentState.DUE or payment.due is None:
        return ""
    days = (payment.due - today).days
    if days < 0:
        return "overdue"
    return "soon" if days <= PAYMENT_DAYS else ""


def urgent_payments(trips: Iterable[TripDetail], today: date) -> dict[int, str]:
    """Return the payments to be marked, with their ``urgency``, by their ids."""
    marks = {one.id: urgency(one.payment, today) for trip in trips for one in trip.payments}
    return {payment_id: mark for payment_id, mark in marks.items() if mark}


def trip_money_view(one: TripDetail) -> View:
    """Return what a trip costs, what is paid and open, and its payments."""
    trip = one.trip
    paid = trip.paid * CENTS if trip.payments is None else trip.payments.paid
    return {
        "price": trip.price,
        "paid": plain_amount(paid),
        "due": plain_amount(max(0, trip.due_cents)),
        "currency": trip.currency,
        "supplier": one.supplier,
        "margin": one.margin,
        "payments": [payment_view(stored, trip.currency) for stored in one.payments],
    }


def payment_sums_view(trip: Trip) -> View:
    """Return what the page of a trip's payments warns of, in the trip's currency."""
    summary = trip.payments
    planned = trip.paid * CENTS if summary is None else summary.planned
    price = trip.price * CENTS
    return {
        "balance": plain_amount(trip.due_cents),
        "beyond": plain_amount(max(0, planned - price)) if price else 0,
        "unplanned": plain_amount(max(0, price - planned)),
        "uncounted": 0 if summary is None else summary.uncounted,
        "cancelled": trip.status is TripStatus.CANCELLED,
    }


def balances_view(trips: Iterable[Trip]) -> list[View] | None:
    """Return the balance that follows from payments, by currency; None without payments."""
    balances = balances_of(trips)
    if balances is None:
        return None
    return [
        {"amount": plain_amount(cents), "currency": currency}
        for currency, cents in balances.items()
    ]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
