"""The importing process: ``python -m screenpop.importing.worker``.

One line in says what to do, lines out tell how it goes. Told to stop, or left alone by whoever
started it, it stops after the rows in hand; what came in stands in the list of imports.
"""

import asyncio
import os
import signal
import sys
from contextlib import suppress

import orjson

from screenpop.importing.job import run_import_task
from screenpop.importing.messages import ImportMessage, message_to_json
from screenpop.importing.request import ImportRequest

NICENESS = 10
"""Calls come first: the last in the queue for the CPU."""
_LONGEST_LINE = 16 * 1024 * 1024


async def work() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    orders = asyncio.StreamReader(limit=_LONGEST_LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    ask = ImportRequest.from_plain(orjson.loads(await orders.readline()))
    listening = asyncio.create_task(_stop_when_told(orders, stopped))
    try:
        say(await run_import_task(ask, say, stopped.is_set))
    finally:
        listening.cancel()


async def _stop_when_told(orders: asyncio.StreamReader, stopped: asyncio.Event) -> None:
    await orders.read(1)  # a word, or the end: nobody waits for us any more
    stopped.set()


def say(said: ImportMessage) -> None:
    with suppress(BrokenPipeError):
        sys.stdout.buffer.write(orjson.dumps(message_to_json(said)) + b"\n")
        sys.stdout.buffer.flush()


def main() -> None:
    os.nice(NICENESS)
    asyncio.run(work())
    with suppress(BrokenPipeError):
        sys.stdout.flush()
    os._exit(0)  # nobody may be left to read what is flushed at an ordinary end


if __name__ == "__main__":
    main()
