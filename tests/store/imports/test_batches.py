"""The list of imports, and that taking one out stays quick."""

from pathlib import Path

import pytest
from sqlalchemy import UniqueConstraint, insert

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import PersonName
from screenpop.importing.job import run_import_task
from screenpop.importing.lock import LOCK_FILE
from screenpop.importing.messages import Phase, Progress
from screenpop.importing.request import ImportRequest, ImportTask
from screenpop.spreadsheets.reading.messages import ReadRequest
from screenpop.store.engine.database import Database
from screenpop.store.imports.batch import import_customers
from screenpop.store.imports.batches import (
    find_batch,
    import_turn,
    list_batches,
    mark_interrupted,
)
from screenpop.store.schema.customer_tables import all_tables
from screenpop.store.schema.tables import customers, import_batches
from tests.importing.import_setup import ATHENS

pytestmark = pytest.mark.anyio

DRAFT = CustomerDraft(names={"en": PersonName("Laleh", "Karimi")})


async def test_the_newest_import_comes_first(database: Database) -> None:
    for name in ("a.csv", "b.csv"):
        await import_customers(database, [DRAFT], filename=name, now=5.0, refused=2)

    newest, oldest = await list_batches(database)

    assert (newest.filename, oldest.filename) == ("b.csv", "a.csv")
    assert (oldest.added, oldest.refused, oldest.state) == (1, 2, "done")
    assert await find_batch(database, newest.id) == newest
    assert await find_batch(database, 999) is None
    assert len(await list_batches(database, most=1)) == 1


async def test_an_import_without_a_running_process_is_broken_off_with_what_came_in(
    database: Database,
) -> None:
    done = await import_customers(database, [DRAFT], filename="done.csv", now=5.0)
    async with database.writing() as connection:
        for number, state in enumerate(("running", "undoing"), start=done.id + 1):
            await connection.execute(
                insert(import_batches).values(
                    id=number, filename=state, imported_at=1.0, state=state
                )
            )
        # The customer is stored, and the import was killed before counting it.
        await connection.execute(customers.update().values(import_batch_id=done.id + 1))

    assert await mark_interrupted(database) == 2
    assert await mark_interrupted(database) == 0

    undoing, running, before = await list_batches(database)
    assert [one.state for one in (undoing, running, before)] == [
        "partly_undone",
        "broken_off",
        "done",
    ]
    assert (running.added, running.can_be_undone) == (1, True)


def test_a_deleted_customer_is_not_searched_in_every_row_of_a_table() -> None:
    """A reference without an index is read from end to end for each customer that goes."""
    slow = [
        f"{table.name}.{column.name}"
        for table in all_tables.tables.values()
        for column in table.columns
        if any(key.column.table.name == "customers" for key in column.foreign_keys)
        and not any(next(iter(index.columns)) is column for index in table.indexes)
        and next(iter(table.primary_key.columns), None) is not column
        and not any(
            next(iter(one.columns), None) is column
            for one in table.constraints
            if isinstance(one, UniqueConstraint)
        )
    ]
    assert slow == []


@pytest.mark.parametrize("kind", [pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_one_import_runs_at_a_time_also_with_another_data_folder(
    database: Database, url: str, tmp_path: Path
) -> None:
    sheet = tmp_path / "people.csv"
    sheet.write_text("First name,Last name,Mobile\nNikos,Pappas,6912345678\n")
    read = ReadRequest(str(sheet), ATHENS, only_look=False)
    phases: list[Phase] = []

    def request(folder: str) -> ImportRequest:
        (tmp_path / folder).mkdir()
        return ImportRequest(ImportTask.IMPORT, url, str(tmp_path / folder / LOCK_FILE), sheet=read)

    def hear(progress: Progress) -> None:
        phases.append(progress.phase)

    async with import_turn(database) as is_ours:  # as the process on another machine
        assert is_ours
        ended = await run_import_task(request("one"), hear, lambda: bool(phases))
        assert (ended.cancelled, phases) == (True, [Phase.WAITING])
    ended = await run_import_task(request("two"), hear, lambda: False)
    assert ended.counts.new == 1
