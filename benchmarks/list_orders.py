"""Times pages of the customers' list in each of its orders: the first, deep ones and the last.

``python -m benchmarks.list_orders`` (``--customers 1000000``, ``--postgres``).
"""

import argparse
import asyncio
import json
import random
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from benchmarks.customers import work_copy
from benchmarks.postgres import on_postgres
from screenpop.customers.display_name import display_name
from screenpop.customers.models import LANGUAGES
from screenpop.customers.name_order import name_order_key
from screenpop.store.customers.list_order import ListOrder, OrderBy, OrderedList, OrderedPage, Place
from screenpop.store.engine.database import Database, open_database
from screenpop.store.lookup.lookup_rows import names_from_json

TIMES = 9
_VALUES = """
    INSERT INTO customer_values (customer_id, scored_on, stage, chance_word, reasons, place)
    SELECT id, date('now'), 'active', 'none', '[]', -(id * 7919 % 9000) * 1000000000000000
    FROM customers WHERE merged_into_id IS NULL
"""
TABLES = ("trips", "calls", "customer_values", "name_orders", "last_contacts")


def fill(path: Path) -> None:
    """Write what the list is sorted by, as maintenance and the daily run would."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM customer_values")
        connection.execute(_VALUES)
        connection.execute("DELETE FROM name_orders")
        rows = connection.execute("SELECT id, names FROM customers WHERE merged_into_id IS NULL")
        for some in iter(lambda: rows.fetchmany(10_000), []):
            connection.executemany(
                "INSERT INTO name_orders (customer_id, en, fa, el) VALUES (?, ?, ?, ?)",
                [(one, *_keys(names)) for one, names in some],
            )
        connection.execute("ANALYZE")


def _keys(names: str) -> list[bytes]:
    found = names_from_json(json.loads(names))
    return [name_order_key(display_name(found, language), language) for language in LANGUAGES]


async def measure(url: str, folder: Path, size: int) -> None:
    """Print the times of each order. ``folder``: of the key, with a database server."""
    database = open_database(url, folder)
    await database.ready()
    try:
        print(f"{database.kind}, {size:,} customers: median, slowest of a page", flush=True)
        for by in OrderBy:
            for descending in (False, True):
                await _time_order(database, ListOrder(by, descending, "fa"))
    finally:
        await database.close()


async def _time_order(database: Database, order: ListOrder) -> None:
    ordered = OrderedList(database.kind, order, date.today())  # noqa: DTZ011
    places: list[Place | None] = [None, *await _places(database, ordered)]
    texts = []
    for place in places:
        times = []
        for _ in range(TIMES):
            began = time.perf_counter()
            await database.read(partial(_read_page, ordered, place))
            times.append(time.perf_counter() - began)
        texts.append(f"{statistics.median(times) * 1e3:6.1f} {max(times) * 1e3:6.1f}")
    way = "descending" if order.descending else "ascending"
    print(" ms, ".join(texts), f"ms  {order.by} {way}", flush=True)


def _read_page(ordered: OrderedList, after: Place | None, connection: Connection) -> OrderedPage:
    return ordered.page(connection, after)


async def _places(database: Database, ordered: OrderedList) -> list[Place]:
    """Return places in the middle, near the end, and among those without a key."""
    found = await database.read(
        lambda sync: sync.execute(ordered.keyed_statement(None, 2**31 - 1)).all()
    )
    if not found:
        return []
    last = random.Random(3).randrange(10**9)
    return [
        *(Place(*found[len(found) * share // 100]) for share in (50, 99)),
        Place(None, 1 + last % max(1, int(found[0][1]))),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="screenpop-list-") as name:
        folder = Path(name)
        source = work_copy(asked.customers, folder)
        fill(source)
        if not asked.postgres:
            asyncio.run(measure(f"sqlite:///{source}", folder, asked.customers))
            return
        with on_postgres(source, more=TABLES) as url:
            asyncio.run(measure(url, folder, asked.customers))


if __name__ == "__main__":
    main()
