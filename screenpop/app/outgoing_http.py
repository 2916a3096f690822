"""One POST over a connection of its own, to an address that was checked.

The name is resolved once, each of its addresses is checked, and the connection goes to a checked
one: a name that resolves differently a moment later changes nothing. Redirects are not followed,
and of the answer only the status line and headers are read, to a limit.
"""

import asyncio
import re
import ssl
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: [^\r\n]*)?\r?\n")
_MAX_RESPONSE_LINES = 200


class BrokenAnswerError(Exception):
    """What came back is no HTTP answer."""


class AddressRefusedError(Exception):
    """The name resolves to an address that is not allowed."""


IsAllowed = Callable[[str], bool]
"""Whether a resolved address may be connected to."""


async def post(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    is_allowed: IsAllowed,
    tls: ssl.SSLContext | None,
) -> int:
    """Return the status of the answer; interim answers (1xx) are passed over.

    ``tls``: for an https address. The caller limits the time. Raises ``AddressRefusedError``,
    ``BrokenAnswerError``, ``OSError``, ``ValueError``.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    has_tls = parts.scheme == "https"
    port = parts.port or (443 if has_tls else 80)
    address = await checked_address(host, port, is_allowed)
    reader, writer = await asyncio.open_connection(
        address,
        port,
        ssl=tls if has_tls else None,
        server_hostname=host if has_tls else None,
    )
    try:
        writer.write(_head(url, headers, body) + body)
        await writer.drain()
        return await read_status(reader)
    finally:
        writer.transport.abort()


async def checked_address(host: str, port: int, is_allowed: IsAllowed) -> str:
    """Return the first address of a host. Raises ``AddressRefusedError`` unless all are allowed."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port)
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    if not addresses or not all(is_allowed(one) for one in addresses):
        raise AddressRefusedError
    return addresses[0]


def _head(url: str, headers: Mapping[str, str], body: bytes) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fields = {
        "Host": parts.netloc.rpartition("@")[2],
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        "User-Agent": "screenpop",
        **headers,
    }
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {text}" for name, text in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


async def read_status(reader: asyncio.StreamReader) -> int:
    """Return the status of the answer. Raises ``BrokenAnswerError``."""
    interim = True
    status = 0
    for _ in range(_MAX_RESPONSE_LINES):
        line = await reader.readline()
        if not line.endswith(b"\n"):
            raise BrokenAnswerError("the connection was closed")
        if interim:
            found = _STATUS.fullmatch(line)
            if found is None:
                raise BrokenAnswerError("no HTTP answer")
            status, interim = int(found[1]), False
            if status >= 200:
                return status
        elif not line.strip():
            interim = True
    raise BrokenAnswerError("no answer but interim ones")
