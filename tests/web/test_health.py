"""Up, ready, and how it is doing."""

import asyncio
from pathlib import Path

import pytest

from tests.web.running_server import TOKEN, Running

pytestmark = pytest.mark.anyio


async def test_it_is_up_and_ready(shared: Running) -> None:
    async with shared.browser() as anonymous:
        assert (await anonymous.get("/healthz")).text == "ok\n"
        ready = await anonymous.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"ready": True, "missing": {}})


async def test_a_missing_part_is_reported(server: Running) -> None:
    server.missing["pbx office"] = "connecting"
    proxied = {"X-Forwarded-For": "203.0.113.7"}
    async with server.browser() as here, server.browser(**proxied) as elsewhere:
        ready = await here.get("/readyz")
        assert ready.status_code == 503
        assert ready.json() == {"ready": False, "missing": {"pbx office": "connecting"}}
        ready = await elsewhere.get("/readyz")
        assert ready.status_code == 503
        assert ready.json() == {"ready": False, "missing": {"pbx office": "not ready"}}


async def test_unreachable_records_are_reported(server: Running, tmp_path: Path) -> None:
    nonsense = b"no database any more, but long enough to be looked at" * 20
    async with server.browser() as here:
        await server.database.close()
        await asyncio.to_thread((tmp_path / "web.db").write_bytes, nonsense)
        ready = await here.get("/readyz")
        assert ready.status_code == 503
        assert "database" in ready.json()["missing"]


async def test_numbers_are_for_this_machine_and_for_the_token(shared: Running) -> None:
    proxied = {"X-Forwarded-For": "203.0.113.7"}
    async with shared.browser() as here, shared.browser(**proxied) as elsewhere:
        metrics = await here.get("/metrics")
        assert metrics.status_code == 200
        assert "screenpop_browsers 0.0" in metrics.text
        assert (await elsewhere.get("/metrics")).status_code == 403
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        assert (await elsewhere.get("/metrics", headers=bearer)).status_code == 200
        wrong = {"Authorization": "Bearer wrong"}
        assert (await elsewhere.get("/metrics", headers=wrong)).status_code == 401
