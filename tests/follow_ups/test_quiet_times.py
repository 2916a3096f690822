"""When a customer is not called: sleeping hours where they live, Nowruz, closed days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.follow_ups.quiet_times import (
    CALLS_FROM,
    CALLS_UNTIL,
    NOWRUZ_DAYS,
    QuietReason,
    is_nowruz,
    why_quiet,
    zone_of,
)

OFFICE = ZoneInfo("Asia/Tehran")
ATHENS = ZoneInfo("Europe/Athens")
GREEK, IRANIAN, SYDNEY = "+306971234567", "+989121234567", "+61412345678"


def reason(now: datetime, **more: object) -> QuietReason | None:
    quiet = why_quiet(now, OFFICE, **more)  # type: ignore[arg-type]
    return None if quiet is None else quiet.reason


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"),
    [(8, 59, True), (9, 0, False), (20, 59, False), (21, 0, True)],
)
def test_calls_are_made_from_nine_to_nine_where_the_customer_lives(
    hour: int, minute: int, quiet: bool
) -> None:
    there = datetime(2026, 6, 3, hour, minute, tzinfo=ATHENS)
    assert (reason(there, number=GREEK) is QuietReason.SLEEPING) is quiet


def test_the_zone_is_that_of_the_number_and_else_of_the_office() -> None:
    noon = datetime(2026, 6, 3, 12, tzinfo=OFFICE)
    assert reason(noon, number=IRANIAN) is None
    assert reason(noon, number=SYDNEY) is None
    assert reason(noon + timedelta(hours=4), number=SYDNEY) is QuietReason.SLEEPING
    assert reason(noon + timedelta(hours=4)) is None
    assert zone_of("+3571234567", OFFICE).key == "Asia/Nicosia"


def test_a_sleeping_customer_can_be_called_next_morning() -> None:
    quiet = why_quiet(datetime(2026, 6, 3, 23, tzinfo=ATHENS), OFFICE, number=GREEK)
    assert quiet is not None
    assert quiet.until == datetime(2026, 6, 4, 9, tzinfo=ATHENS)
    early = why_quiet(datetime(2026, 6, 3, 3, tzinfo=ATHENS), OFFICE, number=GREEK)
    assert early is not None
    assert early.until == datetime(2026, 6, 3, 9, tzinfo=ATHENS)


@pytest.mark.parametrize(("after", "quiet"), [(-1, False), (0, True), (12, True), (13, False)])
def test_no_sale_is_made_in_the_thirteen_days_of_nowruz(after: int, quiet: bool) -> None:
    day = date(2026, 3, 21) + timedelta(days=after)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=OFFICE)
    assert is_nowruz(day) is quiet
    assert NOWRUZ_DAYS == 13
    assert (reason(noon, number=IRANIAN) is QuietReason.NOWRUZ) is quiet
    assert (reason(noon, language="fa", number=GREEK) is QuietReason.NOWRUZ) is quiet
    assert reason(noon, number=IRANIAN, sale=False) is None
    assert reason(noon, number=GREEK, language="el") is None


def test_no_customer_is_called_on_a_day_on_which_the_office_is_closed() -> None:
    noon = datetime(2026, 12, 25, 12, tzinfo=OFFICE)
    closed = frozenset({noon.date()})
    assert reason(noon, closed_days=closed) is QuietReason.OFFICE_CLOSED
    assert reason(noon + timedelta(days=1), closed_days=closed) is None


@given(
    st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1950 < at.year < 2060),
    st.sampled_from(["", GREEK, IRANIAN, SYDNEY, "+1"]),
    st.sampled_from(["", "fa", "el", "en"]),
    st.booleans(),
)
def test_customers_to_be_called_are_awake_by_the_clock_of_their_country(
    moment: datetime, number: str, language: str, sale: bool
) -> None:
    now = moment
    quiet = why_quiet(now, OFFICE, number=number, language=language, sale=sale)
    there = now.astimezone(zone_of(number, OFFICE))
    if quiet is None:
        assert CALLS_FROM <= there.time() < CALLS_UNTIL
    elif quiet.until is not None:
        assert quiet.until > now
