"""Writer of the call log: takes calls as they begin and end, and notes; writes after the push.

``keep`` and the other methods put items into a bounded queue. One task writes what waits, one
transaction per 0.5 s, or at once when a note waits, whose agent waits too. An item leaves the queue
only when its transaction is committed; while the database is unreachable it waits, and the writer
retries. So a call in progress has its row one batch after it arrived, and a kill loses only what is
younger than that. When another process has taken over, the writer stops and refuses what waits.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection

from screenpop.accounts.users import UserId
from screenpop.calls.call_state import CallKey
from screenpop.service.ports import LoggedCall
from screenpop.store.calls.batch import NoteRecord
from screenpop.store.calls.open_calls import (
    Item,
    LeftOpen,
    MergedCall,
    OpenCall,
    call_of_item,
    describe_item,
    prepare_items,
)
from screenpop.store.engine.url import Kind
from screenpop.store.engine.write_errors import WriteFault, classify_write_error, without_values
from screenpop.telephony.identifiers import BootId, CallId, PbxId

log = logging.getLogger(__name__)

Write = Callable[[Callable[[Connection], None]], Awaitable[None]]
"""Runs a piece of work in one transaction, outside the event loop's thread where it would block."""

QUEUE_SIZE = 20_000
"""Calls and notes that may wait: hours of a busy office."""
_MAX_BATCH = 100
_BATCH_WINDOW_S = 0.5
"""A transaction has a fixed cost of several calls: ``make benchmark``, "What a call costs"."""
_RETRY_S = 0.25
_MAX_RETRY_S = 10.0
_MAX_TRIES = 4
"""Attempts for a record when it is unclear whether it or the database is at fault."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    item: Item
    number: int
    """The running number of the item, from 1."""
    since: float
    """Seconds since 1970."""
    saved: asyncio.Future[bool] | None = None


@dataclass(frozen=True, slots=True)
class CallLogStatus:
    """State of the writer, for the health page and the metrics."""

    waiting: int
    written: int
    refused_full: int
    """Dropped because the queue was full, or because another process has taken over."""
    set_aside: int
    """Dropped because the database refused just this record; the program's log has its ids."""
    failing_since: float | None
    """Seconds since 1970 since when nothing could be written; None when writes succeed."""
    oldest_at: float | None
    """Since when the oldest item waits, seconds since 1970; None when none waits."""


