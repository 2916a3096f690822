"""Parses a table of frequency, recency and T, as papers and other programs write it."""

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from screenpop.likelihood.bg_nbd import PurchaseTable

COLUMNS = ("frequency", "recency", "T")
_ALIASES = {"x": "frequency", "t_x": "recency", "tx": "recency", "t.x": "recency", "t": "T"}
_NAMES = {"frequency": "frequency", "recency": "recency", **_ALIASES}
_DELIMITERS = ",;\t|"
MAX_PROBLEMS = 20
"""Problems listed of one table; the others are counted."""
MAX_FREQUENCY = 1e9
MAX_TIME = 1e12
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class TableProblem:
    line: int
    """From 1; 0 for the table as a whole."""
    column: str
    value: str
    remedy: str

    @override
    def __str__(self) -> str:
        where = f"line {self.line}" if self.line else "the table"
        if self.column:
            where += f", column {self.column}"
        value = f" {self.value[:40]!r}:" if self.line else ""
        return f"{where}:{value} {self.remedy}"


class TableRefusedError(ValueError):
    """The table cannot be used; nothing of it was."""

    def __init__(self, problems: Sequence[TableProblem]) -> None:
        self.problems = tuple(problems[:MAX_PROBLEMS])
        lines = [str(one) for one in self.problems]
        if len(problems) > MAX_PROBLEMS:
            lines.append(f"and {len(problems) - MAX_PROBLEMS} more")
        super().__init__("\n".join(lines))


def parse_table(data: bytes) -> PurchaseTable:
    """Return the table of a CSV file; commas, semicolons, tabs or bars part its cells.

    Raises ``TableRefusedError`` with line, column, value and remedy of what cannot be used.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        byte = f"byte 0x{data[problem.start]:02x}"
        raise _refused(line, "", byte, "is not UTF-8; save the file as UTF-8") from None
    delimiter = _delimiter(text)
    rows = _rows(text, delimiter)
    line, heading = next(rows, (0, []))
    if not line:
        raise _refused(0, "", "", f"it is empty; the first line names {', '.join(COLUMNS)}")
    places = _places(line, heading)
    problems: list[TableProblem] = []
    values: list[tuple[float, ...]] = []
    for line, row in rows:
        read = _Row(line, row, problems, decimal_comma=delimiter != ",")
        values.append(read.values(places))
    if problems:
        raise TableRefusedError(problems)
    if not values:
        raise _refused(0, "", "", "it has no customers; write one line for each")
    frequency, recency, age = np.array(values, dtype=np.float64).T
    if not age.any():
        raise _refused(0, "T", "", "all times are 0; T is the time from the first purchase on")
    return PurchaseTable(frequency, recency, age)


def _refused(line: int, column: str, value: str, remedy: str) -> TableRefusedError:
    return TableRefusedError([TableProblem(line, column, value, remedy)])


def _delimiter(text: str) -> str:
    heading = next((line for line in text.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=heading.count)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield reader.line_num, cells
    except csv.Error as problem:
        raise _refused(reader.line_num, "", str(problem), "is no line of a CSV file") from None


def _places(line: int, heading: Iterable[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, cell in enumerate(heading):
        name = _NAMES.get(cell.casefold())
        if name in places:
            raise _refused(line, name, cell, "is there twice; keep one of the two columns")
        if name is not None:
            places[name] = place
    missing = [name for name in COLUMNS if name not in places]
    if missing:
        remedy = f"is missing; the first line names {', '.join(COLUMNS)} (or x, t_x, T)"
        raise TableRefusedError([TableProblem(line, name, "", remedy) for name in missing])
    return places


class _Row:
    """One line of the table; problems are added to the list it is given."""

    def __init__(
        self, line: int, cells: Sequence[str], problems: list[TableProblem], *, decimal_comma: bool
    ) -> None:
        self._line, self._cells, self._problems = line, cells, problems
        self._decimal_comma = decimal_comma

    def values(self, places: dict[str, int]) -> tuple[float, ...]:
        before = len(self._problems)
        frequency, recency, age = (self._number(name, places[name]) for name in COLUMNS)
        if len(self._problems) == before:
            self._check(places, frequency, recency, age)
        return frequency, recency, age

    def _number(self, name: str, place: int) -> float:
        text = self._cells[place] if place < len(self._cells) else ""
        plain = text.replace("٫", ".")
        if self._decimal_comma:
            plain = plain.replace(",", ".")
        if not text:
            return self._refuse(name, text, "is empty; write a number")
        value = float(plain) if _NUMBER.fullmatch(plain) else math.nan
        most = MAX_FREQUENCY if name == "frequency" else MAX_TIME
        if not math.isfinite(value):
            return self._refuse(name, text, "is no number; write digits with a point")
        if value < 0:
            return self._refuse(name, text, "is negative; write 0 or more")
        if value > most:
            return self._refuse(name, text, f"is too large; write at most {most:.0e}")
        if name == "frequency" and not value.is_integer():
            return self._refuse(name, text, "is no whole number; count repeat purchases")
        return value

    def _check(self, places: dict[str, int], frequency: float, recency: float, age: float) -> None:
        if recency > age:
            text = self._cells[places["recency"]]
            remedy = f"is more than T ({self._cells[places['T']]}); both count from the first"
            self._refuse("recency", text, f"{remedy} purchase, in the same unit")
        elif frequency > 0 and age == 0:
            self._refuse("T", self._cells[places["T"]], "is 0 with a repeat purchase; T is longer")

    def _refuse(self, name: str, text: str, remedy: str) -> float:
        self._problems.append(TableProblem(self._line, name, text, remedy))
        return 0.0
