"""A minimal import: ``csv`` and ``executemany`` into the same tables.

It validates nothing, matches no existing customer, writes no report and cannot be undone. The
import of Screenpop is compared with its speed.
"""

import csv
import sqlite3
import time
from contextlib import closing
from pathlib import Path

_ROWS_A_TRANSACTION = 1_000
_CUSTOMER = (
    "INSERT INTO customers (id, title, gender, names, language, tier, vip, balance, currency,"
    " marketing_consent, tags, notes, folded, folded_notes, created_at, changed_at)"
    " VALUES (?, ?, '', ?, ?, ?, 0, ?, '', 0, '[]', ?, ?, ?, 0, 0)"
)
_PHONE = (
    "INSERT INTO customer_phones (customer_id, raw, e164, last_nine, label)"
    " VALUES (?, ?, ?, ?, 'mobile')"
)


def bare_import(database: Path, sheet: Path) -> float:
    """Import a sheet of ``write_sheet`` into an empty database; return the seconds it took."""
    began = time.perf_counter()
    with (
        closing(sqlite3.connect(database)) as connection,
        sheet.open(encoding="utf-8", newline="") as file,
    ):
        rows = csv.reader(file)
        next(rows)
        people: list[tuple[object, ...]] = []
        phones: list[tuple[object, ...]] = []
        for number, row in enumerate(rows, 1):
            title, given, family, mobile, language, tier, balance, notes = row
            names = f'{{"{language}":["{given}","{family}",""]}}'
            words = f"{given} {family} {mobile[1:]}".lower()
            values = (title.lower(), names, language, tier or "none", int(balance))
            people.append((number, *values, notes, words, notes.lower()))
            phones.append((number, mobile, mobile, mobile[-9:]))
            if len(people) == _ROWS_A_TRANSACTION:
                _write(connection, people, phones)
        _write(connection, people, phones)
    return time.perf_counter() - began


def _write(
    connection: sqlite3.Connection,
    people: list[tuple[object, ...]],
    phones: list[tuple[object, ...]],
) -> None:
    connection.executemany(_CUSTOMER, people)
    connection.executemany(_PHONE, phones)
    connection.commit()
    people.clear()
    phones.clear()
