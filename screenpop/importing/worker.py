"""The import process: ``python -m screenpop.importing.worker``.

Reads one ``ImportRequest``, writes ``Progress`` messages and one ``ImportFinished``. A byte on its
input, the end of its input, SIGTERM and SIGINT stop it after the current chunk of rows; what was
imported by then is in the list of imports.
"""

import asyncio
import signal
from contextlib import suppress

from screenpop.common.worker_main import on_more_input, read_request, run_worker, write_message
from screenpop.importing.job import run_import_task
from screenpop.importing.messages import ImportMessage, message_to_json
from screenpop.importing.request import ImportRequest


async def work(request: ImportRequest) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)

    def stop() -> None:
        with suppress(RuntimeError):  # the loop is closed: the work is done
            loop.call_soon_threadsafe(stopped.set)

    on_more_input(stop)  # a byte means cancel
    _send(await run_import_task(request, _send, stopped.is_set))


def _send(message: ImportMessage) -> None:
    with suppress(BrokenPipeError):
        write_message(message_to_json(message))


def main() -> None:
    asyncio.run(work(ImportRequest.from_plain(read_request())))


if __name__ == "__main__":
    run_worker(main)
