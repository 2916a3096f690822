"""The report of calls: sums by queue, line, hour and day, in the office's time zone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from screenpop.calls.events import Disposition
from screenpop.reports.calls import (
    QUARTER_S,
    CallCounts,
    CallFigures,
    CallReport,
    CountedCalls,
    summarize_calls,
)
from screenpop.reports.periods import Period

TEHRAN = ZoneInfo("Asia/Tehran")
ATHENS = ZoneInfo("Europe/Athens")
DAY = date(2026, 10, 25)


def quarter(at: datetime) -> int:
    return int(at.timestamp()) // QUARTER_S


@dataclass(frozen=True)
class Some:
    """Calls of one moment at one place."""

    at: datetime
    counted: CountedCalls
    did: str = "210"
    queue: str = "sales"


def some(
    at: datetime,
    *,
    did: str = "210",
    queue: str = "sales",
    disposition: Disposition = Disposition.ANSWERED,
    calls: int = 1,
    wait_s: float = 8.0,
    within: int = 1,
) -> Some:
    return Some(at, CountedCalls(disposition, calls, wait_s, within), did, queue)


def report_of(rows: Sequence[Some], period: Period, zone: ZoneInfo) -> CallReport:
    counts = CallCounts(
        [(quarter(row.at), row.counted) for row in rows],
        [(("office", row.did, row.queue), row.counted) for row in rows],
    )
    return summarize_calls(counts, period, zone)


def test_no_calls_have_no_shares_and_each_day_of_the_period_is_there() -> None:
    report = report_of([], Period(date(2026, 2, 27), date(2026, 3, 2)), TEHRAN)
    total = report.total
    assert (total.answered_part, total.service_level, total.mean_wait_s) == (None, None, None)
    assert len(report.by_day) == 4


def test_the_service_level_counts_missed_calls_as_not_answered_in_time() -> None:
    at = datetime(2026, 10, 25, 9, 0, tzinfo=ATHENS)
    report = report_of(
        [
            some(at, calls=3, within=2, wait_s=60.0),
            # They gave up within the target, which is no answer within it.
            some(at, calls=1, within=1, disposition=Disposition.ABANDONED),
            some(at, calls=1, within=0, disposition=Disposition.VOICEMAIL),
        ],
        Period(DAY, DAY),
        ATHENS,
    )
    assert report.total.service_level == 2 / 5
    assert report.total.answered_part == 3 / 5
    assert report.total.mean_wait_s == 20.0
    assert (report.total.missed, report.total.abandoned) == (2, 1)


def test_the_hour_that_occurs_twice_in_autumn_is_one_hour_of_the_day() -> None:
    first = datetime(2026, 10, 25, 3, 30, tzinfo=ATHENS)
    second = datetime(2026, 10, 25, 3, 30, tzinfo=ATHENS, fold=1)
    assert quarter(second) - quarter(first) == 4
    report = report_of([some(first), some(second)], Period(DAY, DAY), ATHENS)
    assert {key: one.offered for key, one in report.by_hour.items()} == {(6, 3): 2}


def test_a_quarter_of_an_hour_belongs_to_the_hour_of_a_zone_half_an_hour_off() -> None:
    for minute, hour in ((29, 8), (30, 9)):
        at = datetime(2026, 10, 25, 5, minute, tzinfo=ZoneInfo("UTC"))
        report = report_of([some(at)], Period(DAY, DAY), TEHRAN)
        assert list(report.by_hour) == [(6, hour)]


@given(
    st.lists(
        st.builds(
            some,
            st.datetimes(
                datetime(2026, 10, 20),  # noqa: DTZ001 - the strategy adds the zone
                datetime(2026, 10, 30),  # noqa: DTZ001
                timezones=st.just(TEHRAN),
            ),
            queue=st.sampled_from(["", "sales"]),
            did=st.sampled_from(["", "210", "211"]),
            disposition=st.sampled_from([*Disposition]),
            calls=st.integers(1, 9),
        ),
        max_size=30,
    )
)
def test_every_table_of_any_calls_adds_up_to_the_total(rows: list[Some]) -> None:
    report = report_of(rows, Period(date(2026, 10, 20), date(2026, 10, 30)), TEHRAN)
    total = report.total
    assert total.offered == sum(row.counted.calls for row in rows)
    assert total.answered + total.missed == total.offered
    for table in (report.by_queue, report.by_line, report.by_hour, report.by_day):
        added = CallFigures(
            sum(one.offered for one in table.values()),
            sum(one.answered for one in table.values()),
            sum(one.abandoned for one in table.values()),
            sum(one.answered_wait_s for one in table.values()),
            sum(one.answered_within for one in table.values()),
        )
        assert added == total  # waits are whole seconds, so their sums are exact
    by_disposition: Counter[str] = Counter()
    for row in rows:
        by_disposition[row.counted.disposition] += row.counted.calls
    assert total.answered == by_disposition[Disposition.ANSWERED]
    assert total.abandoned == by_disposition[Disposition.ABANDONED]
