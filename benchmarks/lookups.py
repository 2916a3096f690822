"""Times the caller lookup: a known number, an unknown one, one with only its last digits known."""

import asyncio
import random
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.customers import draw_callers
from benchmarks.ratios import Latency, latency_of
from screenpop.customers.models import CallerRecord
from screenpop.store.engine.database import open_database
from screenpop.store.lookup import lookup_sql as hot
from screenpop.store.lookup.caller_lookup import compile_statement
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
        "maybe": (hot.MAYBE, "nine"),
        "trips": (hot.TRIPS, "customer"),
        "cases": (hot.CASES, "customer"),
        "calls of a customer": (hot.CALLS_OF_CUSTOMER, "customer"),
        "calls of a number": (hot.CALLS_OF_NUMBER, "number"),
    }
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        for name, (statement, parameter) in statements.items():
            compiled = compile_statement(statement, parameter)
            values = (*compiled.before, "1", *compiled.after)
            steps = connection.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", values).fetchall()
            scans = [detail for *_, detail in steps if detail.startswith("SCAN")]
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
