"""Connections are accepted slowly while many pages wait for their first answer."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from screenpop.web import connections
from screenpop.web.connections import MOST_BUSY, Acceptor, CountingState
from tests.web.running_server import running

pytestmark = pytest.mark.anyio
WITHIN_S = 10.0
Accepting = tuple[tuple[str, int], CountingState, "asyncio.Queue[str]"]


@asynccontextmanager
async def accepting(busy: int) -> AsyncGenerator[Accepting]:
    """An acceptor beside so much work: its place, its counts, and the addresses it has taken."""
    opened: asyncio.Queue[str] = asyncio.Queue()
    state = CountingState()
    for _ in range(busy):
        state.begins_work()

    def create(address: str) -> asyncio.Protocol:
        opened.put_nowait(address)
        return asyncio.Protocol()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        acceptor = Acceptor(listening, create, state)
        acceptor.start()
        async with asyncio.timeout(WITHIN_S):
            yield listening.getsockname(), state, opened
        acceptor.close()
        await acceptor.wait_closed()


@pytest.mark.parametrize(("more", "opened_at_once"), [(0, 2), (1, 1)])
async def test_a_busy_server_leaves_connections_in_the_kernel_until_one_is_answered(
    monkeypatch: pytest.MonkeyPatch, more: int, opened_at_once: int
) -> None:
    monkeypatch.setattr(connections, "BUSY_RETRY_S", 3600.0)
    async with accepting(MOST_BUSY - 1 + more) as (place, state, opened):
        with socket.create_connection(place):
            await opened.get()
            with socket.create_connection(place):
                for _ in range(20):
                    await asyncio.sleep(0)
                assert 1 + opened.qsize() == opened_at_once
                state.ends_work()
                await opened.get()


async def test_a_server_whose_answers_do_not_come_accepts_a_few_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "BUSY_RETRY_S", 0.01)
    async with accepting(MOST_BUSY) as (place, _, opened):
        for _ in range(2):
            with socket.create_connection(place):
                await opened.get()


async def test_answered_requests_and_sockets_are_no_work_any_more(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path) as server:
        async with server.socket("alice") as page, server.browser() as browser:
            await page.greet()
            for path in ("/healthz", "/nowhere", "/api/v1/calls"):
                await browser.get(path)
            await browser.post("/login", data={"username": "alice"})
            assert server.busy() == 0
        async with server.socket(None) as stranger:
            await stranger.closed()
        assert server.busy() == 0
