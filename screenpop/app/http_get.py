"""One GET over a connection of its own, with limits on time and size; no redirects.

Plain http is possible only to loopback and private addresses, and only where the office allows it.
"""

import asyncio
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from screenpop.app.message_gateway import is_private

LARGEST_ANSWER = 64 * 1024
"""Most bytes of a body."""
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: [^\r\n]*)?")
_HEAD_LIMIT = 64 * 1024
_MAX_INTERIM = 5
_MAX_CHUNK_DIGITS = 8


class FetchError(Exception):
    """``code``: ``address``, ``unreachable``, ``slow``, ``no_http`` or ``too_large``."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int
    content_type: str
    """In lower case, without parameters; empty if the answer names none."""
    body: bytes


async def fetch(
    url: str,
    headers: Mapping[str, str],
    *,
    private_http: bool,
    timeout_s: float,
    tls: ssl.SSLContext | None,
    limit: int = LARGEST_ANSWER,
    accept: str = "application/json",
) -> HttpAnswer:
    """Return the answer, whatever its status. Raises ``FetchError``.

    ``timeout_s``: from the name lookup to the last byte. ``tls``: needed for https.
    """
    try:
        async with asyncio.timeout(timeout_s):
            asked = {"Accept": accept, **headers}
            return await _fetch(url, asked, private_http, tls, limit)
    except TimeoutError:
        raise FetchError("slow") from None
    except (OSError, UnicodeError) as problem:
        raise FetchError("unreachable", type(problem).__name__) from problem
    except (ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as problem:
        raise FetchError("no_http") from problem


async def _fetch(
    url: str,
    headers: Mapping[str, str],
    private_http: bool,
    tls: ssl.SSLContext | None,
    limit: int,
) -> HttpAnswer:
    parts = urlsplit(url)
    host, has_tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if has_tls else 80)
    if has_tls:
        reader, writer = await asyncio.open_connection(host, port, ssl=tls, limit=_HEAD_LIMIT)
    else:
        address = await _private_address(host, port, private_http=private_http)
        reader, writer = await asyncio.open_connection(address, port, limit=_HEAD_LIMIT)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"GET {target} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += ["Connection: close", "User-Agent: screenpop"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("ascii"))
        await writer.drain()
        status, given = await _head(reader)
        if given.get("content-encoding", "identity") != "identity":
            raise FetchError("no_http")
        body = await _body(reader, given, limit)
    finally:
        writer.transport.abort()
    return HttpAnswer(status, given.get("content-type", "").partition(";")[0].strip(), body)


async def _private_address(host: str, port: int, *, private_http: bool) -> str:
    """Return the address to connect to; the name is not looked up again."""
    if not private_http:
        raise FetchError("address")
    found = await asyncio.get_running_loop().getaddrinfo(host, port)
    addresses = [str(info[4][0]) for info in found]
    if not addresses or not all(is_private(one) for one in addresses):
        raise FetchError("address")
    return addresses[0]


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Return the status and the headers, lower case; interim answers are passed over."""
    for _ in range(_MAX_INTERIM):
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).rstrip().split(b"\r\n")
        found = _STATUS.fullmatch(first)
        if found is None:
            raise FetchError("no_http")
        if int(found[1]) >= 200:
            pairs = (line.decode("latin-1").partition(":") for line in lines)
            return int(found[1]), {name.lower(): text.strip().lower() for name, _, text in pairs}
    raise FetchError("no_http")


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str], limit: int) -> bytes:
    if headers.get("transfer-encoding") == "chunked":
        return await _chunks(reader, limit)
    length = headers.get("content-length", "")
    if length:
        size = _size(length, 10)
        if size > limit:
            raise FetchError("too_large")
        return await reader.readexactly(size)
    body = bytearray()
    while more := await reader.read(_HEAD_LIMIT):
        body += more
        if len(body) > limit:
            raise FetchError("too_large")
    return bytes(body)


async def _chunks(reader: asyncio.StreamReader, limit: int) -> bytes:
    body = bytearray()
    while size := _size((await reader.readuntil(b"\r\n")).decode("latin-1").strip(), 16):
        if len(body) + size > limit:
            raise FetchError("too_large")
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    return bytes(body)


def _size(text: str, base: int) -> int:
    digits = text.partition(";")[0].strip()
    if len(digits) > _MAX_CHUNK_DIGITS or not digits.isalnum():
        raise FetchError("too_large" if digits.isdigit() else "no_http")
    return int(digits, base)