class CallLogWriter:
    """The port ``CallLog``. ``start`` on the loop; ``close`` before the loop ends."""

    def __init__(
        self,
        kind: Kind,
        write: Write,
        *,
        explain: Callable[[Exception], str] = without_values,
        room: int = QUEUE_SIZE,
        gather_s: float = _BATCH_WINDOW_S,
        retry_s: float = _RETRY_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._kind: Kind = kind
        self._write_rows = write
        self._explain = explain
        self._room = room
        self._gather_s = gather_s
        self._retry_s = retry_s
        self._clock = clock
        self._started_at = clock()
        self._queue: deque[_Waiting] = deque()
        self._open_waiting: set[CallKey] = set()
        """Keys of the calls in progress whose records are still to be asked for."""
        self._taken = self._settled = 0
        self._flushing: list[tuple[int, asyncio.Future[None]]] = []
        self._notes_waiting = 0
        self._task: asyncio.Task[None] | None = None
        self._more = asyncio.Event()
        self._hurry = asyncio.Event()
        self._written = self._refused = self._set_aside = 0
        self._failing_since: float | None = None
        self._tries: dict[int, int] = {}
        self._is_fenced_out = False

    @property
    def state(self) -> CallLogStatus:
        return CallLogStatus(
            waiting=len(self._queue),
            written=self._written,
            refused_full=self._refused,
            set_aside=self._set_aside,
            failing_since=self._failing_since,
            oldest_at=self._queue[0].since if self._queue else None,
        )

    def start(self) -> None:
        """Start writing; needs a running loop. Starting twice is the same as once."""
        if self._task is None or self._task.done():
            # Not when it was made: a listener that waits has its database open meanwhile.
            self._started_at = self._clock()
            self._task = asyncio.get_running_loop().create_task(self._run(), name="call log")

    def keep(self, record: LoggedCall) -> None:
        """Queue a finished call; never waits. A full queue drops it, counted and logged."""
        self._take(record)

    def keep_open(self, key: CallKey, record: Callable[[], LoggedCall | None]) -> None:
        """Queue a call in progress; its record is asked for when the batch is written."""
        if key not in self._open_waiting and self._take(OpenCall(key, record)):
            self._open_waiting.add(key)

    def merge(self, key: CallKey, into: CallId) -> None:
        """Remove the row of a merged call; its notes move to ``into``."""
        self._take(MergedCall(key, into))

    def close_left_open(self, pbx: PbxId) -> None:
        """Close a PBX's calls that an earlier run left in progress and this run has not kept."""
        self._take(LeftOpen(pbx, self._started_at))

    def keep_note(
        self, call: CallId, pbx: PbxId, agent: UserId, text: str, boot: BootId | None = None
    ) -> Awaitable[bool]:
        """Queue an agent's note on a call; it replaces that agent's earlier note.

        Without ``boot`` it goes to the newest call of that id. The awaitable gives True once it is
        committed, False when it was refused.
        """
        saved: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        note = NoteRecord(call, pbx, boot, agent, text, self._clock())
        if not self._take(note, saved):
            saved.set_result(False)
        return saved

    async def flush(self) -> None:
        """Wait until everything queued so far is written, without a time limit."""
        if self._settled >= self._taken:
            return
        self._hurry.set()
        flushed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._flushing.append((self._taken, flushed))
        await flushed

    async def close(self, within_s: float = 10.0) -> None:
        """Write what waits, for at most ``within_s`` seconds, then stop; log what is left."""
        if self._task is None:
            return
        try:
            async with asyncio.timeout(within_s):
                await self.flush()
        except TimeoutError:
            log.error(  # noqa: TRY400
                "The call log stops with %d calls and notes not written: the database did not"
                " answer within %.0f s",
                len(self._queue),
                within_s,
            )
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    def _take(self, item: Item, saved: asyncio.Future[bool] | None = None) -> bool:
        if self._is_fenced_out:
            self._refused += 1
            return False
        if len(self._queue) >= self._room:
            self._refused += 1
            # Log once, then at 10, 100, 1000 ...: a full queue must not flood the program's log.
            if self._refused == 10 ** (len(str(self._refused)) - 1):
                log.error(
                    "The call log is full (%d waiting): %d calls and notes not kept so far."
                    " The database is away or too slow",
                    self._room,
                    self._refused,
                )
            return False
        self._taken += 1
        self._queue.append(_Waiting(item, self._taken, self._clock(), saved))
        if saved is not None:
            self._notes_waiting += 1
            self._hurry.set()
        self._more.set()
        return True

    async def _run(self) -> None:
        retry_s = self._retry_s
        while True:
            await self._more.wait()
            if len(self._queue) < _MAX_BATCH:
                await _sleep_unless(self._hurry, self._gather_s)
            batch = tuple(islice(self._queue, _MAX_BATCH))
            try:
                await self._write(batch)
            except Exception as error:  # noqa: BLE001 - whatever it is, the log goes on
                if classify_write_error(error) is WriteFault.FENCED_OUT:
                    self._stop_fenced_out()
                    return
                self._log_failing(error)
                self._open_waiting |= _open_keys(batch)
                await asyncio.sleep(retry_s)
                retry_s = min(2 * retry_s, _MAX_RETRY_S)
                continue
            retry_s = self._retry_s
            self._take_off(len(batch))

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        """Write all items; drop those that the database refuses because of their content."""
        try:
            await self._transact(batch)
        except Exception as error:
            fault = classify_write_error(error)
            if fault in {WriteFault.DATABASE, WriteFault.FENCED_OUT}:
                raise
            if len(batch) == 1:
                if fault is WriteFault.UNSURE and self._try_again(batch[0]):
                    raise
                self._leave_out(batch[0], error)
                return
            for waiting in batch:
                await self._write((waiting,))

    def _leave_out(self, waiting: _Waiting, error: Exception) -> None:
        """Drop an item that can never be written; log its ids, not its content."""
        self._set_aside += 1
        log.error(
            "The database refuses this %s, so it is left out: %s",
            describe_item(waiting.item),
            without_values(error),
            extra=call_of_item(waiting.item),
        )
        _settle(waiting, is_saved=False)

    def _try_again(self, waiting: _Waiting) -> bool:
        tries = self._tries[waiting.number] = self._tries.get(waiting.number, 0) + 1
        return tries < _MAX_TRIES

    async def _transact(self, batch: Sequence[_Waiting]) -> None:
        items = [waiting.item for waiting in batch]
        # Their records are asked for now: what is kept from here on has to be written again.
        self._open_waiting.difference_update(_open_keys(batch))
        await self._write_rows(await prepare_items(self._kind, items, self._clock()))
        self._written += len(batch)
        for waiting in batch:
            _settle(waiting, is_saved=True)

    def _stop_fenced_out(self) -> None:
        self._is_fenced_out = True
        if self._failing_since is None:
            self._failing_since = self._clock()
        log.error(
            "Another process has taken over: %d calls and notes are left to it", len(self._queue)
        )
        while self._queue:
            waiting = self._queue.popleft()
            self._refused += 1
            self._settled = waiting.number
            _settle(waiting, is_saved=False)
        self._open_waiting.clear()
        self._notes_waiting = 0
        self._log_flushed()

    def _take_off(self, count: int) -> None:
        for _ in range(count):
            waiting = self._queue.popleft()
            self._settled = waiting.number
            self._notes_waiting -= waiting.saved is not None
        if self._failing_since is not None:
            log.warning("The call log writes again")
            self._failing_since = None
        self._tries.clear()
        if not self._queue:
            self._more.clear()
        self._log_flushed()

    def _log_flushed(self) -> None:
        for number, flushed in self._flushing:
            if number <= self._settled and not flushed.done():
                flushed.set_result(None)
        self._flushing = [entry for entry in self._flushing if entry[0] > self._settled]
        if not self._flushing and not self._notes_waiting:
            self._hurry.clear()

    def _log_failing(self, error: Exception) -> None:
        if self._failing_since is None:
            self._failing_since = self._clock()
            log.error(
                "The call log cannot be written, %d calls and notes wait: %s",
                len(self._queue),
                self._explain(error),
            )


def _open_keys(batch: Sequence[_Waiting]) -> set[CallKey]:
    return {waiting.item.key for waiting in batch if isinstance(waiting.item, OpenCall)}


def _settle(waiting: _Waiting, *, is_saved: bool) -> None:
    # The caller may have been cancelled and so cancelled the future.
    if waiting.saved is not None and not waiting.saved.done():
        waiting.saved.set_result(is_saved)


async def _sleep_unless(event: asyncio.Event, seconds: float) -> None:
    # Not wait_for: before Python 3.12 it loses a cancellation that comes with the event.
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
