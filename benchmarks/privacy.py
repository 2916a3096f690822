"""Times the export of all data of one person with many calls, and the erasure of that person.

``python -m benchmarks.privacy [--customers 100000] [--calls 2000] [--postgres]``
"""

import argparse
import asyncio
import random
import tempfile
import time
from pathlib import Path

import orjson
from sqlalchemy import func, insert, select, update

from benchmarks.customers import work_copy
from benchmarks.postgres import on_postgres
from benchmarks.work_lists import a_call
from screenpop.customers.models import CustomerId
from screenpop.store.engine.database import Database, open_database
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.privacy.subject_access import subject_access_report
from screenpop.store.schema.tables import call_notes, call_traces, calls

SEED = 17
WHOSE = CustomerId(1)


async def measure(url: str, size: int, amount: int) -> None:
    """Print the times of one database. ``size``: its customers; ``amount``: the person's calls."""
    database = open_database(url)
    await database.ready()
    try:
        await _add_calls(database, size, amount)
        what = f"{database.kind}: {size:,} customers, {amount:,} calls of the person"
        began, cpu = time.perf_counter(), time.process_time()
        report = orjson.dumps(await subject_access_report(database, WHOSE))
        took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
        print(f"{what}: export: {took_s:.1f} s, CPU {cpu_s:.1f} s, {len(report) / 1e6:.1f} MB")
        began, cpu = time.perf_counter(), time.process_time()
        erased = await erase_customer(database, WHOSE, user_id=None, now=time.time())
        took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
        print(f"{what}: erasure: {took_s:.1f} s, CPU {cpu_s:.1f} s; {erased.figures}")
    finally:
        await database.close()


async def _add_calls(database: Database, size: int, amount: int) -> None:
    """Add the person's calls with a note and a trace each, and two calls of each customer."""
    rng, now = random.Random(SEED), time.time()
    made = [a_call(number, rng, now, size) for number in range(2 * size + amount)]
    for call in made[:amount]:
        call["customer_id"] = WHOSE
    async with database.writing() as connection:
        for start in range(0, len(made), 5_000):
            await connection.execute(insert(calls), made[start : start + 5_000])
        await connection.execute(
            update(calls).where(calls.c.customer_id != WHOSE).values(caller_name="A caller")
        )
        theirs = select(calls.c.id).where(calls.c.customer_id == WHOSE)
        ids = (await connection.execute(theirs)).scalars().all()
        steps = [{"step": "caller", "raw": "09120000000"}] * 5
        traces = [{"call_id": one, "steps": steps} for one in ids]
        await connection.execute(insert(call_traces), traces)
        note = {"pbx": "bench", "text": "wants a window", "changed_at": now}
        notes = [note | {"call_id": one, "linkedid": str(one)} for one in ids]
        await connection.execute(insert(call_notes), notes)
        count = await connection.execute(select(func.count()).select_from(call_notes))
        print(f"{count.scalar_one():,} notes", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=2_000)
    parser.add_argument("--postgres", action="store_true", help="measure PostgreSQL instead")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="screenpop-privacy-") as name:
        copy = work_copy(given.customers, Path(name) / "customers")
        if given.postgres:
            with on_postgres(copy, trips=True) as url:
                asyncio.run(measure(url, given.customers, given.calls))
        else:
            asyncio.run(measure(f"sqlite:///{copy}", given.customers, given.calls))


if __name__ == "__main__":
    main()
