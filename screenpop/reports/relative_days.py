"""Days that are named by today: so a saved view lists the last week whenever it is opened."""

from datetime import date, timedelta
from enum import StrEnum

from screenpop.customers.calendar_months import Calendar, month_start, year_start
from screenpop.reports.periods import Period


class RelativeDays(StrEnum):
    """Months and years are those of the page's calendar, up to today."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_7_DAYS = "last_7_days"
    """Today and the six days before."""
    LAST_30_DAYS = "last_30_days"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_YEAR = "this_year"


def relative_period(days: RelativeDays, today: date, calendar: Calendar) -> Period:
    """Return the days that are meant on a day."""
    match days:
        case RelativeDays.TODAY:
            return Period(today, today)
        case RelativeDays.YESTERDAY:
            return Period(today - timedelta(days=1), today - timedelta(days=1))
        case RelativeDays.LAST_7_DAYS:
            return Period(today - timedelta(days=6), today)
        case RelativeDays.LAST_30_DAYS:
            return Period(today - timedelta(days=29), today)
        case RelativeDays.THIS_MONTH:
            return Period(month_start(today, calendar), today)
        case RelativeDays.LAST_MONTH:
            last = month_start(today, calendar) - timedelta(days=1)
            return Period(month_start(last, calendar), last)
        case RelativeDays.THIS_YEAR:
            return Period(year_start(today, calendar), today)
