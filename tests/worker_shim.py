"""Takes the place of a worker process that ``tests.forked_workers`` forks: passes its own pipes,
directory and environment on, and ends as the worker ends. Imports little, because its start counts.

    python -I -S tests/worker_shim.py SOCKET MODULE
"""

import os
import signal
import socket
import sys


def main() -> None:
    path, module = sys.argv[1:]
    parts = [module, os.getcwd(), *(f"{name}={value}" for name, value in os.environ.items())]
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(path)
        socket.send_fds(line, ["\0".join(parts).encode() + b"\n"], [0, 1, 2])
        for stream in (0, 1, 2):
            os.close(stream)
        status = int(line.recv(16) or b"1")
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


if __name__ == "__main__":
    main()
