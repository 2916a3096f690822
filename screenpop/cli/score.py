"""``screenpop score``: values of customers and their chances to come back."""

import asyncio
import os
import time
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screenpop.cli.console import err, errors_as_sentences, out, print_done
from screenpop.cli.serve import SettingsFile

if TYPE_CHECKING:
    from screenpop.scoring.run import ScoreSummary
    from screenpop.settings import Settings


def score(
    table: Annotated[
        Path | None,
        typer.Option("--table", help="A CSV file with the columns frequency, recency and T."),
    ] = None,
    settings_file: SettingsFile = None,
) -> None:
    """Score all customers now, or fit the BG/NBD model to a table and print its parameters."""
    # Read when numpy is imported. Its threads make small matrices ten times slower on busy cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with errors_as_sentences():
        if table is not None:
            _print_fit(table)
            return
        from screenpop.settings import load_settings

        _print_summary(asyncio.run(_score(load_settings(settings_file))))


def _print_fit(table: Path) -> None:
    from screenpop.likelihood.bg_nbd import FitError, fit_bg_nbd
    from screenpop.likelihood.plain_table import TableRefusedError, parse_table

    try:
        found = fit_bg_nbd(parse_table(table.read_bytes()))
    except (TableRefusedError, FitError) as refused:
        for line in str(refused).splitlines():
            err.print(f"✗ {table}: {line}", markup=False)
        raise typer.Exit(1) from None
    for name in ("r", "alpha", "a", "b"):
        out.print(f"{name:<15} {getattr(found, name):.6g}", markup=False)
    out.print(f"log-likelihood  {found.log_likelihood:.4f}", markup=False)
    out.print(f"customers       {found.customers}", markup=False)


async def _score(settings: "Settings") -> "ScoreSummary":
    from screenpop.scoring.run import score_office
    from screenpop.store.engine.database import opened
    from screenpop.store.points.posting import post_points
    from screenpop.store.value.tier_rules import rules_in_use

    now = time.time()
    today = datetime.fromtimestamp(now, settings.zone).date()
    async with opened(settings.database_address) as database:
        rules = await rules_in_use(database, settings.value.rules())
        summary = await score_office(database, today, rules, now)
        await post_points(database, settings.points.rules(), today, now)
        return summary


def _print_summary(summary: "ScoreSummary") -> None:
    run, result = summary.run, summary.result
    print_done(f"{run.customers:,} customers scored in {run.took_s:.1f} s.")
    if summary.tiers_raised:
        out.print(f"{summary.tiers_raised:,} tiers were raised by the rules.")
    if not result.dates:
        out.print("The past is too short for a backtest; no chance is shown.")
        return
    days = ", ".join(date.fromordinal(day).isoformat() for day in result.dates)
    out.print(f"Backtest at {days}: {result.came:.1%} came within {result.horizon} days.")
    for one in result.scores:
        if one.brier is None:
            out.print(f"  {one.model:<8} not fitted: {one.problem}", markup=False)
        elif one.better is None or one.low is None or one.high is None:
            out.print(f"  {one.model:<8} Brier {one.brier:.4f}")
        else:
            out.print(
                f"  {one.model:<8} Brier {one.brier:.4f}, better than the average by"
                f" {one.better:+.4f} ({one.low:+.4f} to {one.high:+.4f})"
            )
    used = result.best or "none; the rhythm is shown instead"
    out.print(f"Used: {used}")
