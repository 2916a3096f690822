"""The export process: ``python -m screenpop.exporting.worker``.

Reads one ``web.ports.ExportOrder`` as a line of JSON, with the database's
URL. Writes one line of JSON, ``{"ready": true}``, then the bytes of the file; ends with code 1
when it fails.
"""

import asyncio
import io
import shutil
import sys
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from screenpop.accounts.departments import Section
from screenpop.accounts.users import UserId
from screenpop.common.worker_main import exit_with_parent, read_request, run_worker, write_message
from screenpop.conditions.json_format import read_condition
from screenpop.customers.visibility import viewer_from_json
from screenpop.exporting.call_list import CALL_COLUMNS, call_rows
from screenpop.exporting.offer_report import OFFER_COLUMNS, offer_rows
from screenpop.exporting.progress import report_progress
from screenpop.exporting.report_tables import report_cells
from screenpop.exporting.voucher_list import VOUCHER_COLUMNS, voucher_rows
from screenpop.exporting.work_list import WorkListRequest, work_list_columns, work_list_rows
from screenpop.follow_ups.work_list import WorkKind
from screenpop.spreadsheets.writing.columns import Cell, Column, ExportWords
from screenpop.spreadsheets.writing.files import (
    CsvFile,
    CsvPayments,
    CsvTable,
    TableFile,
    TablesFile,
    XlsxFile,
)
from screenpop.store.calls.call_filter import filter_from_json
from screenpop.store.calls.counts import count_calls
from screenpop.store.engine.database import Database, opened
from screenpop.store.engine.visible_rows import restrict_to
from screenpop.store.export_rows import export_customers
from screenpop.store.offers.outcomes import OutcomeFilter, load_outcomes
from screenpop.store.own_fields.definitions import list_own_fields
from screenpop.store.segments.found import Wanted
from screenpop.web.translations import RIGHT_TO_LEFT, Catalogue, our_catalogues


def main() -> None:
    order = read_request()
    exit_with_parent()
    asyncio.run(_answer(order))


async def _answer(order: dict[str, Any]) -> None:
    catalogue = our_catalogues()[order["language"]]
    if order.get("viewer") is not None:
        restrict_to(viewer_from_json(order["viewer"]))
    async with opened(order["database"], Path(order["key_folder"])) as database:
        match order["kind"]:
            case "csv":
                _say_ready()
                await _write_csv(database, order, catalogue)
            case "xlsx":
                await _write_xlsx(database, order, catalogue)
            case "work_list":
                await _write_work_list(database, order, catalogue)
            case "vouchers":
                await _write_vouchers(database, order, catalogue)
            case "offers_csv" | "offers_xlsx":
                await _write_offers(database, order, catalogue)
            case "calls":
                await _write_calls(database, order, catalogue)
            case "report":
                _write_report(order, catalogue)
            case kind:
                raise ValueError(f"no kind of file: {kind!r}")
    sys.stdout.buffer.flush()


def _say_ready() -> None:
    write_message({"ready": True})


async def _write_csv(database: Database, order: dict[str, Any], catalogue: Catalogue) -> None:
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=False)
    words = await _words_with_fields(database, catalogue)
    file: CsvFile | CsvPayments
    if order["payments"]:
        file = CsvPayments(out, words)
    else:
        file = CsvFile(out, words, _sections(order), documents=order["documents"])
    async for people in _people(database, order):
        file.add(people)
    file.close()
    out.flush()
    out.detach()


async def _write_xlsx(database: Database, order: dict[str, Any], catalogue: Catalogue) -> None:
    folder = Path(order["folder"])
    path = folder / "customers.xlsx"
    right_to_left = catalogue.language in RIGHT_TO_LEFT
    file = XlsxFile(
        path,
        folder,
        await _words_with_fields(database, catalogue),
        _sections(order),
        right_to_left=right_to_left,
        documents=order["documents"],
    )
    async for people in _people(database, order):
        file.add(people)
    file.close()
    _send(path)


async def _write_work_list(database: Database, order: dict[str, Any], catalogue: Catalogue) -> None:
    folder, sections = Path(order["folder"]), _sections(order)
    path = folder / "work-list.xlsx"
    users = tuple(None if one is None else UserId(one) for one in order["users"])
    asked = WorkListRequest(
        WorkKind(order["list"]),
        users,
        date.fromisoformat(order["today"]),
        ZoneInfo(order["zone"]),
        sections,
    )
    words, right_to_left = _words(catalogue), catalogue.language in RIGHT_TO_LEFT
    columns = work_list_columns(sections)
    file = TableFile(path, folder, words, "work_list", columns, right_to_left=right_to_left)
    async for rows in work_list_rows(database, asked, words):
        file.add(rows)
    file.close()
    _send(path)


