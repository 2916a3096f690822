"""When the garbage collector looks at older objects: while no call is live.

A collection of all objects blocks the event loop for a fifth of a second, and a card with it. Calls
leave almost no cycles, so while calls are live only young objects are collected, in short pauses.
What has become old waits for the moment after the last call, or for the limit on memory.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Callable

import structlog

_log = structlog.get_logger()

# The settings' effect: `make benchmark ARGS="--only stages"`, table "Collections of garbage".
YOUNG = 700
"""New objects between two collections of the youngest: 0.3 ms each."""
MIDDLE = 1
"""Collections of the youngest between two of the middle generation. One then looks at 2,100 objects
at most; with Python's own 10 at 8,400, for 5 ms."""
NEVER = 1_000_000
"""Collections of the middle generation between two of all objects: those are started here."""
LOOKS_EVERY_S = 1.0
RESTS_S = 10.0
"""Seconds between two looks at the memory in use, and between two collections after calls."""
WHOLE_EVERY_S = 3600.0
QUIET_S = 60.0
"""Seconds without a call before a collection of all objects, the frozen ones included."""
GROWN_BLOCKS = 100_000
"""Blocks of memory, about 10 MB, that make a collection of all objects worth its pause."""
MOST_GROWN_BLOCKS = 3_000_000
"""Blocks of memory, about 400 MB, after which objects are collected though calls are live.

Calls leave few cycles, so such growth is mostly a backlog in use, which a collection cannot free:
see "Steps" in docs/benchmarks.md.
"""


class GarbageCollection:
    """Decides in ``step`` what is collected; ``begin`` when all is started, ``end`` at the end."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        grown_blocks: int = GROWN_BLOCKS,
        most_grown_blocks: int = MOST_GROWN_BLOCKS,
    ) -> None:
        self._clock = clock
        self._grown_blocks, self._most_grown_blocks = grown_blocks, most_grown_blocks
        self._before = gc.get_threshold()
        self._whole_at = self._looked_at = self._busy_at = clock()
        self._blocks = 0

    def begin(self) -> None:
        """Collect and freeze what the start made: it lives on, so collections can skip it."""
        gc.collect()
        gc.freeze()
        self._blocks = sys.getallocatedblocks()
        gc.set_threshold(YOUNG, MIDDLE, NEVER)
        gc.enable()

    def end(self) -> None:
        gc.set_threshold(*self._before)

    def step(self, *, is_idle: bool) -> None:
        """Collect what is due; ``is_idle``: no call is live and nothing waits to be handled."""
        now = self._clock()
        if not is_idle:
            self._busy_at = now
        if now - self._looked_at < RESTS_S:
            return
        self._looked_at = now
        if not is_idle:
            if self._has_grown(self._most_grown_blocks):
                began = time.monotonic()
                # Nothing is frozen: what is alive now would be kept when it dies during calls.
                gc.collect()
                self._blocks = sys.getallocatedblocks()
                took_s = time.monotonic() - began
                _log.info("Memory has grown, so garbage was collected during calls", took_s=took_s)
        elif self._is_whole_due(now):
            self._collect_all()
        elif any(gc.get_count()[1:]):  # something has been made since the last time
            gc.collect()
            gc.freeze()

    async def run(self, is_idle: Callable[[], bool]) -> None:
        """Call ``step`` for ever."""
        while True:
            await asyncio.sleep(LOOKS_EVERY_S)
            self.step(is_idle=is_idle())

    def _is_whole_due(self, now: float) -> bool:
        if now - self._whole_at < WHOLE_EVERY_S or now - self._busy_at < QUIET_S:
            return False
        self._whole_at = now
        return self._has_grown(self._grown_blocks)

    def _has_grown(self, blocks: int) -> bool:
        return sys.getallocatedblocks() - self._blocks > blocks

    def _collect_all(self) -> None:
        """Collect all objects, also those frozen before."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._blocks = sys.getallocatedblocks()
        self._whole_at = self._clock()
