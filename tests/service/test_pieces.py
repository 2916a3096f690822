"""Work in pieces, and the office's offers compiled that way while calls ring."""

import asyncio
import time
from collections.abc import Generator
from dataclasses import replace
from random import Random

import pytest

from benchmarks.offers import TODAY, _customer, _offer
from screenpop.offers.compiled import CompiledOffers
from screenpop.offers.matching import Known
from screenpop.service.office_offers import OffersInUse
from screenpop.service.pieces import PIECE_S, run_in_pieces

pytestmark = pytest.mark.anyio

MOST_BLOCKED_S = 0.010


async def test_other_tasks_run_once_after_each_piece_of_a_work() -> None:
    now, turns = 0.0, 0
    turns_at_steps = []

    def work() -> Generator[None]:
        nonlocal now
        for _ in range(6):
            turns_at_steps.append(turns)
            now += 0.6 * PIECE_S  # the second step ends a piece
            yield

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await run_in_pieces(work(), lambda: now)
    task.cancel()
    assert turns_at_steps == [0, 0, 1, 1, 2, 2]


async def test_the_error_of_a_work_in_pieces_is_raised() -> None:
    def work() -> Generator[None, None, None]:
        yield
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await run_in_pieces(work())


async def test_compiling_500_offers_blocks_the_loop_for_less_than_10_ms_and_changes_nothing() -> (
    None
):
    rng = Random(1)
    offers = tuple(_offer(rng, number + 1) for number in range(500))
    blocked: list[float] = []

    async def watch() -> None:
        while True:
            began = time.thread_time()
            await asyncio.sleep(0)
            blocked.append(time.thread_time() - began)

    in_use, task = OffersInUse(), asyncio.create_task(watch())
    # Compiled anew a few times: one collection of garbage in between is no piece of work.
    longest = []
    for number in range(3):
        blocked.clear()
        assert await in_use.replace([replace(one, accepted=number) for one in offers], TODAY)
        longest.append(max(blocked))
    task.cancel()
    assert min(longest) < MOST_BLOCKED_S
    whole = CompiledOffers(in_use.compiled.offers)
    for _ in range(20):
        known = Known(_customer(rng), TODAY)
        assert list(in_use.compiled.fitting(known)) == list(whole.fitting(known))
