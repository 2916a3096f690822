"""The maintenance process: ``python -m screenpop.store.search.maintenance_worker``.

The first line of its input holds the database and the number plan. It works until all is done or
its input is closed; a kill at any moment leaves nothing half done.
"""

import asyncio
from typing import Any

from screenpop.common.worker_main import exit_with_parent, read_request, run_worker
from screenpop.service.ports import FencedOutError
from screenpop.store.engine.database import opened
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.fence import Lease, fence_of
from screenpop.store.search.maintenance import bring_up_to_date
from screenpop.telephony.number_plan import NumberPlan


def maintenance_request(
    database: str, plan: NumberPlan, fence: Lease | None = None
) -> dict[str, Any]:
    """Return the request for this worker: the URL of the database and how numbers are read.

    ``fence``: the lease of the process that starts it."""
    return {"database": database, "plan": plan.plain(), "fence": fence_of(fence)}


async def run_maintenance(request: dict[str, Any]) -> None:
    fence = Lease.from_plain(request["fence"])
    async with opened(request["database"], fence=fence) as database:
        await bring_up_to_date(database, NumberPlan.from_plain(request["plan"]))


def main() -> None:
    request = read_request()
    exit_with_parent()
    asyncio.run(run_maintenance(request))


if __name__ == "__main__":
    run_worker(main, expected=(DatabaseProblemError, FencedOutError))
