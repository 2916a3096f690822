"""``screenpop audit``: holds the call log against the PBX's own files."""

import asyncio
import json
from dataclasses import asdict
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from screenpop.cli.console import err, errors_as_sentences, out, print_done
from screenpop.cli.serve import SettingsFile

if TYPE_CHECKING:
    from screenpop.app.pbx_audit import AuditResult
    from screenpop.settings import Settings

_MOST_SKIPPED = 20
"""Skipped lines that are printed."""


def audit(
    queue_log: Annotated[
        Path | None,
        typer.Option("--queue-log", help="The PBX's queue_log, e.g. /var/log/asterisk/queue_log."),
    ] = None,
    cdr: Annotated[
        Path | None,
        typer.Option("--cdr", help="Master.csv, or a CDR export with a heading."),
    ] = None,
    pbx: Annotated[
        str, typer.Option("--pbx", help="The id of the PBX; needed if there are several.")
    ] = "",
    times_in: Annotated[
        str,
        typer.Option(
            "--times-in", help="Time zone of dates in the files, if not that of the settings."
        ),
    ] = "",
    fill: Annotated[
        bool,
        typer.Option("--fill", help="Write calls of queue_log that our log has not, as estimated."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Compare the call log with the PBX's files, call by call.

    Exits with 1 if they differ, so that it can run each night. Dates in the files are in the
    setting timezone, or in that of --times-in.
    """
    if queue_log is None and cdr is None:
        raise typer.BadParameter("name a file: --queue-log FILE, --cdr FILE, or both")
    with errors_as_sentences():
        from screenpop.audit.cdr import CdrError
        from screenpop.audit.file_times import OtherZoneError
        from screenpop.settings import load_settings

        settings = load_settings(settings_file)
        try:
            zone = ZoneInfo(times_in) if times_in else settings.zone
        except (KeyError, ValueError, OSError):
            raise typer.BadParameter(
                f"{times_in!r} is no time zone, such as UTC or Asia/Tehran", param_hint="--times-in"
            ) from None
        try:
            results = asyncio.run(
                _audit(settings, _pbx(settings, pbx), queue_log, cdr, zone=zone, fill=fill)
            )
        except (CdrError, OtherZoneError) as refused:
            file = cdr if isinstance(refused, CdrError) or queue_log is None else queue_log
            err.print(f"[red]✗[/red] {file}: {refused}.", markup=True)
            raise typer.Exit(1) from None
    if as_json:
        out.print(json.dumps([_as_json(one) for one in results]), markup=False, soft_wrap=True)
    else:
        for result in results:
            _print(result, settings.zone)
    if any(_differences_left(result) for result in results):
        raise typer.Exit(1)


def _pbx(settings: "Settings", wanted: str) -> str:
    known = [one.id for one in settings.pbx]
    if wanted or len(known) == 1:
        name = wanted or known[0]
        if name in known:
            return name
        raise typer.BadParameter(f"{name!r} is none of {', '.join(known)}", param_hint="--pbx")
    names = ", ".join(known) or "no PBX in the settings"
    raise typer.BadParameter(f"say which PBX it is: {names}", param_hint="--pbx")


async def _audit(
    settings: "Settings",
    pbx: str,
    queue_log: Path | None,
    cdr: Path | None,
    *,
    zone: tzinfo,
    fill: bool,
) -> list["AuditResult"]:
    from screenpop.app.pbx_audit import audit_cdr, audit_queue_log
    from screenpop.store.engine.database import opened
    from screenpop.telephony.identifiers import PbxId

    results = []
    async with opened(settings.database_address) as database:
        if queue_log is not None:
            results.append(
                await audit_queue_log(
                    database, settings, PbxId(pbx), queue_log, fill=fill, zone=zone
                )
            )
        if cdr is not None:
            results.append(await audit_cdr(database, settings, PbxId(pbx), cdr, zone))
    return results


def _differences_left(result: "AuditResult") -> bool:
    return len(result.comparison.differences) > result.filled


def _print(result: "AuditResult", zone: tzinfo) -> None:
    from screenpop.audit.compare import Kind

    def moment(text: str) -> str:
        return f"{datetime.fromtimestamp(float(text), zone):%H:%M:%S}" if text else "–"

    for one in result.comparison.differences:
        theirs, ours = one.theirs, one.ours
        if one.kind in {Kind.ANSWERED_AT, Kind.ENDED_AT}:
            theirs, ours = moment(theirs), moment(ours)
        at = datetime.fromtimestamp(one.at, zone)
        facts = f"PBX: {theirs or '–'}; Screenpop: {ours or '–'}"
        out.print(f"{at:%Y-%m-%d %H:%M:%S}  {one.call}  {one.reason} {facts}", markup=False)
    for line in result.skipped[:_MOST_SKIPPED]:
        err.print(f"line {line.number} is skipped: {line.reason}: {line.text!r}", markup=False)
    if len(result.skipped) > _MOST_SKIPPED:
        err.print(f"{len(result.skipped) - _MOST_SKIPPED:,} more lines are skipped.")
    both, differences = result.comparison.compared, len(result.comparison.differences)
    print_done(
        f"{result.file}: {result.calls:,} calls, {both:,} of them in our log,"
        f" {differences:,} differences, {len(result.skipped):,} lines skipped."
    )
    if result.filled:
        print_done(f"{result.filled:,} calls were written into the log, marked as estimated.")


def _as_json(result: "AuditResult") -> dict[str, object]:
    return {
        "file": str(result.file),
        "calls": result.calls,
        "compared": result.comparison.compared,
        "filled": result.filled,
        "differences": [asdict(one) for one in result.comparison.differences],
        "skipped": [asdict(one) for one in result.skipped],
    }
