"""When old data is deleted, and how old it is then."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from screenpop.customers.retention import contact_limit, is_run_due

TEHRAN = ZoneInfo("Asia/Tehran")


def at(*moment: int) -> float:
    """A moment of the office."""
    return datetime(*moment, tzinfo=TEHRAN).timestamp()  # type: ignore[arg-type,misc]


def test_the_limit_is_the_same_day_so_many_years_ago_in_the_zone_of_the_office() -> None:
    late = datetime(2028, 2, 28, 21, 0, tzinfo=UTC).timestamp()  # 29 February in Tehran
    limit = contact_limit(late, 3, TEHRAN)
    assert (limit.today, limit.day, limit.at) == (
        date(2028, 2, 29),
        date(2025, 3, 1),
        at(2025, 3, 1),
    )
    assert contact_limit(late, 4, TEHRAN).day == date(2024, 2, 29)


def test_a_run_is_due_once_a_night_or_when_the_server_was_off_by_night() -> None:
    noon = at(2026, 11, 30, 12)
    for now, last, due in (
        (noon, None, True),
        (at(2026, 11, 30, 0, 59), at(2026, 11, 29, 3), False),
        (at(2026, 11, 30, 1), at(2026, 11, 29, 3), True),
        (at(2026, 11, 30, 4, 59), at(2026, 11, 29, 3), True),
        (at(2026, 11, 30, 5), at(2026, 11, 29, 3), False),
        (at(2026, 11, 30, 4), at(2026, 11, 29, 16), True),  # twelve hours
        (at(2026, 11, 30, 4), at(2026, 11, 29, 16, 1), False),
        (noon, at(2026, 11, 29, 0), True),  # 36 hours
        (noon, at(2026, 11, 29, 0, 1), False),
    ):
        assert is_run_due(now, last, TEHRAN) is due, (now, last)
