"""``listen`` and ``web`` on a real PostgreSQL and a real Redis: one process owns the calls."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from websockets.exceptions import ConnectionClosed

from screenpop.app import listener, web_process
from screenpop.app.background_tasks import PartFailedError
from screenpop.app.listener import listen
from screenpop.app.scale_out import bus_of
from screenpop.app.web_process import running_web
from screenpop.demo.seed import seed_demo
from screenpop.settings import InvalidSettingsError, Settings, unread_pbx_secrets
from screenpop.store.engine.database import migrate, open_database
from tests.app.running_app import LALEH, NOW, Page, Served, client, page, simulating
from tests.redis_server import RedisServer, free_port, running_redis
from tests.store.throwaway_postgres import throwaway_postgres
from tests.web.running_server import plain_client

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]


@pytest.fixture(scope="module")
def postgres() -> Generator[str]:
    with throwaway_postgres() as url:
        migrate(url)

        async def fill() -> None:
            database = open_database(url)
            await seed_demo(database, today=NOW.date(), now=NOW.timestamp(), people=30)
            await database.close()

        asyncio.run(fill())
        yield url


@pytest.fixture(scope="module")
def redis() -> Generator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, postgres: str, redis: RedisServer) -> Settings:
    return simulating(tmp_path, database_url=postgres, redis={"url": redis.url})


@asynccontextmanager
async def listening(settings: Settings, port: int = 0) -> AsyncIterator[asyncio.Event]:
    """Run a listener; it stops when the event is set, at the latest at the end of the block."""
    stop = asyncio.Event()
    running = asyncio.create_task(listen(settings, stop, port))
    try:
        yield stop
    finally:
        stop.set()
        await running


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await condition():  # noqa: ASYNC110 -- asked over HTTP
            await asyncio.sleep(0.05)


async def figures(client: AsyncClient) -> dict[str, str]:
    lines = (await client.get("/metrics")).text.splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


async def has(client: AsyncClient, line: str) -> bool:
    """Return whether this line is among the figures."""
    return line in (await client.get("/metrics")).text.splitlines()


async def ring(web: Served, phone: str) -> str:
    async with client(web, "admin") as admin:
        asked = {"from": LALEH, "to": phone, "ring_s": 3, "outcome": "answered", "talk_s": 1}
        answer = await admin.post("/api/v1/simulated-calls", json=asked)
        assert answer.status_code < 300, answer.text
        call: str = answer.json()["call"]
        return call


async def open_page(closing: AsyncExitStack, web: Served, name: str) -> Page:
    """Open a page as a browser does: again and again until it is accepted."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await closing.enter_async_context(page(web, name))
            except ConnectionClosed:
                await asyncio.sleep(0.1)


async def recognised(shown: Page) -> dict[str, Any]:
    """Return the next card with a customer; the first revision may still wait for the records."""
    while True:
        card: dict[str, Any] = (await shown.next("card"))["card"]
        if card["match"] == "certain":
            return card


async def closed(shown: Page) -> None:
    """Wait until the server has closed the socket of a page."""
    with suppress(ConnectionClosed):
        while True:
            await shown.next("card")


@pytest.mark.slow
async def test_cards_notes_and_states_cross_the_processes(settings: Settings) -> None:
    async with AsyncExitStack() as closing:
        await closing.enter_async_context(listening(settings))
        one = await closing.enter_async_context(running_web(settings, 0))
        other = await closing.enter_async_context(running_web(settings, 0))
        maryam = await open_page(closing, one, "maryam")
        again = await open_page(closing, other, "maryam")
        sara = await open_page(closing, other, "sara")
        await sara.live()
        call = await ring(other, "101")
        card = await recognised(maryam)
        assert (await recognised(again))["id"] == card["id"]
        assert (await sara.next("call"))["call"]["id"]
        written = await maryam.ask("note", card=card["id"], text="wants Kish in spring")
        assert written["ok"] is True
        assert (await maryam.ask("pause", reason="lunch"))["ok"] is True
        await sara.agent("maryam", state="paused")
        async with client(other, "sara") as browser:
            states = (await browser.get("/api/v1/agents/availability")).json()["agents"]
            assert "paused" in {one["state"] for one in states if one["username"] == "maryam"}
            await maryam.card("wrap_up")
            logged = (await browser.get("/api/v1/calls")).json()["calls"]
            assert call in {one["call"] for one in logged}
        await maryam.ask("available")


