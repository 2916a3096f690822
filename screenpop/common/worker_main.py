"""The side of the child for ``worker_process``: read the request, write answers, end.

A worker's ``main`` is ``run_worker(work)``; ``work`` reads its request with ``read_request``.
"""

import os
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

import orjson

EXPECTED_FAILURE = 3
"""Exit code after an expected error, whose sentence is on standard error."""
NICENESS = 10
"""Added to the nice value: live calls get the processor first."""


def read_request() -> Any:
    """Return the first line of standard input, parsed from JSON."""
    return orjson.loads(sys.stdin.buffer.readline())


def write_message(message: object) -> None:
    """Write one line of JSON to standard output. Raises ``BrokenPipeError`` without a reader."""
    sys.stdout.buffer.write(orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


def on_more_input(callback: Callable[[], None]) -> None:
    """Call ``callback`` once, in another thread, when a byte or the end follows the request.

    The end comes when the parent closes the pipe or is gone.
    """

    def wait() -> None:
        sys.stdin.buffer.read(1)
        callback()

    threading.Thread(target=wait, daemon=True).start()


def exit_with_parent() -> None:
    """End this process at once when the parent closes the pipe or is gone."""
    on_more_input(lambda: os._exit(0))


def lower_priority() -> None:
    """Give live calls the processor first; nothing changes where a unit or container forbids it."""
    with suppress(PermissionError):
        os.nice(NICENESS)


def run_worker(work: Callable[[], None], expected: tuple[type[Exception], ...] = ()) -> NoReturn:
    """Run ``work`` with low priority and end the process: code 0, or 1 with a traceback.

    An ``expected`` error ends it with ``EXPECTED_FAILURE`` and its sentence only.

    ``os._exit``, because an ordinary end flushes to pipes without a reader and waits for the thread
    of ``on_more_input``, which holds the lock of standard input.
    """
    lower_priority()
    code = 0
    try:
        work()
        sys.stdout.flush()
    except BrokenPipeError:
        pass  # the parent is gone or has read enough
    except expected as problem:
        code = EXPECTED_FAILURE
        with suppress(OSError):
            sys.stderr.write(f"{problem}\n")
            sys.stderr.flush()
    except BaseException:  # noqa: BLE001 -- reported here, because the process ends here
        code = 1
        with suppress(OSError):
            traceback.print_exc()
            sys.stderr.flush()
    os._exit(code)
