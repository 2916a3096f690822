"""Prints what the accept loop does in a process that may open no more files, as JSON.

``python -m tests.faults.full_table``: a client waits while the table is full; after five failed
tries a descriptor is freed, and the client must be served.
"""

import asyncio
import contextlib
import json
import logging
import resource
import socket
import subprocess
import sys
from typing import BinaryIO

from typing_extensions import override

from screenpop.web.connections import Acceptor, ConnectionLimits, CountingState
from screenpop.web.listen_socket import open_listening_socket

TRIES = 5
SOFT_LIMIT = 64
CLIENT = """
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 30) as line:
    print(line.recv(9).decode())
"""


class Lines(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to stderr and counts."""

    count = 0

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1
        super().emit(record)


class Greeting(asyncio.Protocol):
    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"hello")
        transport.close()


class CountingAcceptor(Acceptor):
    """Frees the table after ``TRIES`` failed tries."""

    tries = 0

    def __init__(self, listening: socket.socket, filling: list[BinaryIO]) -> None:
        state = CountingState(ConnectionLimits(most=10))
        super().__init__(listening, lambda _: Greeting(), state, retry_s=0.02)
        self._filling = filling

    @override
    def _pause(self, problem: OSError) -> None:
        self.tries += 1
        if self.tries == TRIES:
            while self._filling:
                self._filling.pop().close()
        super()._pause(problem)


async def main() -> None:
    lines = Lines(sys.stderr)
    logging.getLogger().addHandler(lines)
    listening = open_listening_socket("127.0.0.1", 0)
    command = [sys.executable, "-c", CLIENT, str(listening.getsockname()[1])]
    client = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: ASYNC220 -- before the loop works
    assert client.stdout is not None
    answer = asyncio.get_running_loop().run_in_executor(None, client.stdout.read)
    filling = fill_table()
    acceptor = CountingAcceptor(listening, filling)
    acceptor.start()
    greeting = (await answer).decode().strip()
    acceptor.close()
    await acceptor.wait_closed()
    figures = {"tries": acceptor.tries, "lines": lines.count, "answer": greeting}
    print(json.dumps(figures))  # noqa: T201


def fill_table() -> list[BinaryIO]:
    """Open files until no more may be opened."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (SOFT_LIMIT, hard))
    filling = list[BinaryIO]()
    with contextlib.suppress(OSError):
        while True:
            filling.append(open("/dev/null", "rb"))  # noqa: SIM115
    return filling


if __name__ == "__main__":
    asyncio.run(main())
