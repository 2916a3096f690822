"""The report "popup before pickup" as page and API: for supervisors, in each language."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from screenpop.calls.events import Disposition
from screenpop.reports.popup import BIN_EDGES_S, Distribution, Step
from screenpop.web.reports.popup_view import CHART_HEIGHT, CHART_WIDTH, chart_bars, chart_ticks
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import NOON, keep, record
from tests.web.test_real_pages import check

pytestmark = pytest.mark.anyio

DAYS = {"since": "2025-12-01", "until": "2025-12-01"}


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path_factory.mktemp("reports"), real_pages=True) as up:
        await keep(
            up.database,
            record(1),
            record(2, at=NOON + 60, endpoint="999", queue=""),
            record(3, disposition=Disposition.NO_ANSWER),
            record(4, at=NOON - 86_400, endpoint="999"),
        )
        yield up


async def test_the_api_counts_answered_calls_and_names_the_others_with_their_reason(
    office: Running,
) -> None:
    async with await office.client("sue") as sue:
        report = (await sue.get("/api/v1/reports/popup", params=DAYS)).json()
        assert report["total"]["answered"] == 2
        assert sum(report["failed"].values()) == 2 - report["total"]["before"]
        assert report["failed"]["no_agent"] == 1
        assert report["before"] == {"answered": 1, "before": 0, "part": 0.0}
        assert {row["name"] for row in report["queues"]} == {"", "support"}
        assert {row["hour"] for row in report["hours"]} == {report["hours"][0]["hour"]}
        assert report["steps"]["answered"]["p50"] == 4.0
        newest = report["failed_calls"][0]
        assert newest["reason"] == "no_agent"
        assert (await sue.get(f"/calls/{newest['id']}")).status_code == 200


async def test_the_page_is_there_with_and_without_calls_in_each_language(office: Running) -> None:
    async with await office.client("sue") as sue:
        for language in ("en", "fa", "el"):
            csrf = csrf_of((await sue.get("/me")).text)
            await sue.post("/me", data={"csrf": csrf, "language": language})
            for days in (DAYS, {"since": "1399/01/01", "until": "1399/01/02"}):
                answer = await sue.get("/reports/popup", params=days)
                assert answer.status_code == 200
                check(office, "/reports/popup", answer.text, language)
        page = (await sue.get("/reports/popup", params=DAYS)).text
        assert page.count('class="answered" x=') == 1
        assert "\u202eMallory" not in page


@pytest.mark.parametrize(
    ("days", "problem"),
    [
        ({"since": "yesterday"}, "since"),
        ({"until": "2025-02-30"}, "until"),
        ({"since": "2025-12-02", "until": "2025-12-01"}, "period_reversed"),
        ({"since": "1925-12-02", "until": "2025-12-01"}, "period_too_long"),
    ],
)
async def test_days_that_make_no_period_are_refused_and_kept_in_the_form(
    office: Running, days: dict[str, str], problem: str
) -> None:
    async with await office.client("sue") as sue:
        answer = await sue.get("/api/v1/reports/popup", params=days)
        assert answer.status_code == 422
        refusal = answer.json()
        fields = [error["field"] for error in refusal.get("errors", ())]
        assert refusal["code"] == problem or (refusal["code"], fields) == ("bad_request", [problem])
        page = await sue.get("/reports/popup", params=days)
        assert page.status_code == 422
        assert 'role="alert"' in page.text
        for typed in days.values():
            assert f'value="{typed}"' in page.text


async def test_reports_are_for_supervisors_only(office: Running) -> None:
    async with await office.client("alice") as alice:
        for path in ("/reports/popup", "/api/v1/reports/popup"):
            assert (await alice.get(path)).status_code == 403
        assert "/reports" not in (await alice.get("/calls")).text
    async with office.browser() as stranger:
        assert (await stranger.get("/reports/popup")).status_code == 303
        assert (await stranger.get("/api/v1/reports/popup")).status_code == 401


async def test_the_board_counts_the_popups_of_the_day(office: Running) -> None:
    async with await office.client("sue") as sue:
        today = (await sue.get("/api/v1/board")).json()
    assert {"popup_answered", "popup_before"} <= set(today)
    assert today["popup_before"] <= today["popup_answered"] <= today["answered"]


def test_the_bars_of_both_steps_are_side_by_side_and_inside_the_picture() -> None:
    bins = [0] * (len(BIN_EDGES_S) + 1)
    painted = Distribution(4, 0.1, 0.1, 0.1, (4, *bins[1:]))
    taken = Distribution(4, 70, 70, 70, (*bins[:-1], 4))
    first, last = chart_bars({Step.PAINTED: painted, Step.ANSWERED: taken})
    assert (first["y"], first["height"]) == (last["y"], last["height"]) == (0, CHART_HEIGHT)
    assert first["x"] >= 0  # type: ignore[operator]
    assert last["x"] + last["width"] <= CHART_WIDTH  # type: ignore[operator]
    both = chart_bars({Step.PAINTED: painted, Step.ANSWERED: painted})
    assert both[0]["x"] + both[0]["width"] <= both[1]["x"] + 0.11  # type: ignore[operator]
    assert chart_bars({}) == []
    assert all(0 < tick["x"] < CHART_WIDTH for tick in chart_ticks())  # type: ignore[operator]
