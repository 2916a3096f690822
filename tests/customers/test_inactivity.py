"""How long a customer has had no contact."""

from datetime import UTC, date, datetime

import pytest

from screenpop.customers.inactivity import last_contact, months_inactive
from screenpop.customers.itinerary import itinerary
from screenpop.customers.models import CustomerFile, PastCall, TripStatus
from screenpop.telephony.identifiers import CallId
from tests.customers.samples import TODAY, customer, file, trip

SINCE = customer(customer_since=date(2020, 1, 1))


def call(day: date, talk_s: float | None = 60.0) -> PastCall:
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    return PastCall(CallId("1.1"), at, "inbound", "answered", "Maryam", talk_s)


@pytest.mark.parametrize(
    ("quiet", "heard", "months"),
    [
        (file(), None, None),
        (file(SINCE), date(2020, 1, 1), 82),
        (file(SINCE, trips=(trip("Rome", date(2025, 3, 1)),)), date(2025, 3, 8), 20),
        (file(calls=(call(date(2025, 1, 1)),)), date(2025, 1, 1), 22),
        (file(SINCE, calls=(call(date(2026, 11, 1), talk_s=None),)), date(2020, 1, 1), 82),
        (file(SINCE, calls=(call(date(2026, 11, 1)),)), date(2026, 11, 1), None),
        (file(SINCE, trips=(trip("Rome", date(2027, 3, 1)),)), date(2020, 1, 1), None),
        (file(SINCE, trips=(trip("Rome", status=TripStatus.TRAVELLED),)), date.min, None),
    ],
)
def test_silence_counts_from_the_last_word_or_trip(
    quiet: CustomerFile, heard: date | None, months: int | None
) -> None:
    trips = itinerary(quiet.trips, TODAY)
    assert last_contact(quiet, trips) == heard
    assert months_inactive(quiet, trips) == months
