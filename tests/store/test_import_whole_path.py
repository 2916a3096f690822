"""Real files all the way: read by the process, brought in, looked at on file, and undone without a
trace."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from screenpop.customers.draft import CustomerDraft, IncomingRow
from screenpop.customers.joining import joined
from screenpop.customers.plain_draft import draft_from, plain_draft
from screenpop.spreadsheets.reader import ReadSheet, reading
from screenpop.store.customers import create_customer
from screenpop.store.database import Database
from screenpop.store.import_batch import ImportCounts, check_rows, import_rows, undo_import
from screenpop.store.import_matching import names_of
from screenpop.store.people_tables import customer_changes
from screenpop.store.tables import import_batches, metadata
from tests.spreadsheets.real_files import CARDS, SHEETS, expected, house

from .sheet_rows import everybody, person

pytestmark = pytest.mark.anyio

FILES = [*SHEETS, *CARDS]


async def rows_of(sheet: ReadSheet) -> AsyncIterator[Sequence[IncomingRow]]:
    async for part in sheet.parts():
        yield part.rows


async def bring_in(database: Database, file: Path) -> tuple[int, ImportCounts]:
    async with reading(file, house(expected(file)[0])) as sheet:
        done = await import_rows(database, rows_of(sheet), filename=file.name, now=5.0)
    return done.batch, done.counts


def expected_people(file: Path) -> list[CustomerDraft]:
    """What a person expects on file: the rows of one person together."""
    people: list[CustomerDraft] = []
    for row in expected(file)[1]:
        if row["draft"] is None:
            continue
        draft = draft_from(row["draft"])
        place = -1 if row.get("more_of_above") else _same(people, draft)
        if place is None:
            people.append(draft)
        else:
            people[place] = joined(people[place], draft).draft
    return people


def _same(people: Sequence[CustomerDraft], draft: CustomerDraft) -> int | None:
    for place, one in enumerate(people):
        numbers = {phone.last_nine for phone in one.phones if phone.last_nine}
        shared = not numbers.isdisjoint(phone.last_nine for phone in draft.phones)
        if shared and names_of(one) & names_of(draft):
            return place
    return None


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
    before, [nima] = await all_rows(database), await everybody(database)

    async with reading(file, house(expected(file)[0])) as sheet:
        tried = await check_rows(database, rows_of(sheet))
    assert await all_rows(database) == before

    batch, counts = await bring_in(database, file)
    wanted = expected_people(file)
    assert [plain_draft(one) for one in await everybody(database)] == [
        plain_draft(one) for one in (nima, *wanted)
    ]
    assert counts == tried
    assert counts.new == len(wanted)
    assert counts.rows == len([row for row in expected(file)[1] if row["draft"] is not None])

    assert (await undo_import(database, batch, 9.0)).is_whole
    assert await all_rows(database) == before


@pytest.mark.parametrize("file", SHEETS[::4], ids=lambda file: file.name)
async def test_who_was_on_file_is_as_before_when_a_real_file_is_undone(
    database: Database, file: Path
) -> None:
    first, *_ = expected_people(file)
    known = CustomerDraft(names=first.names, phones=first.phones[:1])
    await create_customer(database, known, 2.0)
    before = await all_rows(database)

    batch, counts = await bring_in(database, file)
    assert counts.changed

    assert (await undo_import(database, batch, 9.0)).is_whole
    assert await all_rows(database) == before
