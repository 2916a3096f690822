"""Calls in progress in the call log: a row from the arrival on, one row to the end."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from screenpop.accounts.users import UserId
from screenpop.calls.call_state import CallKey
from screenpop.service.ports import LoggedCall
from screenpop.store.calls.call_filter import CallFilter
from screenpop.store.calls.past_cards import LoggedCards
from screenpop.store.calls.queries import CallDetail, call_detail, list_calls
from screenpop.store.calls.writer import CallLogWriter
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import call_notes
from screenpop.telephony.identifiers import BootId, CallId, PbxId
from tests.store.samples import LALEH, add_customer, add_user, changed, finished_call

pytestmark = pytest.mark.anyio

LAB = PbxId("lab")
BOOT = BootId("b1")
BEGAN = 1_700_000_000.0


def key(call: str = "1.1") -> CallKey:
    return LAB, BOOT, CallId(call)


def open_call(
    call: str = "1.1", *, answered: bool = False, estimated: bool = False, arrived_at: float = BEGAN
) -> LoggedCall:
    """A call in progress at 101, whose agent has the card."""
    record = finished_call(call, arrived_at=arrived_at, estimated=estimated, agent=UserId(1))
    return changed(
        record,
        ended_at=None,
        disposition=None,
        answered_at=arrived_at + 5 if answered else None,
        answered_by=record.entry.answered_by if answered else (),
        wait_s=5.0 if answered else None,
        talk_s=None,
        legs=(),
        transfers=(),
    )


def gives(record: LoggedCall | None) -> Callable[[], LoggedCall | None]:
    return lambda: record


def run_of(database: Database, now: float) -> CallLogWriter:
    """The log of one run of the server, whose clock is fixed."""
    log = CallLogWriter(database.kind, database.write, gather_s=0.001, clock=lambda: now)
    log.start()
    return log


async def the_rows(database: Database) -> list[CallDetail]:
    found = [await call_detail(database, call.id) for call in (await list_calls(database)).calls]
    return [detail for detail in found if detail is not None]


async def test_call_in_progress_has_a_row_marked_so(database: Database) -> None:
    agent = await add_user(database, "maryam", "101")
    database.log.start()
    database.log.keep_open(key(), gives(open_call()))
    await database.log.flush()
    (row,) = await the_rows(database)
    assert (row.call.disposition, row.call.ended_at, row.call.talk_s) == ("in_progress", None, None)
    assert (row.call.arrived_at, row.call.e164, row.call.estimated) == (BEGAN, LALEH.e164, False)
    assert [receipt.agent for receipt in row.receipts] == [agent.id]
    assert (await list_calls(database, CallFilter(disposition="in_progress"))).calls == (row.call,)
    assert (await list_calls(database, CallFilter(disposition="failed"))).calls == ()


async def test_finished_call_takes_the_place_of_its_open_row(database: Database) -> None:
    log = run_of(database, BEGAN)
    log.keep_open(key(), gives(open_call()))
    await log.flush()
    log.keep_open(key(), gives(open_call(answered=True)))
    await log.flush()
    log.keep(finished_call("1.1", arrived_at=BEGAN))
    await log.close()
    (row,) = await the_rows(database)
    assert (row.call.disposition, row.call.ended_at) == ("answered", BEGAN + 65)
    assert (row.call.talk_s, len(row.legs), len(row.trace)) == (60.0, 2, 1)


async def test_call_that_ended_before_its_batch_is_written_once_as_finished(
    database: Database,
) -> None:
    log = run_of(database, BEGAN)
    log.keep_open(key(), gives(open_call()))
    log.keep(finished_call("1.1", arrived_at=BEGAN))
    log.keep_open(key("2.1"), gives(None))
    await log.close()
    (row,) = await the_rows(database)
    assert (row.call.call, row.call.disposition) == ("1.1", "answered")


async def test_open_row_never_takes_the_place_of_a_call_seen_to_end(database: Database) -> None:
    log = run_of(database, BEGAN)
    log.keep(finished_call("1.1", arrived_at=BEGAN))
    await log.flush()
    log.keep_open(key(), gives(open_call()))
    await log.close()
    (row,) = await the_rows(database)
    assert row.call.disposition == "answered"


async def test_calls_left_open_by_a_killed_run_are_closed_with_estimated_ends(
    database: Database,
) -> None:
    killed = run_of(database, BEGAN + 30)
    killed.keep_open(key("1.1"), gives(open_call("1.1", answered=True)))
    killed.keep_open(key("1.2"), gives(open_call("1.2")))
    await killed.flush()
    other_pbx = changed(open_call("1.3"), pbx=PbxId("other"))
    killed.keep_open((PbxId("other"), BOOT, CallId("1.3")), gives(other_pbx))
    await killed.close()

    log = run_of(database, BEGAN + 3600)
    log.close_left_open(LAB)
    await log.close()
    rows = {str(row.call.call): row.call for row in await the_rows(database)}
    talked, rang, other = rows["1.1"], rows["1.2"], rows["1.3"]
    assert (talked.disposition, talked.ended_at, talked.estimated) == ("answered", BEGAN + 30, True)
    assert (talked.wait_s, talked.talk_s) == (5.0, 25.0)
    assert (rang.disposition, rang.ended_at, rang.wait_s, rang.talk_s) == (
        "failed",
        BEGAN + 30,
        30.0,
        0.0,
    )
    assert other.disposition == "in_progress"


async def test_log_that_is_started_late_closes_what_was_kept_open_until_then(
    database: Database,
) -> None:
    clock = [BEGAN]
    waiting = CallLogWriter(database.kind, database.write, clock=lambda: clock[0])
    killed = run_of(database, BEGAN + 30)
    killed.keep_open(key(), gives(open_call()))
    await killed.close()

    clock[0] = BEGAN + 60
    waiting.start()
    waiting.close_left_open(LAB)
    await waiting.close()
    (row,) = await the_rows(database)
    assert (row.call.disposition, row.call.estimated) == ("failed", True)


async def test_call_seen_alive_after_a_restart_goes_on_in_its_row(database: Database) -> None:
    customer_id = await add_customer(database, "Karimi", LALEH)
    killed = run_of(database, BEGAN + 30)
    first = open_call(answered=True)
    killed.keep_open(
        key(), gives(LoggedCall(first.entry, first.caller, customer_id, first.painted, ()))
    )
    await killed.close()

    log = run_of(database, BEGAN + 60)
    again = changed(open_call(estimated=True, arrived_at=BEGAN + 60), did="", queue="")
    log.keep_open(key(), gives(again))
    log.close_left_open(LAB)
    await log.flush()
    (row,) = await the_rows(database)
    assert (row.call.disposition, row.call.arrived_at) == ("in_progress", BEGAN)

    ended = finished_call("1.1", arrived_at=BEGAN + 60, estimated=True)
    log.keep(changed(ended, ended_at=BEGAN + 125, did=""))
    await log.close()
    (row,) = await the_rows(database)
    call = row.call
    assert (call.disposition, call.arrived_at, call.ended_at) == ("answered", BEGAN, BEGAN + 125)
    assert (call.answered_at, call.wait_s, call.talk_s) == (BEGAN + 5, 5.0, 120.0)
    assert (call.did, call.queue, call.customer, call.estimated) == (
        "+982188776655",
        "sales",
        customer_id,
        True,
    )


async def test_call_closed_as_estimated_is_in_progress_again_when_seen_alive(
    database: Database,
) -> None:
    log = run_of(database, BEGAN)
    log.keep(finished_call("1.1", arrived_at=BEGAN, estimated=True))
    await log.flush()
    log.keep_open(key(), gives(open_call(estimated=True, arrived_at=BEGAN + 60)))
    await log.close()
    (row,) = await the_rows(database)
    assert (row.call.disposition, row.call.arrived_at) == ("in_progress", BEGAN)


async def test_note_is_on_its_call_while_that_goes_on_and_reported_after_the_commit(
    database: Database,
) -> None:
    agent = await add_user(database, "maryam", "101")
    log = database.log
    log.keep_open(key(), gives(open_call()))
    saved = log.keep_note(CallId("1.1"), LAB, agent.id, "Wants Rome", BOOT)
    log.start()
    assert await saved is True
    (row,) = await the_rows(database)
    assert [note.text for note in row.notes] == ["Wants Rome"]
    cards = LoggedCards(database)
    assert await cards.boot_of(LAB, CallId("1.1"), agent.id) == BOOT


async def test_note_that_finds_the_log_full_is_not_reported_as_saved(database: Database) -> None:
    log = CallLogWriter(database.kind, database.write, room=1)
    log.keep(finished_call())
    assert await log.keep_note(CallId("1.1"), LAB, UserId(1), "late") is False


@pytest.mark.parametrize("there", [True, False])
async def test_merged_call_leaves_no_row_and_its_notes_are_on_the_other_call(
    database: Database, there: bool
) -> None:
    maryam = await add_user(database, "maryam", "101")
    eleni = await add_user(database, "eleni", "102")
    log = run_of(database, BEGAN)
    if there:
        log.keep_open(key("1.1"), gives(open_call("1.1")))
    log.keep_open(key("1.2"), gives(open_call("1.2")))
    for agent, text in ((maryam, "hers"), (eleni, "theirs")):
        _ = log.keep_note(CallId("1.2"), LAB, agent.id, text, BOOT)
    await log.flush()
    _ = log.keep_note(CallId("1.1"), LAB, maryam.id, "before\nhers", BOOT)
    log.merge(key("1.2"), CallId("1.1"))
    await log.flush()
    log.keep(finished_call("1.1", arrived_at=BEGAN))
    await log.close()
    (row,) = await the_rows(database)
    assert row.call.call == "1.1"
    assert sorted(note.text for note in row.notes) == ["before\nhers", "theirs"]
    async with database.reading() as connection:
        orphans = select(call_notes.c.id).where(call_notes.c.call_id.is_(None))
        assert (await connection.execute(orphans)).all() == []


async def test_past_calls_of_a_caller_leave_out_the_one_in_progress(database: Database) -> None:
    log = run_of(database, BEGAN)
    log.keep(finished_call("1.1", arrived_at=BEGAN - 60))
    log.keep_open(key("1.2"), gives(open_call("1.2")))
    await log.close()
    answer = database.lookup.now_or_later(LALEH)
    record = await answer if not hasattr(answer, "calls") else answer
    assert [str(call.call) for call in record.calls] == ["1.1"]
