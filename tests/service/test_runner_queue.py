"""The order of the work of the runner: at once when it is idle, in turn when it is not."""

import asyncio
import time
from collections.abc import Iterator
from functools import partial
from typing import cast

import pytest
from structlog.testing import capture_logs

from screenpop.asterisk.ami_message import AmiMessage
from screenpop.protocol.client_messages import Stage
from screenpop.service.effects import Effect
from screenpop.service.pbx_tracker import PbxTracker
from screenpop.service.screen_pop import ScreenPop
from screenpop.telephony.identifiers import CallId
from tests.service.runner_under_test import CALL, World, fails, world
from tests.service.service_under_test import MARYAM, OFFICE

pytestmark = pytest.mark.anyio


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
        w.task.put(fails)
        await at_leisure(w)
        done: list[str] = []
        w.task.put(lambda _: done.append("next"))
        assert done == ["next"]
        assert w.task.tally.failures == 1


async def test_an_event_that_fails_is_logged_with_the_ids_of_its_call_and_without_its_caller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    async with world() as w:
        await at_leisure(w)
        monkeypatch.setattr(ScreenPop, "happened", broken)
        with capture_logs() as logged:
            await w.handles_only_the_ringing(CALL)
            w.task.put(fails)
            await at_leisure(w)
    first, *_, last = [line for line in logged if line["log_level"] == "error"]
    assert first["pbx"] == w.tracking.pbx
    assert first["call"]
    assert "call" not in last
    for key, value in first.items():
        assert CALL.number not in f"{key}{value}"


async def test_events_that_change_no_call_are_followed_by_no_flush(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flushed: list[float] = []
    flush = ScreenPop.flush

    def counted(self: ScreenPop, now: float) -> Iterator[Effect]:
        flushed.append(now)
        return flush(self, now)

    monkeypatch.setattr(ScreenPop, "flush", counted)
    async with world() as w:
        await at_leisure(w)
        flushed.clear()
        unknown = AmiMessage({"Event": "Newstate", "Uniqueid": "9.9", "Linkedid": "9.9"})
        w.task.messages(w.tracking, [unknown], w.now)
        assert (w.task.tally.messages, flushed) == (1, [])
        await w.handles_only_the_ringing(CALL)
        assert flushed


async def test_a_receipt_at_leisure_reaches_its_card_at_once_and_nothing_else_is_done() -> None:
    async with world() as w:
        await w.handles_only_the_ringing(CALL)
        await w.until(w.cards)
        await at_leisure(w)
        (card,) = w.cards()
        order = list(w.order)
        w.task.receipt(MARYAM, str(card["id"]), 1, {Stage.PAINTED: w.now + 7})
        assert w.order == order
        trace = w.task.trace_of(OFFICE, CallId(str(card["call"])))
        assert (trace[-1]["step"], trace[-1]["at"]) == ("painted", w.now + 7)


async def test_receipts_keep_their_place_among_the_work_that_waits() -> None:
    async with world() as w:
        await w.handles_only_the_ringing(CALL)
        await w.until(w.cards)
        await at_leisure(w)
        (card,) = w.cards()
        over = asyncio.Event()
        seen: list[list[object]] = []

        def steps(_: float) -> None:
            trace = w.task.trace_of(OFFICE, CallId(str(card["call"])))
            seen.append([step["step"] for step in trace if step["step"] in {*Stage}])

        def first(_: float) -> None:
            for stage in Stage:
                w.task.put(steps)
                w.task.receipt(MARYAM, str(card["id"]), 1, {stage: w.now})
            w.task.put(lambda _: over.set())

        w.task.put(first)
        await over.wait()
        stages = [str(stage) for stage in Stage]
        assert seen == [stages[:count] for count in range(len(stages))]


async def test_a_receipt_of_a_logged_call_logs_it_again() -> None:
    async with world() as w:
        await w.handles(CALL)
        await w.until(lambda: w.kept)
        await at_leisure(w)
        kept = len(w.kept)
        card = w.cards()[0]
        w.task.receipt(MARYAM, str(card["id"]), 1, {Stage.PAINTED: w.now})
        assert len(w.kept) == kept + 1
        assert w.kept[-1].painted[0].painted_at == w.now


async def test_a_receipt_that_fails_is_counted_and_the_next_one_is_handled() -> None:
    async with world() as w:
        await w.handles_only_the_ringing(CALL)
        await w.until(w.cards)
        await at_leisure(w)
        card = str(w.cards()[0]["id"])
        broken: dict[Stage, float] = {Stage.PAINTED: cast(float, "now")}
        w.task.receipt(MARYAM, card, 1, broken)
        assert w.task.tally.failures == 1
        w.task.receipt(MARYAM, card, 1, {Stage.SEEN: w.now})
        assert w.task.tally.failures == 1


async def test_messages_count_as_waiting_until_they_are_handled_also_if_that_fails() -> None:
    async with world() as w:
        await at_leisure(w)
        tracking = PbxTracker(OFFICE, lambda _: True)
        event = AmiMessage({"Event": "Newchannel"})
        w.task.put(lambda _: w.task.messages(tracking, [event, event], 1.0))
        assert tracking.waiting == 2
        await at_leisure(w)
        assert tracking.waiting == 0
        w.task.messages(tracking, [cast("AmiMessage", None)], 1.0)
        assert (tracking.waiting, w.task.tally.failures) == (0, 1)
