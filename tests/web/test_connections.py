"""Unfinished requests, stalled answers and too many connections, against the real server."""

import asyncio
import json
import logging
import resource
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from typing_extensions import override

from screenpop.web.connections import (
    DESCRIPTORS_KEPT,
    Acceptor,
    ConnectionLimits,
    CountingState,
    LogLimiter,
    is_plain_request,
    too_few_descriptors,
)
from screenpop.web.http_protocol import BadRequestFilter
from screenpop.web.listen_socket import open_listening_socket
from screenpop.web.websocket.endpoint import SocketLimits
from tests.web.import_server import Opening
from tests.web.running_server import TOKEN, Running, running

pytestmark = pytest.mark.anyio

QUICK = ConnectionLimits(header_s=0.3, stall_window_s=0.3, stall_bytes_per_s=1000)
HALF_HEADER = b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
PROBE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
PAGE = b"GET / HTTP/1.1\r\nHost: x\r\nCookie: screenpop_session=a\r\n\r\n"
SOCKET = b"GET /ws/v1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
WITHIN_S = 15


@asynccontextmanager
async def line_to(
    server: Running,
) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def count_is(server: Running, wanted: Callable[[int], bool]) -> None:
    """Wait until the server has so many connections."""
    async with asyncio.timeout(WITHIN_S):
        while not wanted(server.open_connections()):  # noqa: ASYNC110 -- a plain number
            await asyncio.sleep(0.01)


async def rest_of(reader: asyncio.StreamReader) -> bytes:
    """What comes until the server closes."""
    async with asyncio.timeout(WITHIN_S):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


@pytest.fixture
async def quick(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, connections=QUICK) as up:
        yield up


async def test_an_unfinished_header_is_answered_408_and_closed(quick: Running) -> None:
    async with line_to(quick) as (reader, writer):
        writer.write(HALF_HEADER)
        assert (await rest_of(reader)).startswith(b"HTTP/1.1 408 ")


async def test_a_connection_that_sends_nothing_is_closed_without_an_answer(quick: Running) -> None:
    async with line_to(quick) as (reader, _):
        assert await rest_of(reader) == b""


async def test_a_header_that_trickles_in_is_closed_all_the_same(quick: Running) -> None:
    """A byte now and then restarts no timer."""
    began = time.monotonic()
    async with line_to(quick) as (reader, writer):
        writer.write(HALF_HEADER)
        answer = asyncio.create_task(rest_of(reader))
        while not answer.done():
            writer.write(b"a")
            await asyncio.wait({answer}, timeout=0.05)
            assert time.monotonic() - began < WITHIN_S
        assert b"408" in answer.result()


async def test_a_second_request_left_unfinished_on_a_kept_connection_is_closed(
    quick: Running,
) -> None:
    async with line_to(quick) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        async with asyncio.timeout(WITHIN_S):
            await reader.readuntil(b"ok\n")
        writer.write(HALF_HEADER)
        assert b"HTTP/1.1 408 " in await rest_of(reader)


