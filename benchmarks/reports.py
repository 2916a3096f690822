"""Times the reports of a month and of a year, and pages of the log, over 1,000,000 calls.

The calls are of two years and of 20,000 customers.

``python -m benchmarks.reports [--calls 1000000] [--postgres] [--pages]``; ``--pages``: of the log
only.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, text

from benchmarks.ratios import latency_of
from screenpop.accounts.users import Department, Role, UserId
from screenpop.reports.calls import ServiceTargets, summarize_calls
from screenpop.reports.periods import Period
from screenpop.reports.popup import summarize_popups
from screenpop.store.accounts.users import create_user
from screenpop.store.calls.call_filter import CallFilter, CallSort
from screenpop.store.calls.call_page import CallCursor
from screenpop.store.calls.queries import list_calls
from screenpop.store.engine.database import Database, open_database
from screenpop.store.engine.migrate import migrate
from screenpop.store.reports.agent_rows import agent_work
from screenpop.store.reports.call_counts import counted_calls
from screenpop.store.reports.caller_rows import recognised_calls
from screenpop.store.reports.line_rows import line_calls
from screenpop.store.reports.popup_rows import answered_calls
from screenpop.store.reports.purpose_rows import purpose_calls
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.tables import calls, customers, legs, receipts
from screenpop.store.search.columns import search_text
from tests.store.throwaway_postgres import throwaway_postgres

SPAN_DAYS = 730
REQUESTS = 5
SEED = 19
_AT_ONCE = 10_000
_CUSTOMERS = 20_000
_NAMES = ("anna", "reza", "nikos")
_ZONE = ZoneInfo("Asia/Tehran")


class _AllCalls(TypedDict):
    agents: None
    simulated: bool


async def measure(url: str, size: int, *, pages_only: bool = False) -> None:
    """Print the times of one database with ``size`` calls."""
    database = open_database(url)
    await database.ready()
    now = time.time()
    try:
        database.log.start()
        began = time.perf_counter()
        await add_calls(database, size, now)
        took = time.perf_counter() - began
        print(f"{database.kind}: {size:,} calls in two years, {took:.0f} s", flush=True)
        today = datetime.fromtimestamp(now, _ZONE).date()
        for name, days in () if pages_only else (("a month", 30), ("a year", 365)):
            await _time(database, name, Period(today - timedelta(days=days - 1), today))
        await _turn_pages(database)
    finally:
        await database.close()


async def _time(database: Database, name: str, period: Period) -> None:
    bounds = period.bounds(_ZONE)
    targets = ServiceTargets(20.0, {"sales": 15.0})
    times: dict[str, list[float]] = {"calls": [], "popup before pickup": []}
    cpu = dict.fromkeys(times, 0.0)
    counted = 0
    for _ in range(REQUESTS):
        began, cpu_began = time.perf_counter(), time.process_time()
        rows = await counted_calls(database, *bounds, targets, simulated=False)
        counted = summarize_calls(rows, period, _ZONE).total.offered
        times["calls"].append(time.perf_counter() - began)
        cpu["calls"] += time.process_time() - cpu_began
        began, cpu_began = time.perf_counter(), time.process_time()
        found = await answered_calls(database, *bounds, _ZONE, simulated=False)
        summarize_popups(found)
        times["popup before pickup"].append(time.perf_counter() - began)
        cpu["popup before pickup"] += time.process_time() - cpu_began
    for report, read in _reports(database, period).items():
        times[report], cpu[report] = [], 0.0
        for _ in range(REQUESTS):
            began, cpu_began = time.perf_counter(), time.process_time()
            await read()
            times[report].append(time.perf_counter() - began)
            cpu[report] += time.process_time() - cpu_began
    for report, taken in times.items():
        p50 = latency_of(taken).p50
        print(
            f"{database.kind}: {report}, {name} with {counted:,} calls: p50 {p50 * 1e3:.0f} ms,"
            f" CPU of this process {cpu[report] / REQUESTS * 1e3:.0f} ms",
            flush=True,
        )


def _reports(database: Database, period: Period) -> dict[str, Callable[[], Awaitable[object]]]:
    since, until = period.bounds(_ZONE)
    now = time.time()
    all_calls: _AllCalls = {"agents": None, "simulated": False}
    return {
        "agents": lambda: agent_work(database, period, _ZONE, now, **all_calls),
        "purposes": lambda: purpose_calls(database, since, until, now, "en", **all_calls),
        "lines": lambda: line_calls(database, since, until, _ZONE, lambda _, did: did, **all_calls),
        "callers": lambda: recognised_calls(
            database, since, until, lambda _, did: did, **all_calls
        ),
    }


async def _turn_pages(database: Database) -> None:
    """Print the times of pages at the begin, in the middle and at the end of each order and filter.

    ``team``: a supervisor of two of the 20 agents; ``new team``: of one who has no call yet, whose
    list is empty and so reads the whole log.
    """
    async with database.reading() as connection:
        agents = (await connection.execute(select(users.c.id).order_by(users.c.id))).scalars().all()
    filters = {
        "all": CallFilter(),
        "team": CallFilter(visible=frozenset(map(UserId, agents[:2]))),
        "new team": CallFilter(visible=frozenset({UserId(max(agents) + 1)})),
        "queue": CallFilter(queue="sales"),
        "late card": CallFilter(late_card=True),
        "not called back": CallFilter(no_callback=True),
        "a rare name": CallFilter(search="karimi"),
        "a number": CallFilter(search="+9821 0000 1234"),
        "a usual name": CallFilter(search="anna"),
        "no name": CallFilter(search="nobody"),
    }
    for name, wanted in filters.items():
        for sort in CallSort if name in {"all", "team"} else (CallSort.NEWEST,):
            taken = []
            for part in (0.0, 0.5, 0.99):
                after = await _cursor_at(database, sort, part)
                for _ in range(1 if name == "new team" else REQUESTS):
                    began = time.perf_counter()
                    await list_calls(database, wanted, after=after, sort=sort)
                    taken.append(time.perf_counter() - began)
            slowest = max(taken) * 1e3
            what = f"{database.kind}: a page of the log, {name}, {sort}"
            print(f"{what}: p50 {latency_of(taken).p50 * 1e3:.0f} ms, slowest {slowest:.0f} ms")


async def _cursor_at(database: Database, sort: CallSort, part: float) -> CallCursor | None:
    if not part:
        return None
    name = {CallSort.LONGEST_WAIT: "wait_s", CallSort.LONGEST_TALK: "talk_s"}
    column = calls.c[name.get(sort, "arrived_at")]
    order = column if sort is CallSort.OLDEST else column.desc()
    rows = select(column, calls.c.id).where(column.is_not(None)).order_by(order)
    async with database.reading() as connection:
        count = await connection.scalar(select(func.count()).select_from(calls)) or 0
        offset = int(count * part * 0.7)  # three of four calls have a talk
        row = (await connection.execute(rows.offset(offset).limit(1))).first()
    return None if row is None else CallCursor(row[0], row[1])


async def add_calls(database: Database, size: int, now: float) -> None:
    """Add calls with a leg each, three of four answered with a card; one of nine is outbound."""
    rng = random.Random(SEED)
    agents = [
        (
            await create_user(
                database,
                username=f"agent{n}",
                display_name=f"Agent {n}",
                password="benchmark",  # noqa: S106 - of a database that is deleted
                role=Role.AGENT,
                department=Department.SALES,
                language="en",
                now=now,
            )
        ).id
        for n in range(20)
    ]
    people = [
        {
            "id": n,
            "names": [],
            "tags": [],
            "folded": search_text([_NAMES[n % 3] if n % 500 else "karimi"], [f"9821{n:08d}"]),
            "created_at": now,
            "changed_at": now,
        }
        for n in range(1, _CUSTOMERS)
    ]
    async with database.writing() as connection:
        await connection.execute(insert(customers), people)
    for start in range(0, size, _AT_ONCE):
        made = [_call(n, rng, now, agents) for n in range(start, min(size, start + _AT_ONCE))]
        async with database.writing() as connection:
            for table, rows in zip((calls, legs, receipts), zip(*made, strict=True), strict=True):
                await connection.execute(insert(table), [row for row in rows if row])
    async with database.writing() as connection:
        await connection.execute(text("ANALYZE"))


def _call(n: int, rng: random.Random, now: float, agents: list[Any]) -> Iterator[dict[str, Any]]:
    at = now - rng.uniform(0, SPAN_DAYS * 86_400)
    wait = rng.expovariate(1 / 15)
    answered = rng.random() < 0.75
    customer = rng.randrange(1, _CUSTOMERS * 4 // 3)
    agent = rng.choice(agents)
    picked_up = at + wait if answered else None
    painted = at + rng.expovariate(1 / 0.05)
    yield {
        "id": n + 1,
        "pbx": "bench",
        "boot": "b",
        "linkedid": f"{n}.1",
        "direction": "outbound" if answered and rng.random() < 0.15 else "inbound",
        "caller_kind": "number",
        "did": rng.choice(("210", "211", "212")),
        "queue": rng.choice(("sales", "support", "")),
        "arrived_at": at,
        "answered_at": picked_up,
        "ended_at": at + wait + 60,
        "disposition": "answered" if answered else "abandoned",
        "answered_by": [],
        "wait_s": wait,
        "before_pickup": painted < picked_up if picked_up is not None else None,
        "agent_id": agent if answered else None,
        "customer_id": customer if customer < _CUSTOMERS else None,
        "e164": f"+9821{customer:08d}",
        "folded": search_text([], [f"9821{customer:08d}"]),
        "talk_s": rng.expovariate(1 / 120) if answered else None,
        "kept_at": at,
    }
    yield {
        "call_id": n + 1,
        "pbx": "bench",
        "boot": "b",
        "uniqueid": f"{n}.2",
        "endpoint": "101",
        "rang_at": at,
        "answered_at": picked_up,
        "ended_at": at + wait + 60,
        "outcome": "answered" if answered else "cancelled",
        "rang": True,
        "user_id": agent,
    }
    yield (
        {
            "call_id": n + 1,
            "position": 0,
            "user_id": agent,
            "endpoint": "101",
            "sent_at": at,
            "received_at": painted - 0.001,
            "painted_at": painted,
            "before_pickup": painted < picked_up,
        }
        if picked_up is not None
        else {}
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reports", description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--pages", action="store_true")
    options = parser.parse_args()
    if options.postgres:
        with throwaway_postgres() as server:
            migrate(server)
            asyncio.run(measure(server, options.calls, pages_only=options.pages))
        return
    with tempfile.TemporaryDirectory(prefix="screenpop-reports-") as folder:
        url = f"sqlite:///{Path(folder) / 'calls.db'}"
        migrate(url)
        asyncio.run(measure(url, options.calls, pages_only=options.pages))


if __name__ == "__main__":
    main()
