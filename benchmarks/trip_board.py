"""Times the board of trips: all columns, the next page of one, one owner's, and the stuck ones.

``python -m benchmarks.trip_board [--customers 1000000] [--postgres] [--times 20]``; each customer
has up to six trips, of which 25,000 in a million are open: asked, quoted, booked, ticketed or under
way. Some are without a day, and one in forty is of the owner whose trips are asked for.
"""

import argparse
import asyncio
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.customers import TIMEZONE, work_copy
from benchmarks.postgres import on_postgres
from benchmarks.request_times import HEAD, time_requests
from screenpop.accounts.users import UserId
from screenpop.customers.models import TripStatus
from screenpop.customers.trip_board import BoardRules
from screenpop.store.engine.database import Database, opened
from screenpop.store.trip_board.queries import BoardFilter, load_board, load_column

TABLES = ("users", "trips", "trip_progress")
_STATES = """
    UPDATE trips SET status = CASE id % 200 WHEN 0 THEN 'asked' WHEN 7 THEN 'quoted'
            WHEN 11 THEN 'booked' WHEN 13 THEN 'travelling' WHEN 17 THEN 'ticketed'
            ELSE 'travelled' END,
        departs = CASE id % 400 WHEN 0 THEN NULL ELSE departs END
    WHERE status = 'ticketed'"""
_USER = """
    INSERT INTO users (id, username, display_name, password_hash, role, department, language,
        active, created_at)
    SELECT 1, 'owner', 'Owner', 'x', 'agent', '', 'en', 1, 1"""
_PROGRESS = """
    INSERT INTO trip_progress (trip_id, owner_id, ticked, since, version)
    SELECT id, 1, '[]', 1764000000 - id % 90 * 86400, 1 FROM trips
    WHERE status <> 'travelled' AND id / 200 % 40 = 0"""


def fill(path: Path) -> None:
    """Give open trips their states, and some of them an owner."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(_STATES)
        connection.execute(_USER)
        connection.execute(_PROGRESS)
        connection.execute("ANALYZE")


async def measure(database: Database, times: int) -> None:
    """Print the times of the board's reads."""
    zone = ZoneInfo(TIMEZONE)
    today = datetime.now(zone).date()
    every = BoardFilter(today, zone, BoardRules())
    mine, stuck = replace(every, owner=UserId(1)), replace(every, only_stuck=True)
    for what, chosen in {"all": every, "of one owner": mine, "stuck": stuck}.items():
        took = await time_requests(database, [partial(load_board, database, chosen)] * times)
        print(took.line(f"the board of trips, {what}"), flush=True)
    first = await load_column(database, TripStatus.TICKETED, every, None)
    took = await time_requests(
        database,
        [lambda: load_column(database, TripStatus.TICKETED, every, first.after)] * times,
    )
    print(took.line("the board of trips, next page of a column"), flush=True)


async def _print(url: str, times: int) -> None:
    async with opened(url) as database:
        print(f"{HEAD}  {database.kind}", flush=True)
        await measure(database, times)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trip_board", description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--postgres", action="store_true", help="measure PostgreSQL as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="screenpop-board-") as folder:
        copy = work_copy(options.customers, Path(folder) / "customers")
        fill(copy)
        asyncio.run(_print(f"sqlite:///{copy}", options.times))
        if options.postgres:
            with on_postgres(copy, more=TABLES) as url:
                asyncio.run(_print(url, options.times))


if __name__ == "__main__":
    main()
