"""Checks of the settings about the office's own calendar."""

from screenpop.follow_ups.closed_days import parse_closed_days
from screenpop.follow_ups.office_hours import parse_office_hours


def check_closed_days(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return the value. Raises ``ClosedDayError``."""
    parse_closed_days(value)
    return value


def check_office_hours(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return the value. Raises ``OfficeHoursError``."""
    parse_office_hours(value)
    return value
