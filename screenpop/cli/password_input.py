"""Reads a password, never from the command line, which ``ps`` shows to every user."""

import sys
from pathlib import Path
from typing import Annotated

import typer

_LONGEST_LINE = 4096

FromStdin = Annotated[
    bool,
    typer.Option(
        "--password-stdin", help="Read the password from the first line of standard input."
    ),
]
FromFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        help="Read the password from the first line of this file.",
        dir_okay=False,
    ),
]


def read_password(*, from_stdin: bool, from_file: Path | None) -> str:
    """Return the password from standard input, a file, or a hidden prompt asked twice."""
    if from_stdin and from_file is not None:
        raise typer.BadParameter("name one of --password-stdin and --password-file, not both")
    if from_file is not None:
        with from_file.open(encoding="utf-8") as file:
            return file.readline(_LONGEST_LINE).rstrip("\r\n")
    if from_stdin:
        return sys.stdin.readline(_LONGEST_LINE).rstrip("\r\n")
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed
