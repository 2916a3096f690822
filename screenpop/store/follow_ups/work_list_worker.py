"""The process that builds the work lists; it runs as a module of its own.

The first line of its input holds the database, the office's time zone and the time. It works until
all lists are built or its input is closed; a kill at any moment leaves nothing half done.
"""

import asyncio
from typing import Any
from zoneinfo import ZoneInfo

from screenpop.common.worker_main import exit_with_parent, read_request, run_worker
from screenpop.service.ports import FencedOutError
from screenpop.store.engine.database import opened
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.fence import Lease, fence_of
from screenpop.store.follow_ups.work_list_build import build_work_list


def work_list_request(
    database: str, zone: ZoneInfo, now: float, fence: Lease | None = None
) -> dict[str, Any]:
    """Return the request for this worker.

    ``database``: its URL; ``fence``: the lease of the process that starts it."""
    return {"database": database, "zone": zone.key, "now": now, "fence": fence_of(fence)}


async def build_as_requested(request: dict[str, Any]) -> None:
    fence = Lease.from_plain(request["fence"])
    async with opened(request["database"], fence=fence) as database:
        await build_work_list(database, ZoneInfo(request["zone"]), request["now"])


def main() -> None:
    request = read_request()
    exit_with_parent()
    asyncio.run(build_as_requested(request))


if __name__ == "__main__":
    run_worker(main, expected=(DatabaseProblemError, FencedOutError))
