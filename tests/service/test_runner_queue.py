"""The order of the work of the runner: at once when it is idle, in turn when it is not."""

import asyncio
import time
from functools import partial

import pytest

from tests.service.runner_under_test import World, fails, world

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
