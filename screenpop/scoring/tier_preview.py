"""How many customers other rules for tiers would change, counted in a process of its own.

``python -m screenpop.scoring.tier_preview``: the first line of its input is a ``preview_request``,
its output one line of JSON. It reads the trips of all customers and imports no numpy.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from screenpop.common.worker_main import (
    exit_with_parent,
    read_request,
    run_worker,
    write_message,
)
from screenpop.loyalty.tier_json import read_rules
from screenpop.loyalty.tiers import PaidTrip, TierRule, earned_tier, is_higher
from screenpop.store.engine.database import Database, opened
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.value.office import Office, read_office


async def count_changes(
    database: Database, rules: Sequence[TierRule], today: date
) -> dict[str, Any]:
    """Return ``customers``, ``raised`` by their new tier, and ``kept`` by their tier.

    Kept are customers whose tier is higher than these rules give: no tier is lowered.
    """
    office = await read_office(database)
    raised: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    begin = 0
    for place in range(len(office.customers)):
        end = begin + office.trips[place]
        earned = earned_tier(rules, _trips(office, begin, end), today)
        current = office.tier_of(place)
        if is_higher(earned, current):
            raised[earned.value] += 1
        elif is_higher(current, earned):
            kept[current.value] += 1
        begin = end
    return {"customers": len(office.customers), "raised": raised, "kept": kept}


def _trips(office: Office, begin: int, end: int) -> list[PaidTrip]:
    return [
        PaidTrip(
            date.fromordinal(office.day[one]),
            office.price[one],
            office.currencies[office.currency[one]],
        )
        for one in range(begin, end)
    ]


async def _count_as_requested(request: dict[str, Any]) -> None:
    today, rules = date.fromisoformat(request["today"]), read_rules(request["rules"])
    async with opened(request["database"]) as database:
        write_message(await count_changes(database, rules, today))


def main() -> None:
    request = read_request()
    exit_with_parent()
    asyncio.run(_count_as_requested(request))


if __name__ == "__main__":
    run_worker(main, expected=(DatabaseProblemError,))
