"""Real files all the way: read by the process, brought in, looked at on file, and undone without a
trace."""

from collections.abc import AsyncIterator, Sequence, Set
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from screenpop.customers.draft import CustomerDraft, IncomingRow
from screenpop.customers.draft_json import draft_from_json, draft_to_json
from screenpop.customers.draft_merge import full_names, merge_drafts
from screenpop.spreadsheets.reading.client import read_sheet
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database
from screenpop.store.imports.batch import ImportCounts, check_rows, import_rows, undo_import
from screenpop.store.schema.customer_tables import customer_changes
from screenpop.store.schema.tables import import_batches, metadata
from tests.spreadsheets.real_files import CARDS, SHEETS, expected, import_context
from tests.store.sheet_rows import all_customers, person

pytestmark = pytest.mark.anyio

FILES = [*SHEETS, *CARDS]


_read: dict[Path, list[Sequence[IncomingRow]]] = {}


async def rows_of(file: Path) -> AsyncIterator[Sequence[IncomingRow]]:
    """As the process reads them: asked once for each file."""
    if file not in _read:
        async with read_sheet(file, import_context(expected(file)[0])) as sheet:
            _read[file] = [part.rows async for part in sheet.parts()]
    for rows in _read[file]:
        yield rows


async def bring_in(database: Database, file: Path) -> tuple[int, ImportCounts]:
    done = await import_rows(database, rows_of(file), filename=file.name, now=5.0)
    return done.batch, done.counts


def expected_people(file: Path) -> list[CustomerDraft]:
    """What a person expects on file: the rows of one person together."""
    people: list[CustomerDraft] = []
    for row in expected(file)[1]:
        if row["draft"] is None:
            continue
        draft = draft_from_json(row["draft"])
        place = -1 if row.get("more_of_above") else _same(people, draft)
        if place is None:
            people.append(draft)
        else:
            people[place] = merge_drafts(people[place], draft).draft
    return people


def _same(people: Sequence[CustomerDraft], draft: CustomerDraft) -> int | None:
    for place, one in enumerate(people):
        numbers = {phone.last_nine for phone in one.phones if phone.last_nine}
        shared = not numbers.isdisjoint(phone.last_nine for phone in draft.phones)
        if shared and _names_of(one) & _names_of(draft):
            return place
    return None


def _names_of(draft: CustomerDraft) -> Set[str]:
    return full_names([name.full for name in draft.names.values()])


async def all_rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of ours, but the record that there was an import."""
    unsaid = {import_batches.name, customer_changes.name, "meta"}
    async with database.reading() as connection:
        return {
            table.name: [
                tuple(row)
                for row in await connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
            if table.name not in unsaid
        }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
async def test_a_real_file_is_tried_brought_in_and_undone_without_a_trace(
    database: Database, file: Path
) -> None:
    await create_customer(database, person("Nima Moradi", 9), 1.0)
    before, [nima] = await all_rows(database), await all_customers(database)

    tried = await check_rows(database, rows_of(file))
    assert await all_rows(database) == before

    batch, counts = await bring_in(database, file)
    wanted = expected_people(file)
    assert [draft_to_json(one) for one in await all_customers(database)] == [
        draft_to_json(one) for one in (nima, *wanted)
    ]
    assert counts == tried
    assert counts.new == len(wanted)
    assert counts.rows == len([row for row in expected(file)[1] if row["draft"] is not None])

    assert (await undo_import(database, batch, 9.0)).kept == ()
    assert await all_rows(database) == before


@pytest.mark.parametrize("file", SHEETS[::4], ids=lambda file: file.name)
async def test_an_existing_customer_is_as_before_when_a_real_file_is_undone(
    database: Database, file: Path
) -> None:
    first, *_ = expected_people(file)
    known = CustomerDraft(names=first.names, phones=first.phones[:1])
    await create_customer(database, known, 2.0)
    before = await all_rows(database)

    batch, counts = await bring_in(database, file)
    assert counts.changed

    assert (await undo_import(database, batch, 9.0)).kept == ()
    assert await all_rows(database) == before
