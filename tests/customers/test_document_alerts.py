"""Passports and visas that end too early for a trip, or soon."""

from datetime import date, timedelta

import pytest

from screenpop.customers.document_alerts import (
    SIX_MONTHS_DAYS,
    DocumentAlert,
    DocumentFinding,
    find_document_alerts,
)
from screenpop.customers.document_days import DocumentDays
from screenpop.customers.itinerary import itinerary
from screenpop.customers.models import Product, Trip, TripId, TripStatus, VisaState

TODAY = date(2026, 11, 29)


def days(count: int) -> date:
    return TODAY + timedelta(days=count)


def trip(
    departs: int,
    returns: int | None = None,
    country: str = "IT",
    *,
    status: TripStatus = TripStatus.BOOKED,
    visa: VisaState = VisaState.NOT_NEEDED,
    number: int = 1,
) -> Trip:
    ends = None if returns is None else days(returns)
    return Trip(
        TripId(number), "Rome", country, Product.TOUR, days(departs), ends, status, visa=visa
    )


def passport(expires: int, country: str = "IR") -> DocumentDays:
    return DocumentDays("passport", country, None, days(expires))


def visa(begins: int | None, expires: int, country: str = "IT") -> DocumentDays:
    return DocumentDays("visa", country, None if begins is None else days(begins), days(expires))


def found(documents: list[DocumentDays], trips: list[Trip]) -> list[DocumentFinding]:
    return list(find_document_alerts(documents, itinerary(trips, TODAY)))


def codes(documents: list[DocumentDays], trips: list[Trip]) -> list[str]:
    return [one.alert.value for one in found(documents, trips)]


@pytest.mark.parametrize(
    ("expires", "code"),
    [
        (99, "passport_before_trip"),
        (100, "passport_in_trip"),
        (109, "passport_in_trip"),
        (110, "passport_short"),
        (110 + SIX_MONTHS_DAYS - 1, "passport_short"),
        (110 + SIX_MONTHS_DAYS, None),
    ],
)
def test_a_passport_is_held_against_the_days_of_a_trip(expires: int, code: str | None) -> None:
    assert codes([passport(expires)], [trip(100, 110)]) == ([] if code is None else [code])


@pytest.mark.parametrize(
    ("expires", "code"),
    [
        (-1, "passport_expired"),
        (0, "passport_expires"),
        (SIX_MONTHS_DAYS, "passport_expires"),
        (SIX_MONTHS_DAYS + 1, None),
    ],
)
def test_without_a_trip_a_passport_is_reported_six_months_before_it_ends(
    expires: int, code: str | None
) -> None:
    assert codes([passport(expires)], []) == ([] if code is None else [code])


def test_the_finding_has_the_days_between_passport_and_trip() -> None:
    [one] = found([passport(60)], [trip(100, 110)])
    assert (one.days, one.day, one.tone) == (40, days(60), "alarm")
    [soon] = found([passport(95)], [])
    assert (soon.days, soon.months, soon.tone) == (95, 3, "plain")
    [now] = found([passport(30)], [])
    assert now.months == 0
    [late] = found([passport(31)], [])
    assert late.months == 1


def test_the_passport_that_is_valid_longest_counts() -> None:
    assert codes([passport(-400), passport(3000)], [trip(10, 20)]) == []


def test_a_passport_matters_neither_at_home_nor_for_what_is_not_booked() -> None:
    soon = passport(SIX_MONTHS_DAYS + 5)
    assert codes([soon], [trip(300, 310)]) == ["passport_before_trip"]
    assert codes([soon], [trip(300, 310, "IR")]) == []
    assert codes([soon], [trip(300, 310, status=TripStatus.ASKED)]) == []
    assert codes([soon], [trip(300, 310, status=TripStatus.CANCELLED)]) == []
    assert codes([soon], [trip(300, 310, "")]) == ["passport_before_trip"]


def test_the_first_trip_that_a_passport_is_too_short_for_is_reported() -> None:
    trips = [trip(300, 310, number=2), trip(20, 30, number=1)]
    [one] = found([passport(250)], trips)
    assert one.trip is not None
    assert (one.alert, one.trip.id) == (DocumentAlert.PASSPORT_BEFORE_TRIP, 2)


@pytest.mark.parametrize(
    ("begins", "expires", "code"),
    [
        (None, 99, "visa_before_trip"),
        (None, 100, "visa_in_trip"),
        (None, 109, "visa_in_trip"),
        (None, 110, None),
        (100, 110, None),
        (101, 110, "visa_after_departure"),
    ],
)
def test_a_visa_is_held_against_the_days_of_a_trip(
    begins: int | None, expires: int, code: str | None
) -> None:
    assert codes([visa(begins, expires)], [trip(100, 110)]) == ([] if code is None else [code])


def test_a_visa_counts_for_its_country_and_a_schengen_visa_for_all_of_them() -> None:
    assert codes([visa(None, 50, "AE")], [trip(100, 110)]) == []
    assert codes([visa(None, 50, "GR")], [trip(100, 110)]) == ["visa_before_trip"]
    assert codes([visa(None, 50), visa(None, 200, "DE")], [trip(100, 110)]) == []
    assert codes([visa(None, 50, "")], [trip(100, 110, "")]) == []


@pytest.mark.parametrize("state", [VisaState.PENDING, VisaState.REFUSED])
def test_an_open_application_has_its_own_alert(state: VisaState) -> None:
    assert codes([visa(None, 50)], [trip(100, 110, visa=state)]) == []


def test_a_document_without_its_last_day_is_not_judged() -> None:
    unknown = DocumentDays("passport", "IR", None, None)
    assert codes([unknown], [trip(100, 110)]) == []
    assert codes([unknown, passport(50)], [trip(100, 110)]) == ["passport_before_trip"]
