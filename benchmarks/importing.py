"""How quick a sheet becomes customers with phones, then ones whom a search finds:
``python -m benchmarks.importing``.

The way everybody's sheet takes: a CSV file, read by a process of its own, brought in by this one
into an empty database on the disk.
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
_HOUSE = ImportContext(NumberPlan(Region("IR"), "21"), date(2026, 11, 22), "EUR")


class RowsLostError(AssertionError):
    """Not every row became a customer, so the time is not comparable."""


@dataclass(frozen=True, slots=True)
class Imported:
    rows: int
    in_s: float
    """From the file until all are committed, and the read that a card waits for finds the last."""
    found_s: float
    """From the file to the last customer whom a search finds."""
    cpu_s: float
    """Of both processes, to the end of that."""


@dataclass(frozen=True, slots=True)
class ImportSpeed:
    rows: int
    known: Spread
    """Rows a second from the file to customers whom a card shows."""
    found: Spread
    """Rows a second from the file to customers whom a search finds."""
    cpu_s: Spread
    """CPU seconds a row."""
    to_bare: Spread | None = None
    """Time to customers whom a card shows, to that of ``bare_import`` right after it."""


def import_speed(rows: int, repetitions: int) -> ImportSpeed:
    """Each time into a new database on SQLite."""
    done: list[Imported] = []
    bare_s: list[float] = []
    for _ in range(repetitions):
        with tempfile.TemporaryDirectory(prefix="screenpop-benchmark-") as folder:
            place = Path(folder)
            done.append(bring_in(_new_database(place / "screenpop.db"), rows, place))
            _new_database(place / "bare.db")
            bare_s.append(bare_import(place / "bare.db", place / SHEET))
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


def bring_in(url: str, rows: int, folder: Path) -> Imported:
    """Bring so many new customers into a database that has the tables. Raises ``RowsLostError``."""
    sheet = folder / SHEET
    write_sheet(sheet, rows)
    before, began = _cpu_s(), time.perf_counter()
    came_in = asyncio.run(_bring_in(url, sheet, rows))
    found_s = time.perf_counter() - began
    return Imported(rows, came_in - began, found_s, _cpu_s() - before)


async def _bring_in(url: str, file: Path, rows: int) -> float:
    """Gives when the last of them could be on a card."""
    async with opened(url) as database:
        async with read_sheet(file, _HOUSE) as sheet:
            done = await import_rows(database, _rows(sheet), filename=file.name, now=time.time())
        if done.counts.new != rows:
            raise RowsLostError(f"{done.counts.new} of {rows} rows came in")
        await _show(database, last_number(rows))
        came_in = time.perf_counter()
        while await index_new_customers(database):
            pass
        return came_in


async def _show(database: Database, number: str) -> None:
    """What a card does. Raises ``RowsLostError`` when it would show nobody."""
    record = database.lookup.now_or_later(resolve(number, plan=_HOUSE.plan))
    if not (await record if inspect.isawaitable(record) else record).exact:
        raise RowsLostError(f"nobody has the number {number}")


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
            one = bring_in(options.database, options.rows, Path(folder))
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
