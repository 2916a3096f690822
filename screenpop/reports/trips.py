"""Bookings, passengers and profit by month of departure, with the top destinations."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from screenpop.customers.calendar_months import Calendar, month_start
from screenpop.reports.description import Figure, Report, ReportColumn, ReportTable, Unit, Value

TOP = 5
"""Destinations and programmes listed for each month."""
TOP_OF_ALL = 10
"""Destinations listed for the whole period."""


@dataclass(frozen=True, slots=True)
class BookedTrips:
    """Booked trips that depart on one day, of one kind."""

    departs: date
    destination: str
    product: str
    currency: str
    trips: int
    passengers: int
    price: int
    """In whole units of the currency."""
    profit: int


@dataclass(slots=True)
class _Sums:
    trips: int = 0
    passengers: int = 0
    price: dict[str, int] = field(default_factory=dict)
    profit: dict[str, int] = field(default_factory=dict)

    def add(self, row: BookedTrips) -> None:
        self.trips += row.trips
        self.passengers += row.passengers
        self.price[row.currency] = self.price.get(row.currency, 0) + row.price
        self.profit[row.currency] = self.profit.get(row.currency, 0) + row.profit


def describe_trips(found: Sequence[BookedTrips], calendar: Calendar, *, prices: bool) -> Report:
    """Return the report in the months of a calendar. ``prices``: with amounts."""
    figures = (
        Figure("bookings", sum(one.trips for one in found)),
        Figure("passengers", sum(one.passengers for one in found)),
        Figure("destinations", len({one.destination for one in found if one.destination})),
    )
    months = _by(found, lambda one: (month_start(one.departs, calendar),))
    columns = (ReportColumn("month", Unit.MONTH), *_COUNTS)
    rows = tuple((*key, one.trips, one.passengers) for key, one in sorted(months.items()))
    tables = [ReportTable("trip_months", columns, rows, chart="bookings")]
    if prices:
        tables.append(_amounts(months))
    tables += [
        _best_destinations(found),
        _top(found, calendar, "trip_destinations", _DESTINATION, lambda one: one.destination),
        _top(found, calendar, "trip_products", _PRODUCT, lambda one: one.product),
    ]
    return Report("trips", figures, tuple(tables))


_COUNTS = (ReportColumn("bookings"), ReportColumn("passengers"))
_DESTINATION = ReportColumn("destination", Unit.TEXT, "no_destination")
_PRODUCT = ReportColumn("product", Unit.CODE, "product")
_Key = tuple[Value, ...]


def _by(found: Iterable[BookedTrips], key: Callable[[BookedTrips], _Key]) -> dict[_Key, _Sums]:
    sums: dict[_Key, _Sums] = {}
    for row in found:
        sums.setdefault(key(row), _Sums()).add(row)
    return sums


def _amounts(months: dict[_Key, _Sums]) -> ReportTable:
    columns = (
        ReportColumn("month", Unit.MONTH),
        ReportColumn("currency", Unit.CURRENCY),
        ReportColumn("price", Unit.AMOUNT),
        ReportColumn("profit", Unit.AMOUNT),
    )
    rows = tuple(
        (*key, currency, one.price[currency], one.profit[currency])
        for key, one in sorted(months.items())
        for currency in sorted(one.price)
    )
    return ReportTable("trip_amounts", columns, rows, keys=2)


def _best_destinations(found: Sequence[BookedTrips]) -> ReportTable:
    sums = _by(found, lambda one: (one.destination,))
    ranked = sorted(sums.items(), key=lambda one: (-one[1].trips, str(one[0])))
    rows = tuple((*key, one.trips, one.passengers) for key, one in ranked)
    columns = (_DESTINATION, *_COUNTS)
    return ReportTable(
        "trip_best", columns, rows, chart="bookings", compared=True, limit=TOP_OF_ALL
    )


def _top(
    found: Sequence[BookedTrips],
    calendar: Calendar,
    code: str,
    column: ReportColumn,
    name_of: Callable[[BookedTrips], str],
) -> ReportTable:
    sums = _by(found, lambda one: (month_start(one.departs, calendar), name_of(one)))
    ranked = sorted(sums.items(), key=lambda one: (one[0][0], -one[1].trips, str(one[0][1])))
    rows: list[tuple[Value, ...]] = []
    listed: dict[Value, int] = {}
    for (month, name), one in ranked:
        listed[month] = listed.get(month, 0) + 1
        if listed[month] <= TOP:
            rows.append((month, name, one.trips, one.passengers))
    # The newest month first: it is read most.
    rows.sort(key=lambda row: str(row[0]), reverse=True)
    columns = (ReportColumn("month", Unit.MONTH), column, *_COUNTS)
    return ReportTable(code, columns, tuple(rows), keys=2)
