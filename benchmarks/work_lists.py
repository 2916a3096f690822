"""Times the work lists of many customers: choosing all of them, and the requests of the pages of
work lists and callbacks.

``python -m benchmarks.work_lists [--customers 100000] [--postgres]``
"""

import argparse
import asyncio
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert, select, text

from benchmarks.customers import work_copy
from benchmarks.postgres import on_postgres
from benchmarks.ratios import latency_of
from screenpop.accounts.users import Department, Role
from screenpop.app.server import running
from screenpop.follow_ups.work_list import WorkKind
from screenpop.settings import settings_of
from screenpop.store.accounts.sessions import start_session
from screenpop.store.accounts.users import create_user
from screenpop.store.engine.database import Database, open_database
from screenpop.store.follow_ups.work_list_build import build_work_list
from screenpop.store.schema.customer_tables import follow_ups
from screenpop.store.schema.tables import calls, customer_phones
from screenpop.store.schema.work_list_tables import work_list

REQUESTS = 40
WARM_UP = 5
CALLS_PER_CUSTOMER = 2
PROMISES = 2_000
MISSED = 10_000
"""Missed calls that wait for a callback, three of five by customers."""
SEED = 17
_AT_ONCE = 5_000


async def measure(url: str, size: int, folder: Path) -> None:
    """Print the times of one database. ``size``: its customers."""
    database = open_database(url)
    await database.ready()
    try:
        await add_calls_and_promises(database, size)
        began, cpu = time.perf_counter(), time.process_time()
        await build_work_list(database, UTC, time.time())
        took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
        async with database.reading() as connection:
            rows = (await connection.execute(select(work_list.c.kind))).scalars().all()
        what = f"{size:,} customers, {len(rows):,} rows"
        print(f"{database.kind}: build: {took_s:.0f} s, CPU {cpu_s:.0f} s; {what}", flush=True)
        token = await _session(database)
    finally:
        await database.close()
    settings = settings_of(
        data_dir=folder, bind_port=0, number_plan={"region": "IR"}, database_url=url
    )
    async with running(settings) as app:
        headers = {"Cookie": f"screenpop_session={token}", "Origin": app.url}
        async with httpx.AsyncClient(
            base_url=app.url, headers=headers, trust_env=False, timeout=120
        ) as client:
            await _time_page(client, str(app.database.kind))
            await add_missed_calls(app.database)
            await _time_callbacks(client, str(app.database.kind))


async def _time_page(client: httpx.AsyncClient, kind: str) -> None:
    paths = {"/follow-ups": "/follow-ups"}
    paths |= {
        f"list {one.value}": f"/api/v1/follow-ups?kind={one.value}&owner=all" for one in WorkKind
    }
    for name, path in paths.items():
        await _time(client, f"{kind}: {name}", path)


async def _time_callbacks(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.get("/api/v1/callbacks")
    answer.raise_for_status()
    calls_of_rows = ",".join(str(row["call"]) for row in answer.json()["rows"])
    await _time(client, f"{kind}: callbacks", "/api/v1/callbacks")
    await _time(client, f"{kind}: open", f"/api/v1/callbacks/open?calls={calls_of_rows}")


async def _time(client: httpx.AsyncClient, name: str, path: str) -> None:
    times: list[float] = []
    for _ in range(WARM_UP + REQUESTS):
        began = time.perf_counter()
        answer = await client.get(path)
        times.append(time.perf_counter() - began)
        answer.raise_for_status()
    found = latency_of(times[WARM_UP:])
    print(f"{name}: p50 {found.p50 * 1e3:.0f} ms, p99 {found.p99 * 1e3:.0f} ms", flush=True)


async def add_calls_and_promises(database: Database, size: int) -> None:
    """Add a log of some calls a customer, in the last two years, and promises that are due."""
    rng, now = random.Random(SEED), time.time()
    today = datetime.now(UTC).date()
    made = [a_call(number, rng, now, size) for number in range(CALLS_PER_CUSTOMER * size)]
    promised = [
        {
            "customer_id": rng.randint(1, size),
            "due": today - timedelta(days=rng.randint(0, 30)),
            "promise": f"promise {number}",
            "source": "manual",
            "state": "open",
            "made_at": now,
        }
        for number in range(PROMISES)
    ]
    for table, rows in ((calls, made), (follow_ups, promised)):
        for start in range(0, len(rows), _AT_ONCE):
            async with database.writing() as connection:
                await connection.execute(insert(table), rows[start : start + _AT_ONCE])
    async with database.writing() as connection:
        await connection.execute(text("ANALYZE"))


def a_call(number: int, rng: random.Random, now: float, size: int) -> dict[str, Any]:
    at = now - rng.uniform(3_600, 2 * 365 * 86_400)
    return {
        "pbx": "bench",
        "boot": "b",
        "linkedid": f"{number}.1",
        "direction": "inbound",
        "caller_raw": "",
        "caller_kind": "number",
        "called": "",
        "customer_id": rng.randint(1, size),
        "arrived_at": at,
        "answered_at": at + 5,
        "ended_at": at + 100,
        "disposition": "answered",
        "answered_by": [],
        "talk_s": rng.choice((5.0, 60.0, 300.0)),
        "kept_at": at,
    }


async def add_missed_calls(database: Database) -> None:
    """Add missed calls of the last two weeks: of customers, and of strangers who call again."""
    rng, now = random.Random(SEED), time.time()
    async with database.reading() as connection:
        phones = (
            await connection.execute(
                select(customer_phones.c.e164, customer_phones.c.customer_id).limit(MISSED * 5)
            )
        ).all()
    made: list[dict[str, Any]] = []
    for number in range(MISSED):
        at = now - rng.uniform(60, 14 * 86_400)
        e164, customer_id = f"+98912{rng.randrange(MISSED):07d}", None
        if rng.random() < 0.6:
            e164, customer_id = rng.choice(phones)
        made.append(
            {
                "pbx": "bench",
                "boot": "missed",
                "linkedid": f"{number}.1",
                "direction": "inbound",
                "caller_raw": e164,
                "caller_kind": "number",
                "e164": e164,
                "called": "",
                "customer_id": customer_id,
                "arrived_at": at,
                "ended_at": at + 20,
                "disposition": "abandoned",
                "answered_by": [],
                "talk_s": 0.0,
                "kept_at": at,
            }
        )
    for start in range(0, MISSED, _AT_ONCE):
        async with database.writing() as connection:
            await connection.execute(insert(calls), made[start : start + _AT_ONCE])
    async with database.writing() as connection:
        await connection.execute(text("ANALYZE"))


async def _session(database: Database) -> str:
    user = await create_user(
        database,
        username="bench",
        display_name="Bench",
        password="a long enough pass phrase",  # noqa: S106 -- of a temporary database
        role=Role.ADMIN,
        department=Department.SALES,
        language="en",
        now=time.time(),
        endpoints=[],
    )
    session = await start_session(database, user.id, time.time())
    return str(session.token)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--postgres", action="store_true", help="measure PostgreSQL instead")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="screenpop-work-lists-") as name:
        folder = Path(name)
        copy = work_copy(given.customers, folder / "customers")
        if given.postgres:
            with on_postgres(copy, trips=True) as url:
                asyncio.run(measure(url, given.customers, folder))
        else:
            asyncio.run(measure(f"sqlite:///{copy}", given.customers, folder))


if __name__ == "__main__":
    main()
