"""``screenpop export``, ``access``, ``erase``: export customers, or export or erase one person."""

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screenpop.cli.console import err, errors_as_sentences, out, print_done
from screenpop.cli.serve import SettingsFile
from screenpop.cli.whose import Customer, customer_meant

if TYPE_CHECKING:
    from screenpop.settings import Settings
    from screenpop.web.export_port import ExportRequestSpec


def export(
    to: Annotated[Path, typer.Option("--to", help="A new file that ends in .xlsx or .csv.")] = Path(
        "customers.xlsx"
    ),
    query: Annotated[
        str, typer.Option("--query", help="Only the customers that this search finds.")
    ] = "",
    language: Annotated[str, typer.Option(help="Language of the headings: en, fa or el.")] = "",
    documents: Annotated[
        bool, typer.Option("--documents", help="With the numbers of passports and other documents.")
    ] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Export all customers with phones, trips and cases as XLSX or CSV."""
    kind = to.suffix.lower().removeprefix(".")
    with errors_as_sentences():
        from screenpop.accounts.departments import Section
        from screenpop.app.data_dir import prepare_data_dir
        from screenpop.customers.models import LANGUAGES
        from screenpop.settings import load_settings
        from screenpop.web.export_port import ExportRequestSpec

        settings = load_settings(settings_file)
        language = language or settings.languages[0]
        if language not in LANGUAGES:
            raise typer.BadParameter(f"{language!r} is none of {', '.join(LANGUAGES)}")
        if to.exists():
            raise typer.BadParameter(f"{to} is there already; name a new file", param_hint="--to")
        prepare_data_dir(settings.data_dir)
        everything = frozenset(Section)
        match kind:
            case "xlsx":
                order = ExportRequestSpec("xlsx", language, everything, query, documents)
            case "csv":
                order = ExportRequestSpec("csv", language, everything, query, documents)
            case _:
                raise typer.BadParameter("end its name in .xlsx or .csv", param_hint="--to")
        size = asyncio.run(_export(settings, order, to))
        if size is None:
            err.print("[red]✗[/red] The file could not be written; the reason is above.")
            raise typer.Exit(1)
        print_done(f"{to} is written ({size / 1e6:.1f} MB). Only those who may should read it.")


async def _export(settings: "Settings", order: "ExportRequestSpec", to: Path) -> int | None:
    from screenpop.exporting.client import ExportService
    from screenpop.store.engine.database import opened
    from screenpop.store.privacy.records import log_export
    from screenpop.web.export_port import ExportRefusedError

    part, size = to.with_name(f"{to.name}.part"), 0
    async with opened(settings.database_address) as database:
        try:
            part.touch(mode=0o600, exist_ok=False)
            async with ExportService(settings.database_address, settings.data_dir)(order) as pieces:
                with part.open("wb") as file:
                    async for piece in pieces:
                        size += file.write(piece)
        except ExportRefusedError:
            part.unlink()
            return None
        part.rename(to)
        filtered = bool(order.search.strip())
        kind = f"{order.kind}+documents" if order.documents else order.kind
        await log_export(database, kind=kind, filtered=filtered, user_id=None, now=time.time())
        return size


def access(
    customer: Customer,
    to: Annotated[
        Path | None, typer.Option("--to", help="Write to this new file instead of printing.")
    ] = None,
    files: Annotated[
        Path | None, typer.Option("--files", help="Write the attached files to this new folder.")
    ] = None,
    settings_file: SettingsFile = None,
) -> None:
    """Print all data stored about one person, as JSON."""
    with errors_as_sentences():
        import orjson

        from screenpop.app.secret_files import write_secret_file
        from screenpop.settings import load_settings
        from screenpop.store.attachments.records import copy_attachments
        from screenpop.store.engine.database import opened
        from screenpop.store.privacy.plain_rows import Plain
        from screenpop.store.privacy.subject_access import subject_access_report

        settings = load_settings(settings_file)
        customer_id = customer_meant(customer, settings)

        async def read() -> Plain | None:
            async with opened(settings.database_address, settings.data_dir) as database:
                if files is not None:
                    await copy_attachments(database, customer_id, files, now=time.time())
                return await subject_access_report(database, customer_id)

        kept = asyncio.run(read())
        if kept is None:
            err.print(f"[red]✗[/red] There is no customer number {customer_id}.")
            raise typer.Exit(1)
        text = orjson.dumps(kept, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        if to is None:
            out.print(text.decode(), end="", markup=False)
            return
        to.touch(mode=0o600, exist_ok=False)
        write_secret_file(to, text)
        print_done(f"{to} holds all that is kept of customer number {customer_id}.")


def erase(
    customer: Customer,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Erase one person permanently. Their calls stay as figures, without number and name."""
    with errors_as_sentences():
        from screenpop.settings import load_settings
        from screenpop.store.customers.queries import CustomerRefusedError
        from screenpop.store.engine.database import opened
        from screenpop.store.privacy.erasure import (
            Erased,
            confirmation_names,
            erase_customer,
            is_confirmation_name,
        )

        settings = load_settings(settings_file)
        customer_id = customer_meant(customer, settings)

        async def names() -> tuple[str, ...]:
            async with opened(settings.database_address) as database:
                return await confirmation_names(database, customer_id)

        async def forget() -> Erased:
            async with opened(settings.database_address, settings.data_dir) as database:
                return await erase_customer(database, customer_id, user_id=None, now=time.time())

        known = asyncio.run(names())
        if not known:
            err.print(f"[red]✗[/red] There is no customer number {customer_id}.")
            raise typer.Exit(1)
        if not yes:
            asked = f"{' / '.join(known)} will be erased for good. Type the whole name to confirm"
            if not is_confirmation_name(typer.prompt(asked), known):
                err.print("[red]✗[/red] This is another name. No customer was erased.")
                raise typer.Exit(1)
        try:
            gone = asyncio.run(forget())
        except CustomerRefusedError as refused:
            err.print(f"[red]✗[/red] {refused}")
            raise typer.Exit(1) from None
        print_done(
            f"Erased: {gone.files} file(s), {gone.numbers} number(s), {gone.trips} trip(s),"
            f" {gone.attachments} attached file(s);"
            f" {gone.calls} call(s) stay as figures;"
            f" {gone.mentions} mention(s) in other records were replaced."
        )
        for one in gone.likely:
            out.print(f"May mean the same person: {one.place}, row {one.row}", markup=False)
