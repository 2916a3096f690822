"""The call log: takes finished calls at once, writes them after the push.

``keep`` puts into a bounded queue. One task writes what waits, one transaction per 100 ms. A
record leaves the queue only when its transaction is committed; while the database is away it
waits there, and the writer tries again.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.service.ports import CallRecordToKeep
from screenpop.store.address import Kind
from screenpop.store.blame import Blame, blame
from screenpop.store.call_rows import NoteToKeep, write_batch
from screenpop.telephony.identifiers import BootId, CallId, PbxId

log = logging.getLogger(__name__)

ROOM = 20_000
"""Calls and notes that may wait: hours of a busy office."""
_BATCH = 100
_GATHER_S = 0.1
_RETRY_S = 0.25
_LONGEST_RETRY_S = 10.0
_TRIES = 4
"""For a record of which nobody can say whether it or the database is at fault."""

Item = CallRecordToKeep | NoteToKeep


@dataclass(frozen=True, slots=True)
class LogState:
    """How the log is doing, for the health page and the metrics."""

    waiting: int
    written: int
    refused_full: int
    """Not kept because the queue was full."""
    set_aside: int
    """Not kept because the database refused just this record; its text is in the program's log."""
    failing_since: float | None
    """Seconds since 1970 since when nothing could be written; None when all is well."""


class CallLogWriter:
    """The port ``CallLog``. ``start`` on the loop; ``close`` before the loop ends."""

    def __init__(
        self,
        kind: Kind,
        writing: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
        *,
        room: int = ROOM,
        gather_s: float = _GATHER_S,
        retry_s: float = _RETRY_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._kind: Kind = kind
        self._writing = writing
        self._room = room
        self._gather_s = gather_s
        self._retry_s = retry_s
        self._clock = clock
        self._queue: deque[Item] = deque()
        self._task: asyncio.Task[None] | None = None
        self._more = asyncio.Event()
        self._hurry = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._written = self._refused = self._set_aside = 0
        self._failing_since: float | None = None
        self._tries: dict[int, int] = {}

    @property
    def state(self) -> LogState:
        return LogState(
            len(self._queue), self._written, self._refused, self._set_aside, self._failing_since
        )

    def start(self) -> None:
        """Begin to write; needs a running loop. Starting twice is the same as once."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(), name="call log")

    def keep(self, record: CallRecordToKeep) -> None:
        """Take a finished call; never waits. A full queue refuses it, counts it and says so."""
        self._take(record)

    def keep_note(
        self, call: CallId, pbx: PbxId, agent: UserId, text: str, boot: BootId | None = None
    ) -> None:
        """Take an agent's note on a call, in place of that agent's note before.

        Without ``boot`` it goes to the newest call of that id.
        """
        self._take(NoteToKeep(call, pbx, boot, agent, text, self._clock()))

    async def flush(self) -> None:
        """Wait until everything taken so far is written (however long the database is away)."""
        self._hurry.set()
        await self._settled.wait()

    async def close(self, within_s: float = 10.0) -> None:
        """Write what waits, for so many seconds at most, then stop. Says what it had to leave."""
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

    def _take(self, item: Item) -> None:
        if len(self._queue) >= self._room:
            self._refused += 1
            # Once, then at 10, 100, 1000 ...: a log that is full must not fill another.
            if self._refused == 10 ** (len(str(self._refused)) - 1):
                log.error(
                    "The call log is full (%d waiting): %d calls and notes not kept so far."
                    " The database is away or too slow",
                    self._room,
                    self._refused,
                )
            return
        self._queue.append(item)
        self._settled.clear()
        self._more.set()

    async def _run(self) -> None:
        retry_s = self._retry_s
        while True:
            await self._more.wait()
            if len(self._queue) < _BATCH:
                await _sleep_unless(self._hurry, self._gather_s)
            batch = tuple(islice(self._queue, _BATCH))
            try:
                await self._write(batch)
            except Exception as error:  # noqa: BLE001 - whatever it is, the log goes on
                self._tell_failing(error)
                await asyncio.sleep(retry_s)
                retry_s = min(2 * retry_s, _LONGEST_RETRY_S)
                continue
            retry_s = self._retry_s
            self._take_off(len(batch))

    async def _write(self, batch: Sequence[Item]) -> None:
        """Write all, setting aside what the database refuses for its own sake."""
        try:
            await self._transact(batch)
        except Exception as error:
            fault = blame(error)
            if fault is Blame.DATABASE:
                raise
            if len(batch) == 1:
                if fault is Blame.UNSURE and self._try_again(batch[0]):
                    raise
                self._set_aside += 1
                log.exception("The database refuses this call, so it is left out: %r", batch[0])
                return
            for item in batch:
                await self._write((item,))

    def _try_again(self, item: Item) -> bool:
        tries = self._tries[id(item)] = self._tries.get(id(item), 0) + 1
        return tries < _TRIES

    async def _transact(self, batch: Sequence[Item]) -> None:
        records = [item for item in batch if isinstance(item, CallRecordToKeep)]
        notes = [item for item in batch if isinstance(item, NoteToKeep)]
        async with self._writing() as connection:
            await write_batch(connection, self._kind, records, notes, self._clock())
        self._written += len(batch)

    def _take_off(self, count: int) -> None:
        for _ in range(count):
            self._queue.popleft()
        if self._failing_since is not None:
            log.warning("The call log writes again")
            self._failing_since = None
        self._tries.clear()
        if not self._queue:
            self._more.clear()
            self._hurry.clear()
            self._settled.set()

    def _tell_failing(self, error: Exception) -> None:
        if self._failing_since is None:
            self._failing_since = self._clock()
            log.error(
                "The call log cannot be written, %d calls and notes wait: %s",
                len(self._queue),
                error,
            )


async def _sleep_unless(event: asyncio.Event, seconds: float) -> None:
    # Not wait_for: before Python 3.12 it loses a cancellation that comes with the event.
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
