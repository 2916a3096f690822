"""Times of the PBX's files: the night of two o'clocks, other zones, and what is no time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from screenpop.audit.file_times import (
    EARLIEST,
    LATEST,
    OtherZoneError,
    check_zone,
    parse_file_time,
    time_of_unique_id,
)

ATHENS, TEHRAN = ZoneInfo("Europe/Athens"), ZoneInfo("Asia/Tehran")
FIRST = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()
"""03:30 in Athens, before the clocks are set back at 04:00; an hour later it is 03:30 again."""


@pytest.mark.parametrize(
    ("unique_id", "at"),
    [
        (f"{FIRST:.0f}.1", FIRST),
        (f"{FIRST + 2:.0f}.1", FIRST),
        (f"{FIRST + 3:.0f}.1", FIRST + 3600),
        (f"tehran-1-{FIRST + 3600:.0f}.17", FIRST + 3600),
        (f"{FIRST + 9000:.0f}.1", FIRST + 3600),
        ("", FIRST),
        ("NONE", FIRST),
    ],
)
def test_hour_that_comes_twice_is_that_of_the_unique_id(unique_id: str, at: float) -> None:
    assert parse_file_time("2026-10-25 03:30:00", ATHENS, unique_id) == at


def test_hour_that_is_left_out_in_spring_is_a_time() -> None:
    assert parse_file_time("2026-03-29 03:30:00", ATHENS) == 1774744200.0


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (" 1796017502 ", 1796017502.0),
        ("1796017502.25", 1796017502.25),
        ("2026-11-30T05:45:02Z", 1796017502.0),
        ("2026-11-30 09:15:02", 1796017502.0),
        (f"{EARLIEST:.0f}", EARLIEST),
        (f"{EARLIEST - 1:.0f}", None),
        (f"{LATEST - 1:.0f}", LATEST - 1),
        (f"{LATEST:.0f}", None),
        ("0001-01-01 00:00:00", None),
        ("9999-12-31 23:59:59", None),
        ("99999999999999", None),
        ("12:30", None),
        ("۱۷۹۶۰۱۷۵۰۲", None),
        ("nan", None),
        ("", None),
    ],
)
def test_time_of_a_file_is_of_this_century_or_none(text: str, at: float | None) -> None:
    assert parse_file_time(text, TEHRAN) == at


@pytest.mark.parametrize(
    ("unique_id", "at"),
    [
        ("1796017502.1", 1796017502.0),
        ("pbx-1796017502.123", 1796017502.0),
        ("1796017502", None),
        ("x1796017502.1", None),
        ("17960175.1", None),
        ("", None),
    ],
)
def test_unique_id_of_asterisk_begins_with_its_second(unique_id: str, at: float | None) -> None:
    assert time_of_unique_id(unique_id) == at


def test_file_in_another_zone_is_refused_with_the_difference() -> None:
    began = 1796017502.0
    ids = [f"{began + n:.0f}.{n}" for n in range(4)]
    right = [(began + n + 5, ids[n]) for n in range(4)]
    check_zone(right, TEHRAN)
    check_zone([], TEHRAN)
    check_zone([(began - 12_600, "no id of Asterisk")], TEHRAN)
    late = [(at - 12_600, name) for at, name in right]
    with pytest.raises(OtherZoneError, match=r"3:30 h earlier.*--times-in UTC"):
        check_zone(late, TEHRAN)
    with pytest.raises(OtherZoneError, match=r"1:00 h later"):
        check_zone([(at + 3600, name) for at, name in right], TEHRAN)
    check_zone(right[:2] + late[:2], TEHRAN)  # Half of them is no zone.
    with pytest.raises(OtherZoneError):
        check_zone(right[:1] + late[:2], TEHRAN)
    check_zone([(began + 449, ids[0])], TEHRAN)
    with pytest.raises(OtherZoneError):
        check_zone([(began + 451, ids[0])], TEHRAN)
