"""Times the caller lookup: a known number, an unknown one, one with only its last digits known.

``python -m benchmarks.lookups`` prints the median of each with 10,000 customers.
"""

import asyncio
import random
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path

from benchmarks.customers import customer_database, draw_callers
from benchmarks.ratios import Latency, latency_of
from screenpop.customers.models import CallerRecord
from screenpop.store.engine.database import open_database
from screenpop.store.engine.inline_reads import compile_statement
from screenpop.store.lookup import lookup_sql as hot
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_numbers import resolve

_WARM_UP = 200


@dataclass(frozen=True, slots=True)
class Lookups:
    hit: Latency
    miss: Latency
    suffix: Latency
    """Only the last nine digits are known."""


class NoIndexError(AssertionError):
    """A statement of the caller lookup would scan a whole table."""


def look_up(database: Path, count: int, seed: int) -> Lookups:
    """Time ``count`` lookups of each kind. Raises ``NoIndexError``."""
    check_plans(database)
    numbers = draw_callers(database, count + _WARM_UP, seed)
    rng = random.Random(seed)
    plan = NumberPlan(Region("IR"))
    hits = [resolve(number, plan=plan) for number in numbers]
    misses = [
        resolve(f"+98990{rng.randrange(10_000_000):07d}", plan=plan) for _ in range(len(numbers))
    ]
    ends = [
        CallerId(number[-9:], CallerIdKind.RAW, "invalid", last_nine=number[-9:])
        for number in numbers
    ]
    return Lookups(
        _time(database, hits, found=True),
        _time(database, misses, found=False),
        _time(database, ends, found=True),
    )


def check_plans(database: Path) -> None:
    """Check the query plan of each statement. Raises ``NoIndexError``."""
    statements = {
        "exact": (hot.EXACT, "number"),
        "phones with the digits": (hot.PHONES, "nine"),
        "by phone": (hot.BY_PHONE, "phone"),
        "calls of a number": (hot.CALLS_OF_NUMBER, "number"),
    }
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        for name, (statement, parameter) in statements.items():
            compiled = compile_statement(statement, parameter)
            values = (*compiled.before, "1", *compiled.after)
            steps = connection.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", values).fetchall()
            scans = hot.scanned_tables(detail for *_, detail in steps)
            if scans:
                raise NoIndexError(f"{name}: {'; '.join(scans)}")


def _time(database: Path, callers: Sequence[CallerId], *, found: bool) -> Latency:
    return asyncio.run(_time_each(database, callers, found=found))


async def _time_each(database: Path, callers: Sequence[CallerId], *, found: bool) -> Latency:
    store = open_database(f"sqlite:///{database}")
    times: list[float] = []
    try:
        for caller in callers:
            began = time.perf_counter()
            record = store.lookup.now_or_later(caller)
            times.append(time.perf_counter() - began)
            assert isinstance(record, CallerRecord)
            assert bool(record.exact or record.maybe) is found, caller
    finally:
        await store.close()
    return latency_of(times[_WARM_UP:])


def _main() -> None:
    found = look_up(customer_database(10_000), 3_000, 1404)
    for kind in fields(found):
        latency: Latency = getattr(found, kind.name)
        print(f"{kind.name}: p50 {latency.p50 * 1e6:.0f} µs")


if __name__ == "__main__":
    _main()
