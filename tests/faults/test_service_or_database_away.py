"""The real server while it, or its PostgreSQL, is away for a while."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.engine import Row, make_url
from websockets.asyncio.client import ClientConnection, connect

from screenpop.simulator.call_script import ScriptedCall
from screenpop.store.engine.database import opened
from screenpop.store.schema.tables import calls
from tests.faults.fault_proxy import FaultProxy
from tests.faults.kills import Office, office, server
from tests.store.needed_postgres import ensure_for_tests
from tests.store.throwaway_postgres import throwaway_postgres

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]  # two starts on a busy machine

A_LONG_TIME_S = 3600.0
PHONE = "101"


@pytest.fixture
def postgres() -> Generator[str]:
    """The URL of a server that no other test uses."""
    ensure_for_tests()
    with throwaway_postgres() as url:
        yield url


def ring(place: Office, number: str) -> str:
    """Ring at the agent's phone until the test ends it. Returns the call's Linkedid."""
    call = ScriptedCall(number=number, to=(PHONE,), ring_s=A_LONG_TIME_S, talk_s=A_LONG_TIME_S)
    return place.stage.start(call)


def socket_in(folder: Path) -> str:
    """Return the path of the socket of a PostgreSQL server, beside its lock file."""
    (found,) = (path for path in folder.glob(".s.PGSQL.*") if path.suffix != ".lock")
    return str(found)


@asynccontextmanager
async def page_of(place: Office, name: str) -> AsyncIterator[ClientConnection]:
    async with connect(
        f"ws://127.0.0.1:{place.port}/ws/v1",
        additional_headers={"Cookie": place.cookies[name]},
        ping_interval=None,
        proxy=None,
    ) as page:
        hello = {"type": "hello", "last": None, "tab": "t", "build": "-"}
        await page.send(orjson.dumps(hello).decode())
        yield page


async def card_on(page: ClientConnection, *, is_known: bool) -> dict[str, Any]:
    """Return the first ringing card with records, or one that reports that there are none."""
    async with asyncio.timeout(60):
        while True:
            message: dict[str, Any] = orjson.loads(await page.recv())
            if message["type"] == "hb":
                await page.send('{"type":"hb"}')
            if "seq" in message:
                await page.send(orjson.dumps({"type": "ack", "seq": message["seq"]}).decode())
            cards: list[dict[str, Any] | None] = message.get("cards", [message.get("card")])
            for card in cards:
                if card is None or card["state"] != "ringing" or card["match"] == "pending":
                    continue
                if (card["match"] != "unreachable") is is_known:
                    return card


async def row_of(url: str, *, ended: bool) -> Row[Any]:
    """Wait for the row of the only call of the office."""
    query = select(calls).where(calls.c.pbx == "office")
    async with opened(url) as database, asyncio.timeout(60):
        while True:
            async with database.reading() as connection:
                rows = (await connection.execute(query)).all()
            if rows and (rows[0].disposition != "in_progress") is ended:
                assert len(rows) == 1
                return rows[0]
            await asyncio.sleep(0.05)


async def test_a_call_that_ends_while_the_server_is_down_has_its_row_marked_as_estimated(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, seed=8) as place:
        async with server(place) as process:
            call = ring(place, "09121234567")
            row = await row_of(place.database_url, ended=False)
            assert row.disposition == "in_progress"
            process.kill()
            await process.wait()
        await place.stage.finish_all()
        async with server(place):
            row = await row_of(place.database_url, ended=True)
    assert (row.linkedid, row.estimated) == (call, True)
    assert row.disposition != "in_progress"


async def test_a_server_that_stood_still_mid_ring_has_one_row_and_the_right_end(
    tmp_path: Path,
) -> None:
    async with (
        office(tmp_path, seed=8) as place,
        server(place) as process,
        page_of(place, "maryam") as page,
    ):
        ring(place, place.known[0])
        await card_on(page, is_known=True)
        os.kill(process.pid, signal.SIGSTOP)
        await place.stage.finish_all()
        os.kill(process.pid, signal.SIGCONT)
        row = await row_of(place.database_url, ended=True)
    assert row.disposition == "answered"
    assert not row.estimated


@pytest.mark.postgres
async def test_cards_go_on_while_postgresql_is_away_and_the_log_is_written_when_it_is_back(
    tmp_path: Path, postgres: str
) -> None:
    behind = make_url(postgres)
    line = FaultProxy(path=socket_in(Path(unquote(str(behind.query["host"])))))
    async with line:
        url = f"postgresql://{behind.username}@127.0.0.1:{line.port}/{behind.database}"
        async with (
            office(tmp_path, seed=9, url=url) as place,
            server(place),
            page_of(place, "maryam") as page,
        ):
            line.is_down = True
            line.cut()
            call = ring(place, place.known[0])
            card = await card_on(page, is_known=False)
            assert card["call"] == call
            await place.stage.finish_all()
            line.is_down = False
            row = await row_of(postgres, ended=True)
            assert (row.linkedid, row.disposition) == (call, "answered")
            # The records are asked again for the next call.
            ring(place, place.known[0])
            card = await card_on(page, is_known=True)
            assert card["call"] != call
    log = (tmp_path / "server.log").read_text(errors="replace")
    assert "Traceback" not in log, log[-3000:]
