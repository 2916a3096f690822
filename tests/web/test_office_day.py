"""The office's day begins at its own midnight, also on days of 23 and 25 hours."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from screenpop.web.office_day import day_bounds


@pytest.mark.parametrize(
    ("zone", "now", "begins", "hours"),
    [
        ("UTC", "2026-11-29T03:00", "2026-11-29T00:00", 24),
        ("Asia/Tehran", "2026-11-29T20:29", "2026-11-28T20:30", 24),
        ("Asia/Tehran", "2026-11-29T20:30", "2026-11-29T20:30", 24),
        # Athens: 03:00 becomes 04:00 in spring, 04:00 becomes 03:00 in autumn.
        ("Europe/Athens", "2026-03-29T12:00", "2026-03-28T22:00", 23),
        ("Europe/Athens", "2026-10-25T12:00", "2026-10-24T21:00", 25),
        # Beirut skips its midnight in spring: the day begins at 01:00 by the clock.
        ("Asia/Beirut", "2026-03-29T12:00", "2026-03-28T22:00", 23),
        # Havana has its midnight twice in autumn: the first one counts.
        ("America/Havana", "2026-11-01T12:00", "2026-11-01T04:00", 25),
    ],
)
def test_day_bounds_are_the_local_midnights_around_a_moment(
    zone: str, now: str, begins: str, hours: int
) -> None:
    since, until = day_bounds(_moment(now), ZoneInfo(zone))
    assert datetime.fromtimestamp(since, UTC).isoformat()[:16] == begins
    assert until - since == hours * 3600


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
