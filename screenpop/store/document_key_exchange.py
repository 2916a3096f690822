"""Exchanges ``document.key`` for a new key: everything that the old one sealed is sealed again.

The new key lies in ``document.key.next`` until all is done; while that file is there, no process
reads or writes with either key (``KeyProblem.EXCHANGE``). Each value and each file is whole under
one of the two keys at every moment, and is looked at by its content, so a killed exchange goes on
with the same command. Screenpop must not run meanwhile.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select, update

from screenpop.store.attachments.reseal import names_of_files, reseal_file
from screenpop.store.customers.document_keys import FINGERPRINT, fingerprint_of
from screenpop.store.engine.database import Database
from screenpop.store.engine.document_key import (
    DocumentKey,
    DocumentKeyError,
    KeyProblem,
    finish_exchange,
    next_key_file,
    read_key_file,
)
from screenpop.store.schema.attachment_tables import customer_attachments
from screenpop.store.schema.customer_tables import customer_documents, removed_items
from screenpop.store.schema.second_factor_tables import second_factors
from screenpop.store.schema.tables import meta
from screenpop.store.schema.webhook_tables import webhook_targets

BATCH = 500
"""Rows of one transaction."""

_SEALED = frozenset(
    {"number_sealed", "name_sealed", "note_sealed", "sealed_secret", "secret_sealed"}
)
"""Columns of sealed text, also as keys in the row of a removed item."""
_MARK = "number_mark"
_TABLES: tuple[Table, ...] = (
    customer_documents,
    customer_attachments,
    removed_items,
    second_factors,
    webhook_targets,
)

Reached = Callable[[str], None]
"""Called after each step that stays: ``begun``, ``rows``, ``file``, ``recorded``, ``finished``."""


@dataclass(slots=True)
class ExchangeReport:
    values: int = 0
    """Sealed values that the new key opens now, with those of an exchange that was killed."""
    files: int = 0
    unreadable: int = 0
    """Values and files that neither key opens; they are as they were."""


async def exchange_document_key(
    database: Database, reached: Reached = lambda _: None
) -> ExchangeReport | None:
    """Exchange the key, or finish an exchange that was begun; None where nothing is sealed yet.

    Raises ``DocumentKeyError`` and ``OSError``; the same command goes on afterwards.
    """
    path = database.document_key_file
    if path is None:
        raise DocumentKeyError(KeyProblem.UNREADABLE, None)
    known = await fingerprint_of(database)
    if known is None:
        return None
    old = read_key_file(path, create=False)
    if known != old.fingerprint and not next_key_file(path).exists():
        raise DocumentKeyError(KeyProblem.WRONG, path)
    new = read_key_file(next_key_file(path), create=known == old.fingerprint)
    reached("begun")
    report = ExchangeReport()
    if known != new.fingerprint:
        if known != old.fingerprint:
            raise DocumentKeyError(KeyProblem.WRONG, path)
        for table in _TABLES:
            await _reseal_table(database, table, old, new, report, reached)
        _reseal_files(database, old, new, report, reached)
        async with database.writing() as connection:
            change = update(meta).where(meta.c.key == FINGERPRINT).values(value=new.fingerprint)
            await connection.execute(change)
        reached("recorded")
    finish_exchange(path)
    database.document_key = None
    reached("finished")
    return report


async def _reseal_table(
    database: Database,
    table: Table,
    old: DocumentKey,
    new: DocumentKey,
    report: ExchangeReport,
    reached: Reached,
) -> None:
    (key,) = table.primary_key.columns
    last = -1
    while True:
        async with database.writing() as connection:
            statement = select(table).where(key > last).order_by(key).limit(BATCH)
            rows = (await connection.execute(statement)).mappings().all()
            for row in rows:
                changes = _changes(dict(row), old, new, report)
                if changes:
                    change = update(table).where(key == row[key.name]).values(**changes)
                    await connection.execute(change)
        if not rows:
            return
        last = rows[-1][key.name]
        reached("rows")


def _changes(
    row: Mapping[str, Any], old: DocumentKey, new: DocumentKey, report: ExchangeReport
) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for name, value in row.items():
        if name == "row":  # of a removed item
            inner = _changes(value, old, new, report)
            if inner:
                changed[name] = {**value, **inner}
        elif name in _SEALED and value:
            changed |= dict(_resealed(name, value, row, old, new, report))
    return changed


def _resealed(
    name: str,
    value: str,
    row: Mapping[str, Any],
    old: DocumentKey,
    new: DocumentKey,
    report: ExchangeReport,
) -> Iterator[tuple[str, str]]:
    if new.unseal(value) is not None:
        report.values += 1
        return
    plain = old.unseal(value)
    if plain is None:
        report.unreadable += 1
        return
    report.values += 1
    yield name, new.seal(plain)
    if name == "number_sealed" and _MARK in row:
        yield _MARK, new.mark(plain)


def _reseal_files(
    database: Database, old: DocumentKey, new: DocumentKey, report: ExchangeReport, reached: Reached
) -> None:
    folder = database.attachments_folder
    for name in () if folder is None else names_of_files(folder):
        if folder is not None and reseal_file(folder, name, old, new):
            report.files += 1
        else:
            report.unreadable += 1
        reached("file")
