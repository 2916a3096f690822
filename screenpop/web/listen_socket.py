"""Opens the listening socket, with options for quick answers and against stalled clients.

An answer goes out in two sends, headers and body. With Nagle's algorithm the kernel keeps the
second until the client has acknowledged the first, which Linux delays by 40 ms: TCP_NODELAY
prevents that. asyncio sets it by itself only on sockets created with ``IPPROTO_TCP``
(``base_events._set_nodelay``).
"""

import errno
import socket
from dataclasses import dataclass
from typing import Any

UNACKNOWLEDGED_MS = 10_000
"""Milliseconds that the kernel keeps a connection whose peer acknowledges nothing."""

SEND_BUFFER_BYTES = 64 * 1024
"""Send buffer in bytes: small, so that a client that reads nothing is noticed early."""

_BACKLOG = 512
"""Connections that wait to be accepted. The kernels of more ask again after 1, 3 and 7 seconds, at
no cost here. When ten thousand browsers come back to a busy machine, a longer queue would take more
than the 12 seconds that a page waits: each turn would be work for one that has given up."""
_LAST_PORT = 65_535


class ListeningError(Exception):
    """The server cannot listen on the address; the message has the remedy."""


def open_listening_socket(host: str, port: int) -> socket.socket:
    """Return a listening TCP socket; port 0 chooses a free one (see ``getsockname()[1]``).

    Accepted sockets inherit its options. Raises ``ListeningError``.
    """
    place = _resolve(host, port)
    listening = socket.socket(place.family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        _prepare(listening)
        listening.bind(place.address)
        listening.listen(_BACKLOG)
    except OSError as problem:
        listening.close()
        raise ListeningError(_what_to_do(host, port, problem)) from problem
    return listening


@dataclass(frozen=True, slots=True)
class _ListenAddress:
    family: socket.AddressFamily
    address: tuple[Any, ...]


def _resolve(host: str, port: int) -> _ListenAddress:
    no_address = ListeningError(
        f"{host}:{port} is no address to listen on; use an address of this machine,"
        " such as 127.0.0.1, or 0.0.0.0 for all of them, and a port up to 65535."
    )
    if not 0 <= port <= _LAST_PORT:
        raise no_address  # the resolver would silently use another port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as problem:
        raise no_address from problem
    family, _, _, _, address = found[0]
    return _ListenAddress(family, address)


def _prepare(listening: socket.socket) -> None:
    listening.setblocking(False)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; elsewhere an abort must do
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)


def _what_to_do(host: str, port: int, problem: OSError) -> str:
    where = f"{host} port {port}"
    match problem.errno:
        case errno.EADDRINUSE:
            return f"{where} is already taken; stop the other program or choose another port."
        case errno.EACCES:
            return f"{where} is not allowed to us; ports below 1024 need rights. Choose another."
        case errno.EADDRNOTAVAIL:
            return f"{where}: this machine has no such address; use one of its own."
        case _:
            return f"{where} cannot be listened on: {problem.strerror}."
