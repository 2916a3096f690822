"""Keeps the search data of customers up to date, and makes the key for travel documents.

A few rows are updated directly. Many rows go to a separate process, because a busy thread or loop
would delay cards (ADR 6).
"""

import asyncio
from collections.abc import Callable

import structlog

from screenpop.common.worker_main import EXPECTED_FAILURE
from screenpop.common.worker_process import DEVNULL, PIPE, start_worker_process
from screenpop.store.customers.document_keys import load_document_key
from screenpop.store.engine.database import Database
from screenpop.store.engine.document_key import DocumentKeyError
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.fence import Lease
from screenpop.store.search.maintenance import bring_up_to_date, count_outdated
from screenpop.store.search.maintenance_worker import maintenance_request
from screenpop.telephony.number_plan import NumberPlan

_log = structlog.get_logger()

LOOK_EVERY_S = 5.0
MAX_INLINE_ROWS = 20
"""Rows that take about as long to update as one page request."""


class MaintenanceError(Exception):
    """The maintenance process failed; the message is its error output."""


async def prepare_document_key(database: Database) -> None:
    """Make the key for travel documents at the first start; log why it cannot be used."""
    try:
        await load_document_key(database)
    except DocumentKeyError as problem:
        _log.error(str(problem))
    except DatabaseProblemError:
        pass  # logged once, by the database; the key is made with the first document


async def maintain_search_data(
    database: Database,
    address: str,
    plan: NumberPlan,
    importing: Callable[[], bool] = lambda: False,
) -> None:
    """Run for ever, on the database at ``address``. It pauses during an import, which updates the
    search data itself."""
    looked = False
    while True:
        try:
            if not importing():
                await _run_maintenance(database, address, plan, look=not looked)
                looked = True
        except DatabaseProblemError:
            pass  # logged once, by the database; retried
        except Exception as problem:  # noqa: BLE001 -- the database may come back; it logs its own errors
            _log.warning("The customers' file could not be kept in order", why=str(problem))
        await asyncio.sleep(LOOK_EVERY_S)


async def _run_maintenance(
    database: Database, address: str, plan: NumberPlan, *, look: bool
) -> None:
    waiting = await count_outdated(database, plan, MAX_INLINE_ROWS + 1)
    if waiting > MAX_INLINE_ROWS:
        await run_maintenance_process(address, plan, database.fence)
        _log.info("The customers' file is in order")
    elif waiting or look:
        await bring_up_to_date(database, plan)


async def run_maintenance_process(
    address: str, plan: NumberPlan, fence: Lease | None = None
) -> None:
    """Run the maintenance process; cancelling stops it. ``fence``: this process's lease.

    Raises ``DatabaseProblemError`` for a failure of the database, else ``MaintenanceError``.
    """
    async with start_worker_process(
        "screenpop.store.search.maintenance_worker", stdout=DEVNULL, stderr=PIPE
    ) as worker:
        await worker.send(maintenance_request(address, plan, fence))
        code = await worker.wait()
        if code == EXPECTED_FAILURE:
            raise DatabaseProblemError("worker", await worker.stderr_tail())
        if code:
            raise MaintenanceError(await worker.stderr_tail())
