"""The import in another process: its messages, and what is left when it is killed."""

import asyncio
import os
import signal
import sys

import orjson
import pytest

from screenpop.importing.client import ImportDiedError, ImportProcess
from screenpop.importing.job import run_import_task
from screenpop.importing.lock import is_held
from screenpop.importing.messages import Phase, Progress, message_from_json, message_to_json
from screenpop.importing.request import ImportTask
from screenpop.store.imports.batches import list_batches
from tests.importing.import_setup import SHEETS, Office, many
from tests.store.samples import count_customers

pytestmark = pytest.mark.anyio


class RecordingListener:
    """Gets the messages of a child, and does something at the first rows that are in."""

    def __init__(self) -> None:
        self.all: list[Progress] = []
        self.first_rows = asyncio.Event()

    def __call__(self, progress: Progress) -> None:
        self.all.append(progress)
        if progress.counts.new:
            self.first_rows.set()


async def test_another_process_brings_the_sheet_in(office: Office) -> None:
    listener = RecordingListener()
    ended = await ImportProcess(
        office.ask(ImportTask.IMPORT, SHEETS / "english.xlsx"), listener
    ).run()

    assert ended.counts.new == await count_customers(office.database) > 3
    assert listener.all[-1].phase is Phase.SETTLING
    assert not is_held(office.lock)


async def test_a_cancelled_import_reports_how_far_it_came(office: Office) -> None:
    listener = RecordingListener()
    child = ImportProcess(office.ask(ImportTask.IMPORT, office.sheet(many(30_000))), listener)
    running = asyncio.create_task(child.run())
    await listener.first_rows.wait()

    child.cancel()
    ended = await running

    assert ended.cancelled
    assert 0 < ended.counts.new == await count_customers(office.database) < 30_000


async def test_what_a_killed_one_left_is_marked_and_can_be_undone(office: Office) -> None:
    listener = RecordingListener()
    child = ImportProcess(office.ask(ImportTask.IMPORT, office.sheet(many(30_000))), listener)
    running = asyncio.create_task(child.run())
    await listener.first_rows.wait()

    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(ImportDiedError):
        await running

    [batch] = await list_batches(office.database)
    assert batch.state == "running"
    # The next import finds it.
    await run_import_task(
        office.ask(ImportTask.CHECK, SHEETS / "english.csv"), listener, lambda: False
    )
    [batch] = await list_batches(office.database)
    assert batch.state == "broken_off"
    assert 0 < batch.added == await count_customers(office.database)
    undone = await ImportProcess(office.ask(ImportTask.UNDO, batch=batch.id), listener).run()
    assert undone.gone == batch.added
    assert await count_customers(office.database) == 0


async def test_one_whose_parent_is_gone_stops_and_notes_what_came_in(office: Office) -> None:
    ask = office.ask(ImportTask.IMPORT, office.sheet(many(30_000)))
    alone = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-m", "screenpop.importing.worker"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert alone.stdin is not None
    assert alone.stdout is not None
    alone.stdin.write(orjson.dumps(ask.plain()) + b"\n")
    while not message_from_json(orjson.loads(await alone.stdout.readline())).counts.new:
        pass

    alone.stdin.close()  # as the system does it for a process that is no more
    await alone.communicate()

    [batch] = await list_batches(office.database)
    assert batch.state == "cancelled"
    assert 0 < batch.added == await count_customers(office.database) < 30_000


async def test_a_parent_that_is_called_off_leaves_no_process(office: Office) -> None:
    listener = RecordingListener()
    child = ImportProcess(office.ask(ImportTask.IMPORT, office.sheet(many(30_000))), listener)
    running = asyncio.create_task(child.run())
    await listener.first_rows.wait()

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert not is_held(office.lock)
    [batch] = await list_batches(office.database)
    assert batch.state == "cancelled"


async def test_messages_of_the_process_are_read_as_they_were_written(office: Office) -> None:
    ended = await ImportProcess(
        office.ask(ImportTask.CHECK, office.sheet("a,b\n1,2\n")), RecordingListener()
    ).run()
    assert ended.refused == "no_columns"
    assert message_from_json(orjson.loads(orjson.dumps(message_to_json(ended)))) == ended
    progress = Progress(Phase.WAITING)
    assert message_from_json(message_to_json(progress)) == progress
