"""Attacks a demo of its own with unfinished requests and prints figures.

``python -m tests.faults.half_requests [--lines 800]``: loopback only. Half headers, bodies that
trickle, connections that send nothing, and more connections than the process may open files; all
the while the login page is timed and a slow but honest upload goes on.
"""

import argparse
import contextlib
import resource
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.browser.demo_server import COMMAND, free_port

HALF_HEADER = b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
SLOW_BODY = (
    b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
)
GIVE_UP_S = 90.0


@dataclass
class Figures:
    """What one attack did."""

    name: str
    opened: int = 0
    refused: int = 0
    closed_after_s: float = 0.0
    """When the last of them was closed; 0 when some were still open at the end."""
    still_open: int = 0
    slowest_page_s: float = 0.0
    failed_pages: int = 0
    log_lines: int = 0

    def line(self) -> str:
        """One row of the table."""
        closed = f"{self.closed_after_s:.1f} s" if not self.still_open else "never"
        return (
            f"{self.name:<34} opened {self.opened:>4}  refused {self.refused:>4}"
            f"  all closed after {closed:>7}  slowest page {self.slowest_page_s * 1000:>5.0f} ms"
            f"  pages failed {self.failed_pages}  log lines {self.log_lines}"
        )


class Attacked:
    """A demo in a process of its own. ``files``: its limit of open files."""

    def __init__(self, folder: Path, files: int | None = None) -> None:
        self.port = free_port()
        self.log = folder / "server.log"
        command = [COMMAND, "demo", "--port", str(self.port), "--data", str(folder / "data")]

        def limit() -> None:
            if files is not None:
                resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "--no-browser", "--no-calls"],
                stdout=log,
                stderr=log,
                preexec_fn=limit,  # noqa: PLW1509 -- no thread runs here
            )
        until = time.monotonic() + 60
        while self.page_s() is None:
            if time.monotonic() > until or self._process.poll() is not None:
                raise SystemExit(f"the demo did not come up: {self.log.read_text()}")
            time.sleep(0.2)

    def page_s(self) -> float | None:
        """How long the login page takes; None when it does not come."""
        began = time.monotonic()
        address = f"http://127.0.0.1:{self.port}/login"
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                answer.read()
        except OSError:
            return None
        return time.monotonic() - began

    def lines(self) -> int:
        """How many lines it logged so far."""
        return self.log.read_bytes().count(b"\n")

    def stop(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)


def attack(
    server: Attacked,
    name: str,
    lines: int,
    first: bytes,
    then: bytes = b"",
    address_of: Callable[[int], str] = lambda _: "127.0.0.1",
) -> Figures:
    """Open so many lines, send ``first``, then ``then`` each second, until all are closed."""
    figures = Figures(name)
    before = server.lines()
    open_lines = dict[int, socket.socket]()
    with selectors.DefaultSelector() as selector, contextlib.ExitStack() as closing:
        for number in range(lines):
            line = closing.enter_context(socket.socket())
            try:
                line.bind((address_of(number), 0))
                line.connect(("127.0.0.1", server.port))
                line.send(first)
            except OSError:
                figures.refused += 1
                continue
            line.setblocking(False)
            open_lines[line.fileno()] = line
            selector.register(line, selectors.EVENT_READ)
        began = time.monotonic()
        figures.opened = len(open_lines)
        while open_lines and time.monotonic() - began < GIVE_UP_S:
            _page(server, figures)
            early = time.monotonic() - began < 1
            figures.refused += _closed(selector, open_lines) if early else 0
            _closed(selector, open_lines)
            for line in open_lines.values():
                with contextlib.suppress(OSError):
                    line.send(then)
        figures.closed_after_s = time.monotonic() - began
    figures.still_open = len(open_lines)
    figures.log_lines = server.lines() - before
    return figures


def _page(server: Attacked, figures: Figures) -> None:
    took = server.page_s()
    if took is None:
        figures.failed_pages += 1
    else:
        figures.slowest_page_s = max(figures.slowest_page_s, took)


def _closed(selector: selectors.BaseSelector, open_lines: dict[int, socket.socket]) -> int:
    """Forget the lines that the server closed within the next second; return how many."""
    count = 0
    until = time.monotonic() + 1
    while (left := until - time.monotonic()) > 0 and open_lines:
        for key, _ in selector.select(left):
            line = key.fileobj
            assert isinstance(line, socket.socket)
            try:
                ended = not line.recv(65536)
            except BlockingIOError:
                continue
            except OSError:
                ended = True
            if ended:
                selector.unregister(line)
                del open_lines[line.fileno()]
                count += 1
    return count


def main() -> None:
    """All attacks, each on a fresh demo."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=800)
    lines = parser.parse_args().lines
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4 * lines + 100)), hard))

    def spread(number: int) -> str:
        return f"127.0.{1 + number // 200}.{1 + number % 200}"

    attacks: list[tuple[str, int | None, Callable[[Attacked, str], Figures]]] = [
        ("half headers", None, lambda s, n: attack(s, n, lines, HALF_HEADER)),
        ("header, a byte a second", None, lambda s, n: attack(s, n, lines, HALF_HEADER, b"a")),
        ("nothing sent", None, lambda s, n: attack(s, n, lines, b"")),
        ("body, a byte a second", None, lambda s, n: attack(s, n, lines, SLOW_BODY, b"a")),
        (
            "half headers, several addresses",
            None,
            lambda s, n: attack(s, n, lines, HALF_HEADER, b"", spread),
        ),
        ("half headers, 256 open files", 256, lambda s, n: attack(s, n, lines, HALF_HEADER)),
        ("same, many addresses", 256, lambda s, n: attack(s, n, lines, HALF_HEADER, b"", spread)),
        ("three times as many", None, lambda s, n: attack(s, n, 3 * lines, HALF_HEADER)),
    ]
    for name, files, run in attacks:
        with tempfile.TemporaryDirectory() as folder:
            server = Attacked(Path(folder), files)
            try:
                print(run(server, name).line(), flush=True)  # noqa: T201
            finally:
                server.stop()
    sys.exit(0)


if __name__ == "__main__":
    main()
