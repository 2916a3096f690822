"""Writes a customer list for imports."""

import csv
from pathlib import Path

_HEADINGS = ("Title", "First name", "Last name", "Mobile", "Language", "Tier", "Balance", "Notes")
_GIVEN = ("Sara", "علی", "Ελένη", "Reza", "مریم", "Nikos", "Laleh")
_FAMILY = ("Karimi", "رضایی", "Παππά", "Ahmadi", "حسینی", "Georgiou", "Moradi")


def write_sheet(file: Path, rows: int) -> None:
    """Write ``rows`` new customers, each with a valid number that no customer has yet."""
    with file.open("w", encoding="utf-8", newline="") as sheet:
        writer = csv.writer(sheet)
        writer.writerow(_HEADINGS)
        for row in range(rows):
            writer.writerow(
                (
                    "Ms" if row % 2 else "Mr",
                    _GIVEN[row % len(_GIVEN)],
                    _FAMILY[row // len(_GIVEN) % len(_FAMILY)],
                    _number(row),
                    "fa",
                    "silver" if row % 5 == 0 else "",
                    "0",
                    "from last year's list",
                )
            )


def last_number(rows: int) -> str:
    """Return the number of the last of ``rows`` customers."""
    return _number(rows - 1)


def _number(row: int) -> str:
    return f"+98935{row:07d}"
