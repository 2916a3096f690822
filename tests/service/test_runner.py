"""The shell: one queue, one task, and nothing that fails takes the next call with it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

import orjson
import pytest

from screenpop.accounts.users import UserId
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.calls.call_state import CallKey
from screenpop.customers.models import CallerRecord
from screenpop.protocol.client_messages import Stage
from screenpop.service.config import ServiceConfig
from screenpop.service.pbx_status import PbxProblem, PbxStatus
from screenpop.service.pbx_tracker import PbxTracker
from screenpop.service.ports import LoggedCall, RecordsUnreachableError
from screenpop.service.runner import ScreenPopRunner
from screenpop.service.screen_pop import ScreenPop
from screenpop.service.trunk_lines import TrunkLines
from screenpop.simulator.call_script import ScriptedCall
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.script_player import play_call
from screenpop.telephony.caller_id import CallerId
from screenpop.telephony.identifiers import BootId, CallId, PbxId
from tests.service.service_under_test import ELENI, LALEH, MARYAM, OFFICE, PLAN, SARA, laleh, people

pytestmark = pytest.mark.anyio


class World:
    """Recording fakes at the ports: the records, the bus, the log."""

    def __init__(self) -> None:
        self.now = 1_795_315_000.0
        self.answer: CallerRecord | Awaitable[CallerRecord] | Exception = laleh()
        self.published: list[tuple[tuple[UserId, ...], str, str, dict[str, object]]] = []
        self.kept: list[LoggedCall] = []
        self.notes: list[tuple[CallId, UserId, str]] = []
        self.opened: list[tuple[CallKey, LoggedCall | None]] = []
        self.commits = True
        """Notes are committed at once; else by ``saving``."""
        self.saving: list[asyncio.Future[bool]] = []
        self.order: list[str] = []
        self.fails_on: str | None = None
        self.more = asyncio.Event()
        self.task = ScreenPopRunner(
            ScreenPop(
                ServiceConfig(
                    people(), TrunkLines(PLAN), lambda at: datetime.fromtimestamp(at, UTC).date()
                )
            ),
            lookup=self,
            publisher=self,
            log=self,
            clock=lambda: self.now,
            past_cards=self,
        )
        self.tracking = PbxTracker(OFFICE, lambda endpoint: endpoint != "trunk")

    def now_or_later(self, caller: CallerId) -> CallerRecord | Awaitable[CallerRecord]:
        self.order.append("lookup")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def publish(
        self, users: Sequence[UserId], kind: str, key: str, payload: bytes, *, gone: bool = False
    ) -> None:
        if self.fails_on == kind:
            self.fails_on = None
            raise RuntimeError("on purpose")
        self.order.append(kind)
        self.published.append((tuple(users), kind, key, orjson.loads(payload) | {"_gone": gone}))
        self.more.set()

    def keep(self, record: LoggedCall) -> None:
        self.order.append("keep")
        self.kept.append(record)
        self.more.set()

    def keep_open(self, key: CallKey, record: Callable[[], LoggedCall | None]) -> None:
        self.order.append("keep_open")
        self.opened.append((key, record()))

    def merge(self, key: CallKey, into: CallId) -> None:
        self.order.append("merge")

    def close_left_open(self, pbx: PbxId) -> None:
        self.order.append("close_left_open")

    def keep_note(
        self, call: CallId, pbx: PbxId, agent: UserId, text: str, boot: BootId | None = None
    ) -> Awaitable[bool]:
        self.notes.append((call, agent, text))
        saved: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.saving.append(saved)
        self.more.set()
        if self.commits:
            saved.set_result(True)
        return saved

    async def boot_of(self, pbx: PbxId, call: CallId, agent: UserId) -> BootId | None:
        had = any(
            (record.entry.pbx, record.entry.call, one.agent) == (pbx, call, agent)
            for record in self.kept
            for one in record.painted
        )
        return BootId("unknown") if had else None

    def cards(self, user: UserId = MARYAM) -> list[dict[str, object]]:
        return [card for users, kind, _, card in self.published if kind == "card" and user in users]

    async def until(self, done: Callable[[], object]) -> None:
        """Wait for something to be published, as often as it takes."""
        async with asyncio.timeout(10):
            while not done():
                self.more.clear()
                await self.more.wait()

    async def hears(self, call: ScriptedCall, *, cut: int = 10**9) -> None:
        """A played call, as AMI bytes in one read or in many."""
        said = bytearray()
        pbx = SimulatedPbx(lambda: self.now, booted=datetime(2026, 1, 1, tzinfo=UTC), phones={})
        pbx.listeners.add(said.extend)
        await play_call(pbx, call, lambda _: asyncio.sleep(0))
        framer = AmiFramer(None, "own-")
        for start in range(0, len(said), cut):
            messages = framer.feed(bytes(said[start : start + cut]))
            self.task.messages(self.tracking, messages, self.now)

    async def hears_only_the_ringing(self, call: ScriptedCall) -> None:
        said = bytearray()
        pbx = SimulatedPbx(lambda: self.now, booted=datetime(2026, 1, 1, tzinfo=UTC), phones={})
        pbx.listeners.add(said.extend)
        rings = asyncio.Event()

        async def until_it_rings(seconds: float) -> None:
            if seconds == call.ring_s:
                rings.set()
                await asyncio.get_running_loop().create_future()

        playing = asyncio.create_task(play_call(pbx, call, until_it_rings))
        await rings.wait()
        playing.cancel()
        self.task.messages(self.tracking, AmiFramer(None, "own-").feed(bytes(said)), self.now)


def _fails(_: float) -> None:
    raise RuntimeError("on purpose")


@asynccontextmanager
async def world() -> AsyncGenerator[World]:
    made = World()
    task = asyncio.create_task(made.task.run())
    try:
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


CALL = ScriptedCall(number="09123456789", to=("101", "102"), ring_s=0, talk_s=0)


@pytest.mark.parametrize("cut", [10**9, 700, 64])
async def test_from_ami_bytes_to_a_card_and_a_row_however_the_bytes_are_cut(cut: int) -> None:
    async with world() as w:
        await w.hears(CALL, cut=cut)
        await w.until(lambda: w.kept)
        assert w.cards()[-1]["state"] == "wrap_up"
        assert w.kept[0].entry.answered_by == ("101",)
        assert w.kept[0].customer == 7
        assert w.task.tally.calls_kept == 1


async def test_the_log_comes_after_everything_that_was_to_be_shown() -> None:
    async with world() as w:
        await w.hears(CALL)
        await w.until(lambda: w.kept)
        assert w.order[0] == "lookup"
        assert w.order.index("keep") == len(w.order) - 1


async def test_records_that_answer_later_make_a_second_revision() -> None:
    async with world() as w:
        later: asyncio.Future[CallerRecord] = asyncio.get_running_loop().create_future()
        w.answer = later
        story = ScriptedCall(number="09123456789", to=("101",), ring_s=0, talk_s=0)
        await w.hears(story)
        await w.until(lambda: w.kept)
        later.set_result(laleh())
        await w.until(lambda: w.cards() and w.cards()[-1]["match"] == "certain")


async def test_records_that_fail_are_told_on_the_card() -> None:
    async with world() as w:
        w.answer = RecordsUnreachableError("the disk is gone")
        await w.hears(CALL)
        await w.until(w.cards)
        assert w.cards()[0]["match"] == "unreachable"
        assert w.task.tally.lookups_failed == 1


async def test_records_that_fail_later_are_told_on_the_card() -> None:
    async with world() as w:
        later: asyncio.Future[CallerRecord] = asyncio.get_running_loop().create_future()
        later.set_exception(RecordsUnreachableError("gone"))
        w.answer = later
        await w.hears(CALL)
        await w.until(lambda: w.cards() and w.cards()[-1]["match"] == "unreachable")


async def test_one_thing_that_fails_is_left_out_and_the_next_call_is_served() -> None:
    async with world() as w:
        w.task.put(_fails)
        await w.hears(CALL)
        await w.until(lambda: w.kept)
        assert w.task.tally.failures == 1
        assert w.cards()


async def test_a_bus_that_fails_once_costs_one_message() -> None:
    async with world() as w:
        w.fails_on = "card"
        await w.hears(CALL, cut=64)
        await w.until(lambda: w.kept)
        assert w.task.tally.failures == 1
        assert w.cards()[-1]["state"] == "wrap_up"


async def test_a_command_waits_its_turn_and_brings_its_answer() -> None:
    async with world() as w:
        await w.hears(CALL)
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


async def test_a_note_that_comes_when_its_call_is_forgotten_still_reaches_the_log() -> None:
    async with world() as w:
        await w.hears(CALL)
        card = str(w.cards()[-1]["id"])
        assert await w.task.command(MARYAM, "dismiss", {"card": card}) == {}
        assert await w.task.command(MARYAM, "note", {"card": card, "text": "late"}) == {}
        assert [note[1:] for note in w.notes] == [(MARYAM, "late")]
        refused = {"error": "unknown_card"}
        assert await w.task.command(ELENI, "note", {"card": card, "text": "mine"}) == refused
        assert await w.task.command(MARYAM, "dismiss", {"card": card}) == refused


async def test_a_receipt_is_taken_in_the_order_of_the_calls() -> None:
    async with world() as w:
        w.task.messages(w.tracking, [], w.now)
        await w.hears(CALL)
        card = f"office/{int(w.now)}.0/1"
        w.task.receipt(MARYAM, card, 1, Stage.PAINTED, w.now)
        await w.until(lambda: w.kept)
        assert w.kept[0].painted[0].painted_at is None


async def test_a_pbx_that_goes_down_is_told_to_everybody() -> None:
    async with world() as w:
        problem = PbxProblem("wrong_secret", {"username": "pop"})
        w.task.pbx_changed(PbxStatus(OFFICE, "down", w.now, problem))
        await w.until(lambda: w.published)
        ((users, kind, key, told),) = w.published
        assert (kind, key) == ("pbx", "office")
        assert set(users) >= {MARYAM, ELENI, SARA}
        assert told["problem"] == {"code": "wrong_secret", "params": {"username": "pop"}}


async def test_a_snapshot_closes_what_is_gone_and_a_link_that_is_over_closes_all() -> None:
    async with world() as w:
        w.task.snapshot(w.tracking, PbxSnapshot(BootId("2026-01-01T00:00:00"), (), ()), w.now)
        await w.hears_only_the_ringing(ScriptedCall(number=LALEH, to=("101",)))
        await w.until(w.cards)
        w.task.link_over(w.tracking)
        await w.until(lambda: w.kept)
        assert w.cards()[-1]["reason"]["code"] == "lost_sight"  # type: ignore[index]
        assert w.kept[0].entry.estimated


async def test_a_malformed_event_is_counted_and_the_next_one_arrives() -> None:
    async with world() as w:
        broken = AmiFramer(None, "own-").feed(b"Event: DialBegin\r\nPrivilege: call,all\r\n\r\n")
        w.task.messages(w.tracking, broken, w.now)
        await w.hears(CALL)
        await w.until(lambda: w.kept)
        assert sum(w.tracking.malformed.values()) == 1


async def at_leisure(w: World) -> None:
    """The owner has begun and waits for work."""
    reached = asyncio.Event()
    w.task.put(lambda _: reached.set())
    await reached.wait()
    await asyncio.sleep(0)


async def test_what_finds_the_owner_at_leisure_is_done_on_the_spot() -> None:
    async with world() as w:
        await at_leisure(w)
        done: list[str] = []
        w.task.put(lambda _: done.append("at once"))
        assert done == ["at once"]


async def test_work_that_brings_work_is_not_interrupted_by_it() -> None:
    async with world() as w:
        await at_leisure(w)
        done: list[str] = []
        later = asyncio.Event()

        def first(_: float) -> None:
            w.task.put(second)
            done.append("first")

        def second(_: float) -> None:
            done.append("second")
            later.set()

        w.task.put(first)
        assert done == ["first"]
        await later.wait()
        assert done == ["first", "second"]


async def test_a_flood_leaves_the_loop_to_others_now_and_then_and_keeps_its_order() -> None:
    async with world() as w:
        await at_leisure(w)
        done: list[int] = []
        over = asyncio.Event()

        def slow(number: int, _: float) -> None:
            time.sleep(0.001)
            done.append(number)
            if number == 9:
                over.set()

        for number in range(10):
            w.task.put(partial(slow, number))
        assert 0 < len(done) < 10
        assert w.task.backlog == 10 - len(done)
        await over.wait()
        assert done == list(range(10))


async def test_work_that_fails_on_the_spot_leaves_the_owner_at_leisure() -> None:
    async with world() as w:
        await at_leisure(w)
        w.task.put(_fails)
        await at_leisure(w)
        done: list[str] = []
        w.task.put(lambda _: done.append("next"))
        assert done == ["next"]
        assert w.task.tally.failures == 1


async def test_call_has_an_open_record_with_its_card_before_it_ends() -> None:
    async with world() as w:
        await w.hears_only_the_ringing(CALL)
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
        await w.hears(CALL)
        await w.until(lambda: w.kept)
        w.task.put(lambda _: None)
        assert w.order.count("keep_open") <= 1  # all in one read
        assert [record for _, record in w.opened if record is not None] == []


async def test_note_is_acknowledged_only_when_it_is_committed() -> None:
    async with world() as w:
        w.commits = False
        await w.hears(CALL)
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
        await w.hears(CALL)
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
