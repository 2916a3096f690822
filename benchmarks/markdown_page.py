"""Replaces the tables of a Markdown page: all of them, or those of some parts."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.tables import SHARED_TABLES, Table, markdown

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


class NoPlaceError(ValueError):
    """The page has no marks for figures."""


def put_into(page: Path, head: str, made: Sequence[Table], *, whole: bool) -> None:
    """Write tables between the marks of a page, below ``head``, which names commit and machine.

    A whole run replaces everything between the marks. A run of some parts replaces its own tables,
    or its own rows of tables that several parts fill, adds those that are new, and puts
    ``head`` above each. Raises ``NoPlaceError`` without touching the page.
    """
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not (begin and end):
        raise NoPlaceError(f"{page} has no marks for figures: {BEGIN} and {END}")
    figures = f"\n{head}\n\n{markdown(made)}" if whole else _merged(old, head, made)
    page.write_text(f"{before}{BEGIN}{figures}{END}{after}", encoding="utf-8")


def _merged(old: str, head: str, made: Sequence[Table]) -> str:
    above, *parts = re.split(r"^(?=### )", old, flags=re.MULTILINE)
    sections = {part.partition("\n")[0].removeprefix("### "): part for part in parts}
    for table in made:
        section = sections.get(table.title, "")
        whole = _with_rows_of(section, table) if table.title in SHARED_TABLES else table
        sections[table.title] = markdown([whole], f"In part measured by itself: {head}")
    bodies = [section.rstrip("\n") + "\n" for section in sections.values()]
    return (above or "\n") + "\n".join(bodies)


def _with_rows_of(section: str, table: Table) -> Table:
    """Return the table with the rows of a section, its own instead of those of the same name."""
    own = {row[0]: row for row in table.rows}
    rows = {row[0]: row for row in _rows(section) if len(row) == len(table.columns)}
    return replace(table, rows=tuple({**rows, **own}.values()))


def _rows(section: str) -> list[tuple[str, ...]]:
    lines = [line for line in section.split("\n") if line.startswith("|")]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[2:]]
