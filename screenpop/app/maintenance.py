"""What keeps the customers' file in order while the server runs: what another version of this
program wrote, and what sheets bring.

A few rows are seen to at once. Many are for a process of their own: beside a busy thread or on the
loop, cards would come late.
"""

import asyncio
from collections.abc import Callable

import structlog

from screenpop.common.worker_process import DEVNULL, PIPE, start_worker_process
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.search.maintenance import bring_up_to_date, count_outdated
from screenpop.store.search.maintenance_worker import maintenance_request
from screenpop.telephony.number_plan import NumberPlan

_log = structlog.get_logger()

LOOK_EVERY_S = 5.0
MAX_INLINE_ROWS = 20
"""Rows that take about as long as a page does."""


class MaintenanceError(Exception):
    """The process that should have put the file in order failed. Its text is what it said."""


async def maintain_search_data(
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
                await _run_maintenance(database, address, plan, look=not looked)
                looked = True
        except DatabaseProblemError:
            pass  # logged once, by the database; it is tried again
        except Exception as problem:  # noqa: BLE001 -- the records come back, or others tell of it
            _log.warning("The customers' file could not be kept in order", why=str(problem))
        await asyncio.sleep(LOOK_EVERY_S)


async def _run_maintenance(
    database: Database, address: str, plan: NumberPlan, *, look: bool
) -> None:
    waiting = await count_outdated(database, plan, MAX_INLINE_ROWS + 1)
    if waiting > MAX_INLINE_ROWS:
        await run_maintenance_process(address, plan)
        _log.info("The customers' file is in order")
    elif waiting or look:
        await bring_up_to_date(database, plan)


async def run_maintenance_process(address: str, plan: NumberPlan) -> None:
    """Raises ``MaintenanceError``. Cancelled, it stops the process; what that did stays done."""
    async with start_worker_process(
        "screenpop.store.search.maintenance_worker", stdout=DEVNULL, stderr=PIPE
    ) as worker:
        await worker.send(maintenance_request(address, plan))
        if await worker.wait():
            raise MaintenanceError(await worker.stderr_tail())
