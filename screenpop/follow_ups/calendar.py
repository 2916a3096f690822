"""Follow-ups as an iCalendar file (RFC 5545), for the calendars of phones and offices."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Event

from screenpop.common.text import display_text
from screenpop.customers.models import CustomerId
from screenpop.follow_ups.models import FollowUp

LONGEST_SUMMARY = 200
"""Characters of an event's title."""


def follow_up_calendar(
    rows: Sequence[FollowUp],
    *,
    names: Mapping[CustomerId, str],
    title: str,
    untitled: str,
    timezone: str,
    address: str,
    today: date,
) -> bytes:
    """Return the file: one event of a whole day for each open follow-up.

    One that is overdue is on today's date, so that it is seen. ``names``: of customers, as far as
    they are shown. ``untitled``: the title of one without a text. ``address``: of Screenpop,
    without a slash at the end.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Screenpop//Follow-ups//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    # Not in RFC 5545, but read by Apple, Google and Outlook.
    calendar.add("x-wr-calname", title)
    calendar.add("x-wr-timezone", timezone)
    calendar.add("x-published-ttl", "PT1H")
    for row in rows:
        calendar.add_component(
            _event(row, names.get(row.customer_id, ""), untitled, address, today)
        )
    body: bytes = calendar.to_ical()
    return body


def _event(row: FollowUp, name: str, untitled: str, address: str, today: date) -> Event:
    event = Event()
    day = max(row.listed_from, today)
    page = f"{address}/customers/{row.customer_id}"
    text = display_text(row.promise, LONGEST_SUMMARY) or untitled
    event.add("uid", f"follow-up-{row.id}@screenpop")
    event.add("dtstamp", datetime.fromtimestamp(row.made_at, UTC).replace(microsecond=0))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", f"{text} – {name}" if name else text)
    event.add("description", page if day == row.due else f"{row.due.isoformat()}\n{page}")
    event.add("url", page)
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    return event
