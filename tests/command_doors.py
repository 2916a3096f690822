"""Which commands of ``screenpop`` there are, and which files a user has to read for each.

A part of docs/doors.md; ``tests/cli/test_command_doors.py`` compares it with the commands.
"""

from collections.abc import Iterator
from typing import Any

import typer.main

from screenpop.cli import cli

WITHOUT_DATA = {
    "setup": "makes the settings",
    "demo": "fills a folder of its own",
    "asterisk-conf": "writes shipped files",
    "service-file": "prints a shipped file",
    "certificate": "makes a certificate",
    "number": "reads settings only",
}
"""Commands that open no data folder, and what they do instead."""

Commands = dict[str, str]
"""A command to what it reads."""


def command_table() -> Commands:
    return {name: _needs(name, command) for name, command in _all(typer.main.get_command(cli), "")}


def _all(group: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from _all(command, f"{prefix}{name} ")
        else:
            yield prefix + name, command


def _needs(name: str, command: Any) -> str:
    if name in WITHOUT_DATA:
        return WITHOUT_DATA[name]
    options = {option for one in command.params for option in one.opts}
    if "--settings" in options:
        return "settings and data folder"
    return "the token file of a running server" if "--url" in options else "no file of ours"


def command_markdown(table: Commands) -> str:
    lines = ["| command | reads |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| `{name}` | {what} |" for name, what in table.items())]) + "\n"


def written_commands(text: str) -> Commands:
    """Return the table of the page."""
    _, _, after = text.partition("| command | reads |")
    rows = [row.split("|")[1:-1] for row in after.partition("\n\n")[0].splitlines()[2:]]
    return {name.strip(" `"): what.strip() for name, what in rows}
