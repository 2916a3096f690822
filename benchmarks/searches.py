"""Times searches among all customers, and the same page without a search for comparison.

``python -m benchmarks.searches [--customers 1000000] [--postgres] [--times 200] [--notes]`` prints
the percentiles of each kind of search; ``--postgres`` of PostgreSQL, after SQLite.
"""

import argparse
import asyncio
import random
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.customers import work_copy
from benchmarks.postgres import on_postgres
from benchmarks.ratios import Latency, latency_of
from benchmarks.request_times import HEAD, WARM_UP, time_requests
from screenpop.store.customers.queries import CustomerPage
from screenpop.store.customers.similar_search import search_customers
from screenpop.store.engine.database import open_database

_WARM_UP = 20
_SEED = 1405
MISSPELT = "given and family name, two letters of one in the wrong order"
SHARED = "a name that one customer in a hundred begins with"
_SHARED_BY = 0.01


@dataclass(frozen=True, slots=True)
class Searches:
    plain: Latency
    """A page of the newest customers."""
    found: Mapping[str, Latency]
    """A page of search results, by kind of search text."""

    def ratio(self, typed: str) -> float:
        """p50 of a search to that of the plain page."""
        return self.found[typed].p50 / self.plain.p50


class NotFoundError(AssertionError):
    """A search had no result, so its time is meaningless."""


def search(database: Path, count: int, seed: int, url: str = "") -> Searches:
    """Time ``count`` searches of each kind. ``url``: another database with the same customers to
    search in. Raises ``NotFoundError``."""
    typed = _typed(database, count + _WARM_UP, seed)
    return asyncio.run(_search(url or f"sqlite:///{database}", typed))


def _typed(database: Path, count: int, seed: int) -> dict[str, list[str]]:
    """Return the texts of each kind of search."""
    people = _some_people(database, count, seed)
    return {
        "a whole number": [number for _, number in people],
        "seven digits": [number[-7:] for _, number in people],
        "the beginning of a name": [words[0][:3] for words, _ in people],
        "given and family name": [" ".join(words[:2]) for words, _ in people],
        "a name and four digits": [f"{words[0]} {number[-4:]}" for words, number in people],
        MISSPELT: [_misspelt(words) for words, _ in people],
        SHARED: [_shared_beginning(database)] * count,
    }


def _some_people(database: Path, count: int, seed: int) -> list[tuple[list[str], str]]:
    """Return name words and phone digits of random customers."""
    rng = random.Random(seed)
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        [most] = connection.execute("SELECT max(id) FROM customers").fetchone()
        read = "SELECT folded FROM customers WHERE id = ?"
        kept = [connection.execute(read, (rng.randint(1, most),)).fetchone() for _ in range(count)]
    people = []
    for (folded,) in kept:
        words = folded.split()
        number = next(word for word in words if word.isdigit())
        people.append(([word for word in words if not word.isdigit()], number))
    return people


def _misspelt(words: Sequence[str]) -> str:
    """Return the first two words, with the second and third letter of the longer one swapped."""
    pair = list(words[:2])
    at = max(range(len(pair)), key=lambda place: len(pair[place]))
    pair[at] = pair[at][0] + pair[at][2:0:-1] + pair[at][3:]
    return " ".join(pair)


def _shared_beginning(database: Path) -> str:
    """Return three letters or more that about one customer in a hundred has as the beginning of a
    name: ten thousand of a million."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        [total] = connection.execute("SELECT max(id) FROM customers").fetchone()
        sample = min(total, 20_000)
        names = connection.execute("SELECT folded FROM customers LIMIT ?", (sample,)).fetchall()
    counts = Counter[str](
        beginning
        for (folded,) in names
        for beginning in {word[:3] for word in folded.split() if not word[0].isdigit()}
        if len(beginning) == 3
    )
    return min(counts, key=lambda beginning: abs(counts[beginning] / sample - _SHARED_BY))


async def _search(url: str, typed: Mapping[str, Sequence[str]]) -> Searches:
    store = open_database(url)

    def asking(text: str) -> Callable[[], Awaitable[CustomerPage]]:
        return lambda: search_customers(store, text)

    try:
        some = len(next(iter(typed.values())))
        plain = await _time([asking("")] * some)
        found = {kind: await _time(list(map(asking, texts))) for kind, texts in typed.items()}
    finally:
        await store.close()
    return Searches(plain, found)


async def _time(asked: Sequence[Callable[[], Awaitable[CustomerPage]]]) -> Latency:
    times: list[float] = []
    for ask in asked:
        began = time.perf_counter()
        page = await ask()
        times.append(time.perf_counter() - began)
        if not page.rows:
            raise NotFoundError("a search had no result")
    return latency_of(times[_WARM_UP:])


async def _print(url: str, typed: Mapping[str, Sequence[str]], *, notes: bool) -> None:
    store = open_database(url)

    def asking(text: str) -> Callable[[], Awaitable[CustomerPage]]:
        return lambda: search_customers(store, text, notes=notes)

    try:
        some = len(next(iter(typed.values())))
        print(f"{HEAD}  {store.kind}", flush=True)
        for kind, texts in {"the newest": [""] * some, **typed}.items():
            took = await time_requests(store, list(map(asking, texts)))
            print(took.line(kind), flush=True)
    finally:
        await store.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.searches", description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=200, help="searches of each kind")
    parser.add_argument("--postgres", action="store_true", help="measure PostgreSQL as well")
    parser.add_argument("--notes", action="store_true", help="as users who may read notes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="screenpop-searches-") as folder:
        copy = work_copy(options.customers, Path(folder) / "customers")
        typed = _typed(copy, options.times + WARM_UP, _SEED)
        typed["four last digits"] = [number[-4:] for number in typed["a whole number"]]
        asyncio.run(_print(f"sqlite:///{copy}", typed, notes=options.notes))
        if options.postgres:
            with on_postgres(copy) as url:
                asyncio.run(_print(url, typed, notes=options.notes))


if __name__ == "__main__":
    main()
