"""The described reports as pages, API and workbook."""

import io
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from screenpop.customers.models import CustomerId
from screenpop.exporting.client import ExportService
from screenpop.web.reports.all_reports import REPORTS
from screenpop.web.reports.period import REPORT_CODES
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import NOON, add_customer, keep, record
from tests.web.test_real_pages import check

pytestmark = pytest.mark.anyio

DAYS = {"since": "2025-12-01", "until": "2025-12-01"}
DESCRIBED = REPORT_CODES[2:]


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    folder = tmp_path_factory.mktemp("reports")
    export = ExportService(f"sqlite:///{folder / 'web.db'}", folder)
    async with running(prepared, folder, real_pages=True, export=export) as up:
        customer: CustomerId = await add_customer(up.database)
        await keep(
            up.database,
            record(1, customer=customer),
            record(2, at=NOON + 60, withheld=True),
            record(3, at=NOON - 86_400),
        )
        yield up


def test_every_report_has_a_link_and_a_source() -> None:
    assert tuple(REPORTS) == REPORT_CODES


async def test_reports_are_there_in_each_language(office: Running) -> None:
    async with await office.client("sue") as sue:
        for language in ("en", "fa", "el"):
            csrf = csrf_of((await sue.get("/me")).text)
            await sue.post("/me", data={"csrf": csrf, "language": language})
            for code in DESCRIBED:
                for days in (DAYS, {"since": "1399/01/01", "until": "1399/01/02"}):
                    answer = await sue.get(f"/reports/{code}", params=days)
                    assert answer.status_code == 200, code
                    check(office, f"/reports/{code}", answer.text, language)


async def test_the_api_has_the_figures_of_the_days_before(office: Running) -> None:
    async with await office.client("sue") as sue:
        found = (await sue.get("/api/v1/reports/numbers", params=DAYS)).json()
        assert found["figures"]["calls"] == {"value": 2, "before": 1, "unit": "count"}
        callers = {row["recognition"]: row for row in found["tables"]["callers"]}
        assert callers["customer"]["calls"] == 1
        assert callers["withheld"]["calls"] == 1
        # Yesterday's call had the number of a customer, and no customer was chosen.
        assert (callers["shared"]["calls"], callers["shared"]["calls_before"]) == (0, 1)
        for code in DESCRIBED:
            answer = await sue.get(
                f"/api/v1/reports/{code}", params={**DAYS, "calendar": "persian"}
            )
            assert set(answer.json()) == {"since", "until", "figures", "tables"}, code
        assert (await sue.get("/api/v1/reports/agents?calendar=lunar")).status_code == 422


async def test_each_report_is_a_workbook_with_a_sheet_for_each_table(office: Running) -> None:
    async with await office.client("sue") as sue:
        csrf = csrf_of((await sue.get("/me")).text)
        for code in ("calls", "numbers"):
            answer = await sue.post(f"/reports/{code}/export", data={"csrf": csrf, **DAYS})
            assert answer.status_code == 200, answer.text
            book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
            sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
            assert len(sheets) == {"calls": 4, "numbers": 3}[code]
            assert all(cell for sheet in sheets for cell in sheet[0])
            if code == "calls":
                # The last two are a share in percent, and seconds as a length of time.
                assert sheets[0][1][1:7] == [2, 2, 0, 0, 1.0, 1.0]
                assert sheets[0][1][7] == timedelta(seconds=4)
        assert (await sue.post("/reports/calls/export", data=DAYS)).status_code == 403


async def test_reports_are_for_supervisors_and_their_days_are_checked(office: Running) -> None:
    async with await office.client("alice") as alice:
        csrf = csrf_of((await alice.get("/me")).text)
        for code in REPORT_CODES:
            for path in (f"/reports/{code}", f"/api/v1/reports/{code}"):
                assert (await alice.get(path)).status_code == 403, path
            answer = await alice.post(f"/reports/{code}/export", data={"csrf": csrf})
            assert answer.status_code == 403
    async with office.browser() as stranger:
        assert (await stranger.get("/reports/agents")).status_code == 303
        assert (await stranger.get("/api/v1/reports/agents")).status_code == 401
    async with await office.client("sue") as sue:
        csrf = csrf_of((await sue.get("/me")).text)
        for path in ("/reports/agents", "/api/v1/reports/agents"):
            for days in ({"since": "1925-01-01"}, {"since": "x"}, {"until": "2020-01-01", **DAYS}):
                wanted = 200 if days.get("until") == "2025-12-01" else 422
                assert (await sue.get(path, params=days)).status_code == wanted
        data = {"csrf": csrf, "since": "1925-01-01"}
        assert (await sue.post("/reports/agents/export", data=data)).status_code == 422
        for path in ("/reports/nothing", "/api/v1/reports/nothing"):
            assert (await sue.get(path)).status_code == 404


async def test_profit_is_for_departments_that_see_prices(office: Running) -> None:
    days = {"since": "2025-01-01", "until": "2025-12-01"}
    async with await office.client("sue") as sue, await office.client("adam") as adam:
        for code, table in (("lines", "line_profit"), ("trips", "trip_amounts")):
            path = f"/api/v1/reports/{code}"
            assert table not in (await sue.get(path, params=days)).json()["tables"]
            assert table in (await adam.get(path, params=days)).json()["tables"]
