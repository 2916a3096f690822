"""``screenpop import``: imports a sheet of customers, lists imports, or undoes one."""

import asyncio
import signal
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from screenpop.cli.console import err, errors_as_sentences, out, print_done
from screenpop.cli.import_options import HiddenRows, order_columns
from screenpop.cli.import_output import (
    PHASES,
    STATES,
    choice_sentence,
    count_sentence,
    mapping_sentences,
    reason_sentences,
    row_sentence,
    write_report,
)
from screenpop.cli.serve import SettingsFile
from screenpop.common.text import display_text

if TYPE_CHECKING:
    from screenpop.customers.import_columns import SheetPreview
    from screenpop.importing.messages import ImportFinished, Progress
    from screenpop.importing.request import ImportRequest
    from screenpop.settings import Settings
    from screenpop.spreadsheets.reading.messages import ReadRequest
    from screenpop.spreadsheets.rows.row_parser import ImportContext
    from screenpop.store.engine.database import Database

MAX_PRINTED_ROWS = 40
"""Printed rows per result; ``--report`` has all of them."""
SOME_LEFT_OUT, STOPPED = 3, 130

_LONGEST_MAPPING = 4_000
"""Characters; a sheet has up to 256 columns."""


def import_file(
    file: Annotated[
        Path | None, typer.Argument(help="XLSX, XLSB, XLS, ODS, CSV or vCard (.vcf).")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Report the result of each row; change nothing.")
    ] = False,
    sheet: Annotated[
        str, typer.Option(help="The sheet's name; default: the one that looks like customers.")
    ] = "",
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="The meaning of a column: 'Handy=mobile', '3=ignored', 'Meal=own' (an own field of"
            " this name, made if there is none), 'Meal=own:Name'. Repeatable."
        ),
    ] = None,
    heading_line: Annotated[
        int | None,
        typer.Option(min=0, help="The line of the headings; 0: there are none. Remembered."),
    ] = None,
    days: Annotated[
        list[str] | None,
        typer.Option(
            help="How the days of a column are read: 'Born=jalali', 'Born=day_first',"
            " 'Born=month_first'. Remembered. Repeatable."
        ),
    ] = None,
    hidden_rows: Annotated[
        HiddenRows, typer.Option(help="Whether rows that are hidden in the sheet come in.")
    ] = HiddenRows.TAKE,
    with_sheet: Annotated[
        list[str] | None,
        typer.Option(help="Another sheet whose rows come in too, joined to the customers."),
    ] = None,
    currency: Annotated[
        str, typer.Option(help="Currency of amounts without one: EUR, IRR ...")
    ] = "",
    report: Annotated[
        Path | None, typer.Option(help="Write the result of each row to this CSV file.")
    ] = None,
    undo: Annotated[int, typer.Option(help="Undo the import with this number.")] = 0,
    force: Annotated[
        bool, typer.Option("--force", help="With --undo: also undo customers changed since.")
    ] = False,
    list_all: Annotated[bool, typer.Option("--list", help="List the imports so far.")] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Import customers with their phones and trips. Exit code 0: all rows imported; 3: some rows
    were left out; 1: nothing was imported."""
    asked = sum((file is not None, undo > 0, list_all))
    if asked != 1:
        raise typer.BadParameter("give a file, or --undo with a number, or --list")
    with errors_as_sentences():
        from screenpop.app.data_dir import prepare_data_dir
        from screenpop.settings import load_settings

        settings = load_settings(settings_file)
        prepare_data_dir(settings.data_dir)
        if list_all:
            _list(settings)
        elif file is None:
            _undo(settings, undo, force=force)
        else:
            reading = SheetOptions(
                sheet,
                tuple(column or ()),
                heading_line,
                tuple(with_sheet or ()),
                tuple(days or ()),
                hidden_rows is HiddenRows.LEAVE,
            )
            _import(settings, file, reading, currency, report, dry_run=dry_run)


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """How the options of the command have a file read."""

    sheet: str
    columns: tuple[str, ...]
    """``Heading=field``."""
    heading_line: int | None
    joined: tuple[str, ...]
    days: tuple[str, ...]
    """``Heading=order``, as ``customers.import_columns.DayOrder``."""
    skip_hidden: bool


def _import(
    settings: "Settings",
    file: Path,
    options: SheetOptions,
    currency: str,
    report: Path | None,
    *,
    dry_run: bool,
) -> None:
    from screenpop.importing.report import all_rows
    from screenpop.importing.request import ImportTask

    context = replace(_import_context(settings, currency), skip_hidden=options.skip_hidden)
    reading = asyncio.run(_preview(settings, file.absolute(), context, options))
    work = ImportTask.CHECK if dry_run else ImportTask.IMPORT
    with tempfile.TemporaryDirectory(prefix="screenpop-import-") as folder:
        ended = _carried_out(settings, work, folder=folder, sheet=reading, filename=file.name)
        if ended.refused or ended.failed:
            raise typer.Exit(_refusals_as_sentences(ended))
        _print_rows(Path(folder))
        if report is not None:
            write_report(report, all_rows(Path(folder)))
    _print_result(ended, dry_run=dry_run)


def _print_result(ended: "ImportFinished", *, dry_run: bool) -> None:
    counts = ended.counts
    for reason in reason_sentences(counts):
        err.print(escape(reason))
    sentence = count_sentence(counts, dry_run=dry_run)
    if ended.batch:
        sentence += f" It is import {ended.batch}: --undo {ended.batch} takes it out again."
    if ended.cancelled:
        err.print(f"[yellow]![/yellow] {escape(f'Stopped half way. {sentence}')}")
        raise typer.Exit(STOPPED)
    print_done(sentence)
    if counts.refused:
        came = counts.new + counts.joined + counts.changed + counts.on_file
        raise typer.Exit(SOME_LEFT_OUT if came else 1)


async def _preview(
    settings: "Settings", path: Path, context: "ImportContext", options: SheetOptions
) -> "ReadRequest":
    """Return the sheet to read, with its earlier column choices and those of the options."""
    from screenpop.importing.column_choice import (
        InvalidColumnChoiceError,
        choose_columns,
        mapping_key,
    )
    from screenpop.importing.remembered_columns import remembered_mappings
    from screenpop.spreadsheets.reading.client import preview_sheet
    from screenpop.spreadsheets.reading.messages import ReadRequest
    from screenpop.spreadsheets.rows.errors import SheetRefusedError
    from screenpop.spreadsheets.rows.sheets import HEADINGS_WANTED
    from screenpop.store.engine.database import opened
    from screenpop.store.imports.column_mappings import save_column_mapping
    from screenpop.store.own_fields.definitions import list_own_fields

    async with opened(settings.database_address) as database:
        context = replace(context, own_fields=await list_own_fields(database))
        known = await remembered_mappings(database)
        line = options.heading_line
        look = await preview_sheet(
            path, context, sheet=options.sheet, remembered=known, headings_line=line
        )
        if not (options.columns or options.days) and line is None:
            _print_mapping(look, context)
            return ReadRequest(
                str(path),
                context,
                False,
                look.sheet,
                remembered=known,
                headings_line=look.headings_line,
                joined=options.joined,
            )
        look = order_columns(await _with_columns(database, look, options.columns), options.days)
        _print_mapping(look, context)
        fields = [one.code for one in look.columns]
        try:
            orders = [one.days for one in look.columns]
            choice = choose_columns(look, fields, day_first=look.day_first, days=orders)
        except InvalidColumnChoiceError as refused:
            raise SheetRefusedError("no_columns", headings=HEADINGS_WANTED) from refused
        await save_column_mapping(database, mapping_key(look), choice.plain(), time.time())
    return ReadRequest(
        str(path),
        context,
        False,
        look.sheet,
        choice,
        headings_line=look.headings_line,
        joined=options.joined,
    )


def _print_mapping(look: "SheetPreview", context: "ImportContext") -> None:
    for sentence in mapping_sentences(look, skip_hidden=context.skip_hidden):
        err.print(escape(display_text(sentence, _LONGEST_MAPPING)))


async def _with_columns(
    database: "Database", look: "SheetPreview", columns: Sequence[str]
) -> "SheetPreview":
    from screenpop.customers.import_columns import Field
    from screenpop.importing.column_choice import InvalidColumnChoiceError, correct_column
    from screenpop.importing.own_columns import own_field_of

    for text in columns:
        heading, _, name = text.rpartition("=")
        fields = [field.value for field in Field]
        code, _, own_name = name.strip().partition(":")
        if code not in fields or (own_name and code != Field.OWN):
            raise typer.BadParameter(
                f"{text!r}: write Heading=field; the fields are {', '.join(fields)}"
            )
        try:
            own = await own_field_of(database, look, heading, own_name) if code == "own" else 0
            look = correct_column(look, heading, Field(code), own)
        except InvalidColumnChoiceError as refused:
            headings = [column.heading for column in look.columns]
            raise typer.BadParameter(choice_sentence(refused, headings)) from refused
    return look


def _import_context(settings: "Settings", currency: str) -> "ImportContext":
    from screenpop.spreadsheets.rows.row_parser import ImportContext

    today = datetime.fromtimestamp(time.time(), settings.zone).date()
    return ImportContext(settings.number_plan.plan(), today, currency.strip().upper())


def _undo(settings: "Settings", batch: int, *, force: bool) -> None:
    from screenpop.importing.request import ImportTask

    ended = _carried_out(settings, ImportTask.UNDO, batch=batch, force=force)
    if ended.refused or ended.failed:
        raise typer.Exit(_refusals_as_sentences(ended))
    for one in ended.kept:
        why = ", ".join(one.why)
        err.print(f"[yellow]![/yellow] customer {one.customer}, {escape(one.name)}: kept ({why})")
    text = f"{ended.gone} customers are gone, {ended.restored} are as they were before."
    if ended.kept_count:
        text += f" {ended.kept_count} were changed since and kept; --force takes them too."
    print_done(text)


def _list(settings: "Settings") -> None:
    from screenpop.store.engine.database import opened
    from screenpop.store.imports.batches import ImportBatch, list_batches

    async def read() -> tuple[ImportBatch, ...]:
        async with opened(settings.database_address) as database:
            return await list_batches(database)

    table = Table("import", "when", "file", "state", "new", "changed", "trips", "left out")
    for one in asyncio.run(read()):
        when = datetime.fromtimestamp(one.imported_at, settings.zone)
        table.add_row(
            str(one.id),
            f"{when:%Y-%m-%d %H:%M}",
            escape(one.filename),
            STATES.get(one.state, one.state),
            *(str(count) for count in (one.added, one.changed, one.trips, one.refused)),
        )
    out.print(table)


def _carried_out(
    settings: "Settings",
    work: str,
    *,
    folder: str = "",
    sheet: "ReadRequest | None" = None,
    filename: str = "",
    batch: int = 0,
    force: bool = False,
) -> "ImportFinished":
    from screenpop.common.worker_main import lower_priority
    from screenpop.importing.lock import LOCK_FILE
    from screenpop.importing.request import ImportRequest, ImportTask

    lock = settings.data_dir.absolute() / LOCK_FILE
    ask = ImportRequest(
        ImportTask(work),
        settings.database_address,
        str(lock),
        folder,
        sheet,
        filename,
        batch,
        force,
    )
    lower_priority()
    with err.status("…") as status:
        return asyncio.run(_with_signals(ask, status))


async def _with_signals(ask: "ImportRequest", status: Status) -> "ImportFinished":
    from screenpop.importing.job import run_import_task

    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stopped.set)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)

    def on_progress(progress: "Progress") -> None:
        status.update(PHASES[progress.phase].format(read=progress.counts.read))

    return await run_import_task(ask, on_progress, stopped.is_set)


def _refusals_as_sentences(ended: "ImportFinished") -> int:
    from screenpop.spreadsheets.rows.errors import REFUSALS

    sentence = ended.failed or {
        **REFUSALS,
        "no_such_batch": "There is no import with the number {batch}, or it was undone before."
        " screenpop import --list shows all.",
    }[ended.refused].format(**(ended.params or {}))
    err.print(f"[red]✗[/red] {escape(sentence)}")
    return 1


def _print_rows(folder: Path) -> None:
    from screenpop.customers.import_report import RowResult
    from screenpop.importing.report import read_report, report_file

    for what, mark in (
        (RowResult.REFUSED, "red"),
        (RowResult.NOTED, "yellow"),
        (RowResult.CHANGED, "cyan"),
    ):
        rows, more = read_report(folder, what, 0, MAX_PRINTED_ROWS)
        for row in rows:
            err.print(f"[{mark}]![/{mark}] {escape(row_sentence(row))}")
        if more:
            with report_file(folder, what).open("rb") as file:
                rest = sum(1 for _ in file) - len(rows)
            err.print(f"  … and {rest} more such lines; --report FILE.csv has them all.")
