"""Starts the parts of an office, each in a process of its own, and stops them by their id."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from tests.tools import REDIS, Tool, library_path
from tests.whole_office.simulated_pbx import Account

_STARTS_WITHIN_S = 90.0
_STOPS_WITHIN_S = 20.0
_TICKS = os.sysconf("SC_CLK_TCK")
SERVE = ("-c", "from screenpop.cli import main; main()", "serve")
"""The command ``screenpop``, which need not be on the path."""


class ServerError(RuntimeError):
    """A server did not start, or ended by itself; the text is the end of its output."""


@dataclass(slots=True)
class Part:
    """A process."""

    name: str
    process: "subprocess.Popen[bytes]"
    output: Path
    port: int = 0
    has_workers: bool = False
    """Whether its children do its work, as those of nginx. Screenpop's do nightly work."""
    command: str = ""
    """Of a process of Screenpop: ``listen``, ``web`` or ``serve``."""
    used_s: float = 0.0
    """Processor time when it was killed."""

    def cpu_s(self) -> float:
        """Return the processor time since the start."""
        if self.process.poll() is not None:
            return self.used_s
        return processor_time(self.process.pid, with_children=self.has_workers)

    def kill(self) -> float:
        """Kill it (kill -9) and return when, on the monotonic clock."""
        self.used_s = self.cpu_s()
        self.process.kill()
        at = time.monotonic()
        self.process.wait()
        return at

    def wait_until_ready(self, path: str = "/readyz") -> None:
        """Wait until it answers 200. Raises ``ServerError`` with the end of its output."""
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while not answers(self.port, path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise ServerError(f"{self.name} is not ready: {self.end_of_output()}")
            time.sleep(0.1)

    def end_of_output(self) -> str:
        return self.output.read_text(errors="replace")[-3000:]


@dataclass(slots=True)
class Office:
    """The running parts."""

    folder: Path
    closing: ExitStack
    settings: Mapping[str, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        environment: Mapping[str, str] | None = None,
        port: int = 0,
    ) -> Part:
        """Start a process; it is stopped with the office."""
        output = self.folder / f"{name}.log"
        own = {key: value for key, value in os.environ.items() if not key.startswith("SCREENPOP_")}
        with output.open("wb") as log_file:
            process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=subprocess.STDOUT,
                env={**own, **(environment or {})},
                cwd=self.folder,
            )
        part = Part(name, process, output, port)
        self.parts.append(part)
        self.closing.callback(_stop, process)
        return part

    def screenpop(self, name: str, command: str) -> Part:
        """Start ``screenpop listen``, ``web`` or ``serve`` on a port of its own."""
        return self._screenpop(name, command, free_port())

    def again(self, part: Part) -> Part:
        """Start a process of Screenpop that has ended once more, at the same port."""
        return self._screenpop(f"{part.name} again", part.command, part.port)

    def _screenpop(self, name: str, command: str, port: int) -> Part:
        option = () if command == "serve" else ("--port", str(port))
        root = str(Path(__file__).resolve().parents[2])
        own = {"PYTHONPATH": root, "SCREENPOP_BIND_PORT": str(port)}
        python = [sys.executable, *SERVE[:2], command, *option]
        part = self.start(name, python, {**own, **self.settings}, port)
        part.command = command
        return part


@contextmanager
def office() -> Iterator[Office]:
    """Yield an office without parts; stop all of them at the end."""
    with tempfile.TemporaryDirectory(prefix="screenpop-scale-") as folder, ExitStack() as closing:
        yield Office(Path(folder), closing)


def start_redis(here: Office) -> str:
    """Start Redis or Valkey on a socket in the folder; return its URL."""
    program, socket = REDIS.ensure(), here.folder / "redis.sock"
    options = ("--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no")
    part = here.start("redis", [program, *options], library_environment(REDIS, program))
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while not socket.exists():
        if part.process.poll() is not None or time.monotonic() > deadline:
            raise ServerError(f"redis is not ready: {part.end_of_output()}")
        time.sleep(0.05)
    return f"unix://{socket}"


def office_settings(
    folder: Path, account: Account, database: str, redis_url: str, timezone: str
) -> dict[str, str]:
    """Return the settings that all processes of Screenpop share, as environment variables."""
    pbx = {
        "id": "office",
        "port": account.port,
        "username": account.username,
        "secret": account.secret,
    }
    data = folder / "data"
    data.mkdir()
    return {
        "SCREENPOP_DATA_DIR": str(data),
        "SCREENPOP_DATABASE_URL": database,
        **({"SCREENPOP_REDIS": json.dumps({"url": redis_url})} if redis_url else {}),
        "SCREENPOP_TIMEZONE": timezone,
        "SCREENPOP_NUMBER_PLAN": json.dumps({"region": "IR", "extensions": ["1XXX", "2XXX"]}),
        "SCREENPOP_PBX": json.dumps([pbx]),
        "SCREENPOP_TRUSTED_PROXIES": json.dumps(["127.0.0.1"]),
        "SCREENPOP_LOG_FORMAT": "json",
    }


def processor_time(pid: int, *, with_children: bool) -> float:
    """Return the processor time of a process, in seconds."""
    children: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            number = int(folder.name)
            children.setdefault(int(stat[1]), []).append(number)
            # Own time; after it that of children which have ended.
            used[number] = sum(map(int, stat[11 : 15 if with_children else 13])) / _TICKS
    if not with_children:
        return used.get(pid, 0.0)
    total, waiting = 0.0, [pid]
    while waiting:
        one = waiting.pop()
        total += used.get(one, 0.0)
        waiting += children.get(one, [])
    return total


def postgres_pid(database: str) -> int:
    """Return the process id of the server that a URL leads to, which runs on this machine."""

    async def ask() -> int:
        connection = await asyncpg.connect(database)
        try:
            lines = await connection.fetchval("SELECT pg_read_file('postmaster.pid')")
        finally:
            await connection.close()
        return int(str(lines).partition("\n")[0])

    return asyncio.run(ask())


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def answers(port: int, path: str) -> bool:
    """Return whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            status: int = answer.status
            return status == 200
    except (urllib.error.URLError, OSError):
        return False


def library_environment(tool: Tool, program: Path) -> dict[str, str]:
    """Return what an unpacked program needs in its environment to find its libraries."""
    tree = tool.root.path
    return {"LD_LIBRARY_PATH": library_path(tree)} if tree in program.parents else {}


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOPS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
