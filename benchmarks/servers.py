"""Starts the servers that are measured, each in a process of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.customers import TIMEZONE
from benchmarks.pbx import SECRET, USERNAME
from tests.whole_office.processes import SERVE, ServerError, free_port

HERE = Path(__file__).resolve().parent

_PORT = re.compile(r"^(\d+)\n", re.MULTILINE)
_STARTS_WITHIN_S = 60.0
_STOPS_WITHIN_S = 20.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used since its start."""

    cpu_s: float
    rss: int
    """Bytes now."""
    read: int
    """Bytes read from the disk."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. ``port`` is its HTTP port."""

    port: int
    pid: int
    output: Path

    def usage(self) -> Usage:
        stat = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        io = dict(
            line.split(": ") for line in Path(f"/proc/{self.pid}/io").read_text().splitlines()
        )
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        cpu = (int(stat[11]) + int(stat[12])) / _TICKS
        return Usage(cpu, pages * os.sysconf("SC_PAGE_SIZE"), int(io["read_bytes"]))


@contextmanager
def floor(ami_port: int, database: Path, *, answering: bool = False) -> Iterator[Server]:
    """Run the floor, or the answering floor."""
    script = "answering_floor.py" if answering else "floor.py"
    with _script(script, [str(ami_port), str(database)]) as server:
        yield server


@contextmanager
def conventional_design(ami_port: int, database: Path) -> Iterator[Server]:
    """Run the conventional design: plain pyst2, the async ORM and FastAPI's websockets."""
    with _script("conventional_design.py", [str(ami_port), str(database)]) as server:
        yield server


@contextmanager
def product(
    ami_port: int,
    data: Path,
    start: Sequence[str] = SERVE,
    more: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run Screenpop as ``screenpop serve`` does. ``start``: another command line; ``more``: added
    environment variables."""
    port = free_port()
    environment = {**settings(ami_port, data, port), **(more or {})}
    with _process([sys.executable, *start], environment, data) as (process, output):
        server = Server(port, process.pid, output)
        _wait_until_ready(process, server)
        yield server


def settings(ami_port: int, data: Path, port: int = 0) -> dict[str, str]:
    """Return the settings of the product as environment variables."""
    pbx = {"id": "office", "port": ami_port, "username": USERNAME, "secret": SECRET}
    return {
        "SCREENPOP_DATA_DIR": str(data),
        "SCREENPOP_BIND_PORT": str(port),
        "SCREENPOP_TIMEZONE": TIMEZONE,
        "SCREENPOP_NUMBER_PLAN": json.dumps({"region": "IR", "extensions": ["1XXX"]}),
        "SCREENPOP_PBX": json.dumps([pbx]),
        "SCREENPOP_LOG_FORMAT": "json",
    }


@contextmanager
def command(data: Path, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command of the product beside the server; stop it at the end of the block."""
    program = (*SERVE[:2], *arguments)
    with _process([sys.executable, *program], settings(1, data), data) as (process, _):
        yield process


@contextmanager
def _script(name: str, arguments: Sequence[str]) -> Iterator[Server]:
    with _process([sys.executable, str(HERE / name), *arguments], {}) as (process, output):
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while not (port := _PORT.search(output.read_text(errors="replace"))):
            _check(process, output, deadline)
            time.sleep(0.02)
        yield Server(int(port[1]), process.pid, output)


@contextmanager
def _process(
    command: Sequence[str], environment: Mapping[str, str], folder: Path | None = None
) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    with tempfile.TemporaryDirectory(prefix="screenpop-benchmark-") as temporary:
        output = Path(temporary) / "output"
        own = {key: value for key, value in os.environ.items() if not key.startswith("SCREENPOP_")}
        with output.open("wb") as log_file:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=subprocess.STDOUT,
                env={**own, "PYTHONPATH": str(HERE.parent), **environment},
                cwd=folder,
            )
        try:
            yield process, output
            if process.poll():
                raise ServerError(_end_of(output))
        finally:
            _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOPS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_ready(process: "subprocess.Popen[bytes]", server: Server) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_S
    address = f"http://127.0.0.1:{server.port}/readyz"
    while True:
        _check(process, server.output, deadline)
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if set(json.load(answer)["pbx"].values()) <= {"live"}:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.05)


def _check(process: "subprocess.Popen[bytes]", output: Path, deadline: float) -> None:
    if process.poll() is not None:
        raise ServerError(f"it ended by itself ({process.returncode}): {_end_of(output)}")
    if time.monotonic() > deadline:
        raise ServerError(f"it was not ready in {_STARTS_WITHIN_S:g} s: {_end_of(output)}")


def _end_of(output: Path) -> str:
    return output.read_text(errors="replace")[-3000:]
