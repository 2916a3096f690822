"""Phone lines as sources of customers and bookings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from screenpop.reports.description import Figure, Report, ReportColumn, ReportTable, Unit, share

BOOKED_DAYS = 30
"""A booking counts for a line within these days after the customer's first call of the period."""


@dataclass(slots=True, kw_only=True)
class LineCalls:
    """Inbound calls of one line, and what came of them."""

    name: str
    """Empty: the PBX sent no dialled number."""
    calls: int = 0
    answered: int = 0
    customers: int = 0
    """Known customers whose first call of the period came on this line."""
    new: int = 0
    """Those of them whose record was made in the period."""
    booked: int = 0
    """Those of them who booked within ``BOOKED_DAYS``."""
    bookings: int = 0
    passengers: int = 0
    profit: dict[str, int] = field(default_factory=dict)
    """Of these bookings, by currency."""


def describe_lines(found: Sequence[LineCalls], *, prices: bool) -> Report:
    """Return the report, the most calls first. ``prices``: with what bookings bring."""
    lines = sorted(found, key=lambda one: (-one.calls, one.name))
    customers, booked = sum(one.customers for one in lines), sum(one.booked for one in lines)
    figures = (
        Figure("calls", sum(one.calls for one in lines)),
        Figure("callers", customers),
        Figure("new_customers", sum(one.new for one in lines)),
        Figure("bookings", sum(one.bookings for one in lines)),
        Figure("booked_part", share(booked, customers), Unit.SHARE),
    )
    line = ReportColumn("line", Unit.TEXT, "no_line")
    columns = (
        line,
        ReportColumn("calls"),
        ReportColumn("answered_part", Unit.SHARE),
        ReportColumn("callers"),
        ReportColumn("new_customers"),
        ReportColumn("booked"),
        ReportColumn("booked_part", Unit.SHARE),
        ReportColumn("bookings"),
        ReportColumn("passengers"),
    )
    sources = ReportTable(
        "lines",
        columns,
        tuple(
            (
                one.name,
                one.calls,
                share(one.answered, one.calls),
                one.customers,
                one.new,
                one.booked,
                share(one.booked, one.customers),
                one.bookings,
                one.passengers,
            )
            for one in lines
        ),
        chart="calls",
        compared=True,
    )
    tables = (sources, _profit(lines, line)) if prices else (sources,)
    return Report("lines", figures, tables)


def _profit(lines: Sequence[LineCalls], line: ReportColumn) -> ReportTable:
    columns = (
        line,
        ReportColumn("currency", Unit.CURRENCY),
        ReportColumn("profit", Unit.AMOUNT),
    )
    amounts: Mapping[tuple[str, str], int] = {
        (one.name, currency): amount for one in lines for currency, amount in one.profit.items()
    }
    rows = sorted(amounts.items(), key=lambda one: (one[0][1], -one[1], one[0][0]))
    return ReportTable(
        "line_profit", columns, tuple((*key, amount) for key, amount in rows), 2, "profit", True
    )
