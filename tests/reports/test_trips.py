"""Booked trips by month of either calendar."""

from datetime import date

from screenpop.customers.calendar_months import Calendar
from screenpop.reports.description import beside
from screenpop.reports.trips import TOP, TOP_OF_ALL, BookedTrips, describe_trips


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


def test_the_top_destinations_of_all_are_set_beside_all_those_of_before() -> None:
    day = date(2026, 3, 20)
    now = [booked(day, str(n), 9 if n else 1) for n in range(TOP_OF_ALL + 1)]
    before = [booked(day, str(n), 1 if n else 9) for n in range(TOP_OF_ALL + 1)]
    found = beside(
        *(describe_trips(rows, Calendar.GREGORIAN, prices=False) for rows in (now, before))
    )
    [table] = [one for one in found.tables if one.code == "trip_best"]
    assert len(table.rows) == TOP_OF_ALL
    assert {row[2] for row in table.rows} == {1}