@pytest.mark.slow
async def test_a_standby_takes_over_and_pages_come_back(settings: Settings) -> None:
    async with AsyncExitStack() as closing:
        first = await closing.enter_async_context(listening(settings))
        web = await closing.enter_async_context(running_web(settings, 0))
        maryam = await open_page(closing, web, "maryam")
        await maryam.live()
        await closing.enter_async_context(listening(settings))
        first.set()
        await closed(maryam)
        maryam = await open_page(closing, web, "maryam")
        await maryam.live()
        await ring(web, "101")
        await recognised(maryam)


@pytest.mark.slow
async def test_a_part_that_fails_ends_its_process_with_an_error(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No number of seconds: the parts that sleep for so long fail in their first turn.
    monkeypatch.setattr(listener, "FACTS_S", "a second")
    monkeypatch.setattr(web_process, "HIDDEN_FILES_S", "two seconds")
    async with asyncio.timeout(60):
        with pytest.raises(PartFailedError):
            await listener.listen(settings, asyncio.Event())
        with pytest.raises(PartFailedError):
            await web_process.serve_web(settings, 0)


@pytest.mark.slow
async def test_a_listener_is_ready_with_redis_and_a_web_process_without_it(
    settings: Settings, redis: RedisServer
) -> None:
    async with AsyncExitStack() as closing:
        port = free_port()
        await closing.enter_async_context(listening(settings, port))
        web = await closing.enter_async_context(running_web(settings, 0))
        owner = await closing.enter_async_context(plain_client(f"http://127.0.0.1:{port}"))
        browser = await closing.enter_async_context(plain_client(web.url))

        async def is_ready() -> bool:
            return (await owner.get("/readyz")).status_code == 200

        await until(partial(has, browser, "screenpop_bus_live 1.0"))
        await until(partial(has, owner, "screenpop_listener_active 1.0"))
        active, own = await figures(owner), await figures(browser)
        assert active["screenpop_ready"] == own["screenpop_ready"] == "1.0"
        assert float(active["screenpop_listener_epoch"]) >= 1
        assert active["screenpop_bus_connected"] == "1.0"
        assert float(own["screenpop_disk_free_bytes"]) <= float(own["screenpop_disk_size_bytes"])
        assert own["screenpop_call_log_failing"] == "0.0"
        await asyncio.to_thread(redis.kill)
        try:
            await until(partial(has, browser, "screenpop_bus_connected 0.0"))
            await until(partial(has, owner, 'screenpop_not_ready{reason="bus_unreachable"} 1.0'))
            away = await owner.get("/readyz")
            assert (away.status_code, list(away.json()["reasons"])) == (503, ["bus_unreachable"])
            assert (await browser.get("/readyz")).status_code == 200
        finally:
            await asyncio.to_thread(redis.start)
        await until(is_ready)


@pytest.mark.parametrize(
    ("more", "remedy"),
    [
        ({"redis": {"url": "redis://127.0.0.1:6379"}}, "screenpop serve"),
        ({"database_url": "postgresql://u:p@127.0.0.1/x"}, "url ="),
    ],
)
def test_several_processes_on_sqlite_or_without_redis_are_refused_with_the_remedy(
    tmp_path: Path, more: dict[str, Any], remedy: str
) -> None:
    with pytest.raises(InvalidSettingsError) as refused:
        bus_of(simulating(tmp_path, **more))
    assert remedy in refused.value.sentences[0]


def test_a_web_process_loads_settings_whose_ami_secret_it_may_not_read(tmp_path: Path) -> None:
    pbx = {"id": "office", "username": "screenpop", "secret_file": str(tmp_path / "not-for-web")}
    with pytest.raises(InvalidSettingsError, match="cannot be read"):
        simulating(tmp_path, pbx=[pbx])
    with unread_pbx_secrets():
        settings = simulating(tmp_path, pbx=[pbx])
    with pytest.raises(ValueError, match="cannot be read"):
        settings.pbx[0].read_secret()
