"""The report of calls as page and API."""

from collections.abc import AsyncGenerator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from screenpop.calls.events import Disposition
from screenpop.reports.calls import CallCounts, CallReport, CountedCalls, summarize_calls
from screenpop.reports.periods import Period
from screenpop.web.reports.call_view import DAYS_HEIGHT, DAYS_WIDTH, SHADES, day_bars, heat_map
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import NOON, keep, record
from tests.web.test_real_pages import check

pytestmark = pytest.mark.anyio

DAYS = {"since": "2025-12-01", "until": "2025-12-01"}


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path_factory.mktemp("calls"), real_pages=True) as up:
        await keep(
            up.database,
            record(1),
            record(2, at=NOON + 60, queue="<i>Mallory</i>"),
            record(3, disposition=Disposition.NO_ANSWER),
            record(4, at=NOON - 86_400),
        )
        yield up


async def test_the_api_counts_the_calls_of_a_day_and_of_the_day_before(office: Running) -> None:
    async with await office.client("sue") as sue:
        report = (await sue.get("/api/v1/reports/calls", params=DAYS)).json()
    assert report["total"] == {
        "offered": 3,
        "answered": 2,
        "missed": 1,
        "abandoned": 0,
        "answered_part": 2 / 3,
        "service_level": 2 / 3,
        "mean_wait_s": 4.0,
    }
    assert report["before"]["offered"] == 1
    assert [(row["name"], row["offered"]) for row in report["queues"]] == [
        ("support", 2),
        ("<i>Mallory</i>", 1),
    ]
    assert [day["day"] for day in report["days"]] == ["2025-12-01"]
    assert [(one["weekday"], one["offered"]) for one in report["hours"]] == [(0, 3)]


async def test_the_page_is_there_with_and_without_calls_in_each_language(office: Running) -> None:
    async with await office.client("sue") as sue:
        assert (await sue.get("/reports")).headers["location"] == "/reports/calls"
        for language in ("en", "fa", "el"):
            csrf = csrf_of((await sue.get("/me")).text)
            await sue.post("/me", data={"csrf": csrf, "language": language})
            for days in (DAYS, {"since": "1399/01/01", "until": "1399/01/02"}):
                answer = await sue.get("/reports/calls", params=days)
                assert answer.status_code == 200
                check(office, "/reports/calls", answer.text, language)
            weekdays = (await sue.get("/reports/calls", params=DAYS)).text.split("data-weekday=")
            assert weekdays[1].startswith('"5"' if language == "fa" else '"0"')


async def test_reports_of_calls_are_for_supervisors_only(office: Running) -> None:
    async with await office.client("alice") as alice:
        for path in ("/reports", "/reports/calls", "/api/v1/reports/calls"):
            assert (await alice.get(path)).status_code == 403
    async with office.browser() as stranger:
        assert (await stranger.get("/reports/calls")).status_code == 303
        assert (await stranger.get("/api/v1/reports/calls")).status_code == 401


async def test_a_century_of_calls_is_refused(office: Running) -> None:
    async with await office.client("sue") as sue:
        for path in ("/reports/calls", "/api/v1/reports/calls"):
            answer = await sue.get(path, params={"since": "1925-01-01"})
            assert answer.status_code == 422


def report_of(*counts: tuple[int, int]) -> CallReport:
    """Return a report with so many calls each hour of the first of March 2026."""
    rows = [(hour, CountedCalls("answered", calls, 0.0, 0)) for hour, calls in counts]
    counted = CallCounts(
        [(1_772_323_200 // 900 + hour * 4, one) for hour, one in rows],
        [(("pbx", "", ""), one) for _, one in rows],
    )
    day = date(2026, 3, 1)
    return summarize_calls(counted, Period(day, day), ZoneInfo("UTC"))


def test_the_shades_of_the_heat_map_follow_the_calls() -> None:
    heat = heat_map(report_of((9, 1), (10, 20), (12, 100)), 6)
    assert heat["hours"] == [9, 10, 11, 12]
    sunday = heat["rows"][0]  # type: ignore[index]
    assert sunday["weekday"] == 6
    assert [cell["shade"] for cell in sunday["cells"]] == [1, 1, 0, SHADES]
    assert heat_map(report_of(), 0)["hours"] == []


def test_the_bars_of_days_fill_the_picture_and_stay_inside() -> None:
    [bar] = day_bars(report_of((9, 3)))
    assert (bar["y_answered"], bar["answered"], bar["missed"]) == (0, DAYS_HEIGHT, 0)
    assert bar["x"] + bar["width"] <= DAYS_WIDTH  # type: ignore[operator]
    assert day_bars(report_of()) == []
