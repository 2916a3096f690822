"""One request to another program, to an address that was checked, with limits on time and size.

Every connection of the server to other programs over HTTP is made here. The name is looked up
once, each of its addresses is checked, and the connection goes to a checked one: a name that
resolves differently a moment later changes nothing. Redirects are not followed, proxies of the
environment are not used, and no connection is kept.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore
from typing_extensions import override

LARGEST_ANSWER = 64 * 1024
"""Most bytes of a body, where the caller names no other limit."""
LARGEST_HEAD = 128 * 1024
"""Most bytes before the body: the handshake of TLS, interim answers, headers."""

IsAllowed = Callable[[str], bool]
"""Whether a resolved address may be connected to."""


class HttpError(Exception):
    """``code``: ``address``, ``unreachable``, ``tls``, ``slow``, ``no_http`` or ``too_large``."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int
    content_type: str
    """In lower case, without parameters; empty if the answer names none."""
    body: bytes
    """Empty if it was not asked for."""


async def request(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    *,
    is_allowed: IsAllowed,
    timeout_s: float,
    limit: int = LARGEST_ANSWER,
) -> HttpAnswer:
    """Return the answer, whatever its status. Raises ``HttpError``.

    ``timeout_s``: from the name lookup to the last byte. ``limit``: most bytes of the body; with 0
    it is not read. Certificates are checked against those that the system trusts.
    """
    try:
        async with asyncio.timeout(timeout_s):
            return await _request(method, url, headers, body, is_allowed, limit)
    except TimeoutError:
        raise HttpError("slow") from None
    except httpcore.ConnectError as problem:
        is_tls = isinstance(problem.__cause__, ssl.SSLError)
        raise HttpError("tls" if is_tls else "unreachable", _cause(problem)) from problem
    except (httpcore.ProtocolError, httpcore.NetworkError) as problem:
        raise HttpError("no_http", _cause(problem)) from problem
    except (OSError, ValueError) as problem:
        raise HttpError("unreachable", type(problem).__name__) from problem


async def _request(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    is_allowed: IsAllowed,
    limit: int,
) -> HttpAnswer:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        raise HttpError("address")
    tls = await _system_tls() if parts.scheme == "https" else None
    given = {
        "Host": parts.netloc.rpartition("@")[2],
        "Connection": "close",
        "User-Agent": "screenpop",
        **headers,
    }
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    address = httpcore.URL(
        scheme=parts.scheme,
        host=(parts.hostname or "").encode("idna"),
        port=parts.port or (443 if tls else 80),
        target=target.encode("ascii"),
    )
    network = _CheckedNetwork(is_allowed, LARGEST_HEAD + limit + limit // 2)
    async with httpcore.AsyncHTTPConnection(
        address.origin, ssl_context=tls, network_backend=network
    ) as connection:
        fields = [(name.encode("ascii"), text.encode("ascii")) for name, text in given.items()]
        async with connection.stream(method, address, headers=fields, content=body) as response:
            answered = {
                name.decode("latin-1").lower(): text.decode("latin-1").strip().lower()
                for name, text in response.headers
            }
            kind = answered.get("content-type", "").partition(";")[0].strip()
            if not limit:
                return HttpAnswer(response.status, kind, b"")
            if answered.get("content-encoding", "identity") != "identity":
                raise HttpError("no_http", "encoding")
            return HttpAnswer(response.status, kind, await _body(response, answered, limit))


async def _body(response: httpcore.Response, headers: Mapping[str, str], limit: int) -> bytes:
    if int(headers.get("content-length", "0")) > limit:
        raise HttpError("too_large")
    body = bytearray()
    async for piece in response.aiter_stream():
        body += piece
        if len(body) > limit:
            raise HttpError("too_large")
    return bytes(body)


class _CheckedNetwork(httpcore.AnyIOBackend):
    """Connects to checked addresses only; ``most``: bytes that a connection may send us."""

    def __init__(self, is_allowed: IsAllowed, most: int) -> None:
        self._is_allowed, self._most = is_allowed, most

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception = httpcore.ConnectError()
        for address in await checked_addresses(host, port, self._is_allowed):
            try:
                stream = await super().connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except httpcore.ConnectError as problem:
                failure = problem
            else:
                return _LimitedStream(stream, self._most)
        raise failure


class _LimitedStream(httpcore.AsyncNetworkStream):
    """A connection that ends with ``HttpError`` after too many bytes, of whatever kind."""

    def __init__(self, stream: httpcore.AsyncNetworkStream, most: int) -> None:
        self._stream, self._left = stream, most

    @override
    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        found = await self._stream.read(max_bytes, timeout)
        self._left -= len(found)
        if self._left < 0:
            raise HttpError("too_large")
        return found

    @override
    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    @override
    async def aclose(self) -> None:
        await self._stream.aclose()

    @override
    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        inner = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        return _LimitedStream(inner, self._left)

    @override
    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


async def checked_addresses(host: str, port: int, is_allowed: IsAllowed) -> list[str]:
    """Return the addresses of a host, in the order to try them.

    Raises ``HttpError`` (``address``) unless all are allowed, and ``OSError`` for an unknown name.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port)
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    if not addresses or not all(is_allowed(one) for one in addresses):
        raise HttpError("address")
    return addresses


_tls: ssl.SSLContext | None = None


async def _system_tls() -> ssl.SSLContext:
    """Return the one context of all requests; reading the certificates takes some 20 ms."""
    global _tls  # noqa: PLW0603 -- shared by all that ask
    if _tls is None:
        _tls = await asyncio.to_thread(ssl.create_default_context)
    return _tls


def _cause(problem: Exception) -> str:
    return type(problem.__cause__ or problem).__name__
