"""A real HTTP server in the place of an office's message gateway, which answers by a script."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

SECRET = "a-secret-of-the-gateway"
OK = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


@dataclass
class GatewayServer:
    answers: list[bytes | None] = field(default_factory=list)
    """The next answers; None closes the connection. Afterwards ``OK``."""
    requests: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    hold: asyncio.Event | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/send?office=1"

    @property
    def keys(self) -> list[str]:
        return [headers["idempotency-key"] for _, headers, _ in self.requests]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): text for name, text in (one.split(": ", 1) for one in lines)}
            body = await reader.readexactly(int(headers["content-length"]))
            assert headers["x-screenpop-signature"] == signed(headers, body)
            self.requests.append((first, headers, orjson.loads(body)))
            self.arrived.set()
            if self.hold is not None:
                await self.hold.wait()
            given = self.answers.pop(0) if self.answers else OK
            if given is not None:
                writer.write(given)
                await writer.drain()
        finally:
            writer.close()


def signed(headers: dict[str, str], body: bytes) -> str:
    """The signature as a gateway computes it."""
    text = headers["x-screenpop-timestamp"].encode() + b"." + body
    return "sha256=" + hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()


@asynccontextmanager
async def gateway_server(*answers: bytes | None) -> AsyncGenerator[GatewayServer]:
    gateway = GatewayServer(list(answers))
    async with await asyncio.start_server(gateway.answer, "127.0.0.1", 0) as server:
        gateway.port = server.sockets[0].getsockname()[1]
        yield gateway
