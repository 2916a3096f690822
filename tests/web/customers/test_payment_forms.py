"""The forms of payments, without a server: limits of parts and of cheque numbers."""

from datetime import date

import pytest

from screenpop.customers.payments import MOST_PARTS
from screenpop.web.customers.payment_forms import (
    _LONGEST_NUMBER,
    PaymentContext,
    read_new_payments,
)

TRIP = PaymentContext("EUR", date(2026, 11, 29), "en")
FORM = {"amount": "900", "method": "cheque", "due": "2026-12-01"}


@pytest.mark.parametrize(
    ("parts", "count"), [(1, 1), (MOST_PARTS, MOST_PARTS), (MOST_PARTS + 1, 0), (0, 0)]
)
def test_an_amount_has_one_to_sixty_parts(parts: int, count: int) -> None:
    payments, errors = read_new_payments({**FORM, "parts": str(parts)}, TRIP)

    assert len(payments) == count
    assert errors == ({} if count else {"parts": "payment_parts"})
    assert sum(one.cents for one in payments) == (900_00 if count else 0)


@pytest.mark.parametrize(
    ("number", "following"),
    [
        ("00899", "00900"),
        ("9" * (_LONGEST_NUMBER - 1) + "8", "9" * _LONGEST_NUMBER),
        ("9" * _LONGEST_NUMBER + "8", "9" * _LONGEST_NUMBER + "8"),
        ("A-12", "A-12"),
        ("", ""),
    ],
)
def test_a_cheque_number_of_up_to_18_digits_counts_up(number: str, following: str) -> None:
    form = {**FORM, "parts": "2", "cheque_number": number}
    (first, second), errors = read_new_payments(form, TRIP)

    assert (first.cheque_number, second.cheque_number, errors) == (number, following, {})
