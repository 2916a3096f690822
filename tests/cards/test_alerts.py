"""What matters today."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from screenpop.accounts.departments import Section
from screenpop.cards.alerts import build_alerts
from screenpop.cards.card import CardAlert
from screenpop.customers.document_days import DocumentDays
from screenpop.customers.itinerary import itinerary
from screenpop.customers.models import (
    CaseKind,
    CaseState,
    CustomerFile,
    PastCall,
    TripStatus,
    VisaState,
)
from screenpop.customers.payments import PaymentMethod, PaymentState
from screenpop.customers.trip_payments import OpenPayment, TripPayments
from screenpop.telephony.identifiers import CallId
from tests.customers.samples import TODAY, case, customer, file, trip

ALL = frozenset(Section)


def now(about: CustomerFile, view: frozenset[Section] = ALL) -> list[CardAlert]:
    return list(build_alerts(about, itinerary(about.trips, TODAY), view))


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def cheque(number: int, state: PaymentState) -> OpenPayment:
    return OpenPayment(1, state, PaymentMethod.CHEQUE, days(number), 300_00, "EUR")


SUM = TripPayments(400_40)
RETURNED = TripPayments(0, (cheque(-3, PaymentState.RETURNED),))


@pytest.mark.parametrize(
    ("about", "matters"),
    [
        (
            file(trips=(trip("Istanbul", days(3), adults=2, children=1),)),
            CardAlert(
                "departs_in",
                {"destination": "Istanbul", "days": 3, "adults": 2, "children": 1},
                "plain",
            ),
        ),
        (
            file(trips=(trip("Kish", days(-2), status=TripStatus.TICKETED),)),
            CardAlert("travelling", {"destination": "Kish", "returns": "2026-11-27"}, "due"),
        ),
        (
            file(trips=(trip("Kish", days(-9)),)),
            CardAlert("just_returned", {"destination": "Kish", "days": 2}, "good"),
        ),
        (
            file(customer(balance=12_400_000, currency="IRR")),
            CardAlert("balance_due", {"amount": 12_400_000, "currency": "IRR"}, "due"),
        ),
        (
            file(
                customer(balance=480, currency="EUR"),
                trips=(replace(trip("Rome", days(90), price=1000, currency="EUR"), payments=SUM),),
            ),
            CardAlert("balance_due", {"amount": 599.6, "currency": "EUR"}, "due"),
        ),
        *(
            (
                file(trips=(replace(trip("Rome", days(90)), payments=payments),)),
                CardAlert(
                    code,
                    {
                        "amount": 300,
                        "currency": "EUR",
                        "method": "cheque",
                        "destination": "Rome",
                        "days": number,
                        "date": days(number).isoformat(),
                    },
                    tone,
                ),
            )
            for number, state, code, tone in (
                (3, PaymentState.DUE, "payment_due", "due"),
                (-2, PaymentState.DUE, "payment_overdue", "alarm"),
                (-2, PaymentState.RETURNED, "cheque_returned", "alarm"),
            )
            for payments in [TripPayments(0, (cheque(number, state),))]
        ),
        (
            file(
                trips=(trip("Rome", days(60)),),
                documents=(DocumentDays("passport", "IR", None, days(20)),),
            ),
            CardAlert(
                "passport_before_trip",
                {"date": days(20).isoformat(), "days": 40, "destination": "Rome"},
                "alarm",
            ),
        ),
        (
            file(documents=(DocumentDays("passport", "IR", None, days(95)),)),
            CardAlert(
                "passport_expires",
                {"date": days(95).isoformat(), "days": 95, "months": 3},
                "plain",
            ),
        ),
        (
            file(trips=(trip("Rome", days(60), visa=VisaState.PENDING),)),
            CardAlert("visa", {"state": "pending", "destination": "Rome"}, "due"),
        ),
        (
            file(customer(birthday=date(1904, 11, 25))),
            CardAlert("birthday_in", {"days": 3, "date": "2026-11-25"}, "good"),
        ),
        (
            file(customer(anniversary=date(2010, 12, 6))),
            CardAlert("anniversary_in", {"days": 14, "date": "2026-12-06"}, "good"),
        ),
        (
            file(cases=(case(),)),
            CardAlert(
                "case_open",
                {
                    "kind": "complaint",
                    "subject": "The room had no window",
                    "since": "2026-11-10",
                },
                "alarm",
            ),
        ),
        (
            file(customer(customer_since=date(2024, 11, 22))),
            CardAlert("silent_for", {"months": 24}, "plain"),
        ),
    ],
)
def test_each_alert_is_given_by_code(about: CustomerFile, matters: CardAlert) -> None:
    assert now(about) == [matters]


@pytest.mark.parametrize(
    "about",
    [
        file(),
        file(trips=(trip("Rome", days(31)),)),
        file(trips=(trip("Kish", days(-30)),)),
        file(customer(balance=0)),
        file(customer(balance=-500)),
        file(customer(birthday=days(8))),
        file(customer(anniversary=days(15))),
        file(cases=(case(state=CaseState.CLOSED, promised_for=days(1)),)),
    ],
)
def test_an_alert_not_due_today_is_left_out(about: CustomerFile) -> None:
    assert now(about) == []


@pytest.mark.parametrize(
    ("visa", "departs", "tone"),
    [
        (VisaState.ISSUED, 3, "good"),
        (VisaState.PENDING, 3, "alarm"),
        (VisaState.PENDING, 20, "due"),
        (VisaState.REFUSED, 20, "alarm"),
    ],
)
def test_a_visa_alarms_as_the_day_comes(visa: VisaState, departs: int, tone: str) -> None:
    reported = now(file(trips=(trip("Rome", days(departs), visa=visa),)))
    assert [(one.code, one.tone) for one in reported] == [("departs_in", "plain"), ("visa", tone)]


@pytest.mark.parametrize(("when", "tone"), [(-1, "alarm"), (0, "plain"), (5, "plain")])
def test_a_promise_alarms_when_it_is_broken(when: int, tone: str) -> None:
    promised = case(CaseKind.REFUND, promised_by="Nikos", promised_for=days(when))
    opened, promise = now(file(cases=(promised,)))
    assert (opened.code, opened.tone) == ("case_open", "due")
    assert promise == CardAlert("promised", {"by": "Nikos", "date": days(when).isoformat()}, tone)


def test_a_recent_caller_is_not_inactive() -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    call = PastCall(CallId("1"), at, "inbound", "answered", "Maryam", 9.0)
    assert now(file(customer(customer_since=date(2020, 1, 1)), calls=(call,))) == []


@pytest.mark.parametrize(
    ("section", "codes"),
    [
        (Section.CASES, ["case_open", "promised"]),
        (Section.TRIPS, ["departs_in", "visa", "just_returned"]),
        (Section.BALANCE, ["balance_due"]),
        (Section.PERSONAL, ["passport_before_trip", "birthday_in"]),
        (Section.OFFERS, []),
        (Section.PRICES, ["cheque_returned"]),
        (Section.CALLS, []),
    ],
)
def test_a_view_brings_its_own_and_nothing_else(section: Section, codes: list[str]) -> None:
    about = file(
        customer(balance=5, birthday=TODAY),
        trips=(
            trip("Rome", days(3), number=2, visa=VisaState.PENDING),
            replace(trip("Kish", days(-9), price=5), payments=RETURNED),
        ),
        cases=(case(promised_by="Nikos", promised_for=TODAY),),
        documents=(DocumentDays("passport", "IR", None, days(1)),),
    )
    assert [one.code for one in now(about, frozenset({section}))] == codes
