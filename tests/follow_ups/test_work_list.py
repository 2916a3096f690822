"""Which list a customer is on, and why: kinds, order, consent, open cases, rest after a talk."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.consent import Consent
from screenpop.customers.document_days import DocumentDays
from screenpop.customers.models import CaseKind, CaseState, CustomerId, Tier, TripStatus
from screenpop.customers.payments import PaymentMethod, PaymentState
from screenpop.customers.trip_payments import OpenPayment, TripPayments
from screenpop.follow_ups.call_lists import CallListEntry
from screenpop.follow_ups.work_list import (
    BAD_RATING,
    BAD_TRIP_DAYS,
    BALANCE_DAYS,
    CELEBRATION_DAYS,
    COMPLAINT_CLOSED_DAYS,
    DOCUMENT_DAYS,
    MONEY_KINDS,
    REFERRAL_DAYS,
    REST_DAYS,
    RETURNED_DAYS,
    SALE_KINDS,
    Candidate,
    Lapse,
    ListedCase,
    Mark,
    WorkKind,
    choose_row,
)
from tests.customers.samples import TODAY, trip

WITHOUT_FOLLOW_UP = Candidate(CustomerId(1))


def day(count: int) -> date:
    return TODAY + timedelta(days=count)


def kind_of(candidate: Candidate, today: date = TODAY) -> WorkKind | None:
    row = choose_row(candidate, today)
    return None if row is None else row.kind


def case(**more: object) -> ListedCase:
    plain = ListedCase(5, CaseKind.COMPLAINT, CaseState.CLOSED, "No window", day(-3))
    return replace(plain, **more)  # type: ignore[arg-type]


def waiting(
    due: date, state: PaymentState = PaymentState.DUE, paid: int = 0, number: int = 5
) -> TripPayments:
    """The summary of a trip with one open cheque of 300.50."""
    cheque = OpenPayment(number, state, PaymentMethod.CHEQUE, due, 300_50, "EUR")
    return TripPayments(paid, (cheque,))


LAPSED = Candidate(
    CustomerId(1),
    trips=tuple(
        trip(departs=day(-600 - 150 * i), number=i, price=900, currency="EUR") for i in range(3)
    ),
    lapse=Lapse("interval", 5, day(-600), day(-450), day(-370)),
)
BIRTHDAY = Candidate(CustomerId(1), birthday=day(2).replace(year=1980))
RETURNED = Candidate(CustomerId(1), trips=(trip(departs=day(-10)),))
QUOTE = Candidate(CustomerId(1), trips=(trip(departs=day(40), status=TripStatus.ASKED),))
REFERRER = Candidate(CustomerId(1), referrals=((CustomerId(9), day(-3)),))
UNHAPPY = Candidate(CustomerId(1), cases=(case(),))
BALANCE = Candidate(
    CustomerId(1), trips=(trip(departs=day(10), price=900, paid=300, currency="EUR"),)
)
DOCUMENT = Candidate(
    CustomerId(1),
    trips=(trip(departs=day(60)),),
    documents=(DocumentDays("passport", "IR", None, day(20)),),
)
PAYMENT = Candidate(
    CustomerId(1),
    trips=(replace(trip(departs=day(90), price=900, currency="EUR"), payments=waiting(day(7))),),
)
CALLED = Candidate(CustomerId(1), call_lists=(CallListEntry(4, "Gold", TODAY),))
EVERY = {
    WorkKind.DOCUMENT: DOCUMENT,
    WorkKind.LAPSED: LAPSED,
    WorkKind.BIRTHDAY: BIRTHDAY,
    WorkKind.ANNIVERSARY: Candidate(CustomerId(1), anniversary=day(1).replace(year=2001)),
    WorkKind.RETURNED: RETURNED,
    WorkKind.QUOTE: QUOTE,
    WorkKind.REFERRER: REFERRER,
    WorkKind.UNHAPPY: UNHAPPY,
    WorkKind.PAYMENT: PAYMENT,
    WorkKind.BALANCE: BALANCE,
    WorkKind.CALL_LIST: CALLED,
}


@pytest.mark.parametrize(
    ("candidate", "kind"),
    [
        (replace(DOCUMENT, trips=(trip(departs=day(DOCUMENT_DAYS)),)), WorkKind.DOCUMENT),
        (replace(DOCUMENT, trips=(trip(departs=day(DOCUMENT_DAYS + 1)),)), None),
        (replace(DOCUMENT, trips=()), None),
        (replace(DOCUMENT, documents=(DocumentDays("passport", "IR", None, day(900)),)), None),
    ],
)
def test_a_document_is_listed_from_120_days_before_the_trip_it_is_too_short_for(
    candidate: Candidate, kind: WorkKind | None
) -> None:
    assert kind_of(candidate) is kind


def test_a_listed_document_is_named_with_its_trip_and_its_end() -> None:
    row = choose_row(DOCUMENT, TODAY)
    assert row is not None
    assert (row.subject, row.params) == (
        "trip:1:passport",
        {
            "problem": "passport_before_trip",
            "destination": "Antalya",
            "departs": day(60).isoformat(),
            "ends": day(20).isoformat(),
        },
    )


@pytest.mark.parametrize("kind", EVERY)
def test_each_kind_of_customer_is_on_its_list(kind: WorkKind) -> None:
    assert kind_of(EVERY[kind]) is kind


@pytest.mark.parametrize(
    ("payments", "problem"),
    [
        (waiting(day(8)), None),
        (waiting(day(0)), "payment_due"),
        (waiting(day(-1)), "payment_overdue"),
        (waiting(day(60), PaymentState.RETURNED), "cheque_returned"),
    ],
)
def test_a_payment_is_listed_from_a_week_before_its_day(
    payments: TripPayments, problem: str | None
) -> None:
    one = replace(trip(departs=day(90), price=900, currency="EUR"), payments=payments)
    row = choose_row(Candidate(CustomerId(1), trips=(one,)), TODAY)
    if problem is None:
        assert row is None
        return
    assert row is not None
    assert (row.kind, row.params["problem"], row.params["amount"]) == ("payment", problem, 300.5)
    assert row.params["date"] == payments.open[0].due.isoformat()  # type: ignore[union-attr]


def test_a_returned_cheque_is_listed_before_the_longest_overdue_payment() -> None:
    def rank(payments: TripPayments) -> int:
        one = replace(trip(departs=day(90), price=900), payments=payments)
        row = choose_row(Candidate(CustomerId(1), trips=(one,)), TODAY)
        return 0 if row is None else row.rank

    returned = rank(waiting(day(60), PaymentState.RETURNED))
    assert returned > rank(waiting(day(-5000))) > rank(waiting(day(-3))) > rank(waiting(day(3)))


def test_where_a_trip_has_payments_the_stored_balance_is_not_asked_for() -> None:
    paid = replace(trip(departs=day(10), price=900, currency="EUR"), payments=TripPayments(900_00))
    partly = replace(paid, payments=TripPayments(600_50))
    stored = {"balance": 480, "currency": "EUR"}

    assert kind_of(Candidate(CustomerId(1), trips=(paid,), **stored)) is None  # type: ignore[arg-type]
    row = choose_row(Candidate(CustomerId(1), trips=(partly,), **stored), TODAY)  # type: ignore[arg-type]
    assert row is not None
    assert (row.kind, row.params["amount"]) == (WorkKind.BALANCE, 299.5)


def test_every_kind_that_is_chosen_is_tried_here() -> None:
    assert set(EVERY) == set(WorkKind) - {WorkKind.PROMISE}


@pytest.mark.parametrize(
    ("candidate", "kind"),
    [
        (replace(BIRTHDAY, birthday=day(CELEBRATION_DAYS).replace(year=1980)), WorkKind.BIRTHDAY),
        (replace(BIRTHDAY, birthday=day(CELEBRATION_DAYS + 1).replace(year=1980)), None),
        (Candidate(CustomerId(1), trips=(trip(departs=day(-7 - RETURNED_DAYS)),)), "returned"),
        (Candidate(CustomerId(1), trips=(trip(departs=day(-8 - RETURNED_DAYS)),)), None),
        (replace(UNHAPPY, cases=(case(closed=day(-COMPLAINT_CLOSED_DAYS)),)), "unhappy"),
        (replace(UNHAPPY, cases=(case(closed=day(-COMPLAINT_CLOSED_DAYS - 1)),)), None),
        (replace(REFERRER, referrals=((CustomerId(9), day(-REFERRAL_DAYS)),)), "referrer"),
        (replace(REFERRER, referrals=((CustomerId(9), day(-REFERRAL_DAYS - 1)),)), None),
        (replace(RETURNED, trips=(trip(departs=day(-40), rating=BAD_RATING),)), "unhappy"),
        (replace(RETURNED, trips=(trip(departs=day(-40), rating=BAD_RATING + 1),)), None),
        (replace(RETURNED, trips=(trip(departs=day(-7 - BAD_TRIP_DAYS), rating=1),)), "unhappy"),
        (replace(RETURNED, trips=(trip(departs=day(-8 - BAD_TRIP_DAYS), rating=1),)), None),
        (replace(BALANCE, trips=(trip(departs=day(BALANCE_DAYS), price=9),)), "balance"),
        (replace(BALANCE, trips=(trip(departs=day(BALANCE_DAYS + 1), price=9),)), None),
        (replace(BALANCE, trips=(trip(departs=day(9), price=9, paid=9),)), None),
        (replace(BALANCE, trips=(trip(departs=day(9)),), balance=7), "balance"),
    ],
)
def test_each_limit_lists_the_last_day_and_not_the_next(
    candidate: Candidate, kind: str | None
) -> None:
    assert kind_of(candidate) == kind


def test_a_lapsed_customer_has_the_rhythm_as_reason_and_what_they_were_worth() -> None:
    row = choose_row(LAPSED, TODAY)
    assert row is not None
    assert row.params["months"] == 5
    assert (row.trips, row.worth, row.currency) == (3, 2700, "EUR")
    assert kind_of(LAPSED, day(-371)) is None
    assert kind_of(LAPSED, day(-370)) is WorkKind.LAPSED


def test_a_lapsed_customer_with_a_booked_trip_or_a_quote_is_not_lapsed() -> None:
    booked = replace(LAPSED, trips=(*LAPSED.trips, trip(departs=day(50), number=9)))
    asked = trip(departs=day(50), number=9, status=TripStatus.ASKED)
    assert kind_of(booked) is None
    assert kind_of(replace(LAPSED, trips=(*LAPSED.trips, asked))) is WorkKind.QUOTE


@pytest.mark.parametrize("kind", EVERY)
def test_no_offer_is_made_without_consent_or_while_a_complaint_is_open(kind: WorkKind) -> None:
    refused = replace(EVERY[kind], consents={"offers": Consent(False)})
    open_case = case(state=CaseState.OPEN, closed=None)
    complaining = replace(EVERY[kind], cases=(*EVERY[kind].cases, open_case))
    wanted = None if kind in SALE_KINDS else kind
    assert kind_of(refused) == wanted
    assert kind_of(complaining) == wanted


@pytest.mark.parametrize("kind", EVERY)
def test_a_customer_without_consent_is_called_about_a_payment_only(kind: WorkKind) -> None:
    refused = replace(EVERY[kind], consents={"phone": Consent(False)})
    assert kind_of(refused) == (kind if kind in MONEY_KINDS else None)


@pytest.mark.parametrize("kind", REST_DAYS)
def test_a_customer_reached_lately_is_not_listed(kind: WorkKind) -> None:
    rest = REST_DAYS[kind]
    assert kind_of(replace(EVERY[kind], last_talk=day(-rest))) is None
    assert kind_of(replace(EVERY[kind], last_talk=day(-rest - 1))) is kind


def test_a_customer_reached_since_the_return_is_not_asked_how_it_was() -> None:
    ended = day(-3)
    assert kind_of(replace(RETURNED, last_talk=ended)) is WorkKind.RETURNED
    assert kind_of(replace(RETURNED, last_talk=ended + timedelta(days=1))) is None


@pytest.mark.parametrize("kind", EVERY)
def test_a_mark_keeps_off_one_occasion_one_list_or_every_list_until_its_day(kind: WorkKind) -> None:
    row = choose_row(EVERY[kind], TODAY)
    assert row is not None
    for mark, blocks in (
        (Mark(kind, row.subject, date.max), True),
        (Mark(kind, "", date.max), True),
        (Mark("", "", day(1)), True),
        (Mark("", "", TODAY), False),
        (Mark(kind, "another", date.max), False),
    ):
        marked = replace(EVERY[kind], marks=(mark,))
        assert (kind_of(marked) is None) is blocks, mark


def test_a_customer_of_several_kinds_is_on_one_list() -> None:
    both = replace(LAPSED, birthday=BIRTHDAY.birthday, cases=(case(),))
    assert kind_of(both) is WorkKind.UNHAPPY
    assert kind_of(replace(both, cases=())) is WorkKind.BIRTHDAY


def test_the_sooner_birthday_and_the_better_lapsed_customer_come_first() -> None:
    def rank(candidate: Candidate) -> int:
        row = choose_row(candidate, TODAY)
        assert row is not None
        return row.rank

    assert rank(replace(BIRTHDAY, birthday=day(0).replace(year=1980))) > rank(BIRTHDAY)
    assert rank(replace(BIRTHDAY, vip=True)) > rank(BIRTHDAY)
    assert rank(replace(LAPSED, tier=Tier.GOLD)) > rank(LAPSED)


MARKS = st.builds(
    Mark,
    st.sampled_from(["", *WorkKind]),
    st.sampled_from(["", "last:2025-04-01", "trip:1"]),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)


@given(
    st.lists(st.sampled_from(list(EVERY.values())), max_size=8),
    st.booleans(),
    st.booleans(),
    st.lists(MARKS, max_size=3),
    st.none() | st.integers(-400, 0).map(day),
)
def test_any_customer_is_on_one_list_at_most_and_never_against_consent(
    parts: list[Candidate], offers: bool, phone: bool, marks: list[Mark], talked: date | None
) -> None:
    candidate = Candidate(
        CustomerId(1),
        birthday=next((one.birthday for one in parts if one.birthday), None),
        anniversary=next((one.anniversary for one in parts if one.anniversary), None),
        trips=tuple(one for part in parts for one in part.trips),
        cases=tuple(one for part in parts for one in part.cases),
        referrals=tuple(one for part in parts for one in part.referrals),
        lapse=next((one.lapse for one in parts if one.lapse), None),
        consents={"offers": Consent(offers), "phone": Consent(phone)},
        marks=tuple(marks),
        last_talk=talked,
    )
    row = choose_row(candidate, TODAY)
    if row is None:
        return
    assert offers or row.kind not in SALE_KINDS
    assert phone or row.kind in MONEY_KINDS
    assert not any(mark.blocks(row.kind, row.subject, TODAY) for mark in marks)
