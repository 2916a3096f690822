"""A real HTTP server that receives webhooks, checks their signatures, and answers by a script."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass
class Receiver:
    secret: str = ""
    """Empty: signatures are not checked."""
    answers: list[bytes | None] = field(default_factory=list)
    """The next answers; None closes the connection. Afterwards ``usual``."""
    usual: bytes = OK
    hold: asyncio.Event | None = None
    """While not set, requests wait for their answer."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def types(self) -> list[str]:
        return [one["type"] for one in self.requests]

    async def has(self, count: int) -> None:
        """Wait until this many requests were received."""
        async with asyncio.timeout(20):
            while len(self.requests) < count:
                self.more.clear()
                await self.more.wait()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
            _first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): text for name, text in (one.split(": ", 1) for one in lines)}
            body = await reader.readexactly(int(headers["content-length"]))
            if self.secret:
                assert headers["webhook-signature"] == expected(self.secret, headers, body)
            self.requests.append(orjson.loads(body))
            self.headers.append(headers)
            self.more.set()
            if self.hold is not None:
                await self.hold.wait()
            given = self.answers.pop(0) if self.answers else self.usual
            if given is not None:
                writer.write(given)
                await writer.drain()
        finally:
            writer.close()


def expected(secret: str, headers: dict[str, str], body: bytes) -> str:
    """The signature as a receiver computes it, by the specification."""
    key = base64.b64decode(secret.split("_", 1)[1])
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


@asynccontextmanager
async def receiver(*answers: bytes | None) -> AsyncGenerator[Receiver]:
    found = Receiver(answers=list(answers))
    async with await asyncio.start_server(found.answer, "127.0.0.1", 0) as server:
        found.port = server.sockets[0].getsockname()[1]
        yield found
