"""A real HTTP server in the place of an office's CRM, which answers by a script."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson


def json_answer(value: object, kind: str = "application/json", status: str = "200 OK") -> bytes:
    body = orjson.dumps(value)
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@dataclass
class SourceServer:
    answer: bytes
    heads: list[str] = field(default_factory=list)
    hold: asyncio.Event | None = None
    arrivals: "asyncio.Queue[None]" = field(default_factory=asyncio.Queue)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/contact?phone={{number}}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode("ascii"))
            self.arrivals.put_nowait(None)
            if self.hold is not None:
                await self.hold.wait()
            writer.write(self.answer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the asking side has given up
        finally:
            writer.close()


@asynccontextmanager
async def source_server(answer: bytes) -> AsyncGenerator[SourceServer]:
    source = SourceServer(answer)
    async with await asyncio.start_server(source.serve, "127.0.0.1", 0) as server:
        source.port = server.sockets[0].getsockname()[1]
        yield source
