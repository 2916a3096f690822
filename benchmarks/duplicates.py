"""Times the pages of duplicates and of number quality, and writing the matches of all customers.

``python -m benchmarks.duplicates [--customers 1000000] [--postgres] [--matching]``

Beside the pairs that the invented customers have by chance (one name, one birthday), one customer
in fifty is entered again with the same number, and one number in fifty has no country, too few
digits, or a second spelling.
"""

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import delete, func, insert, select

from benchmarks.customers import work_copy
from benchmarks.postgres import on_postgres
from benchmarks.ratios import latency_of
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import PersonName
from screenpop.store.customers.duplicates import find_duplicates, find_on_file
from screenpop.store.customers.number_quality import (
    NumberProblem,
    count_problems,
    list_unusable_numbers,
)
from screenpop.store.engine.database import Database, opened
from screenpop.store.schema.match_tables import (
    customers_to_match,
    duplicate_groups,
    match_keys,
    number_problems,
)
from screenpop.store.schema.tables import customers
from screenpop.store.search.match_index import match_waiting
from screenpop.telephony.identifiers import E164

REQUESTS = 100
WARM_UP = 5
PAGES = 400
"""Pages turned, one after the other."""
_MATCHED = ("match_keys", "duplicate_groups", "number_problems")
_AGAIN = """
    INSERT INTO customers (title, gender, names, language, tier, vip, balance, currency,
        marketing_consent, preferences, tags, notes, folded, folded_notes, created_at, changed_at)
    SELECT title, gender, names, language, tier, vip, balance, currency, marketing_consent,
        preferences, tags, notes, folded, folded_notes, id, changed_at
    FROM customers WHERE id % 50 = 0"""
_SAME_NUMBERS = """
    INSERT INTO customer_phones (customer_id, raw, e164, last_nine, label)
    SELECT again.id, phone.raw, phone.e164, phone.last_nine, phone.label
    FROM customers AS again JOIN customer_phones AS phone ON phone.customer_id = again.created_at
    WHERE again.id > ?"""
_WRONG_NUMBERS = """
    INSERT INTO customer_phones (customer_id, raw, last_nine, label)
    SELECT customer_id, CASE id % 150 WHEN 0 THEN 'ask' ELSE last_nine END,
        CASE id % 150 WHEN 0 THEN NULL WHEN 50 THEN '1' || substr(last_nine, 2)
            ELSE last_nine END, ''
    FROM customer_phones WHERE id % 50 = 0"""


def add_duplicates(path: Path) -> None:
    """Add customers entered again and wrong numbers, which wait to be matched."""
    with closing(sqlite3.connect(path)) as connection, connection:
        [last] = connection.execute("SELECT max(id) FROM customers").fetchone()
        connection.execute(_AGAIN)
        connection.execute(_SAME_NUMBERS, (last,))
        connection.execute(_WRONG_NUMBERS)
        connection.execute(
            "INSERT INTO customers_to_match (id) SELECT id FROM customers WHERE id > ?"
            " UNION SELECT customer_id FROM customer_phones WHERE e164 IS NULL",
            (last,),
        )


async def match_all(url: str, *, every: bool) -> None:
    """Write the matches of the waiting customers, or of every one, and print how fast."""
    async with opened(url) as database:
        if every:
            async with database.writing() as connection:
                for table in (match_keys, duplicate_groups, number_problems, customers_to_match):
                    await connection.execute(delete(table))
                ids = select(customers.c.id)
                await connection.execute(insert(customers_to_match).from_select(["id"], ids))
        began, done = time.perf_counter(), 0
        while some := await match_waiting(database):
            done += some
        took = time.perf_counter() - began
        print(
            f"{database.kind}: matched {done:,} customers, {done / took:,.0f} a second", flush=True
        )


async def measure(url: str) -> None:
    """Print the times of the pages."""
    async with opened(url) as database:
        async with database.reading() as connection:
            for table in (match_keys, duplicate_groups, number_problems):
                count = await connection.scalar(select(func.count()).select_from(table))
                print(f"{database.kind}: {count:,} {table.name}", flush=True)
        await _time(database, "first page of duplicates", lambda: find_duplicates(database))
        await _turn_pages(database)
        await _time(database, "counts of number quality", lambda: count_problems(database))
        for problem in NumberProblem:
            await _time(database, f"numbers, {problem}", _numbers(database, problem))
        number = PhoneDraft("0912 000 0001", E164("+989120000001"), "120000001")
        async with database.reading() as connection:
            day = await connection.scalar(select(customers.c.birthday).limit(1))
        names = {"en": PersonName("Maryam", "Karimi")}
        new = CustomerDraft(names=names, phones=(number,), birthday=day)
        await _time(database, "a new customer on file", lambda: find_on_file(database, new))


def _numbers(database: Database, problem: NumberProblem) -> Callable[[], Awaitable[object]]:
    def understand(raw: str, _: str) -> PhoneDraft:
        return PhoneDraft(raw, None, None)

    return lambda: list_unusable_numbers(database, problem, understand, now=time.time())


async def _turn_pages(database: Database) -> None:
    after, times, pairs = None, list[float](), 0
    for _ in range(PAGES):
        began = time.perf_counter()
        page = await find_duplicates(database, after=after)
        times.append(time.perf_counter() - began)
        pairs += len(page.pairs)
        after = page.after
        if after is None:
            break
    _print(database, f"{len(times)} pages of duplicates with {pairs:,} pairs", times)


async def _time(database: Database, what: str, ask: Callable[[], Awaitable[object]]) -> None:
    times: list[float] = []
    for _ in range(WARM_UP + REQUESTS):
        began = time.perf_counter()
        await ask()
        times.append(time.perf_counter() - began)
    _print(database, what, times[WARM_UP:])


def _print(database: Database, what: str, times: list[float]) -> None:
    took = latency_of(times)
    p95 = sorted(times)[int(len(times) * 0.95)]
    print(
        f"{database.kind}: {what}: p50 {took.p50 * 1e3:.1f} ms, p95 {p95 * 1e3:.1f} ms", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duplicates", description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--postgres", action="store_true", help="measure PostgreSQL instead")
    parser.add_argument("--matching", action="store_true", help="match every customer again, timed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="screenpop-duplicates-") as folder:
        copy = work_copy(options.customers, Path(folder) / "customers")
        add_duplicates(copy)
        url = f"sqlite:///{copy}"
        asyncio.run(match_all(url, every=options.matching and not options.postgres))
        if not options.postgres:
            asyncio.run(measure(url))
            return
        with on_postgres(copy, more=_MATCHED) as server:
            if options.matching:
                asyncio.run(match_all(server, every=True))
            asyncio.run(measure(server))


if __name__ == "__main__":
    main()
