"""The runner: from AMI bytes to cards, commands, receipts and the state of the PBX."""

import asyncio

import pytest

from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.customers.models import CallerRecord
from screenpop.protocol.client_messages import Stage
from screenpop.service.pbx_status import PbxProblem, PbxStatus
from screenpop.service.ports import RecordsUnreachableError
from screenpop.service.runner_counters import LookupOutcome
from screenpop.simulator.call_script import ScriptedCall
from screenpop.telephony.identifiers import BootId
from tests.service.runner_under_test import CALL, fails, world
from tests.service.service_under_test import ELENI, LALEH, MARYAM, OFFICE, SARA, laleh

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("cut", [10**9, 700, 64])
async def test_from_ami_bytes_to_a_card_and_a_row_however_the_bytes_are_cut(cut: int) -> None:
    async with world() as w:
        await w.handles(CALL, cut=cut)
        await w.until(lambda: w.kept)
        assert w.cards()[-1]["state"] == "wrap_up"
        assert w.kept[0].entry.answered_by == ("101",)
        assert w.kept[0].customer == 7
        assert w.task.tally.calls_kept == 1


async def test_records_that_answer_later_make_a_second_revision() -> None:
    async with world() as w:
        later: asyncio.Future[CallerRecord] = asyncio.get_running_loop().create_future()
        w.answer = later
        story = ScriptedCall(number="09123456789", to=("101",), ring_s=0, talk_s=0)
        await w.handles(story)
        await w.until(lambda: w.kept)
        later.set_result(laleh())
        await w.until(lambda: w.cards() and w.cards()[-1]["match"] == "certain")


async def test_records_that_fail_are_reported_on_the_card() -> None:
    async with world() as w:
        w.answer = RecordsUnreachableError("the disk is gone")
        await w.handles(CALL)
        await w.until(w.cards)
        assert w.cards()[0]["match"] == "unreachable"
        assert w.task.tally.lookups[LookupOutcome.FAILED].count == 1


async def test_records_that_fail_later_are_reported_on_the_card() -> None:
    async with world() as w:
        later: asyncio.Future[CallerRecord] = asyncio.get_running_loop().create_future()
        later.set_exception(RecordsUnreachableError("gone"))
        w.answer = later
        await w.handles(CALL)
        await w.until(lambda: w.cards() and w.cards()[-1]["match"] == "unreachable")


async def test_one_thing_that_fails_is_left_out_and_the_next_call_is_served() -> None:
    async with world() as w:
        w.task.put(fails)
        await w.handles(CALL)
        await w.until(lambda: w.kept)
        assert w.task.tally.failures == 1
        assert w.cards()


async def test_a_bus_that_fails_once_costs_one_message() -> None:
    async with world() as w:
        w.fails_on = "card"
        await w.handles(CALL, cut=64)
        await w.until(lambda: w.kept)
        assert w.task.tally.failures == 1
        assert w.cards()[-1]["state"] == "wrap_up"


async def test_a_command_waits_its_turn_and_brings_its_answer() -> None:
    async with world() as w:
        await w.handles(CALL)
        refused = await w.task.command(MARYAM, "fly", {})
        assert refused == {"error": "unknown_command"}
        card = str(w.cards()[-1]["id"])
        assert await w.task.command(MARYAM, "note", {"card": card, "text": "later"}) == {}
        assert [note[1:] for note in w.notes] == [(MARYAM, "later")]
        offers = w.cards()[-1]["suggestions"]
        offer = offers[0]["id"]  # type: ignore[index]
        args: dict[str, object] = {"card": card, "offer": offer, "answer": "accepted"}
        assert await w.task.command(MARYAM, "offer_answered", args) == {}
        assert w.kept[-1].trace[-1]["answer"] == "accepted"


async def test_a_receipt_is_taken_in_the_order_of_the_calls() -> None:
    async with world() as w:
        w.task.messages(w.tracking, [], w.now)
        await w.handles(CALL)
        card = f"office/{int(w.now)}.0/1"
        w.task.receipt(MARYAM, card, 1, {Stage.PAINTED: w.now})
        await w.until(lambda: w.kept)
        assert w.kept[0].painted[0].painted_at is None


async def test_a_pbx_that_goes_down_is_reported_to_every_user() -> None:
    async with world() as w:
        problem = PbxProblem("wrong_secret", {"username": "pop"})
        w.task.pbx_changed(PbxStatus(OFFICE, "down", w.now, problem))
        await w.until(lambda: w.published)
        ((users, kind, key, reported),) = w.published
        assert (kind, key) == ("pbx", "office")
        assert set(users) >= {MARYAM, ELENI, SARA}
        assert reported["problem"] == {"code": "wrong_secret", "params": {"username": "pop"}}


async def test_a_snapshot_closes_what_is_gone_and_a_link_that_is_over_closes_all() -> None:
    async with world() as w:
        w.task.snapshot(w.tracking, PbxSnapshot(BootId("2026-01-01T00:00:00"), (), ()), w.now)
        await w.handles_only_the_ringing(ScriptedCall(number=LALEH, to=("101",)))
        await w.until(w.cards)
        w.task.link_over(w.tracking)
        await w.until(lambda: w.kept)
        assert w.cards()[-1]["reason"]["code"] == "lost_sight"  # type: ignore[index]
        assert w.kept[0].entry.estimated


async def test_a_malformed_event_is_counted_and_the_next_one_arrives() -> None:
    async with world() as w:
        broken = AmiFramer(None, "own-").feed(b"Event: DialBegin\r\nPrivilege: call,all\r\n\r\n")
        w.task.messages(w.tracking, broken, w.now)
        await w.handles(CALL)
        await w.until(lambda: w.kept)
        assert sum(w.tracking.malformed.values()) == 1
