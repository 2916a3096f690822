"""Deferred writes: views of customers, session last-seen times, new sessions.

Writes go through a bounded queue in order, several in one transaction. While the database cannot
be written they wait; a write that finds the queue full is dropped, and one warning is logged. When
another process has taken over, nothing waits any more and nothing is taken.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection

from screenpop.store.engine.write_errors import WriteFault, classify_write_error, without_values

log = logging.getLogger(__name__)

ROOM = 1_000
STUCK_AFTER_S = 2.0
"""Seconds a write may wait before the database counts as not writable."""
SOON_S = 0.3
GATHER_S = 0.5
"""Seconds for which a write that can wait is gathered with others into one transaction."""
_BATCH = 50
_RETRY_S = 0.25
_LONGEST_RETRY_S = 5.0

Work = Callable[[Connection], object]
"""Runs in another thread: it must only write what it was made with."""
Write = Callable[[Work], Awaitable[None]]
"""Runs a piece of work in one transaction, outside the event loop's thread where it would block."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    begin: Callable[[], Work]
    """Called on the loop when the transaction begins."""
    key: Hashable
    since: float
    """On the monotonic clock, in seconds."""
    done: asyncio.Future[bool]


class LaterWrites:
    """A queue of deferred writes. ``add`` never blocks; call ``close`` before the loop ends."""

    def __init__(
        self,
        write: Write,
        *,
        explain: Callable[[Exception], str] = without_values,
        room: int = ROOM,
        retry_s: float = _RETRY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write_rows = write
        self._explain = explain
        self._room = room
        self._retry_s = retry_s
        self._clock = clock
        self._queue: deque[_Waiting] = deque()
        self._keys: set[Hashable] = set()
        self._task: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        """Set while something waits that must be written at once."""
        self._is_failing = self._was_full = False
        self._is_fenced_out = False

    @property
    def waiting(self) -> int:
        """Return how many writes are queued."""
        return len(self._queue)

    @property
    def is_stuck(self) -> bool:
        """Return whether a write has waited for longer than the limit."""
        oldest = self._queue[0].since if self._queue else None
        waits_long = oldest is not None and self._clock() - oldest > STUCK_AFTER_S
        return self._is_failing or waits_long

    def add(
        self, work: Work, key: Hashable = None, *, can_wait: bool = False
    ) -> asyncio.Future[bool]:
        """Queue a write; return a future that gives whether it was committed.

        ``key``: a write is skipped while another one with the same key waits. ``can_wait``: it may
        wait for ``GATHER_S`` seconds, so that a transaction has several.
        """
        return self._add(lambda: work, key, can_wait=can_wait)

    def gather(self, begin: Callable[[], Work], key: Hashable = None) -> asyncio.Future[bool]:
        """As ``add`` of work that can wait; ``begin`` makes it from what there is by then."""
        return self._add(begin, key, can_wait=True)

    def _add(
        self, begin: Callable[[], Work], key: Hashable, *, can_wait: bool
    ) -> asyncio.Future[bool]:
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if key is not None and key in self._keys:
            done.set_result(True)
            return done
        if self._is_fenced_out:
            done.set_result(False)
            return done
        if len(self._queue) >= self._room:
            self._log_full()
            done.set_result(False)
            return done
        if key is not None:
            self._keys.add(key)
        self._queue.append(_Waiting(begin, key, self._clock(), done))
        if not can_wait:
            self._hurry.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(), name="later writes")
        return done

    async def soon(self, work: Work) -> asyncio.Future[bool]:
        """Queue a write and wait briefly for its commit; return the future of ``add``.

        The write is committed on return unless the database is locked, full or unreachable.
        """
        done = self.add(work)
        await asyncio.wait([done], timeout=SOON_S)
        return done

    async def flush(self) -> None:
        """Write everything queued so far at once; return when it is written or dropped."""
        self._hurry.set()
        await asyncio.gather(*(waiting.done for waiting in tuple(self._queue)))

    async def close(self, within_s: float = 2.0) -> None:
        """Write what waits, for at most ``within_s`` seconds, then stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._queue:
                    await self.flush()
                    await asyncio.sleep(0)  # for callbacks, which may add another write
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        retry_s = self._retry_s
        while self._queue:
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER_S):
                    await self._hurry.wait()
            batch = tuple(islice(self._queue, _BATCH))
            try:
                await self._write(batch)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next may go in
                fault = classify_write_error(error)
                if fault is WriteFault.FENCED_OUT:
                    self._stop_fenced_out()
                    return
                if fault is not WriteFault.DATABASE:
                    await self._write_each(batch)
                    continue
                self._log_failing(error)
                await asyncio.sleep(retry_s)
                retry_s = min(2 * retry_s, _LONGEST_RETRY_S)
                continue
            retry_s = self._retry_s
            for waiting in batch:
                self._take_off(waiting, is_done=True)
            if not self._queue:
                self._hurry.clear()

    async def _write(self, batch: tuple[_Waiting, ...]) -> None:
        # One hop to the thread for a transaction, not some three for each statement: benchmark
        # ``agent_work``.
        parts = [waiting.begin() for waiting in batch]

        def write(connection: Connection) -> None:
            for part in parts:
                part(connection)

        await self._write_rows(write)

    async def _write_each(self, batch: tuple[_Waiting, ...]) -> None:
        """Write one by one and drop what the database refuses.

        Example: a view of a customer who was erased meanwhile.
        """
        for waiting in batch:
            try:
                await self._write((waiting,))
            except Exception as error:  # noqa: BLE001 - as above
                if classify_write_error(error) in {WriteFault.DATABASE, WriteFault.FENCED_OUT}:
                    return
                log.warning("What could not be noted later is left out: %s", self._explain(error))
                self._take_off(waiting, is_done=False)
            else:
                self._take_off(waiting, is_done=True)

    def _stop_fenced_out(self) -> None:
        self._is_failing = self._is_fenced_out = True
        log.error(
            "Another process has taken over: %d looks and logins are not noted", len(self._queue)
        )
        while self._queue:
            self._take_off(self._queue[0], is_done=False)

    def _take_off(self, waiting: _Waiting, *, is_done: bool) -> None:
        self._queue.popleft()
        self._keys.discard(waiting.key)
        if not waiting.done.done():
            waiting.done.set_result(is_done)
        self._was_full = False
        if self._is_failing and is_done:
            self._is_failing = False
            log.warning("The database can be written again")

    def _log_failing(self, error: Exception) -> None:
        if not self._is_failing:
            self._is_failing = True
            log.error(
                "The database cannot be written; logins and looks are noted later: %s",
                self._explain(error),
            )

    def _log_full(self) -> None:
        if not self._was_full:
            self._was_full = True
            log.error(
                "%d looks and logins wait to be noted; no more are taken until the database can be"
                " written",
                self._room,
            )
