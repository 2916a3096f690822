"""Notes find their call in the log."""

import asyncio

import pytest

from screenpop.store.calls.queries import call_detail
from screenpop.store.calls.writer import CallLogWriter
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import call_notes
from screenpop.telephony.identifiers import BootId, CallId
from tests.store.calls.written_calls import LAB, Flaky, count, kept, the_call
from tests.store.samples import (
    add_user,
    find_call,
    finished_call,
)

pytestmark = pytest.mark.anyio


async def test_a_note_written_during_the_call_finds_its_call_at_the_end(database: Database) -> None:
    agent = await add_user(database)
    database.log.start()
    _ = database.log.keep_note(CallId("1.1"), LAB, agent.id, "Wants")
    await database.log.flush()
    _ = database.log.keep_note(CallId("1.1"), LAB, agent.id, "Wants Rome")
    await database.log.flush()
    assert await count(database, call_notes) == 1

    await kept(database, finished_call("1.1"))

    [note] = (await the_call(database, "1.1")).notes
    assert (note.text, note.agent_name) == ("Wants Rome", "Maryam")


async def test_a_note_written_after_the_call_replaces_the_agents_own_and_no_other(
    database: Database,
) -> None:
    maryam = await add_user(database, "maryam")
    eleni = await add_user(database, "eleni")
    await kept(database, finished_call("1.1"))
    for agent, text in ((maryam, "a"), (eleni, "b"), (maryam, "c")):
        _ = database.log.keep_note(CallId("1.1"), LAB, agent.id, text)
    await database.log.flush()

    assert {note.text for note in (await the_call(database, "1.1")).notes} == {"b", "c"}


async def test_a_note_with_its_boot_goes_to_no_other_call_of_that_id(database: Database) -> None:
    agent = await add_user(database)
    await kept(database, finished_call("1.1", boot="b1"))
    _ = database.log.keep_note(CallId("1.1"), LAB, agent.id, "second", BootId("b2"))
    await database.log.flush()
    assert (await the_call(database, "1.1")).notes == ()

    await kept(database, finished_call("1.1", boot="b2"))

    second = await find_call(database, LAB, CallId("1.1"), BootId("b2"))
    assert second is not None
    detail = await call_detail(database, second)
    assert detail is not None
    assert [note.text for note in detail.notes] == ["second"]


async def test_notes_with_and_without_boot_of_one_call_become_one(database: Database) -> None:
    agent = await add_user(database)
    database.log.start()
    _ = database.log.keep_note(CallId("1.1"), LAB, agent.id, "first")
    await database.log.flush()
    _ = database.log.keep_note(CallId("1.1"), LAB, agent.id, "last", BootId("b1"))
    await kept(database, finished_call("1.1"))

    assert [note.text for note in (await the_call(database, "1.1")).notes] == ["last"]


async def test_a_note_is_written_at_once_with_all_that_waits_and_later_calls_gather_again(
    database: Database,
) -> None:
    agent = await add_user(database)
    flaky = Flaky(database)
    log = CallLogWriter(database.kind, flaky.write, gather_s=3600.0)
    log.start()
    try:
        log.keep(finished_call("1.1"))
        for text in ("first", "second"):
            async with asyncio.timeout(30):
                assert await log.keep_note(CallId("1.1"), LAB, agent.id, text)
            assert [note.text for note in (await the_call(database, "1.1")).notes] == [text]
        log.keep(finished_call("1.2"))
        flaky.tried.clear()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(flaky.tried.wait(), 0.2)
        assert log.state.waiting == 1
    finally:
        await log.close()
    assert (await the_call(database, "1.2")).call.call == "1.2"


async def test_a_note_that_comes_while_a_batch_is_written_does_not_wait_for_the_next_window(
    database: Database,
) -> None:
    agent = await add_user(database)
    flaky = Flaky(database)
    log = CallLogWriter(database.kind, flaky.write, gather_s=3600.0)
    log.start()
    try:
        first = log.keep_note(CallId("1.1"), LAB, agent.id, "first")
        await flaky.tried.wait()
        second = log.keep_note(CallId("1.1"), LAB, agent.id, "second")
        async with asyncio.timeout(30):
            assert await first
            assert await second
    finally:
        await log.close()
