"""A payment as a sheet has it: with what the sheet writes about its trip."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from screenpop.customers.payments import PaymentDraft, PaymentMethod, PaymentState, cents_text

_METHODS = {method.value: method for method in PaymentMethod}
_STATES = {state.value: state for state in PaymentState}


@dataclass(frozen=True, slots=True)
class SheetPayment:
    payment: PaymentDraft
    """Without a currency: in that of its trip."""
    destination: str = ""
    departs: date | None = None

    def text(self) -> str:
        """Return the amount for a report: ``1250.40 EUR``."""
        return f"{cents_text(self.payment.cents)} {self.payment.currency}".strip()

    def in_currency(self, currency: str) -> PaymentDraft:
        """Return the payment, in ``currency`` where the sheet names none."""
        return self.payment if self.payment.currency else replace(self.payment, currency=currency)


def payments_to_json(payments: tuple[SheetPayment, ...]) -> list[dict[str, Any]]:
    return [_plain(one) for one in payments]


def payments_from_json(plain: Any) -> tuple[SheetPayment, ...]:
    """Return the payments. Raises ``ValueError``, ``KeyError`` or ``TypeError``."""
    return tuple([_payment(entry) for entry in plain])


def _plain(one: SheetPayment) -> dict[str, Any]:
    payment = one.payment
    values: dict[str, Any] = {
        "cents": payment.cents,
        "currency": payment.currency,
        "method": payment.method.value,
        "state": payment.state.value,
        "cheque_number": payment.cheque_number,
        "bank": payment.bank,
        "note": payment.note,
        "destination": one.destination,
    }
    days = {name: getattr(payment, name) for name in _DAYS} | {"departs": one.departs}
    values |= {name: day.isoformat() for name, day in days.items() if day is not None}
    return {name: value for name, value in values.items() if value != ""}


_DAYS = ("due", "made_on", "paid_on", "returned_on")


def _payment(plain: Mapping[str, Any]) -> SheetPayment:
    values = {name: _READ[name](value) for name, value in plain.items()}
    destination, departs = values.pop("destination", ""), values.pop("departs", None)
    return SheetPayment(PaymentDraft(**values), destination, departs)


def _text(value: object) -> str:
    if type(value) is not str:
        raise TypeError(f"{value!r:.60} is no text")
    return value


def _cents(value: object) -> int:
    if type(value) is not int or value <= 0:
        raise TypeError(f"{value!r:.60} is no amount")
    return value


def _day(value: object) -> date:
    return date.fromisoformat(_text(value))


_READ: Mapping[str, Callable[[object], Any]] = {
    "cents": _cents,
    "method": lambda value: _METHODS[_text(value)],
    "state": lambda value: _STATES[_text(value)],
    **dict.fromkeys(("currency", "cheque_number", "bank", "note", "destination"), _text),
    **dict.fromkeys((*_DAYS, "departs"), _day),
}
