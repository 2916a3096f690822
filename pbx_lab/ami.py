"""Two plain AMI connections: one that records every byte, one that acts."""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
import threading
import time

from typing_extensions import override

from pbx_lab.asterisk import AMI_PORT
from pbx_lab.errors import NeverHappenedError

NUMBERS = itertools.count(1)


class AmiLine(threading.Thread):
    """A logged-in AMI user; every byte the server sends is kept."""

    def __init__(self, user: str, secret: str | None = None) -> None:
        super().__init__(daemon=True, name=f"ami-{user}")
        self.socket = socket.create_connection(("127.0.0.1", AMI_PORT), 5)
        self.socket.settimeout(None)
        self.bytes = b""
        self.changed = threading.Condition()
        self.closed = False
        self.start()
        self.send("Login", Username=user, Secret=secret or user)

    @override
    def run(self) -> None:
        """Read until the server closes."""
        while True:
            try:
                part = self.socket.recv(65536)
            except OSError:
                part = b""
            with self.changed:
                self.bytes += part
                self.closed = not part
                self.changed.notify_all()
            if not part:
                return

    def ask(self, action: str, done: bytes) -> None:
        """Send an action whose answer is a list, and wait for the event that ends the list."""
        already = len(self.bytes)
        self.send(action)
        self.until(b"Event: " + done + rb"\r\n(?:[^\r]+\r\n)*\r\n", after=already)

    def send(self, action: str, **values: str) -> bytes:
        """Send an action and wait for its response; gives its first message."""
        number = f"{action.lower()}-{next(NUMBERS)}"
        lines = [f"Action: {action}", f"ActionID: {number}"]
        lines += [f"{name}: {value}" for name, value in values.items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        pattern = rb"Response: [^\r]*\r\n(?:[^\r]+\r\n)*?ActionID: " + number.encode() + rb"\r\n"
        return self.until(pattern).group(0)

    def until(self, pattern: bytes, limit: float = 20, after: int = 0) -> re.Match[bytes]:
        """Wait until the bytes received so far match."""
        compiled = re.compile(pattern)
        end = time.monotonic() + limit
        with self.changed:
            while True:
                found = compiled.search(self.bytes, after)
                if found:
                    return found
                left = end - time.monotonic()
                if left <= 0 or self.closed:
                    raise NeverHappenedError(f"AMI never said {pattern!r}")
                self.changed.wait(left)

    def log_off(self) -> bytes:
        """Say goodbye; gives everything the server sent, from banner to logoff."""
        if not self.closed:
            self.send("Ping")
            self.send("Logoff")
            self.join(5)
        self.close()
        return self.bytes

    def close(self) -> None:
        """Hang up the line."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.join(5)
        self.socket.close()
