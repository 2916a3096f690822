"""A socket to a PBX, plain or TLS, with one reader and several writers at a time.

The socket never blocks; waiting is done in ``poll``, outside the lock, or by the event loop. So one
lock serves both directions of a TLS connection (OpenSSL allows no two threads in one), every wait
can have a deadline, and ``close`` from any thread ends every wait at once.
"""

import contextlib
import hashlib
import hmac
import math
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from screenpop.ami.config import AmiTls
from screenpop.ami.errors import AmiConnectionError
from screenpop.ami.problem_codes import ProblemCode, problem

READ_SIZE = 64 * 1024
_IDLE_S, _PROBE_S, _PROBES = 5, 2, 3
_UNANSWERED_MS = 6000

_T = TypeVar("_T")


class AmiSocket:
    """A connection that is opened once and closed once."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._closed = False

    def open(self, host: str, port: int, tls: AmiTls | None, deadline: float) -> None:
        """Connect to the first address that answers, and do the TLS handshake.

        ``deadline`` is on the monotonic clock, here as in ``read``.

        Raises OSError (``TimeoutError``, ``ConnectionRefusedError``, ``socket.gaierror``,
        ``ssl.SSLError``), or ``AmiConnectionError`` for a certificate that is not the pinned one.
        """
        context = None if tls is None else _tls_context(tls)
        self._connect(host, port, deadline)
        if tls is not None and context is not None:
            self._shake_hands(context, tls.server_name or host, deadline)
            if tls.pin_sha256:
                self._compare(tls.pin_sha256)

    def speaks_tls(self, limit_s: float) -> bool:
        """Return whether a silent peer answers a TLS handshake. The connection is unusable
        afterwards."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        try:
            self._shake_hands(context, "", time.monotonic() + limit_s)
        except ssl.SSLError as error:
            # An alert is an answer too: a TLS server that wants another version or a certificate.
            return "ALERT" in (error.reason or "")
        except OSError:
            return False
        return True

    def read(self, deadline: float = math.inf) -> bytes:
        """Return the bytes that have arrived, at least one; empty at the end of the connection."""
        return self._when_ready(lambda sock: sock.recv(READ_SIZE), select.POLLIN, deadline)

    def read_now(self) -> bytes | None:
        """Return the bytes that have arrived; None if none have, empty at the end of the
        connection."""
        try:
            with self._lock:
                return self._open_socket().recv(READ_SIZE)
        except (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None

    def holds_more(self) -> bool:
        """Return whether TLS holds decrypted data that ``poll`` on the descriptor does not
        report."""
        with self._lock:
            sock = self._socket
            return isinstance(sock, ssl.SSLSocket) and not self._closed and sock.pending() > 0

    def fileno(self) -> int:
        """Return the descriptor of the open socket. Raises OSError when it was closed on our
        side."""
        return self._open_socket().fileno()

    def has_arrived(self) -> bool:
        """Return whether data or the end of the connection can be read. Raises OSError as
        ``fileno``."""
        poll = select.poll()
        poll.register(self.fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def write(self, data: bytes, limit_s: float) -> None:
        """Write all bytes, or close the connection: a partial action would corrupt the next one."""
        deadline = time.monotonic() + limit_s
        if not self._writing.acquire(timeout=limit_s):
            raise TimeoutError("another action is still being written")
        try:
            rest = memoryview(data)
            while rest:
                sent = self._when_ready(_sender(rest), select.POLLOUT, deadline)
                rest = rest[sent:]
        except OSError:
            self.close()
            raise
        finally:
            self._writing.release()

    def close(self) -> None:
        """End the connection and wake its readers and writers; call ``release`` after they
        return."""
        with self._lock:
            self._closed = True
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    # Not ssl's own shutdown: it frees the TLS state while the reader uses it.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def release(self) -> None:
        """Close the descriptor. Only when no reader uses it any more."""
        self.close()
        with self._lock:
            if self._socket is not None:
                self._socket.close()

    def _connect(self, host: str, port: int, deadline: float) -> None:
        try:
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError as error:
            raise socket.gaierror(socket.EAI_NONAME, f"no host name: {error}") from error
        trouble: OSError = TimeoutError("no time left to connect")
        for index, (family, kind, protocol, _, address) in enumerate(addresses):
            share = (deadline - time.monotonic()) / (len(addresses) - index)
            try:
                self._take(socket.socket(family, kind, protocol))
                self._dial(address, time.monotonic() + share)
            except OSError as error:
                trouble = error
                self._drop()
            else:
                return
        raise trouble

    def _take(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        _set_options(sock)
        with self._lock:
            self._socket = sock

    def _drop(self) -> None:
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None

    def _dial(self, address: tuple[object, ...], deadline: float) -> None:
        sock = self._open_socket()
        with contextlib.suppress(BlockingIOError):
            sock.connect(address)
        self._wait(sock, select.POLLOUT, deadline)
        if code := self._open_socket().getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(code, "connect")
        sock.getpeername()

    def _shake_hands(self, context: ssl.SSLContext, name: str, deadline: float) -> None:
        plain = self._open_socket()
        secured = context.wrap_socket(
            plain, server_hostname=name or None, do_handshake_on_connect=False
        )
        with self._lock:
            self._socket = secured
        self._when_ready(lambda _: secured.do_handshake(), select.POLLIN, deadline)

    def _compare(self, pin: str) -> None:
        sock = self._open_socket()
        certificate = sock.getpeercert(binary_form=True) if isinstance(sock, ssl.SSLSocket) else b""
        got = hashlib.sha256(certificate or b"").hexdigest()
        expected = pin.replace(":", "").strip().lower()
        if not hmac.compare_digest(got.encode(), expected.encode()):
            raise AmiConnectionError(
                problem(ProblemCode.WRONG_CERTIFICATE, expected=expected, got=got)
            )

    def _when_ready(self, step: Callable[[socket.socket], _T], first: int, deadline: float) -> _T:
        while True:
            sock = self._open_socket()
            try:
                with self._lock:
                    return step(sock)
            except (BlockingIOError, InterruptedError):
                wanted = first
            except ssl.SSLWantReadError:
                wanted = select.POLLIN
            except ssl.SSLWantWriteError:
                wanted = select.POLLOUT
            self._wait(sock, wanted, deadline)

    def _open_socket(self) -> socket.socket:
        if self._closed or self._socket is None:
            raise ConnectionAbortedError("the connection was closed on our side")
        return self._socket

    def _wait(self, sock: socket.socket, wanted: int, deadline: float) -> None:
        poll = select.poll()
        try:
            poll.register(sock, wanted)
        except ValueError:
            raise ConnectionAbortedError("the connection was closed on our side") from None
        left = None if deadline == math.inf else max(0.0, deadline - time.monotonic()) * 1000
        if not poll.poll(left):
            raise TimeoutError("no answer in time")


def _sender(rest: memoryview) -> Callable[[socket.socket], int]:
    return lambda sock: sock.send(rest)


def _set_options(sock: socket.socket) -> None:
    for level, option, value in _options():
        sock.setsockopt(level, option, value)


def _options() -> Iterator[tuple[int, int, int]]:
    """Yield the socket options: keepalive detects half-open connections, as Asterisk sets none.

    The last ones exist on Linux only; elsewhere only the ping detects a half-open connection.
    """
    yield socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1
    yield socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
    for name, value in (
        ("TCP_KEEPIDLE", _IDLE_S),
        ("TCP_KEEPINTVL", _PROBE_S),
        ("TCP_KEEPCNT", _PROBES),
        ("TCP_USER_TIMEOUT", _UNANSWERED_MS),
    ):
        if hasattr(socket, name):
            yield socket.IPPROTO_TCP, getattr(socket, name), value


def _tls_context(tls: AmiTls) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=tls.ca_file or None)
    if tls.pin_sha256:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
