"""Start and end of the current day in the office's time zone."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def day_bounds(now_ts: float, zone: ZoneInfo) -> tuple[float, float]:
    """Return the last and the next local midnight, in seconds since 1970 (UTC).

    A midnight skipped by daylight saving is the moment of the change; of a midnight that occurs
    twice the first is used.
    """
    today = datetime.fromtimestamp(now_ts, UTC).astimezone(zone).date()
    begins = datetime.combine(today, time(), zone)
    ends = datetime.combine(today + timedelta(days=1), time(), zone)
    return begins.timestamp(), ends.timestamp()
