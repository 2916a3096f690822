"""Forks worker processes from one that has imported what they need, for tests.

An export imports for 0.6 s of CPU and then works for a few ms, and the tests start more than a
hundred. A forked one still is a process of its own that runs the worker's module as a program;
``tests/worker_shim.py`` is what the server starts, kills and waits for. The worker that reads
sheets is not forked: it limits its own memory.

    python -I -m tests.forked_workers SOCKET
"""

import contextlib
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from screenpop.common import worker_process

SHIM = Path(__file__).parent / "worker_shim.py"
FORKED = ("screenpop.exporting.worker", "screenpop.importing.worker")


class ForkedWorkers:
    """Starts the forking process when the first such worker is wanted."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "workers"
        self._process: subprocess.Popen[bytes] | None = None

    def command(self, module: str) -> tuple[str, ...]:
        """Return what is executed for a worker."""
        if module not in FORKED:
            return (sys.executable, "-I", "-m", module)
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.forked_workers", str(self._path)],
                cwd=SHIM.parents[1],
                stdout=subprocess.PIPE,
            )
            assert self._process.stdout is not None
            assert self._process.stdout.readline() == b"ready\n"
        return (sys.executable, "-I", "-S", str(SHIM), str(self._path), module)

    def close(self) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()


@contextmanager
def forked_workers() -> Generator[None]:
    """Fork the workers of this process as long as the block."""
    real = worker_process.command_of
    with tempfile.TemporaryDirectory(prefix="sp-workers-") as folder:
        workers = ForkedWorkers(Path(folder))
        worker_process.command_of = workers.command
        try:
            yield
        finally:
            worker_process.command_of = real
            workers.close()


def serve(path: str) -> None:
    """Fork for each client, until killed."""
    for module in FORKED:
        runpy.run_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        os.write(1, b"ready\n")
        while True:
            line, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                watch_one(line)
            line.close()


def watch_one(line: socket.socket) -> None:
    """Run a worker in a child; kill it when the client is gone. Does not return."""
    data, streams, _, _ = socket.recv_fds(line, 1_000_000, 3)
    while not data.endswith(b"\n"):
        data += line.recv(1_000_000)
    child = os.fork()
    if child == 0:
        line.close()
        run_worker(data[:-1].decode(), streams)
    for stream in (*streams, 0, 1, 2):
        os.close(stream)
    ended = os.pidfd_open(child)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(line, select.POLLIN | select.POLLHUP)
    if all(found != ended for found, _ in poll.poll()):
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(OSError):
        line.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def run_worker(order: str, streams: list[int]) -> None:
    """Run the module as ``python -I -m`` does. Does not return."""
    module, folder, *environment = order.split("\0")
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    for one in environment:
        name, _, value = one.partition("=")
        os.environ[name] = value
    status = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 -- as the interpreter does
        sys.excepthook(*sys.exc_info())
        status = 1
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    serve(sys.argv[1])
