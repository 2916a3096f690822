"""The lines that fail do so as asked, and the same way for the same seed."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from tests.faults.fault_proxy import Draw, Fault, FaultProxy, Kind

pytestmark = pytest.mark.anyio

SENT = bytes(range(256)) * 4


@asynccontextmanager
async def line(draw: Draw) -> AsyncGenerator[FaultProxy]:
    """A line to a server that sends ``SENT`` for each byte that it reads."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while await reader.read(1):
                writer.write(SENT)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with FaultProxy(port_behind=server.sockets[0].getsockname()[1], draw=draw) as proxy:
        yield proxy
    server.close()


async def read_through(proxy: FaultProxy, wanted: int) -> bytes:
    """Return what comes, up to so many bytes; raises what the connection ends with."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        writer.write(b"x")
        async with asyncio.timeout(10):
            found = b""
            while len(found) < wanted and (more := await reader.read(wanted - len(found))):
                found += more
            return found
    finally:
        writer.close()


@pytest.mark.parametrize("kind", [Kind.LATENCY, Kind.THROTTLE, Kind.SPLIT])
async def test_a_slow_line_carries_every_byte(kind: Kind) -> None:
    async with line(lambda _: Fault(kind, after=100, seconds=0.001)) as proxy:
        assert await read_through(proxy, len(SENT)) == SENT
        assert proxy.failed == {kind: 1}


async def test_a_line_resets_or_half_closes_after_so_many_bytes() -> None:
    faults = [Fault(Kind.HALF_CLOSE, after=100), None, Fault(Kind.RESET, after=100)]
    async with line(lambda number: faults[number]) as proxy:
        assert await read_through(proxy, len(SENT)) == SENT[:100]
        assert await read_through(proxy, len(SENT)) == SENT
        with pytest.raises(ConnectionResetError):
            await read_through(proxy, len(SENT))
        assert proxy.failed == {Kind.HALF_CLOSE: 1, Kind.RESET: 1}


async def test_a_black_hole_passes_nothing_on_and_closes_nothing() -> None:
    async with line(lambda _: Fault(Kind.BLACKHOLE, after=100)) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"x")
        assert await reader.readexactly(100) == SENT[:100]
        writer.write(b"xxx")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await reader.read(1)
        assert not reader.at_eof()
        writer.close()


async def test_bytes_are_doubled_and_changed_the_same_way_for_the_same_seed() -> None:
    changed = Fault(Kind.CORRUPT, seed=5)
    faults = [Fault(Kind.DUPLICATE), changed, changed, Fault(Kind.CORRUPT, seed=6)]
    async with line(lambda number: faults[number]) as proxy:
        assert await read_through(proxy, 2 * len(SENT)) == SENT + SENT
        first, again, other = [await read_through(proxy, len(SENT)) for _ in range(3)]
    assert first == again
    assert len({SENT, first, other}) == 3
    assert sum(a != b for a, b in zip(SENT, first, strict=True)) == 1


async def test_cut_resets_what_is_open_and_lets_new_connections_through() -> None:
    async with line(lambda _: None) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"x")
        assert await reader.readexactly(len(SENT)) == SENT
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        writer.close()
        assert await read_through(proxy, len(SENT)) == SENT
