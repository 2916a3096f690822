"""A Redis (or Valkey) of the tests' own, on a port of the loopback, that keeps nothing on disk."""

import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.tools import Tool, asked_redis, environment_of

_STARTS_WITHIN_S = 30.0


class RedisServer:
    """Can be killed, stopped for a while and started again on the same port."""

    def __init__(self, tool: Tool, program: Path, folder: Path, *options: str) -> None:
        self._program = program
        self._environment = environment_of(tool, program)
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Return when it answers."""
        options = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--port"]
        self._process = subprocess.Popen(
            [self._program, *options, str(self.port), "--dir", self._folder, *self._options],
            stdout=subprocess.DEVNULL,
            env=self._environment,
        )
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self._program} does not start")
            time.sleep(0.01)

    def _answers(self) -> bool:
        """Return whether it has loaded what it has on disk, and answers or asks for a password."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(100).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def remove_saved(self) -> None:
        """Start with no data the next time."""
        (self._folder / "dump.rdb").unlink(missing_ok=True)

    def freeze(self) -> None:
        """Let it answer nothing until ``thaw``; its connections stay."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)


@contextmanager
def running_redis(*options: str) -> Generator[RedisServer]:
    """Run a server with further options of its command line; skips the test where there is none."""
    tool = asked_redis()
    program = tool.ensure_for_test()
    with tempfile.TemporaryDirectory(prefix="screenpop-redis-") as folder:
        server = RedisServer(tool, program, Path(folder), *options)
        server.start()
        try:
            yield server
        finally:
            server.thaw()
            server.kill()


def free_port() -> int:
    """Return a port of the loopback that nothing uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