@pytest.mark.defends("request-limits")
async def test_a_body_that_trickles_in_below_the_minimum_rate_is_closed(quick: Running) -> None:
    async with line_to(quick) as (reader, writer):
        writer.write(
            b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        answer = asyncio.create_task(rest_of(reader))
        while not answer.done():
            writer.write(b"a")
            await asyncio.wait({answer}, timeout=0.05)
        assert answer.result().startswith(b"HTTP/1.1 408 ")


async def test_a_body_after_its_answer_was_given_is_timed_too(quick: Running) -> None:
    """The gate refuses a large body at once; what still trickles in must not keep the line."""
    async with line_to(quick) as (reader, writer):
        writer.write(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500000\r\n\r\n")
        answer = asyncio.create_task(rest_of(reader))
        while not answer.done():
            writer.write(b"a")
            await asyncio.wait({answer}, timeout=0.05)
        assert answer.result().startswith(b"HTTP/1.1 413 ")


@pytest.mark.slow
async def test_a_slow_upload_above_the_minimum_rate_ends_well_after_many_windows(
    prepared: Path, tmp_path: Path
) -> None:
    limits = ConnectionLimits(header_s=1.0, stall_window_s=1.0, stall_bytes_per_s=10)
    content = b"name,phone\nMaria,2101234567\n" + b" " * 300
    async with running(prepared, tmp_path, connections=limits, imports=Opening(tmp_path)) as up:
        began = time.monotonic()
        async with line_to(up) as (reader, writer):
            writer.write(
                b"POST /api/v1/imports?name=a.csv HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Connection: close\r\n"
                b"Content-Type: application/octet-stream\r\n"
                + f"Authorization: Bearer {TOKEN}\r\n".encode()
                + f"Content-Length: {len(content)}\r\n\r\n".encode()
            )
            for start in range(0, len(content), 10):
                writer.write(content[start : start + 10])
                await writer.drain()
                await asyncio.sleep(0.1)  # 100 bytes a second: this is the load, not a wait
            answer = await rest_of(reader)
        assert time.monotonic() - began > 3 * limits.stall_window_s
        assert answer.split(b" ")[1].startswith(b"20"), answer


async def test_an_unread_answer_is_dropped(prepared: Path, tmp_path: Path) -> None:
    request = b"GET /static/vendor/htmx/htmx.min.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
    async with running(prepared, tmp_path, connections=QUICK, real_pages=True) as up:
        with socket.create_connection(("127.0.0.1", up.port)) as line:
            line.setblocking(False)
            line.send(request * 400)  # pipelined: megabytes of answers
            await count_is(up, lambda count: count == 1)
            await count_is(up, lambda count: count == 0)


async def test_a_websocket_outlives_all_limits_of_requests(prepared: Path, tmp_path: Path) -> None:
    limits = SocketLimits(heartbeat_s=0.1)
    async with running(prepared, tmp_path, connections=QUICK, limits=limits) as up:
        async with up.socket("alice") as page:
            await page.greet()
            began = time.monotonic()
            while time.monotonic() - began < 4 * QUICK.stall_window_s:
                await page.hear_until("hb")
                await page.send_message("hb")
        await count_is(up, lambda count: count == 0)


@pytest.mark.defends("request-limits")
async def test_more_sockets_than_one_address_gets_are_refused_and_logged_once(
    prepared: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    limits = ConnectionLimits(most=100, most_per_address=3)
    async with running(prepared, tmp_path, connections=limits) as up, AsyncExitStack() as pages:
        for _ in range(3):
            page = await pages.enter_async_context(up.socket("alice"))
            await page.greet()
        for _ in range(20):
            async with line_to(up) as (reader, _writer):
                assert (await rest_of(reader))[:12] in (b"HTTP/1.1 503", b"")
        refused = [r for r in caplog.records if "A connection was refused" in r.message]
        assert len(refused) == 1
        assert "127.0.0.1 has 3 connections open" in refused[0].message
        await pages.aclose()
        await count_is(up, lambda count: count == 0)
        async with up.browser() as browser:
            assert (await browser.get("/healthz")).status_code == 200


async def test_half_requests_give_way_to_whole_ones_when_all_connections_are_taken(
    prepared: Path, tmp_path: Path
) -> None:
    limits = ConnectionLimits(most=5, most_per_address=5)
    async with running(prepared, tmp_path, connections=limits) as up, AsyncExitStack() as half:
        for _ in range(12):
            _, writer = await half.enter_async_context(line_to(up))
            writer.write(HALF_HEADER)
        async with up.browser() as browser:
            assert (await browser.get("/healthz")).status_code == 200
        assert up.open_connections() <= 5


def test_connections_in_all_are_refused_at_the_limit_and_not_before() -> None:
    state = CountingState(ConnectionLimits(most=3, most_per_address=100), exempt=["10.0.0.9"])
    for number in range(3):
        assert state.refusal(f"10.0.0.{number}") is None
        state.take(f"10.0.0.{number}")
    assert "3 connections are open" in str(state.refusal("10.0.0.4"))
    state.release("10.0.0.1")
    assert state.refusal("10.0.0.4") is None


def test_a_trusted_proxy_is_exempt_from_the_limit_of_one_address() -> None:
    state = CountingState(ConnectionLimits(most=100, most_per_address=2), exempt=["10.0.0.9"])
    for _ in range(2):
        state.take("10.0.0.9")
        state.take("10.0.0.1")
    assert state.refusal("10.0.0.9") is None
    assert "10.0.0.1 has 2 connections" in str(state.refusal("10.0.0.1"))


def test_a_log_message_comes_once_an_interval_with_the_count_in_between() -> None:
    now = 0.0
    limiter = LogLimiter(60, lambda: now)
    assert limiter.suppressed_if_due() == 0
    now = 59.9
    assert [limiter.suppressed_if_due() for _ in range(600)] == [None] * 600
    now = 60.0
    assert limiter.suppressed_if_due() == 600


def test_broken_requests_are_logged_once_a_minute() -> None:
    quiet = BadRequestFilter()
    broken = logging.LogRecord(
        "uvicorn.error", 30, "", 0, "Invalid HTTP request received.", (), None
    )
    other = logging.LogRecord(
        "uvicorn.error", 40, "", 0, "Exception in ASGI application\n", (), None
    )
    assert [bool(quiet.filter(broken)) for _ in range(3)] == [True, False, False]
    assert [bool(quiet.filter(other)) for _ in range(3)] == [True, True, True]


def test_a_full_descriptor_table_logs_one_line_and_the_waiting_connection_is_served_later() -> None:
    """In a process of its own: asyncio's accept loop logs 2,048 lines for each try."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.full_table"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["tries"] >= 5
    assert figures["answer"] == "hello"
    assert figures["lines"] == 1
    assert "Too many open files" in done.stderr


async def test_a_connection_of_the_acceptor_sends_small_writes_at_once() -> None:
    option: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    class Opened(asyncio.Protocol):
        @override
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted = transport.get_extra_info("socket")
            option.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    with open_listening_socket("127.0.0.1", 0) as listening:
        acceptor = Acceptor(listening, lambda _: Opened(), CountingState())
        acceptor.start()
        _, writer = await asyncio.open_connection(*listening.getsockname())
        async with asyncio.timeout(WITHIN_S):
            assert await option == 1
        writer.close()
        acceptor.close()
        await acceptor.wait_closed()


async def test_a_connection_that_its_browser_gave_up_in_the_queue_costs_no_work() -> None:
    opened = list[str]()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        place = listening.getsockname()
        for request in (b"GET / HTTP/1.1\r\n", PAGE, SOCKET):
            with socket.create_connection(place) as gone:
                gone.sendall(request)
        with socket.create_connection(place):

            def create(address: str) -> asyncio.Protocol:
                opened.append(address)
                return asyncio.Protocol()

            state = CountingState()
            acceptor = Acceptor(listening, create, state)
            acceptor.start()
            async with asyncio.timeout(WITHIN_S):
                while not opened:  # noqa: ASYNC110 -- a plain list
                    await asyncio.sleep(0.01)
            acceptor.close()
            await acceptor.wait_closed()
    assert (len(opened), state.open) == (1, 1)


def test_request_of_a_program_is_plain_and_half_a_request_or_one_of_a_page_is_not() -> None:
    assert is_plain_request(PROBE)
    assert is_plain_request(PROBE.replace(b"GET", b"POST") + b"rest\r\ncookie: of the body")
    for other in (
        b"",
        b"\x16\x03\x01",
        PROBE[:-1],
        PAGE,
        PAGE.replace(b"Cookie", b"cOOKIE"),
        SOCKET,
    ):
        assert not is_plain_request(other)


async def test_request_is_answered_after_which_a_program_closes_its_half_of_the_connection(
    shared: Running,
) -> None:
    health = PROBE.replace(b": x", b": " + shared.host.encode())
    ready = health.replace(b"/healthz", b"/readyz")
    for requests, answers in ((health, 1), (ready, 1), (ready + health, 2)):
        async with line_to(shared) as (reader, writer):
            writer.write(requests)
            writer.write_eof()
            assert (await rest_of(reader)).count(b"HTTP/1.1 200 OK") == answers
    await count_is(shared, lambda count: count == 0)


async def test_page_that_closes_its_half_of_the_connection_is_not_waited_for(
    shared: Running,
) -> None:
    page = PAGE.replace(b"GET /", b"GET /readyz").replace(b": x", b": " + shared.host.encode())
    async with line_to(shared) as (reader, writer):
        writer.write(page)
        writer.write_eof()
        assert await rest_of(reader) == b""
    await count_is(shared, lambda count: count == 0)


def test_a_limit_of_open_files_that_is_too_low_is_named_with_its_remedy() -> None:
    soft, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        assert too_few_descriptors(limit - DESCRIPTORS_KEPT) == ""
        sentence = too_few_descriptors(limit - DESCRIPTORS_KEPT + 1)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, limit))
    assert f"may open {limit} files" in sentence
    assert f"accepts {limit - DESCRIPTORS_KEPT} connections" in sentence
    assert f"LimitNOFILE={limit + 1}" in sentence
