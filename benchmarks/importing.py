"""Import speed, to known callers and to search results: ``python -m benchmarks.importing``.

A CSV file is read by a process of its own, as in the product, and imported by this one into an
empty database on disk.
"""

import argparse
import asyncio
import inspect
import os
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from benchmarks.bare_import import bare_import
from benchmarks.ratios import Spread, spread
from benchmarks.sheet import last_number, write_sheet
from screenpop.customers.draft import IncomingRow
from screenpop.spreadsheets.reading.client import SheetReader, read_sheet
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.store.engine.database import Database, migrate, opened
from screenpop.store.imports.batch import import_rows
from screenpop.store.search.fts_index import index_new_customers
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_numbers import resolve

SHEET = "sheet.csv"
_CONTEXT = ImportContext(NumberPlan(Region("IR"), "21"), date(2026, 11, 22), "EUR")


class RowsLostError(AssertionError):
    """Not every row became a customer, so the time is not comparable."""


@dataclass(frozen=True, slots=True)
class Imported:
    rows: int
    in_s: float
    """From the start until all are committed and the lookup of a card finds the last one."""
    found_s: float
    """From the start until a search finds the last customer."""
    cpu_s: float
    """CPU seconds of both processes, until a search finds the last customer."""


@dataclass(frozen=True, slots=True)
class ImportSpeed:
    rows: int
    known: Spread
    """Rows a second until the lookup of a card finds them."""
    found: Spread
    """Rows a second until a search finds them."""
    cpu_s: Spread
    """CPU seconds a row."""
    to_bare: Spread | None = None
    """Time until the lookup finds them, to that of ``bare_import`` right after it."""


def import_speed(rows: int, repetitions: int) -> ImportSpeed:
    """Import ``repetitions`` times, each into a new SQLite database."""
    done: list[Imported] = []
    bare_s: list[float] = []
    for _ in range(repetitions):
        with tempfile.TemporaryDirectory(prefix="screenpop-benchmark-") as folder:
            path = Path(folder)
            done.append(import_sheet(_new_database(path / "screenpop.db"), rows, path))
            _new_database(path / "bare.db")
            bare_s.append(bare_import(path / "bare.db", path / SHEET))
    ratios = [one.in_s / bare for one, bare in zip(done, bare_s, strict=True)]
    return replace(speed_of(rows, done), to_bare=spread(ratios))


def _new_database(file: Path) -> str:
    url = f"sqlite:///{file}"
    migrate(url)
    return url


def speed_of(rows: int, done: Sequence[Imported]) -> ImportSpeed:
    return ImportSpeed(
        rows,
        spread(rows / one.in_s for one in done),
        spread(rows / one.found_s for one in done),
        spread(one.cpu_s / rows for one in done),
    )


def import_sheet(url: str, rows: int, folder: Path) -> Imported:
    """Import ``rows`` new customers into a migrated database. Raises ``RowsLostError``."""
    sheet = folder / SHEET
    write_sheet(sheet, rows)
    before, began = _cpu_s(), time.perf_counter()
    visible_at = asyncio.run(_import_sheet(url, sheet, rows))
    found_s = time.perf_counter() - began
    return Imported(rows, visible_at - began, found_s, _cpu_s() - before)


async def _import_sheet(url: str, file: Path, rows: int) -> float:
    """Return when the lookup found the last customer."""
    async with opened(url) as database:
        async with read_sheet(file, _CONTEXT) as sheet:
            done = await import_rows(database, _rows(sheet), filename=file.name, now=time.time())
        if done.counts.new != rows:
            raise RowsLostError(f"{done.counts.new} of {rows} rows were imported")
        await _look_up_last(database, last_number(rows))
        visible_at = time.perf_counter()
        while await index_new_customers(database):
            pass
        return visible_at


async def _look_up_last(database: Database, number: str) -> None:
    """Look up a caller as a card does. Raises ``RowsLostError`` when there is no match."""
    record = database.lookup.now_or_later(resolve(number, plan=_CONTEXT.plan))
    if not (await record if inspect.isawaitable(record) else record).exact:
        raise RowsLostError(f"no customer has the number {number}")


async def _rows(sheet: SheetReader) -> AsyncIterator[Sequence[IncomingRow]]:
    async for part in sheet.parts():
        yield part.rows


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.importing", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--database", help="an empty one, migrated; without it a new SQLite file")
    options = parser.parse_args()
    if options.database:
        with tempfile.TemporaryDirectory(prefix="screenpop-benchmark-") as folder:
            one = import_sheet(options.database, options.rows, Path(folder))
        _print(speed_of(options.rows, [one]))
        return
    _print(import_speed(options.rows, options.repetitions))


def _print(speed: ImportSpeed) -> None:
    for what, one in (("whom a card shows", speed.known), ("whom a search finds", speed.found)):
        print(f"{one.median:,.0f} rows a second ({one.least:,.0f} to {one.most:,.0f}) {what}")
    print(f"{speed.cpu_s.median * 1e6:.0f} µs of CPU a row")
    if speed.to_bare is not None:
        ratio = speed.to_bare
        print(f"{ratio.median:.2f} ({ratio.least:.2f} to {ratio.most:.2f}) times a bare loop")


if __name__ == "__main__":
    main()
