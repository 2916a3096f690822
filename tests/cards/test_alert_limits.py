"""Each limit of a card's alerts: on the day at the limit, and one day beside it."""

from datetime import date, timedelta

import pytest

from screenpop.accounts.departments import Section
from screenpop.cards.alerts import build_alerts
from screenpop.cards.card import CardAlert
from screenpop.customers.itinerary import itinerary
from screenpop.customers.models import CustomerFile, TripStatus, VisaState
from tests.customers.samples import TODAY, customer, file, trip


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def alerts_of(about: CustomerFile) -> list[CardAlert]:
    return list(build_alerts(about, itinerary(about.trips, TODAY), frozenset(Section)))


def codes_of(about: CustomerFile) -> set[str]:
    return {alert.code for alert in alerts_of(about)}


@pytest.mark.parametrize(("days", "is_alert"), [(0, True), (29, True), (30, True), (31, False)])
def test_a_departure_is_an_alert_from_thirty_days_before(days: int, is_alert: bool) -> None:
    assert ("departs_in" in codes_of(file(trips=(trip("Rome", day(days)),)))) is is_alert


@pytest.mark.parametrize(("days", "tone"), [(6, "alarm"), (7, "alarm"), (8, "due")])
def test_a_pending_visa_is_an_alarm_from_seven_days_before_the_departure(
    days: int, tone: str
) -> None:
    about = file(trips=(trip("Rome", day(days), visa=VisaState.PENDING),))
    assert [alert.tone for alert in alerts_of(about) if alert.code == "visa"] == [tone]


@pytest.mark.parametrize(
    ("days_ago", "is_alert"), [(-1, False), (0, True), (14, True), (15, False)]
)
def test_a_return_is_an_alert_for_fourteen_days(days_ago: int, is_alert: bool) -> None:
    back = trip("Rome", day(-days_ago - 7), status=TripStatus.TRAVELLED)
    assert ("just_returned" in codes_of(file(trips=(back,)))) is is_alert


@pytest.mark.parametrize(("days", "is_alert"), [(-1, False), (0, True), (7, True), (8, False)])
def test_a_birthday_is_an_alert_from_seven_days_before(days: int, is_alert: bool) -> None:
    about = file(customer(birthday=day(days).replace(year=1980)))
    assert ("birthday_in" in codes_of(about)) is is_alert


@pytest.mark.parametrize(("days", "is_alert"), [(-1, False), (0, True), (14, True), (15, False)])
def test_an_anniversary_is_an_alert_from_fourteen_days_before(days: int, is_alert: bool) -> None:
    about = file(customer(anniversary=day(days).replace(year=2010)))
    assert ("anniversary_in" in codes_of(about)) is is_alert


@pytest.mark.parametrize(("balance", "is_alert"), [(-1, False), (0, False), (1, True)])
def test_a_balance_above_zero_is_due(balance: int, is_alert: bool) -> None:
    assert ("balance_due" in codes_of(file(customer(balance=balance)))) is is_alert


@pytest.mark.parametrize(
    ("contact", "is_alert"), [(date(2025, 11, 22), True), (date(2025, 11, 23), False)]
)
def test_silence_is_an_alert_after_twelve_full_months(contact: date, is_alert: bool) -> None:
    assert ("silent_for" in codes_of(file(customer(customer_since=contact)))) is is_alert
