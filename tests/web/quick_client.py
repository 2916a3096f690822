"""A connection for thousands of requests of which only the status matters.

``httpx`` takes longer over a request than the server takes over its answer.
"""

import asyncio
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

import httpx
import orjson

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class QuickClient:
    """Sends what a browser of httpx would send, over a connection that it keeps open."""

    def __init__(self, browser: httpx.AsyncClient) -> None:
        request = browser.build_request("GET", "/")  # with the cookies that it has now
        left_out = {"connection", "accept-encoding"}
        self._headers = "".join(
            f"{name}: {value}\r\n"
            for name, value in request.headers.items()
            if name.lower() not in left_out
        )
        self._host, self._port = request.url.host, request.url.port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, fields: Mapping[str, str] | None = None) -> int:
        return await self._status("GET", f"{path}?{urlencode(fields)}" if fields else path)

    async def send_form(self, method: str, path: str, fields: Mapping[str, str]) -> int:
        return await self._status(method, path, urlencode(fields).encode(), FORM)

    async def send_json(self, method: str, path: str, value: object) -> int:
        return await self._status(method, path, orjson.dumps(value), JSON)

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            await asyncio.gather(self._streams[1].wait_closed(), return_exceptions=True)
            self._streams = None

    async def _status(self, method: str, target: str, body: bytes = b"", kind: str = "") -> int:
        about = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if kind else ""
        head = f"{method} {target} HTTP/1.1\r\n{self._headers}{about}\r\n"
        request = head.encode() + body
        if self._streams is not None:
            try:
                return await self._answer_to(request, *self._streams)
            except (OSError, asyncio.IncompleteReadError):
                await self.close()  # the server had closed it after its last answer
        self._streams = await asyncio.open_connection(self._host, self._port)
        return await self._answer_to(request, *self._streams)

    async def _answer_to(
        self, request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> int:
        writer.write(request)
        async with asyncio.timeout(30):
            head = await reader.readuntil(b"\r\n\r\n")
            status, headers = _read_head(head)
            await _skip_body(reader, status, headers)
        if headers.get(b"connection", b"").lower() == b"close":
            await self.close()
        return status


def _read_head(head: bytes) -> tuple[int, dict[bytes, bytes]]:
    first, *lines = head.rstrip(b"\r\n").split(b"\r\n")
    pairs: Iterable[tuple[bytes, bytes, bytes]] = (line.partition(b":") for line in lines)
    return int(first.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}


async def _skip_body(
    reader: asyncio.StreamReader, status: int, headers: dict[bytes, bytes]
) -> None:
    if headers.get(b"transfer-encoding") == b"chunked":
        size = 1
        while size:
            size = int(await reader.readuntil(b"\r\n"), 16)
            await reader.readexactly(size + 2)
    elif b"content-length" in headers:
        await reader.readexactly(int(headers[b"content-length"]))
    elif status not in (204, 304):
        await reader.read()
