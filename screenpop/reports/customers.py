"""Customers by tier, stage and year of coming; who lapsed, came back, and brings most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from screenpop.customers.calendar_months import Calendar, year_start
from screenpop.reports.description import Figure, Report, ReportColumn, ReportTable, Unit, share

BEST_PERCENTS = (1, 5, 10, 20, 50, 100)
"""Parts of the customers whose profit is listed, the best first."""


@dataclass(frozen=True, slots=True)
class TierCustomers:
    tier: str
    customers: int
    travelled: int
    """Those of them with a trip that departed in the period."""


@dataclass(frozen=True, slots=True)
class ComingCustomers:
    """Customers whose first trip was on one day and who are in one stage now."""

    first_trip: date
    stays: bool
    """Not lapsed."""
    came_back: bool
    """Travelled more than once."""
    customers: int


@dataclass(frozen=True, slots=True)
class BestCustomers:
    """Customers of one percentile by profit; 1 is the best hundredth."""

    percentile: int
    customers: int
    profit: int
    """In whole units of the currency of most customers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerGroups:
    tiers: Sequence[TierCustomers]
    stages: Mapping[str, int]
    coming: Sequence[ComingCustomers]
    best: Sequence[BestCustomers]
    currency: str
    """Of the profit; empty where none is known."""
    top: int
    """How many customers bring 80 percent of the profit."""
    lapsed: int
    """Customers who lapsed in the period and have not come back."""
    won_back: int
    """Customers who had lapsed and departed again in the period."""


def describe_customers(found: CustomerGroups, calendar: Calendar, *, prices: bool) -> Report:
    """Return the report, with years of a calendar. ``prices``: with profit."""
    total = sum(one.customers for one in found.tiers)
    travelled = sum(one.travelled for one in found.tiers)
    with_profit = sum(one.customers for one in found.best)
    figures = (
        Figure("customers", total, compared=False),
        Figure("travelled", travelled),
        Figure("lapsed", found.lapsed),
        Figure("won_back", found.won_back),
        Figure("top_part", share(found.top, with_profit), Unit.SHARE, compared=False),
    )
    tiers = ReportTable(
        "customer_tiers",
        (
            ReportColumn("tier", Unit.CODE, "tier"),
            ReportColumn("customers"),
            ReportColumn("part", Unit.SHARE),
            ReportColumn("travelled"),
            ReportColumn("travelled_part", Unit.SHARE),
        ),
        tuple(
            (
                one.tier,
                one.customers,
                share(one.customers, total),
                one.travelled,
                share(one.travelled, one.customers),
            )
            for one in found.tiers
        ),
        chart="customers",
    )
    scored = sum(found.stages.values())
    stages = ReportTable(
        "customer_stages",
        (
            ReportColumn("stage", Unit.CODE, "stage"),
            ReportColumn("customers"),
            ReportColumn("part", Unit.SHARE),
        ),
        tuple((stage, count, share(count, scored)) for stage, count in found.stages.items())
        if scored
        else (),
        chart="customers",
    )
    tables = [tiers, stages, _years(found.coming, calendar)]
    if found.best:
        tables.append(_best(found, prices=prices))
    return Report("customers", figures, tuple(tables) if total else ())


def _years(coming: Sequence[ComingCustomers], calendar: Calendar) -> ReportTable:
    years: dict[date, list[int]] = {}
    for one in coming:
        sums = years.setdefault(year_start(one.first_trip, calendar), [0, 0, 0])
        sums[0] += one.customers
        sums[1] += one.customers * one.came_back
        sums[2] += one.customers * one.stays
    columns = (
        ReportColumn("year", Unit.YEAR),
        ReportColumn("customers"),
        ReportColumn("came_back"),
        ReportColumn("came_back_part", Unit.SHARE),
        ReportColumn("staying"),
        ReportColumn("staying_part", Unit.SHARE),
    )
    rows = tuple(
        (year, came, back, share(back, came), stay, share(stay, came))
        for year, (came, back, stay) in sorted(years.items())
    )
    return ReportTable("customer_years", columns, rows, chart="customers")


def _best(found: CustomerGroups, *, prices: bool) -> ReportTable:
    total, people = sum(one.profit for one in found.best), sum(one.customers for one in found.best)
    rows = []
    for percent in BEST_PERCENTS:
        among = [one for one in found.best if one.percentile <= percent]
        customers, profit = sum(one.customers for one in among), sum(one.profit for one in among)
        row = (percent / 100, customers, share(customers, people), share(profit, total))
        rows.append((*row, found.currency, profit) if prices else row)
    columns = [
        ReportColumn("best", Unit.SHARE),
        ReportColumn("customers"),
        ReportColumn("part", Unit.SHARE),
        ReportColumn("profit_part", Unit.SHARE),
    ]
    if prices:
        columns += [
            ReportColumn("currency", Unit.CURRENCY),
            ReportColumn("profit", Unit.AMOUNT),
        ]
    return ReportTable("customer_best", tuple(columns), tuple(rows), chart="profit_part")
