"""Days that come back every year, and how long ago something was."""

from datetime import date


def next_birthday(birthday: date, today: date) -> date:
    """Today or the next day it is celebrated; who was born on 29 February waits for no leap year
    and celebrates on the 28th."""
    this_year = _in_year(birthday, today.year)
    return this_year if this_year >= today else _in_year(birthday, today.year + 1)


def whole_months(since: date, today: date) -> int:
    """Full months between two days; 0 for a day that has not come."""
    months = (today.year - since.year) * 12 + today.month - since.month
    return max(0, months - (today.day < since.day))


def _in_year(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)
