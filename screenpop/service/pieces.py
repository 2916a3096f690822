"""Work of the event loop that is done in pieces, so that cards and calls do not wait for it."""

import asyncio
from collections.abc import Callable, Generator
from time import perf_counter
from typing import TypeVar

PIECE_S = 0.002
"""Seconds after which other tasks have their turn; one step of the work is much shorter."""
Made = TypeVar("Made")


async def run_in_pieces(
    steps: Generator[object, None, Made], clock: Callable[[], float] = perf_counter
) -> Made:
    """Return what a generator returns; between its steps other tasks run.

    An exception of the generator is raised here; a cancellation ends it between two steps.
    """
    while True:
        ends = clock() + PIECE_S
        try:
            while clock() < ends:
                next(steps)
        except StopIteration as end:
            made: Made = end.value
            return made
        await asyncio.sleep(0)
