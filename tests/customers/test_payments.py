"""Payments: amounts as people write them, parts, months, states, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate as _JalaliDate

from screenpop.customers.models import Product, Trip, TripId, TripStatus
from screenpop.customers.payment_alerts import PAYMENT_DAYS, balances_of, find_payment_alerts
from screenpop.customers.payments import (
    MOST_CENTS,
    PaymentDraft,
    PaymentMethod,
    PaymentProblem,
    PaymentState,
    StoredPayment,
    cents_text,
    change_state,
    check_payment,
    counted_cents,
    monthly_days,
    parse_cents,
    plain_amount,
    split_amount,
)
from screenpop.customers.trip_payments import (
    MAX_OPEN,
    TripPayments,
    summarize,
    summary_from_json,
    summary_to_json,
)

JalaliDate: Any = _JalaliDate  # the library has no types
TODAY = date(2026, 11, 29)
CHEQUE = PaymentDraft(
    cents=45_000_00,
    currency="EUR",
    method=PaymentMethod.CHEQUE,
    due=TODAY + timedelta(3),
    made_on=TODAY - timedelta(10),
)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1250", 125000),
        ("1.250,40 ", 125040),
        ("1,250.40", 125040),
        ("۴۵٬۰۰۰٬۰۰۰", 4_500_000_000),
        ("۱۲۵۰٫۵", 125050),
        ("450/000/000", 45_000_000_000),
        (str(MOST_CENTS // 100), MOST_CENTS),
        ("0", PaymentProblem.NOT_POSITIVE),
        ("-5", PaymentProblem.NOT_POSITIVE),
        ("−5", PaymentProblem.NOT_POSITIVE),
        (str(MOST_CENTS // 100 + 1), PaymentProblem.NOT_POSITIVE),
        ("", PaymentProblem.NOT_AN_AMOUNT),
        ("12a", PaymentProblem.NOT_AN_AMOUNT),
        ("1.2.3", PaymentProblem.NOT_AN_AMOUNT),
    ],
)
def test_amounts_are_read_with_their_cents_in_any_digits(
    text: str, cents: int | PaymentProblem
) -> None:
    assert parse_cents(text) == cents


@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_a_problem(text: str) -> None:
    found = parse_cents(text)

    assert isinstance(found, PaymentProblem) or 0 < found <= MOST_CENTS


@given(st.integers(1, MOST_CENTS))
def test_an_amount_written_for_a_form_is_read_again_as_the_same(cents: int) -> None:
    assert parse_cents(cents_text(cents)) == cents


def test_an_amount_for_json_is_whole_unless_it_has_cents() -> None:
    assert repr(plain_amount(1250_00)) == "1250"
    assert plain_amount(1250_40) == 1250.4


@given(st.integers(1, MOST_CENTS), st.integers(1, 60), st.sampled_from(["EUR", "IRR", "IRT"]))
def test_parts_add_up_exactly_and_only_the_last_differs(
    cents: int, parts: int, currency: str
) -> None:
    cents = cents // 100 * 100 or 100
    try:
        amounts = split_amount(cents, parts, currency)
    except ValueError:
        assert cents // parts < (1 if currency == "EUR" else 100)
        return

    assert (sum(amounts), len(amounts)) == (cents, parts)
    assert len(set(amounts[:-1])) <= 1
    assert 0 < amounts[0] <= amounts[-1]
    assert currency == "EUR" or all(one % 100 == 0 for one in amounts)


def test_the_remainder_of_parts_is_in_the_last() -> None:
    assert split_amount(100_000, 3, "EUR") == (33333, 33333, 33334)
    assert split_amount(100_000_000_00, 3, "IRR") == (33_333_333_00, 33_333_333_00, 33_333_334_00)


def test_months_follow_the_calendar_of_the_reader() -> None:
    first = JalaliDate(1405, 6, 31).to_gregorian()

    persian = [JalaliDate(day) for day in monthly_days(first, 4, "fa")]

    assert [(day.year, day.month, day.day) for day in persian] == [
        (1405, 6, 31),
        (1405, 7, 30),
        (1405, 8, 30),
        (1405, 9, 30),
    ]
    assert monthly_days(date(2026, 11, 30), 4, "el") == (
        date(2026, 11, 30),
        date(2026, 12, 30),
        date(2027, 1, 30),
        date(2027, 2, 28),
    )


@given(
    st.dates(date(2000, 1, 1), date(2090, 1, 1)),
    st.integers(1, 60),
    st.sampled_from(["en", "fa", "el"]),
)
def test_months_begin_with_the_first_day_and_are_28_to_32_days_apart(
    first: date, parts: int, language: str
) -> None:
    days = monthly_days(first, parts, language)

    assert (days[0], len(days)) == (first, parts)
    assert all(28 <= (after - before).days <= 32 for before, after in pairwise(days))


@pytest.mark.parametrize(
    ("changed", "field", "problem"),
    [
        ({"cents": 0}, "amount", PaymentProblem.NOT_POSITIVE),
        ({"cents": -1}, "amount", PaymentProblem.NOT_POSITIVE),
        ({"cents": MOST_CENTS + 1}, "amount", PaymentProblem.NOT_POSITIVE),
        ({"currency": "IRR", "cents": 150}, "amount", PaymentProblem.CENTS),
        ({"currency": "GBP"}, "counts_as", PaymentProblem.OTHER_CURRENCY),
        ({"currency": "GBP", "counts_as": 0}, "counts_as", PaymentProblem.NOT_POSITIVE),
        ({"due": None}, "due", PaymentProblem.NO_DUE_DAY),
        ({"made_on": TODAY + timedelta(1)}, "made_on", PaymentProblem.IN_FUTURE),
        (
            {"state": PaymentState.PAID, "paid_on": TODAY + timedelta(1)},
            "paid_on",
            PaymentProblem.IN_FUTURE,
        ),
        (
            {"state": PaymentState.PAID, "paid_on": TODAY - timedelta(11)},
            "paid_on",
            PaymentProblem.PAID_BEFORE_MADE,
        ),
        (
            {"state": PaymentState.RETURNED, "method": PaymentMethod.CASH},
            "state",
            PaymentProblem.ONLY_CHEQUES,
        ),
    ],
)
def test_what_cannot_be_a_payment_is_refused_at_its_field(
    changed: dict[str, object], field: str, problem: PaymentProblem
) -> None:
    assert check_payment(CHEQUE, "EUR", TODAY) == {}
    assert check_payment(replace(CHEQUE, **changed), "EUR", TODAY)[field] is problem  # type: ignore[arg-type]


def test_days_at_the_limits_are_accepted() -> None:
    paid = replace(CHEQUE, state=PaymentState.PAID, paid_on=CHEQUE.made_on)

    assert check_payment(paid, "EUR", TODAY) == {}
    assert check_payment(replace(paid, made_on=TODAY, paid_on=TODAY), "EUR", TODAY) == {}
    assert check_payment(replace(CHEQUE, cents=MOST_CENTS), "EUR", TODAY) == {}


def test_rial_and_toman_are_two_currencies_and_cover_each_other_exactly() -> None:
    rial = PaymentDraft(cents=450_000_000_00, currency="IRR", due=TODAY)

    assert counted_cents(rial, "IRT") == 45_000_000_00
    assert counted_cents(replace(rial, currency="IRT"), "IRR") == 4_500_000_000_00
    assert counted_cents(rial, "EUR") is None
    assert counted_cents(replace(rial, counts_as=900_00), "EUR") == 900_00
    assert check_payment(rial, "IRT", TODAY) == {}


def test_a_cheque_is_returned_once_and_may_be_paid_later() -> None:
    returned = change_state(CHEQUE, PaymentState.RETURNED, TODAY)
    assert isinstance(returned, PaymentDraft)
    assert returned.returned_on == TODAY
    assert change_state(returned, PaymentState.RETURNED, TODAY) is PaymentProblem.RETURNED_TWICE

    paid = change_state(returned, PaymentState.PAID, TODAY)
    assert isinstance(paid, PaymentDraft)
    assert (paid.state, paid.paid_on, paid.returned_on) == (PaymentState.PAID, TODAY, TODAY)
    assert change_state(paid, PaymentState.PAID, TODAY) is PaymentProblem.PAID_TWICE
    reopened = change_state(paid, PaymentState.DUE, TODAY)
    assert reopened == CHEQUE


def test_only_cheques_are_returned_and_nothing_is_paid_before_it_was_made() -> None:
    cash = replace(CHEQUE, method=PaymentMethod.CASH)
    before = TODAY - timedelta(11)

    assert change_state(cash, PaymentState.RETURNED, TODAY) is PaymentProblem.ONLY_CHEQUES
    assert change_state(cash, PaymentState.PAID, before) is PaymentProblem.PAID_BEFORE_MADE
    assert isinstance(change_state(cash, PaymentState.PAID, before + timedelta(1)), PaymentDraft)


def stored(*payments: PaymentDraft) -> list[StoredPayment]:
    return [StoredPayment(place, 1, one) for place, one in enumerate(payments, 1)]


def test_a_summary_counts_what_is_paid_and_lists_the_most_urgent() -> None:
    paid = replace(CHEQUE, state=PaymentState.PAID, cents=100_40)
    returned = replace(CHEQUE, state=PaymentState.RETURNED, due=TODAY)
    pounds = replace(CHEQUE, currency="GBP", due=TODAY - timedelta(1))

    summary = summarize(stored(paid, CHEQUE, returned, pounds), "EUR")

    assert (summary.paid, summary.planned, summary.uncounted) == (100_40, 45_100_40, 1)
    assert [one.id for one in summary.open] == [3, 4, 2]
    assert summary_from_json(summary_to_json(summary)) == summary
    assert len(summarize(stored(*[CHEQUE] * (MAX_OPEN + 1)), "EUR").open) == MAX_OPEN


def trip(payments: TripPayments | None, **more: object) -> Trip:
    plain = {"price": 1000, "currency": "EUR", "status": TripStatus.BOOKED} | more
    return Trip(
        TripId(1),
        "Rome",
        "IT",
        Product.TOUR,
        None,
        None,
        payments=payments,
        **plain,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("days", "kind"),
    [
        (PAYMENT_DAYS + 1, None),
        (PAYMENT_DAYS, "payment_due"),
        (0, "payment_due"),
        (-1, "payment_overdue"),
    ],
)
def test_a_payment_is_an_alert_from_a_week_before_its_day(days: int, kind: str | None) -> None:
    one = trip(summarize(stored(replace(CHEQUE, due=TODAY + timedelta(days))), "EUR"))

    found = find_payment_alerts([one], TODAY)

    assert [alert.kind.value for alert in found] == ([] if kind is None else [kind])
    assert [alert.days for alert in found] == ([] if kind is None else [days])


def test_returned_cheques_come_first_and_cancelled_trips_and_those_of_others_are_left_out() -> None:
    returned = replace(CHEQUE, state=PaymentState.RETURNED, due=TODAY + timedelta(30))
    payments = summarize(stored(CHEQUE, returned), "EUR")

    assert [one.payment.id for one in find_payment_alerts([trip(payments)], TODAY)] == [2, 1]
    cancelled = trip(payments, status=TripStatus.CANCELLED)
    assert find_payment_alerts([cancelled, trip(None)], TODAY) == []


def test_the_balance_of_several_trips_is_kept_by_currency() -> None:
    paid = replace(CHEQUE, state=PaymentState.PAID, cents=400_40)
    part = trip(summarize(stored(paid), "EUR"))
    toman = trip(TripPayments(0), currency="IRT", price=7)
    exact = trip(TripPayments(1000_00), currency="GBP")

    assert part.due_cents == 599_60
    assert balances_of([part, toman, exact, trip(None, paid=5)]) == {"EUR": 599_60, "IRT": 700}
    assert balances_of([trip(None, paid=5)]) is None
    assert balances_of([exact]) == {}
