"""Anniversaries and full months between days."""

from datetime import date


def next_birthday(birthday: date, today: date) -> date:
    """Return the next birthday, today included; 29 February is celebrated on the 28th."""
    this_year = _in_year(birthday, today.year)
    return this_year if this_year >= today else _in_year(birthday, today.year + 1)


def whole_months(since: date, today: date) -> int:
    """Return full months between two days; 0 when ``since`` is in the future."""
    months = (today.year - since.year) * 12 + today.month - since.month
    return max(0, months - (today.day < since.day))


def _in_year(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)
