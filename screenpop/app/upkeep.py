"""What keeps the customers' file in order while the server runs: what another version of this
program wrote, and what sheets bring.

A few rows are seen to at once. Many are for a process of their own: beside a busy thread or on the
loop, cards would come late.
"""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress

import structlog

from screenpop.store.database import Database
from screenpop.store.order import out_of_order, put_in_order
from screenpop.store.order_worker import ask_of
from screenpop.store.problems import DatabaseProblemError
from screenpop.telephony.plan import NumberPlan

_log = structlog.get_logger()

LOOK_EVERY_S = 5.0
FEW = 20
"""Rows that take about as long as a page does."""


class DisorderError(Exception):
    """The process that should have put the file in order failed. Its text is what it said."""


async def keep_file_in_order(
    database: Database,
    address: str,
    plan: NumberPlan,
    importing: Callable[[], bool] = lambda: False,
) -> None:
    """For ever. ``address`` is the database's own. While a sheet comes in it waits: whoever brings
    it sees to the search."""
    looked = False
    while True:
        try:
            if not importing():
                await _put_in_order(database, address, plan, look=not looked)
                looked = True
        except DatabaseProblemError:
            pass  # logged once, by the database; it is tried again
        except Exception as problem:  # noqa: BLE001 -- the records come back, or others tell of it
            _log.warning("The customers' file could not be kept in order", why=str(problem))
        await asyncio.sleep(LOOK_EVERY_S)


async def _put_in_order(database: Database, address: str, plan: NumberPlan, *, look: bool) -> None:
    waiting = await out_of_order(database, plan, FEW + 1)
    if waiting > FEW:
        await order_in_own_process(address, plan)
        _log.info("The customers' file is in order")
    elif waiting or look:
        await put_in_order(database, plan)


async def order_in_own_process(address: str, plan: NumberPlan) -> None:
    """Raises ``DisorderError``. Cancelled, it stops the process; what that did stays done."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-m",
        "screenpop.store.order_worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        if process.stdin is None or process.stderr is None:
            raise RuntimeError("a process without its pipes")
        with suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(ask_of(address, plan))
            await process.stdin.drain()
        said = await process.stderr.read()
        if await process.wait():
            raise DisorderError(said[-1000:].decode("utf-8", "replace").strip())
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
