"""What the payments of a trip come to: paid so far, open ones, and the balances that follow.

The summary is stored with the trip, so that a card needs no read of its own for it. The balance is
never stored: it is the price less what is paid, wherever it is asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from screenpop.customers.payments import (
    CENTS,
    PaymentMethod,
    PaymentState,
    StoredPayment,
    counted_cents,
)

MAX_OPEN = 8
"""Open payments in a summary: returned cheques, then the earliest due."""

_METHODS = {method.value: method for method in PaymentMethod}
_STATES = {state.value: state for state in PaymentState}


@dataclass(frozen=True, slots=True)
class OpenPayment:
    """A payment that is due, or a returned cheque."""

    id: int
    state: PaymentState
    method: PaymentMethod
    due: date | None
    cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class TripPayments:
    """Summary of a trip's payments; a trip without payments has none."""

    paid: int
    """Hundredths of the trip's currency."""
    open: tuple[OpenPayment, ...] = ()
    planned: int = 0
    """Paid and due together, in hundredths of the trip's currency."""
    uncounted: int = 0
    """Payments in another currency of which is not known what they cover."""


def summarize(payments: Iterable[StoredPayment], currency: str) -> TripPayments:
    """Return the summary for a trip in ``currency``."""
    paid = planned = uncounted = 0
    waiting: list[OpenPayment] = []
    for one in payments:
        payment = one.payment
        counted = counted_cents(payment, currency)
        if counted is None:
            uncounted += 1
        elif payment.state is not PaymentState.RETURNED:
            planned += counted
            paid += counted if payment.state is PaymentState.PAID else 0
        if payment.state is not PaymentState.PAID:
            waiting.append(
                OpenPayment(
                    one.id,
                    payment.state,
                    payment.method,
                    payment.due,
                    payment.cents,
                    payment.currency,
                )
            )
    waiting.sort(key=_urgency)
    return TripPayments(paid, tuple(waiting[:MAX_OPEN]), planned, uncounted)


def _urgency(one: OpenPayment) -> tuple[bool, date, int]:
    return (one.state is not PaymentState.RETURNED, one.due or date.max, one.id)


def due_cents(price: int, paid: int, payments: TripPayments | None) -> int:
    """Return the balance of a trip in hundredths: its price less what is paid.

    ``price`` and ``paid`` are in whole units, as stored with the trip; where the trip has payments,
    they give what is paid. Negative where more was paid than the price.
    """
    return price * CENTS - (paid * CENTS if payments is None else payments.paid)


def summary_to_json(summary: TripPayments) -> list[Any]:
    """Return a compact form for ``summary_from_json``."""
    return [
        summary.paid,
        summary.planned,
        summary.uncounted,
        [
            [
                one.id,
                one.state.value,
                one.method.value,
                one.due.isoformat() if one.due else None,
                one.cents,
                one.currency,
            ]
            for one in summary.open
        ],
    ]


def summary_from_json(stored: list[Any]) -> TripPayments:
    paid, planned, uncounted, waiting = stored
    return TripPayments(paid, tuple([_open(*one) for one in waiting]), planned, uncounted)


def _open(
    payment_id: int, state: str, method: str, due: str | None, cents: int, currency: str
) -> OpenPayment:
    return OpenPayment(
        payment_id,
        # A code of a newer version becomes the plainest one.
        _STATES.get(state, PaymentState.DUE),
        _METHODS.get(method, PaymentMethod.OTHER),
        date.fromisoformat(due) if due else None,
        cents,
        currency,
    )
