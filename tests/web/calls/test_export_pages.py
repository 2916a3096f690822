"""The call log as a sheet: the calls of the filters, for users who may export."""

import csv
import io
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from python_calamine import CalamineWorkbook

from screenpop.calls.events import Disposition
from screenpop.exporting.client import ExportService
from screenpop.store.accounts.teams import save_team
from screenpop.store.privacy.records import list_privacy_records
from screenpop.web.reports.all_reports import REPORTS
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import NOON, add_customer, keep, record

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    folder = tmp_path_factory.mktemp("calls")
    export = ExportService(f"sqlite:///{folder / 'web.db'}", folder)
    async with running(prepared, folder, real_pages=True, export=export) as up:
        customer = await add_customer(up.database)
        await keep(
            up.database,
            record(1, customer=customer),
            record(2, at=NOON + 60, withheld=True, queue="=1+1"),
            record(3, at=NOON + 120, disposition=Disposition.NO_ANSWER),
        )
        yield up


async def exported(browser: httpx.AsyncClient, **form: str) -> httpx.Response:
    token = csrf_of((await browser.get("/calls")).text)
    return await browser.post("/calls/export", data={"csrf": token, **form})


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.slow
async def test_the_sheet_has_the_calls_of_the_filters_and_hides_withheld_numbers(
    office: Running,
) -> None:
    async with await office.client("adam") as adam:
        everything = rows_of(await exported(adam, format="csv"))
        assert [row["Outcome"] for row in everything] == ["Not answered", "Answered", "Answered"]
        missed, withheld, known = everything
        assert (missed["Talk time (s)"], withheld["Talk time (s)"]) == ("", "56")
        assert withheld["Phone number"] == "Number withheld"
        assert "9123456789" not in str(withheld).replace(" ", "")
        assert withheld["Queue"] == "'=1+1"
        assert known["Customer"].startswith("Dr Laleh")
        assert known["Day"] == "2025-12-01"
        filtered = rows_of(
            await exported(adam, format="csv", disposition="answered", queue="support")
        )
        assert [row["Queue"] for row in filtered] == ["support"]
        book = CalamineWorkbook.from_filelike(
            io.BytesIO((await exported(adam, format="xlsx", card="late")).content)
        )
        [sheet] = book.sheet_names
        assert len(book.get_sheet_by_name(sheet).to_python()) == 3
    kinds = [one.figures["kind"] for one in await list_privacy_records(office.database)]
    assert sorted(map(str, kinds)) == ["csv+calls", "csv+calls", "xlsx+calls"]


async def test_a_wrong_value_or_format_is_refused(office: Running) -> None:
    async with await office.client("adam") as adam:
        for form in (
            {"format": "pdf"},
            {"format": "csv", "since": "soon"},
            {"format": "csv", "tier": "best"},
            {"format": "csv", "card": "early"},
            {"format": "csv", "queue": "q" * 81},
        ):
            assert (await exported(adam, **form)).status_code == 422, form
        assert (await adam.post("/calls/export", data={"format": "csv"})).status_code == 403


async def test_a_user_without_the_right_to_export_is_refused(office: Running) -> None:
    async with await office.client("alice") as alice:
        page = (await alice.get("/calls")).text
        assert "/calls/export" not in page
        assert (await exported(alice, format="csv")).status_code == 403


@pytest.mark.slow
@pytest.mark.defends("teams")
async def test_supervisor_of_a_team_exports_no_call_of_another_by_any_export(
    prepared: Path, tmp_path: Path
) -> None:
    export = ExportService(f"sqlite:///{tmp_path / 'web.db'}", tmp_path)
    async with (
        running(prepared, tmp_path, real_pages=True, export=export) as office,
        await office.client("sue") as sue,
    ):
        ours = record(1, endpoint="101", queue="of-alice")
        theirs = record(2, endpoint="102", queue="of-bob", at=NOON + 60)
        nobodys = record(3, endpoint="199", queue="of-all", at=NOON + 120)
        await keep(office.database, ours, theirs, nobodys)
        bob = str(office.id("bob"))
        whole = rows_of(await exported(sue, format="csv"))
        assert {row["Ουρά"] for row in whole} == {"of-alice", "of-bob", "of-all"}
        await save_team(office.database, None, "A", [office.id("alice")], [office.id("sue")])
        token = csrf_of((await sue.get("/calls")).text)
        for form in ({}, {"agent": bob}, {"queue": "of-bob"}, {"sort": "oldest"}, {"visible": ""}):
            found = rows_of(await exported(sue, format="csv", **form))
            assert "of-bob" not in str(found), form
        assert {row["Ουρά"] for row in rows_of(await exported(sue, format="csv"))} == {
            "of-alice",
            "of-all",
        }
        days = {"since": "2025-11-20", "until": "2025-12-10"}
        for code in REPORTS:
            answer = await sue.post(
                f"/reports/{code}/export", data={"csrf": token, "agents": bob, **days}
            )
            assert answer.status_code == 200, code
            book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
            cells = str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
            assert "Bob" not in cells, code
            assert "of-bob" not in cells, code
        assert "of-alice" in str(rows_of(await exported(sue, format="csv")))