async def _write_vouchers(database: Database, order: dict[str, Any], catalogue: Catalogue) -> None:
    asked = date.fromisoformat(order["today"]), ZoneInfo(order["zone"])
    rows = voucher_rows(database, *asked, _words(catalogue))
    await _write_table(order, catalogue, "vouchers", VOUCHER_COLUMNS, rows)


async def _write_calls(database: Database, order: dict[str, Any], catalogue: Catalogue) -> None:
    wanted, zone = filter_from_json(order["filter"]), ZoneInfo(order["zone"])
    pages = call_rows(database, wanted, zone, order["line_names"], _words(catalogue))
    rows = report_progress(pages, Path(order["folder"]), await count_calls(database, wanted))
    await _write_table(order, catalogue, "calls", CALL_COLUMNS, rows)


async def _write_table(
    order: dict[str, Any],
    catalogue: Catalogue,
    name: str,
    columns: Sequence[Column],
    pages: AsyncGenerator[list[list[Cell]]],
) -> None:
    """Write one table as a CSV file or workbook. ``name``: of the sheet, and of its words.

    A CSV file is sent while it is written, so that the browser shows how it grows.
    """
    if order["file"] == "csv":
        _say_ready()
        out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
        sent = CsvTable(out, _words(catalogue), columns)
        async for rows in pages:
            sent.add(rows)
        out.flush()
        out.detach()
        return
    path, file = _open_table(order, catalogue, order["file"], name, columns)
    async for rows in pages:
        file.add(rows)
    file.close()
    _send(path)


def _open_table(
    order: dict[str, Any], catalogue: Catalogue, kind: str, name: str, columns: Sequence[Column]
) -> tuple[Path, CsvTable | TableFile]:
    folder, words = Path(order["folder"]), _words(catalogue)
    path = folder / f"{name}.{kind}"
    if kind == "csv":
        return path, CsvTable(path.open("w", encoding="utf-8", newline=""), words, columns)
    right_to_left = catalogue.language in RIGHT_TO_LEFT
    return path, TableFile(path, folder, words, name, columns, right_to_left=right_to_left)


def _write_report(order: dict[str, Any], catalogue: Catalogue) -> None:
    folder, words = Path(order["folder"]), _words(catalogue)
    path = folder / "report.xlsx"
    right_to_left = catalogue.language in RIGHT_TO_LEFT
    file = TablesFile(path, folder, words, right_to_left=right_to_left)
    for table in order["tables"]:
        file.add(f"report_table.{table['code']}", *report_cells(table, words))
    file.close()
    _send(path)


async def _write_offers(database: Database, order: dict[str, Any], catalogue: Catalogue) -> None:
    first, last, today = (date.fromisoformat(order[name]) for name in ("first", "last", "today"))
    zone, within = ZoneInfo(order["zone"]), order["within_days"]
    names = {int(number): name for number, name in order["offers"].items()}
    wanted = OutcomeFilter(first, last, within, today, zone, frozenset(names))
    rows = offer_rows(await load_outcomes(database, wanted), names, _words(catalogue))
    kind = order["kind"].removeprefix("offers_")
    path, file = _open_table(order, catalogue, kind, "offers", OFFER_COLUMNS)
    file.add(rows)
    file.close()
    _send(path)


def _send(path: Path) -> None:
    _say_ready()
    with path.open("rb") as written:
        shutil.copyfileobj(written, sys.stdout.buffer, 256 * 1024)


def _people(database: Database, order: dict[str, Any]) -> Any:
    given = order["segment"]
    segment = None
    if given is not None:
        node, today = read_condition(given["condition"]), date.fromisoformat(given["today"])
        segment = Wanted(node, today, ZoneInfo(given["zone"]))
    return export_customers(
        database,
        search=order["search"],
        notes=order["notes"],
        documents=order["documents"],
        segment=segment,
    )


def _words(catalogue: Catalogue) -> ExportWords:
    return ExportWords(catalogue.language, catalogue.gettext, date.today())  # noqa: DTZ011


async def _words_with_fields(database: Database, catalogue: Catalogue) -> ExportWords:
    return replace(_words(catalogue), own_fields=await list_own_fields(database))


def _sections(order: dict[str, Any]) -> frozenset[Section]:
    return frozenset(Section(one) for one in order["sections"])


if __name__ == "__main__":
    run_worker(main)
