"""The hours in which the office answers its phones, as the settings list them.

``saturday..wednesday 09:00-17:30``: each of these weekdays; ``thursday 09:00-13:00``: one. A pause
at noon is two entries. ``24:00`` is the end of the day; hours past midnight are two entries.
"""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from screenpop.follow_ups.closed_days import WEEKDAYS

_ENTRY = re.compile(
    r"([a-z]+)(?:\.\.([a-z]+))? ([0-9]{1,2}):([0-9]{2}) ?- ?([0-9]{1,2}):([0-9]{2})", re.ASCII
)
_DAY_MINUTES = 24 * 60


class OfficeHoursError(ValueError):
    """The message names the entry and what to write instead."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} names no hours; write one weekday or two with .. between them, then the"
            " hours, the earlier first: monday..friday 09:00-17:30 (hours past midnight: two"
            " entries, until 24:00 and from 00:00)"
        )


@dataclass(frozen=True, slots=True)
class OfficeHours:
    spans: tuple[tuple[int, int, int], ...] = ()
    """Weekday (Monday is 0), first minute of the day, minute at which the office closes."""
    closed_days: Container[date] = ()

    def is_after_hours(self, moment: datetime) -> bool:
        """Return whether the office is closed at a moment of its own time zone.

        Without hours in the settings it is never known to be closed.
        """
        if not self.spans:
            return False
        if moment.date() in self.closed_days:
            return True
        minute = moment.hour * 60 + moment.minute
        return not any(
            day == moment.weekday() and begin <= minute < end for day, begin, end in self.spans
        )


def parse_office_hours(texts: Iterable[str], closed_days: Container[date] = ()) -> OfficeHours:
    """Return the hours of the settings. Raises ``OfficeHoursError``."""
    return OfficeHours(tuple(span for text in texts for span in _spans(text)), closed_days)


def _spans(text: str) -> list[tuple[int, int, int]]:
    found = _ENTRY.fullmatch(" ".join(text.lower().split()))
    if found is None:
        raise OfficeHoursError(text)
    first, last, *numbers = found.groups()
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
        raise OfficeHoursError(text)
    hours = [int(number) for number in numbers]
    begin, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if hours[1] > 59 or hours[3] > 59 or not begin < end <= _DAY_MINUTES:
        raise OfficeHoursError(text)
    first_day, last_day = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    days = (last_day - first_day) % len(WEEKDAYS) + 1
    return [((first_day + day) % len(WEEKDAYS), begin, end) for day in range(days)]
