"""A TCP line that fails as it is asked to: between the PBX, the service, browsers and PostgreSQL.

    async with FaultProxy(port_behind=port, draw=lambda _: Fault(Kind.RESET, after=500)) as line:
        ...connect to line.port...

``draw`` gives the fault of each connection by its number, so that a run with the same seed has the
same faults; None is a whole line. ``failed`` counts the faults that took place.
"""

import asyncio
import contextlib
import random
import socket
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Self

_READ = 65_536
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing sends RST, and what is unsent is dropped."""


class Kind(Enum):
    """What a line does, on the way to the client, after so many bytes."""

    RESET = "reset"
    """Both ends are reset."""
    HALF_CLOSE = "half-close"
    """The client reads an end; what it sends still arrives."""
    BLACKHOLE = "blackhole"
    """Nothing is passed on, either way, and nothing is closed."""
    LATENCY = "latency"
    """Each read is passed on ``seconds`` later."""
    THROTTLE = "throttle"
    """``seconds`` a kB."""
    SPLIT = "split"
    """One to seven bytes at a time."""
    DUPLICATE = "duplicate"
    """One read comes twice."""
    CORRUPT = "corrupt"
    """One bit of each later read is another."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The fault of one connection."""

    kind: Kind
    after: int = 0
    """Bytes to the client that pass as they are."""
    seconds: float = 0.01
    seed: int = 0


Draw = Callable[[int], Fault | None]


@dataclass
class FaultProxy:
    """Relays a port of its own to ``host:port``, or to a Unix socket ``path``."""

    host: str = "127.0.0.1"
    port_behind: int = 0
    path: str = ""
    draw: Draw = lambda _number: None
    port: int = 0
    is_down: bool = False
    """New connections are reset at once; ``cut`` resets those that are open."""
    connections: int = 0
    failed: Counter[Kind] = field(default_factory=Counter)
    _server: asyncio.Server | None = None
    _relays: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        await asyncio.gather(*self._relays, return_exceptions=True)

    def cut(self) -> None:
        """Reset all connections that are open now."""
        for relay in self._relays:
            relay.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay = asyncio.current_task()
        assert relay is not None
        self._relays.add(relay)
        fault = self.draw(self.connections)
        self.connections += 1
        back: asyncio.StreamWriter | None = None
        try:
            if self.is_down:
                raise ConnectionResetError
            there, back = await self._connect()
            line = _Line(fault, self.failed)
            ways = asyncio.TaskGroup()
            async with ways:
                ways.create_task(_pass_on(reader, back, lambda: line.is_silent))
                ways.create_task(line.to_client(there, writer))
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            for end in (writer, back):
                if end is not None:
                    _reset(end)
            self._relays.discard(relay)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.path:
            return await asyncio.open_unix_connection(self.path)
        return await asyncio.open_connection(self.host, self.port_behind)


class _Line:
    """The way to the client of one connection."""

    def __init__(self, fault: Fault | None, failed: Counter[Kind]) -> None:
        self._fault = fault
        self._failed = failed
        self._random = random.Random(fault.seed if fault is not None else 0)
        self._passed = 0
        self._is_noted = False
        self.is_silent = False

    async def to_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_READ):
            for piece in self._cut_where_it_fails(data):
                if self._fault is None or self._passed < self._fault.after:
                    writer.write(piece)
                    await writer.drain()
                else:
                    await self._fail(self._fault, piece, writer)
                self._passed += len(piece)
        with contextlib.suppress(OSError):
            writer.write_eof()

    def _cut_where_it_fails(self, data: bytes) -> list[bytes]:
        left = self._fault.after - self._passed if self._fault is not None else 0
        return [data[:left], data[left:]] if 0 < left < len(data) else [data]

    async def _fail(self, fault: Fault, data: bytes, writer: asyncio.StreamWriter) -> None:
        if not self._is_noted:
            self._failed[fault.kind] += 1
            self._is_noted = True
        match fault.kind:
            case Kind.RESET:
                raise ConnectionResetError
            case Kind.HALF_CLOSE:
                writer.write_eof()
                await _for_ever()  # until the client goes
            case Kind.BLACKHOLE:
                self.is_silent = True
                await _for_ever()
            case Kind.LATENCY:
                await asyncio.sleep(fault.seconds)
                writer.write(data)
            case Kind.THROTTLE:
                for place in range(0, len(data), 1024):
                    writer.write(data[place : place + 1024])
                    await asyncio.sleep(fault.seconds)
            case Kind.SPLIT:
                await self._in_pieces(data, writer)
            case Kind.DUPLICATE | Kind.CORRUPT:
                writer.write(data + data if fault.kind is Kind.DUPLICATE else self._changed(data))
        await writer.drain()

    def _changed(self, data: bytes) -> bytes:
        place = self._random.randrange(len(data))
        changed = data[place] ^ 1 << self._random.randrange(8)
        return data[:place] + bytes([changed]) + data[place + 1 :]

    async def _in_pieces(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        while data:
            size = self._random.randint(1, 7)
            writer.write(data[:size])
            await asyncio.sleep(0)  # a write of its own
            data = data[size:]


async def _for_ever() -> None:
    await asyncio.get_running_loop().create_future()


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_silent: Callable[[], bool]
) -> None:
    """Carry what the client sends. The end of a client ends the whole connection."""
    while data := await reader.read(_READ):
        if not is_silent():
            writer.write(data)
            await writer.drain()
    raise ConnectionResetError


def _reset(writer: asyncio.StreamWriter) -> None:
    plain = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        if plain is not None and plain.family != socket.AF_UNIX:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
