"""The period of a report, from the address to days and back to the form."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from screenpop.customers.date_input import format_date
from screenpop.reports.periods import USUAL_DAYS, Period, PeriodError, find_period
from screenpop.web.calls.query import parse_day
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext

REPORT_CODES = (
    "calls",
    "popup",
    "agents",
    "purposes",
    "lines",
    "offers",
    "customers",
    "trips",
    "numbers",
)
"""The reports in the order of their links."""


class PeriodQuery(BaseModel):
    """Days of the office, both inclusive, in either calendar; empty: the usual days up to today."""

    model_config = ConfigDict(extra="ignore")

    since: Annotated[str, Query(max_length=40)] = ""
    until: Annotated[str, Query(max_length=40)] = ""


@dataclass(frozen=True, slots=True)
class AskedPeriod:
    period: Period
    """The usual one if the days asked for are refused."""
    typed: dict[str, str]
    """The days for the form: in the page's calendar, refused ones as typed."""
    is_chosen: bool
    """Whether the address has a day; other reports keep it then."""
    problem: str
    """``since`` or ``until`` for text that is no day, ``period_reversed``, ``period_too_long``, or
    empty."""


def asked_period(
    context: WebContext, query: PeriodQuery, language: str, usual_days: int = USUAL_DAYS
) -> AskedPeriod:
    """Return the period for a page, with what is wrong about it."""
    is_chosen = bool(query.since or query.until)
    usual = find_period(None, None, context.today(), usual_days)
    try:
        period = require_period(context, query, usual_days)
    except HTTPException as refused:
        problem = str(refused.detail).rpartition(":")[2]
        typed = {"since": query.since, "until": query.until}
        return AskedPeriod(usual, typed, is_chosen, problem)
    typed = {
        "since": format_date(period.first, language),
        "until": format_date(period.last, language),
    }
    return AskedPeriod(period, typed, is_chosen, "")


def period_view(context: WebContext, code: str, asked: AskedPeriod, language: str) -> View:
    """Return what the head of each report shows: its days, the form, and what is wrong."""
    return {
        "report_code": code,
        "report_codes": REPORT_CODES,
        "chosen": asked.is_chosen,
        "first": asked.period.first.isoformat(),
        "last": asked.period.last.isoformat(),
        "filters": asked.typed,
        "problem": asked.problem,
        "example_day": format_date(context.today(), language),
    }


def require_period(context: WebContext, query: PeriodQuery, usual_days: int = USUAL_DAYS) -> Period:
    """Return the period; raises 422 with what is wrong, as in ``AskedPeriod.problem``."""
    first, last = parse_day(query.since, "since"), parse_day(query.until, "until")
    try:
        return find_period(first, last, context.today(), usual_days)
    except PeriodError as problem:
        raise HTTPException(422, f"period_{problem.code}") from None
