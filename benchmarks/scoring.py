"""Times ``screenpop score`` for an office of a million customers: ``python -m benchmarks.scoring``.

The customers are those of ``benchmarks.seasonal_travellers``, drawn once for a part and repeated
with other ids; about three trips each. ``--customers 100000`` for fewer.
"""

import argparse
import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from benchmarks.seasonal_travellers import draw_travellers
from screenpop.store.engine.database import Database, migrate, opened
from screenpop.store.schema.tables import customers, trips

_DRAWN = 20_000
_SEED = 20260226
_SLICE = 10_000
_SETTINGS = """data_dir = "{folder}"
timezone = "UTC"
[number_plan]
region = "GR"
[[value.tiers]]
tier = "silver"
trips = 3
[[value.tiers]]
tier = "gold"
trips = 6
within_months = 60
"""


def _rows(size: int, today: int) -> Iterator[tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    drawn = draw_travellers(min(size, _DRAWN), today, _SEED)
    days: dict[int, list[int]] = {}
    for owner, day in zip(drawn.owner.tolist(), drawn.day.tolist(), strict=True):
        days.setdefault(owner, []).append(day)
    for begin in range(0, size, _SLICE):
        ids = range(begin + 1, min(begin + _SLICE, size) + 1)
        people = [
            {
                "id": one,
                "names": [{"language": "en", "given": "A", "family": f"B{one}"}],
                "tags": [],
                "created_at": 0.0,
                "changed_at": 0.0,
            }
            for one in ids
        ]
        journeys = [
            {
                "customer_id": one,
                "destination": "Rome",
                "departs": date.fromordinal(day),
                "status": "travelled",
                "price": 500 + day % 1500,
                "margin": 50 + day % 150,
                "currency": "EUR",
            }
            for one in ids
            for day in days.get(one % drawn.size, ())
        ]
        yield people, journeys


async def _fill(database: Database, size: int, today: int) -> int:
    count = 0
    for people, journeys in _rows(size, today):
        async with database.writing() as connection:
            await connection.execute(insert(customers), people)
            await connection.execute(insert(trips), journeys)
        count += len(journeys)
    return count


async def _prepare(folder: Path, size: int) -> int:
    address = f"sqlite:///{folder / 'screenpop.db'}"
    await asyncio.to_thread(migrate, address)
    async with opened(address, folder) as database:
        return await _fill(database, size, datetime.now().astimezone().date().toordinal())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    size = parser.parse_args().customers
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        count = asyncio.run(_prepare(folder, size))
        settings = folder / "screenpop.toml"
        settings.write_text(_SETTINGS.format(folder=folder))
        for turn in ("first", "second"):
            began = time.perf_counter()
            command = [sys.executable, "-m", "screenpop.cli", "score", "--settings", str(settings)]
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            took = time.perf_counter() - began
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            print(f"{turn} run: {size:,} customers, {count:,} trips: {took:.0f} s", flush=True)
            print(f"  processor so far {used.ru_utime + used.ru_stime:.0f} s", flush=True)
            print(f"  memory at most {used.ru_maxrss / 1024:.0f} MB", flush=True)
            print(done.stdout + done.stderr, flush=True)


if __name__ == "__main__":
    main()
