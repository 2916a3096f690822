"""Two real web processes answer for each other, also for one that is killed in the middle."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from screenpop.app.data_dir import read_or_create_token
from screenpop.store.engine.database import migrate
from tests.importing.import_setup import many
from tests.store.throwaway_postgres import throwaway_postgres
from tests.whole_office.processes import Part, office, office_settings, start_redis
from tests.whole_office.simulated_pbx import Account

pytestmark = [pytest.mark.anyio, pytest.mark.postgres, pytest.mark.timeout(300)]

WITHIN_S = 120.0
ROWS = 8_000


@dataclass
class TwoWebs:
    database: str
    parts: list[Part]
    webs: list[httpx.AsyncClient]

    async def until(self, web: int, job: str, is_so: Callable[[Any], bool]) -> Any:
        """Return the state of an import at a web process, once it is so."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                seen = (await self.webs[web].get(f"/api/v1/imports/{job}")).json()
                if is_so(seen):
                    return seen
                await asyncio.sleep(0.2)

    async def do(self, web: int, path: str) -> Any:
        answer = await self.webs[web].post(f"/api/v1/imports/{path}", json={})
        assert answer.status_code == 202, answer.text
        return answer.json()


@pytest.fixture
async def here() -> AsyncGenerator[TwoWebs]:
    with throwaway_postgres(60) as url, office() as started:
        await asyncio.to_thread(migrate, url)
        account = Account(1, "nobody", "no PBX is reached")
        redis = start_redis(started)
        started.settings = office_settings(started.folder, account, url, redis, "UTC")
        parts = [started.screenpop(f"web {number}", "web") for number in (1, 2)]
        for part in parts:
            await asyncio.to_thread(part.wait_until_ready, "/healthz")
        token = read_or_create_token(Path(started.settings["SCREENPOP_DATA_DIR"]))
        webs = [
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{part.port}",
                headers={"Authorization": f"Bearer {token}"},
                timeout=60,
            )
            for part in parts
        ]
        yield TwoWebs(url, parts, webs)
        for web in webs:
            await web.aclose()


@pytest.mark.long
async def test_import_of_a_web_process_that_is_killed_is_stopped_and_undone_at_the_other(
    here: TwoWebs,
) -> None:
    answer = await here.webs[0].post(
        "/api/v1/imports?name=people.csv",
        content=many(ROWS).encode(),
        headers={"Content-Type": "application/octet-stream"},
    )
    assert answer.status_code == 201, answer.text
    job = answer.json()["id"]
    await here.do(1, f"{job}/check")
    checked = await here.until(0, job, lambda seen: seen["stage"] == "checked")
    assert checked["counts"]["new"] == ROWS
    rows = await here.webs[0].get(f"/api/v1/imports/{job}/report/new")
    assert len(rows.json()["rows"]) == 500

    await here.do(0, f"{job}/start")
    running = await here.until(1, job, lambda seen: seen["counts"]["new"] > 0)
    assert (running["stage"], running["busy"]) == ("importing", True)
    here.parts[0].kill()
    stopped = await here.until(1, job, lambda seen: not seen["busy"])
    assert (stopped["stage"], stopped["problem"]["code"]) == ("refused", "died")
    [batch] = (await here.webs[1].get("/api/v1/imports")).json()["imports"]
    assert batch["state"] in {"cancelled", "broken_off"}
    undone = await here.do(1, f"batches/{batch['id']}/undo")
    ended = await here.until(1, undone["id"], lambda seen: not seen["busy"])
    assert (ended["stage"], ended["gone"]) == ("undone", batch["added"])
    assert 0 < ended["gone"] < ROWS


@pytest.mark.long
async def test_wrong_passwords_at_either_process_are_counted_in_one_place(here: TwoWebs) -> None:
    for turn in range(4):
        web = here.webs[turn % 2]
        web.headers.pop("Authorization", None)
        page = await web.get("/login")
        form = page.text.partition('name="csrf" value="')[2].partition('"')[0]
        answer = await web.post(
            "/login", data={"csrf": form, "username": "nobody", "password": "wrong"}
        )
        assert answer.status_code == 401, answer.text
    connection = await asyncpg.connect(here.database)
    try:
        wrong = await connection.fetch("SELECT key, wrong, tries FROM login_counters")
    finally:
        await connection.close()
    assert [(row["wrong"], row["tries"]) for row in wrong] == [(4, 4)] * 3
    assert hashlib.sha256(b"account\0nobody").hexdigest() in {row["key"] for row in wrong}
