"""``screenpop score``: values of customers and their chances to come back."""

import os
from pathlib import Path
from typing import Annotated

import typer

from screenpop.cli.console import err, errors_as_sentences, out


def score(
    table: Annotated[
        Path,
        typer.Option("--table", help="A CSV file with the columns frequency, recency and T."),
    ],
) -> None:
    """Fit the BG/NBD model to a table and print its parameters."""
    # Read when numpy is imported. Its threads make small matrices ten times slower on busy cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with errors_as_sentences():
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
