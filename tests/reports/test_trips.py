"""Booked trips by month of either calendar."""

from datetime import date

from screenpop.customers.calendar_months import Calendar
from screenpop.reports.trips import TOP, BookedTrips, describe_trips


def booked(day: date, place: str, trips: int = 1, currency: str = "EUR") -> BookedTrips:
    return BookedTrips(day, place, "tour", currency, trips, 2 * trips, 100 * trips, 10 * trips)


def test_the_top_destinations_of_a_month_are_its_most_booked() -> None:
    day = date(2026, 3, 20)
    found = [booked(day, str(n), n + 1) for n in range(TOP + 1)]
    report = describe_trips(found, Calendar.GREGORIAN, prices=False)
    [table] = [one for one in report.tables if one.code == "trip_destinations"]
    assert [row[1] for row in table.rows] == [str(n) for n in range(TOP, 0, -1)]
    assert not any(one.code == "trip_amounts" for one in report.tables)


def test_amounts_of_two_currencies_stay_apart_and_months_are_those_of_the_calendar() -> None:
    found = [
        booked(date(2026, 3, 20), "Paris"),
        booked(date(2026, 3, 21), "Paris", 2),
        booked(date(2026, 3, 21), "Paris", 1, "IRR"),
    ]
    report = describe_trips(found, Calendar.PERSIAN, prices=True)
    tables = {one.code: one.rows for one in report.tables}
    esfand, farvardin = date(2026, 2, 20), date(2026, 3, 21)
    assert tables["trip_months"] == ((esfand, 1, 2), (farvardin, 3, 6))
    assert tables["trip_amounts"] == (
        (esfand, "EUR", 100, 10),
        (farvardin, "EUR", 200, 20),
        (farvardin, "IRR", 100, 10),
    )
    assert tables["trip_best"] == (("Paris", 4, 8),)
