"""The scoring process: ``python -m screenpop.scoring.worker``.

The first line of its input is a ``score_request``. It works until all is stored or its input is
closed; a kill at any moment leaves whole rows, and the next run begins again.
"""

import asyncio
from datetime import date
from typing import Any

from screenpop.common.worker_main import exit_with_parent, read_request, run_worker
from screenpop.scoring.request import point_rules_of, rules_of
from screenpop.scoring.run import score_customers, score_office
from screenpop.service.ports import FencedOutError
from screenpop.store.engine.database import opened
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.fence import Lease
from screenpop.store.points.posting import post_points
from screenpop.store.privacy.clock_record import read_clock
from screenpop.store.value.tier_rules import rules_in_use


async def score_as_requested(request: dict[str, Any]) -> None:
    today, now = date.fromisoformat(request["today"]), request["now"]
    fence = Lease.from_plain(request["fence"])
    async with opened(request["database"], fence=fence) as database:
        rules = await rules_in_use(database, rules_of(request))
        if request["ids"] is None:
            await score_office(database, today, rules, now)
        else:
            await score_customers(database, request["ids"], today, rules, now)
        # By a wrong date all points would expire, for good.
        if (await read_clock(database, now)).held_until is None:
            await post_points(database, point_rules_of(request), today, now, request["ids"])


def main() -> None:
    request = read_request()
    exit_with_parent()
    asyncio.run(score_as_requested(request))


if __name__ == "__main__":
    run_worker(main, expected=(DatabaseProblemError, FencedOutError))
