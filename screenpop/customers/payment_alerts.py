"""What is to be collected: overdue payments, returned cheques, those due soon; and the balances."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from screenpop.customers.models import Trip, TripStatus
from screenpop.customers.payments import PaymentState
from screenpop.customers.trip_payments import OpenPayment

PAYMENT_DAYS = 7
"""Days before its due day from which a payment is listed."""


class PaymentAlertKind(StrEnum):
    CHEQUE_RETURNED = "cheque_returned"
    PAYMENT_OVERDUE = "payment_overdue"
    PAYMENT_DUE = "payment_due"


@dataclass(frozen=True, slots=True)
class PaymentAlert:
    kind: PaymentAlertKind
    payment: OpenPayment
    trip: Trip
    days: int
    """Until the due day; negative after it, 0 where a returned cheque has none."""


def find_payment_alerts(trips: Iterable[Trip], today: date) -> list[PaymentAlert]:
    """Return what to collect on a day: returned cheques first, then by due day.

    Payments belong to the buyer of a trip. Of a cancelled trip nothing is collected.
    """
    found = [
        alert
        for trip in trips
        if trip.payments is not None and trip.is_own and trip.status is not TripStatus.CANCELLED
        for payment in trip.payments.open
        if (alert := _alert(payment, trip, today)) is not None
    ]
    return sorted(found, key=_order)


def _alert(payment: OpenPayment, trip: Trip, today: date) -> PaymentAlert | None:
    days = (payment.due - today).days if payment.due is not None else 0
    if payment.state is PaymentState.RETURNED:
        return PaymentAlert(PaymentAlertKind.CHEQUE_RETURNED, payment, trip, days)
    if payment.due is None or days > PAYMENT_DAYS:
        return None
    overdue = days < 0
    kind = PaymentAlertKind.PAYMENT_OVERDUE if overdue else PaymentAlertKind.PAYMENT_DUE
    return PaymentAlert(kind, payment, trip, days)


def _order(alert: PaymentAlert) -> tuple[bool, int, int]:
    return (alert.kind is not PaymentAlertKind.CHEQUE_RETURNED, alert.days, alert.payment.id)


def balances_of(trips: Iterable[Trip]) -> dict[str, int] | None:
    """Return by currency what is open of own trips with payments, in hundredths.

    None where no trip has payments: the balance is then the one that was typed or imported. Trips
    that are paid exactly give nothing; cancelled trips are left out.
    """
    sums: dict[str, int] | None = None
    for trip in trips:
        if trip.payments is None or not trip.is_own or trip.status is TripStatus.CANCELLED:
            continue
        sums = {} if sums is None else sums
        sums[trip.currency] = sums.get(trip.currency, 0) + trip.due_cents
    return None if sums is None else {name: cents for name, cents in sums.items() if cents}
