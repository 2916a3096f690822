"""Parses and checks the filters and the cursor of the call log from an address."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from screenpop.accounts.users import Right, UserId
from screenpop.calls.events import Direction
from screenpop.calls.labels import LabelKind
from screenpop.customers.calendar_months import Calendar
from screenpop.customers.date_input import InvalidDateError, format_date, parse_date
from screenpop.customers.models import CustomerId, Tier
from screenpop.customers.yearless_days import NO_YEAR
from screenpop.reports.relative_days import RelativeDays, relative_period
from screenpop.store.calls.call_filter import DISPOSITIONS, CallFilter, CallSort
from screenpop.store.calls.call_page import CallCursor
from screenpop.web.auth.current_user import CurrentUser

_LATE = "late"
_OPEN = "open"
_LARGEST_ID = 2**63 - 1
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PERSIAN_YEARS = range(1200, 1600)


class CallQuery(BaseModel):
    """Filters of the call log; empty ones do not filter.

    Days are days of the office, ``until`` inclusive, in either calendar: ``2026-11-28``,
    ``1405/09/07``."""

    model_config = ConfigDict(extra="ignore")

    q: Annotated[str, Query(max_length=200)] = ""
    """Words or digits of the name or number of caller or customer."""
    since: Annotated[str, Query(max_length=40)] = ""
    until: Annotated[str, Query(max_length=40)] = ""
    days: str = ""
    """As ``RelativeDays``: days named by today, months in the calendar of the user's language.
    Where ``since`` or ``until`` is set too, both apply."""
    direction: str = ""
    disposition: str = ""
    queue: Annotated[str, Query(max_length=80)] = ""
    line: Annotated[str, Query(max_length=80)] = ""
    """The dialled number, as in ``did``."""
    tier: str = ""
    """The customer's tier."""
    card: str = ""
    """``late``: answered calls whose card was not on the screen before the answer."""
    callback: str = ""
    """``open``: missed calls whose caller was not talked to since."""
    sort: str = ""
    """As ``CallSort``; empty: the newest first."""
    agent: str = ""
    customer: str = ""
    purpose: str = ""
    """The id of a call purpose."""
    agent_disposition: str = ""
    """The id of an agent's disposition."""
    simulated: str = ""
    """``yes``, ``no``, or empty for both."""
    after: Annotated[str, Query(max_length=80)] = ""
    """``next_cursor`` of the previous page."""


@dataclass(frozen=True, slots=True)
class CallQueryFilter:
    filter: CallFilter
    after: CallCursor | None
    sort: CallSort
    is_hidden: bool
    """Whether the agent who was asked for is not one of those whose calls the user sees."""


def parse_call_query(
    query: CallQuery,
    current_user: CurrentUser,
    zone: ZoneInfo,
    visible: frozenset[UserId] | None = None,
    *,
    today: date,
    language: str,
) -> CallQueryFilter:
    """Return the checked filters; raises 422 with the field's name. Agents get own calls only.

    ``visible``: the users whose calls a supervisor sees; None: all. ``language``: its calendar has
    the months of relative days.
    """
    first, last = _days(query, today, language)
    wanted = CallFilter(
        since=_midnight(first, zone),
        until=_midnight(_next_day(last), zone),
        direction=_one_of(query.direction, "direction", [*Direction]),
        disposition=_one_of(query.disposition, "disposition", DISPOSITIONS),
        queue=query.queue,
        line=query.line,
        tier=_one_of(query.tier, "tier", [*Tier]),
        late_card=_one_of(query.card, "card", [_LATE]) == _LATE,
        no_callback=_one_of(query.callback, "callback", [_OPEN]) == _OPEN,
        visible=visible,
        agent=_agent(query.agent),
        customer=_customer(query.customer),
        labels={
            kind: _id(text, kind) for kind in LabelKind if (text := getattr(query, kind.value))
        },
        simulated={"yes": True, "no": False}.get(query.simulated),
        search=query.q,
    )
    is_hidden = visible is not None and wanted.agent is not None and wanted.agent not in visible
    if not current_user.may(Right.SEE_ALL_CALLS):
        own = current_user.user.id
        is_hidden = wanted.agent not in (None, own)
        wanted = replace(wanted, agent=own)
    return CallQueryFilter(wanted, read_cursor(query.after), _sort(query.sort), is_hidden)


def cursor(mark: CallCursor | None) -> str | None:
    """Return a position in the log as text for an address."""
    return None if mark is None else f"{mark.value!r}_{mark.id}"


def read_cursor(text: str) -> CallCursor | None:
    """Return the position in the log that ``cursor`` wrote; raises 422."""
    if not text:
        return None
    moment, _, number = text.partition("_")
    try:
        at = float(moment)
    except ValueError:
        raise _bad("after") from None
    if not math.isfinite(at):
        raise _bad("after")
    return CallCursor(at, _id(number, "after"))


def parse_day(text: str, field: str) -> date | None:
    """Return a day in either calendar; None if empty. Raises 422 with the field's name."""
    if not text:
        return None
    try:
        # Programs write ISO 8601; a Persian year may have that form too.
        iso = _ISO.fullmatch(text) is not None and int(text[:4]) not in _PERSIAN_YEARS
        day = date.fromisoformat(text) if iso else parse_date(text)
    except (InvalidDateError, ValueError):
        raise _bad(field) from None
    if day is not None and day.year == NO_YEAR:
        raise _bad(field)
    return day


def wrong_day(query: CallQuery) -> str:
    """Return the name of the first field that is not a day; empty if all are."""
    for field in ("since", "until"):
        try:
            parse_day(getattr(query, field), field)
        except HTTPException:
            return field
    return ""


def days_for(query: CallQuery, language: str) -> dict[str, str]:
    """Return the days of a query in the form's calendar; invalid ones as typed."""
    shown = {}
    for field in ("since", "until"):
        text = getattr(query, field)
        try:
            shown[field] = format_date(parse_day(text, field), language)
        except HTTPException:
            shown[field] = text
    return shown


def _days(query: CallQuery, today: date, language: str) -> tuple[date | None, date | None]:
    """Return the first and the last day; None without one."""
    first, last = parse_day(query.since, "since"), parse_day(query.until, "until")
    named = _one_of(query.days, "days", [*RelativeDays])
    if not named:
        return first, last
    calendar = Calendar.PERSIAN if language == "fa" else Calendar.GREGORIAN
    period = relative_period(RelativeDays(named), today, calendar)
    return max(first or date.min, period.first), min(last or date.max, period.last)


def _next_day(day: date | None) -> date | None:
    return None if day is None or day == date.max else day + timedelta(days=1)


def _sort(text: str) -> CallSort:
    if text and text not in set(CallSort):
        raise HTTPException(422, "unknown_sort")
    return CallSort(text or CallSort.NEWEST)


def _midnight(day: date | None, zone: ZoneInfo) -> float | None:
    if day is None:
        return None
    try:
        return datetime.combine(day, time(), zone).timestamp()
    except OverflowError:
        return None  # before or after all calls there can be


def _one_of(text: str, field: str, values: Sequence[str]) -> str:
    if text and text not in values:
        raise _bad(field)
    return text


def _agent(text: str) -> UserId | None:
    return UserId(_id(text, "agent")) if text else None


def _customer(text: str) -> CustomerId | None:
    return CustomerId(_id(text, "customer")) if text else None


def _id(text: str, field: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > _LARGEST_ID:
        raise _bad(field)
    return int(text)


def _bad(field: str) -> HTTPException:
    return HTTPException(422, f"bad_request:{field}")
