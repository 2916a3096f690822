"""The examples of ``docs/examples`` run as they are, against a real application."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from playwright._impl._driver import compute_driver_executable

from screenpop.accounts.users import UserId
from screenpop.app.running_app import App
from screenpop.demo.seed import DEMO_PASSWORD
from screenpop.webhooks.signing import new_secret, signed_headers
from tests.app.conftest import app, folder, seeded
from tests.app.running_app import rings
from tests.app.test_agi import free_port
from tests.browser.cut_line import CutLine
from tests.tools import prepare_playwright

__all__ = ["app", "folder", "seeded"]
pytestmark = pytest.mark.anyio

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
LANGUAGES = ("py", "mjs")
MOST_LINES = 67


@asynccontextmanager
async def example(
    name: str, *arguments: str, **environment: str
) -> AsyncIterator[asyncio.StreamReader]:
    """Run an example; give what it prints."""
    process = await asyncio.create_subprocess_exec(
        *(program_of(name), str(EXAMPLES / name), *arguments),
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            yield process.stdout
    finally:
        process.kill()
        await process.wait()


async def until(check: Callable[[], bool]) -> None:
    while True:
        if check():
            return
        await asyncio.sleep(0.02)


def program_of(name: str) -> str:
    if name.endswith(".py"):
        return sys.executable
    prepare_playwright()
    return str(compute_driver_executable()[0])


STATES = ["ringing", "talking", "wrap_up"]


async def states(printed: asyncio.StreamReader, count: int) -> list[str]:
    return [(await printed.readline()).decode().split()[0] for _ in range(count)]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_socket_example_prints_the_cards_and_resumes(app: App, language: str) -> None:
    agents = app.screen_pop.roster.agents.values()
    maryam = next(UserId(one.id) for one in agents if one.username == "maryam")
    name, secret = f"socket_client.{language}", {"SCREENPOP_PASSWORD": DEMO_PASSWORD}
    with CutLine(int(app.url.rpartition(":")[2])) as line:
        async with example(name, line.url, "maryam", **secret) as printed:
            await until(lambda: app.bus.readers(maryam) > 0)
            rings(app, "101")
            assert await states(printed, 3) == STATES
            line.cut()
            await until(lambda: app.bus.readers(maryam) == 0)
            rings(app, "101")
            await until(lambda: app.screen_pop.calls > 0)
            await until(lambda: app.screen_pop.calls == 0)
            line.mend()
            # A snapshot has only the last state. The old card goes at the next answer.
            assert await states(printed, 4) == ["ringing", "gone", "talking", "wrap_up"]


@pytest.mark.defends("webhook-signatures")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_receiver_takes_signed_events_once_and_refuses_all_others(
    language: str,
) -> None:
    port, secret = free_port(), new_secret()
    body = b'{"type":"call.ended","timestamp":"2026-01-01T00:00:00.000+00:00","data":{"a":1}}'
    now = time.time()
    good = signed_headers(secret, "evt_1", now, body)
    name = f"webhook_receiver.{language}"
    async with example(name, str(port), WEBHOOK_SECRET=secret) as printed:
        async with httpx.AsyncClient(trust_env=False, verify=False) as sender:  # noqa: S501 -- loopback

            async def status(headers: dict[str, str], sent: bytes = body) -> int:
                answer = await sender.post(
                    f"http://127.0.0.1:{port}/", content=sent, headers=headers
                )
                return answer.status_code

            while True:
                try:
                    assert await status(good) == 204
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.05)
            assert await status(good) == 204
            assert await status(good, body + b" ") == 401
            assert await status({**good, "webhook-id": "evt_2"}) == 401
            assert await status(signed_headers(new_secret(), "evt_3", now, body)) == 401
            assert await status(signed_headers(secret, "evt_4", now - 301, body)) == 401
            assert await status({}) == 401
            assert await status({**good, "webhook-timestamp": "x"}) == 401
            assert await status(signed_headers(secret, "evt_5", now - 290, body)) == 204
        lines = [(await printed.readline()).decode().split(" ", 1)[0] for _ in range(2)]
        assert lines == ["call.ended", "call.ended"]


def test_each_example_is_short_and_is_in_the_list() -> None:
    listed = (EXAMPLES / "README.md").read_text()
    for file in EXAMPLES.iterdir():
        assert len(file.read_text().splitlines()) <= MOST_LINES, file
        assert file.name == "README.md" or f"`{file.name}`" in listed
