"""Times the count and the first page of segments, on SQLite or PostgreSQL.

``python -m benchmarks.segments [--customers 100000] [--postgres]``
"""

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, text

from benchmarks.customers import TIMEZONE, work_copy
from benchmarks.postgres import on_postgres
from screenpop.conditions.json_format import read_condition
from screenpop.store.engine.database import Database, open_database
from screenpop.store.segments.found import Wanted, count_customers, segment_statement

TIMES = 7
PAGE = 51

_DETAILS = """
    UPDATE customers SET
        city = CASE id % 9 WHEN 0 THEN 'Athens' WHEN 1 THEN 'Αθήνα' WHEN 2 THEN 'تهران'
            WHEN 3 THEN 'Tehran' WHEN 4 THEN 'Shiraz' WHEN 5 THEN 'شیراز' ELSE '' END,
        tags = CASE id % 7 WHEN 0 THEN '["family","VIP"]' WHEN 1 THEN '["business"]'
            WHEN 2 THEN '["family"]' ELSE '[]' END,
        consents = CASE id % 5 WHEN 0 THEN '{"sms":{"given":true}}'
            WHEN 1 THEN '{"sms":{"given":false}}' ELSE '{}' END,
        wishes = CASE id % 6 WHEN 0 THEN '{"budget":"up to ' || (id % 40 * 100) || ' EUR"}'
            ELSE '{}' END
"""
_RHYTHMS = """
    INSERT INTO customer_rhythms (customer_id, due, lapsed_from)
    SELECT customer_id, date(max(departs), '+365 days'), date(max(departs), '+500 days')
    FROM trips GROUP BY customer_id HAVING count(*) >= 3
"""


def _field(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def _trips(*where: dict[str, Any], op: str = ">=", count: int = 1) -> dict[str, Any]:
    return {"trips": {"where": list(where), "op": op, "count": count}}


_GOLD = _field("tier", "is_any", ["gold", "platinum"])
SEGMENTS: dict[str, dict[str, Any]] = {
    "tier, language, no tag": {
        "all": [
            _GOLD,
            _field("language", "is_any", ["fa"]),
            _field("tag", "is_none", ["business"]),
        ]
    },
    "city in any spelling or a tag": {
        "any": [_field("city", "is_any", ["Athens"]), _field("tag", "is_any", ["vip"])]
    },
    "birthday within 14 days, text messages allowed": {
        "all": [
            _field("birthday_in_days", "<=", 14),
            _field("consent_sms", "is_none", ["no"]),
        ]
    },
    "two spring trips to Istanbul": _trips(
        _field("trip.destination", "is_any", ["Istanbul"]),
        _field("trip.season", "is_any", ["spring"]),
        count=2,
    ),
    "gold, no trip booked, last one a year ago": {
        "all": [
            _GOLD,
            _field("last_trip_days_ago", ">=", 365),
            {"field": "next_trip", "op": "is_not_set"},
        ]
    },
    "no talk for 180 days": _field("last_contact_days_ago", ">=", 180),
    "lapsed, spent 5,000, no open complaint": {
        "all": [
            _field("lapsed", "is", True),
            _field("spend", ">=", {"amount": 5_000, "currency": "EUR"}),
            _field("open_complaints", "=", 0),
        ]
    },
    "budget about 2,000, fewer than 3 trips": {
        "all": [
            _field("wish_budget", "contains", ["2000"]),
            _field("trip_count", "<", 3),
        ]
    },
    "not one of four groups": {
        "not": {
            "any": [
                _trips(_field("trip.month", "is_any", ["3", "4"]), count=2),
                _field("tag", "is_any", ["family"]),
                _field("last_contact_days_ago", "<=", 90),
                _field("balance", ">", {"amount": 0, "currency": "EUR"}),
            ]
        }
    },
}


async def measure(url: str, folder: Path, size: int) -> None:
    """Print the times of each segment. ``folder``: of the key, with a database server."""
    database = open_database(url, folder)
    await database.ready()
    try:
        what = "count, first page (median, least), CPU of a count on SQLite"
        print(f"{database.kind}, {size:,} customers: {what}", flush=True)
        for name, condition in SEGMENTS.items():
            node = read_condition({"version": 1, "condition": condition})
            wanted = Wanted(node, date.today(), ZoneInfo(TIMEZONE))  # noqa: DTZ011
            await _time_segment(database, name, wanted)
    finally:
        await database.close()


async def _time_segment(database: Database, name: str, wanted: Wanted) -> None:
    counts: list[float] = []
    pages: list[float] = []
    cpu: list[float] = []
    found = 0
    for _ in range(TIMES):
        began = time.perf_counter()
        found = await count_customers(database, wanted)
        counts.append(time.perf_counter() - began)
        cpu.append(await database.read(lambda sync: _cpu_of_count(sync, database, wanted)))
        began = time.perf_counter()
        await database.read(lambda connection: _first_page(connection, database, wanted))
        pages.append(time.perf_counter() - began)
    times = " ".join(
        f"{statistics.median(some) * 1e3:6.0f} ms {min(some) * 1e3:6.0f} ms"
        for some in (counts[1:], pages[1:])
    )
    own = f"{statistics.median(cpu[1:]) * 1e3:6.0f} ms" if database.kind == "sqlite" else ""
    print(f"{times} {own} {found:>9,}  {name}", flush=True)


def _cpu_of_count(connection: Connection, database: Database, wanted: Wanted) -> float:
    """Return the CPU seconds of a count; without those of a database server."""
    began = time.thread_time()
    statement = segment_statement(connection, database.kind, wanted)
    connection.execute(statement.with_only_columns(func.count())).scalar_one()
    return time.thread_time() - began


def _first_page(connection: Connection, database: Database, wanted: Wanted) -> None:
    statement = segment_statement(connection, database.kind, wanted)
    newest = statement.order_by(text("customers.id DESC")).limit(PAGE)
    connection.execute(newest).all()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="screenpop-segments-") as name:
        folder = Path(name)
        source = work_copy(asked.customers, folder)
        with closing(sqlite3.connect(source)) as connection, connection:
            connection.execute(_DETAILS)
            connection.execute(_RHYTHMS)
            connection.execute("ANALYZE")
        if not asked.postgres:
            asyncio.run(measure(f"sqlite:///{source}", folder, asked.customers))
            return
        more = ("trips", "cases", "calls", "customer_rhythms")
        with on_postgres(source, more=more) as url:
            asyncio.run(measure(url, folder, asked.customers))


if __name__ == "__main__":
    main()
