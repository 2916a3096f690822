"""What the runner hands to the call log, and when a note is acknowledged."""

import asyncio

import pytest

from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.telephony.identifiers import BootId
from tests.service.runner_under_test import CALL, world
from tests.service.service_under_test import ELENI, MARYAM

pytestmark = pytest.mark.anyio


async def test_the_log_comes_after_everything_on_display() -> None:
    async with world() as w:
        await w.handles(CALL)
        await w.until(lambda: w.kept)
        assert w.order[0] == "lookup"
        assert w.order.index("keep") == len(w.order) - 1


async def test_a_note_that_comes_when_its_call_is_forgotten_still_reaches_the_log() -> None:
    async with world() as w:
        await w.handles(CALL)
        card = str(w.cards()[-1]["id"])
        assert await w.task.command(MARYAM, "dismiss", {"card": card}) == {}
        assert await w.task.command(MARYAM, "note", {"card": card, "text": "late"}) == {}
        assert [note[1:] for note in w.notes] == [(MARYAM, "late")]
        refused = {"error": "unknown_card"}
        assert await w.task.command(ELENI, "note", {"card": card, "text": "mine"}) == refused
        assert await w.task.command(MARYAM, "dismiss", {"card": card}) == refused


async def test_call_has_an_open_record_with_its_card_before_it_ends() -> None:
    async with world() as w:
        await w.handles_only_the_ringing(CALL)
        await w.until(w.cards)
        ((_, record),) = w.opened[:1]
        assert record is not None
        assert (record.entry.disposition, record.entry.ended_at) == (None, None)
        assert record.customer == 7
        assert {one.agent for one in record.painted} == {MARYAM, ELENI}
        assert w.order.index("card") < w.order.index("keep_open")
        assert w.kept == []


async def test_finished_call_has_no_open_record_any_more() -> None:
    async with world() as w:
        await w.handles(CALL)
        await w.until(lambda: w.kept)
        w.task.put(lambda _: None)
        assert w.order.count("keep_open") <= 1  # all in one read
        assert [record for _, record in w.opened if record is not None] == []


async def test_note_is_acknowledged_only_when_it_is_committed() -> None:
    async with world() as w:
        w.commits = False
        await w.handles(CALL)
        card = str(w.cards()[-1]["id"])
        asked = asyncio.create_task(
            w.task.command(MARYAM, "note", {"card": card, "text": "not yet"})
        )
        await w.until(lambda: w.saving)
        for _ in range(20):
            await asyncio.sleep(0)
        assert not asked.done()
        w.saving[-1].set_result(True)
        assert await asked == {}


async def test_note_that_is_refused_by_the_log_is_not_saved_yet() -> None:
    async with world() as w:
        w.commits = False
        await w.handles(CALL)
        card = str(w.cards()[-1]["id"])
        asked = asyncio.create_task(w.task.command(MARYAM, "note", {"card": card, "text": "x"}))
        await w.until(lambda: w.saving)
        w.saving[-1].set_result(False)
        assert await asked == {"error": "not_saved_yet"}


async def test_first_resync_of_a_run_closes_what_an_earlier_run_left_open() -> None:
    async with world() as w:
        for audit in (False, True):
            snapshot = PbxSnapshot(BootId("b1"), (), (), audit=audit)
            w.task.snapshot(w.tracking, snapshot, w.now)
        await w.task.done_so_far()
        assert w.order.count("close_left_open") == 1
