"""How far an export of the call log is, who may ask, and how it is cancelled."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from screenpop.calls.labels import LabelKind
from screenpop.exporting import client
from screenpop.exporting.client import ExportService
from screenpop.store.calls.call_filter import CallFilter, filter_to_json
from screenpop.store.calls.counts import count_calls
from screenpop.store.schema.process_tables import shared_jobs
from screenpop.store.schema.tables import calls
from screenpop.store.shared_jobs import STOPPED_AFTER_S, SharedJobs
from screenpop.web.export_port import CallListExportSpec, ExportProgress, ExportRefusedError
from screenpop.web.streaming_download import Kind
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio

CALLS = 4_000
"""More than a pipe takes, so that the process waits for a reader."""
JOB = "1:0123456789ab"


@pytest.fixture
def export(tmp_path: Path) -> ExportService:
    return ExportService(f"sqlite:///{tmp_path / 'web.db'}", tmp_path)


@pytest.fixture
async def office(prepared: Path, tmp_path: Path, export: ExportService) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True, export=export) as up:
        rows: list[dict[str, Any]] = [
            {
                "pbx": "office",
                "boot": "b",
                "linkedid": f"{n}.1",
                "direction": "inbound",
                "caller_kind": "number",
                "queue": "sales" if n % 4 else "support",
                "arrived_at": NOON + n,
                "ended_at": NOON + n + 9,
                "disposition": "abandoned",
                "answered_by": [],
                "kept_at": NOON,
            }
            for n in range(CALLS)
        ]
        async with up.database.writing() as connection:
            await connection.execute(insert(calls), rows)
        yield up


def order(file: Kind) -> CallListExportSpec:
    return CallListExportSpec(file, filter_to_json(CallFilter(queue="sales")), "UTC", "en", {}, JOB)


async def test_running_export_has_its_rows_and_is_cancelled(
    office: Running, export: ExportService
) -> None:
    assert await export.progress(JOB) is None
    assert not await export.cancel(JOB)
    chosen = await count_calls(office.database, CallFilter(queue="sales"))
    assert chosen == CALLS * 3 // 4
    labelled = CallFilter(labels={LabelKind.PURPOSE: 1}, search="nobody", tier="gold")
    assert await count_calls(office.database, labelled) == 0
    assert await count_calls(office.database, CallFilter()) == CALLS
    async with export(order("xlsx")) as pieces:
        # A workbook is written before its first byte.
        assert await export.progress(JOB) == ExportProgress(chosen, chosen)
        with pytest.raises(ExportRefusedError, match="busy"):
            async with export(order("csv")):
                pass
        assert len(b"".join([piece async for piece in pieces])) > 10_000
    assert await export.progress(JOB) is None
    async with export(order("csv")) as pieces:
        assert await export.cancel(JOB)
        with pytest.raises(ExportRefusedError):
            [piece async for piece in pieces]
    assert not await export.cancel(JOB)


async def test_export_of_another_web_process_has_its_rows_and_is_cancelled(
    office: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "REPORT_EVERY_S", 0.02)
    address = f"sqlite:///{tmp_path / 'web.db'}"
    one, two = [
        ExportService(address, tmp_path, SharedJobs(office.database, "export", name))
        for name in ("web-1", "web-2")
    ]
    left = SharedJobs(office.database, "export", "web-gone")
    await left.add("1:left", {"rows": 1, "total": 2}, is_worked_on=True)
    assert await two.progress("1:left") == ExportProgress(1, 2)
    older = update(shared_jobs).values(beat_at=shared_jobs.c.beat_at - STOPPED_AFTER_S)
    async with office.database.writing() as connection:
        await connection.execute(older)
    assert await two.progress("1:left") is None
    assert not await two.cancel("1:left")

    async with one(order("csv")) as pieces:
        async with asyncio.timeout(20):
            while (found := await two.progress(JOB)) is None or not found.total:
                pass
        assert found.total == CALLS * 3 // 4
        worker = one._jobs[JOB][1]
        assert await two.cancel(JOB)
        await worker.wait()
        with pytest.raises(ExportRefusedError):
            [piece async for piece in pieces]
    assert await two.progress(JOB) is None
    assert await left.all() == []


async def test_page_asks_for_and_cancels_its_own_exports_only(office: Running) -> None:
    async with await office.client("adam") as adam, await office.client("sue") as sue:
        token = csrf_of((await adam.get("/calls")).text)
        form = {"csrf": token, "format": "csv", "job": "0123456789ab"}
        path = "/api/v1/exports/0123456789ab"
        assert (await adam.get(path)).status_code == 404
        async with adam.stream("POST", "/calls/export", data=form) as answer:
            assert answer.status_code == 200
            while (progress := (await adam.get(path)).json())["total"] is None:
                pass  # Each answer comes from the server: nothing is waited for here.
            assert progress["total"] == CALLS
            assert 0 <= progress["rows"] <= CALLS
            assert (await sue.get(path)).status_code == 404
            assert (await sue.post(f"{path}/cancel", json={})).status_code == 404
            assert (await adam.post(f"{path}/cancel", data={"a": "form"})).status_code == 415
            assert (await adam.post(f"{path}/cancel", json={})).status_code == 200
            with pytest.raises(Exception, match=r"closed|incomplete"):
                [piece async for piece in answer.aiter_bytes()]
        for _ in range(200):
            if (await adam.get(path)).status_code == 404:
                break
            await asyncio.sleep(0.02)
        assert (await adam.post(f"{path}/cancel", json={})).status_code == 404
        for job in ("short", "x" * 41, "../../etc/passwd", "0123456789AB"):
            bad = await adam.post("/calls/export", data=form | {"job": job})
            assert bad.status_code == 422, job
        assert (await adam.get("/api/v1/exports/short")).status_code == 422
        assert (await adam.post("/calls/export", data=form | {"job": ""})).status_code == 200
    async with await office.client("alice") as alice:
        assert (await alice.get(path)).status_code == 403
