"""``screenpop lookback``: what the office would have known about the calls of a call export."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screenpop.cli.console import err, errors_as_sentences, out
from screenpop.cli.serve import SettingsFile

if TYPE_CHECKING:
    from screenpop.app.lookback import LookbackResult
    from screenpop.audit.lookback import Lookback

_MOST_SKIPPED = 20
"""Skipped lines that are printed."""


def lookback(
    cdr: Annotated[
        Path,
        typer.Option("--cdr", help="Calls: Master.csv, or an export of FreePBX, Issabel, 3CX ..."),
    ],
    customers: Annotated[
        Path | None,
        typer.Option(help="A customer sheet, as for import; default: the customers on file."),
    ] = None,
    number_column: Annotated[
        str, typer.Option(help="The column with the callers' numbers: its heading, or 1, 2 ...")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Print what Screenpop would have known about past calls. Stores nothing, names no person.

    Times in the file are those of the setting timezone.
    """
    with errors_as_sentences():
        from screenpop.app.lookback import LookbackRequest, run_lookback
        from screenpop.audit.cdr import CdrError
        from screenpop.settings import load_settings

        settings = load_settings(settings_file)
        sheet = customers.absolute() if customers is not None else None
        request = LookbackRequest.of(settings, cdr.absolute(), sheet, number_column)
        try:
            result = asyncio.run(run_lookback(request))
        except CdrError as refused:
            err.print(f"✗ {cdr}: {refused}.", markup=False)
            if "lumn" in str(refused):
                err.print("  For example: --number-column 3", markup=False)
            raise typer.Exit(1) from None
    if as_json:
        out.print(json.dumps(_as_json(result)), markup=False, soft_wrap=True)
    else:
        _print(result)


def _print(result: "LookbackResult") -> None:
    for sentence in lookback_sentences(result.figures):
        out.print(sentence, markup=False)
    for line in result.skipped[:_MOST_SKIPPED]:
        err.print(f"line {line.number} is skipped: {line.reason}: {line.text!r}", markup=False)
    if len(result.skipped) > _MOST_SKIPPED:
        err.print(f"{len(result.skipped) - _MOST_SKIPPED:,} more lines are skipped.")
    if result.rows_left_out:
        err.print(f"{result.rows_left_out:,} rows of the customer sheet cannot be read.")


def lookback_sentences(figures: "Lookback") -> tuple[str, ...]:
    """Return the figures in words, the most important first."""
    if not figures.calls:
        return ("The file has no calls from outside.",)
    days = f" from {figures.first} to {figures.last}" if figures.first else ""
    tiers = [f"{count:,} from {tier.value} customers" for tier, count in figures.tiers.items()]
    sentences = [
        f"{figures.calls:,} calls came in{days}; {figures.outbound:,} went out.",
        f"{figures.named_percent} % ({figures.named:,}) would have had a name, of"
        f" {figures.customers:,} customers.",
    ]
    if tiers:
        sentences.append(f"{', '.join(reversed(tiers))}.")
    sentences.append(f"{figures.lapsed:,} lapsed customers called, without a card that shows it.")
    if figures.missed is None:
        sentences.append("The file has no column from which to learn whether calls were answered.")
    else:
        sentences.append(
            f"{figures.missed:,} calls were missed; {figures.never_called_back:,} of them were"
            " never called back."
        )
    sentences += [
        f"{figures.one_digit_off:,} numbers differ by one digit from one on file.",
        f"{figures.withheld:,} calls came without a number.",
    ]
    return tuple(sentences)


def _as_json(result: "LookbackResult") -> dict[str, object]:
    return {
        **result.figures.plain(),
        "skipped": [asdict(one) for one in result.skipped],
        "rows_left_out": result.rows_left_out,
    }
