"""Requests of web processes to the listener, and its answers, through Redis.

Requests are one stream; the listener takes each out of it as a whole, so that none is taken twice.
Answers are a stream of each web process. A request that was sent again, by whichever process, is
handled once: Redis keeps for some minutes which have begun, and their answers.
"""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from screenpop.bus.redis_connection import (
    BLOCK_MS,
    RETRY_S,
    BusRefusedError,
    BusUnreachableError,
    RedisConfig,
    RedisConnection,
)
from screenpop.bus.redis_entries import BusKeys
from screenpop.bus.redis_scripts import ADD_ANSWERS, ADD_REQUESTS, TAKE_REQUESTS, TTL_S
from screenpop.bus.request_dedup import ONCE_S, RequestDedup, kept_s
from screenpop.bus.request_messages import (
    RequestMessage,
    encode_answer,
    encode_body,
    encode_request,
    read_answer,
    read_entries,
    read_request,
)
from screenpop.bus.together import run_together
from screenpop.cards.compose import call_of_card
from screenpop.service.ports import FencedOutError

_log = logging.getLogger(__name__)

Handle = Callable[[str, Mapping[str, object]], Awaitable[Mapping[str, object] | None]]
"""``await handle(kind, body)`` returns the answer."""

MAX_WAITING = 10_000
"""Requests, or answers, that wait to be written."""
MAX_AGE_S = 30.0
"""A request that no listener has taken for so long is dropped."""
MAX_STREAM = 50_000
MAX_ANSWERS = 1000
ANSWERS_TTL_S = 60
AT_ONCE = 200
_FROM_THE_START = b"0-0"
_FAILED: Mapping[str, object] = {"error": "failed"}


@dataclass(slots=True, eq=False)
class _Outgoing:
    kind: str
    body: bytes
    ask_id: int = 0
    until: float = 0.0
    """On the loop's clock; for a request with an answer."""
    once: str = ""
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    stream: str
    text: bytes
    once_key: str
    """Where it is kept; empty: nowhere."""


class RequestSender:
    """The side of a web process; ``name`` is for logs."""

    def __init__(self, config: RedisConfig, name: str) -> None:
        # Numbers begin anew with each start, so the name in Redis is one of this start only.
        self._sender = f"{name}.{secrets.token_hex(6)}"
        self._keys = BusKeys(config.prefix, config.database)
        self._writing = RedisConnection(config)
        self._reading = RedisConnection(config)
        self._waiting: deque[_Outgoing] = deque()
        self._in_flight: list[_Outgoing] = []
        self._asked: dict[int, asyncio.Future[Mapping[str, object]]] = {}
        self._last_ask = 0
        self._written = 0
        """Requests that have their number."""
        self._wake = asyncio.Event()
        self.dropped = 0
        """Requests that were dropped because too many waited."""
        self.skipped = 0
        """Answers that could not be read."""

    async def ask(
        self, kind: str, body: Mapping[str, object], timeout_s: float = 10.0, once: str = ""
    ) -> Mapping[str, object]:
        """Return the listener's answer. ``body`` has the values of JSON.

        Requests of all processes with the same text ``once`` are handled once, and have the same
        answer: ``{"error": "took_too_long"}`` where a listener that is gone had begun it. Empty:
        each is handled. Raises ``BusUnreachableError`` when no answer came in time; then the
        listener takes the request no more, unless it has it already.
        """
        loop = asyncio.get_running_loop()
        self._last_ask += 1
        request = _Outgoing(kind, encode_body(body), self._last_ask, loop.time() + timeout_s)
        request.once = once
        answer: asyncio.Future[Mapping[str, object]] = loop.create_future()
        self._asked[request.ask_id] = answer
        self._put(request)
        try:
            async with asyncio.timeout(timeout_s):
                return await answer
        except TimeoutError as problem:
            raise BusUnreachableError(
                f"no answer to {kind} within {timeout_s:g} s: check that 'screenpop listen' runs "
                "and reaches Redis"
            ) from problem
        finally:
            request.dropped = True
            del self._asked[request.ask_id]

    def send(self, kind: str, body: Mapping[str, object]) -> None:
        """Send a request without an answer. Never blocks; the oldest is dropped when too many
        wait. ``body`` has the values of JSON."""
        self._put(_Outgoing(kind, encode_body(body)))

    async def run(self) -> None:
        """Send and receive until cancelled."""
        try:
            await run_together(self._write(), self._read())
        finally:
            await self._writing.close()
            await self._reading.close()

    def _put(self, request: _Outgoing) -> None:
        self._waiting.append(request)
        if len(self._waiting) > MAX_WAITING:
            oldest = self._waiting.popleft()
            self.dropped += not oldest.dropped
            answer = self._asked.get(oldest.ask_id)
            if answer is not None and not answer.done():
                answer.set_exception(BusUnreachableError("too many requests wait for Redis"))
        self._wake.set()

    async def _write(self) -> None:
        failing = False
        while True:
            try:
                while self._in_flight or self._waiting:
                    await self._write_batch()
                    failing = False
                await self._wake.wait()
                self._wake.clear()
            except BusUnreachableError as problem:
                if not failing:
                    _log.warning("Requests wait for Redis: %s", problem)
                failing = True
                await asyncio.sleep(RETRY_S)

    async def _write_batch(self) -> None:
        """Write what waits; a batch whose reply was lost is written again, with the same numbers,
        and Redis leaves out what it has."""
        while self._waiting and len(self._in_flight) < AT_ONCE:
            request = self._waiting.popleft()
            if not request.dropped:
                self._in_flight.append(request)
        if not self._in_flight:
            return
        keys = [self._keys.requests, self._keys.sent(self._sender)]
        requests = [self._encoded(request) for request in self._in_flight]
        await self._writing.run(
            ADD_REQUESTS, keys, [self._written + 1, MAX_STREAM, TTL_S, *requests]
        )
        self._written += len(self._in_flight)
        self._in_flight = []

    def _encoded(self, request: _Outgoing) -> bytes:
        if request.dropped:
            return b""
        within_s = MAX_AGE_S
        if request.ask_id:
            within_s = max(0.0, request.until - asyncio.get_running_loop().time())
        return encode_request(
            self._sender, request.kind, request.body, request.ask_id, within_s, request.once
        )

    async def _read(self) -> None:
        key, cursor = self._keys.answers(self._sender), _FROM_THE_START
        while True:
            try:
                reply = await self._reading.call(
                    "XREAD", "COUNT", AT_ONCE, "BLOCK", BLOCK_MS, "STREAMS", key, cursor
                )
            except BusRefusedError:
                await _delete(self._reading, key)
                continue
            except BusUnreachableError:
                await asyncio.sleep(RETRY_S)  # The writing side reports it.
                cursor = _FROM_THE_START
                continue
            for entry_id, data in read_entries(reply):
                cursor = entry_id
                self._take(data)

    def _take(self, data: object) -> None:
        answer = read_answer(data)
        if answer is None:
            self.skipped += 1
            return
        future = self._asked.get(answer.ask_id)
        if future is not None and not future.done():
            future.set_result(answer.value)


class RequestReceiver:
    """The listener's side. ``fence`` is the number of its lease."""

    def __init__(self, config: RedisConfig, fence: int) -> None:
        self._fence = fence
        self._keys = BusKeys(config.prefix, config.database)
        self._reading = RedisConnection(config)
        self._writing = RedisConnection(config)
        self._answers: deque[_Answer] = deque(maxlen=MAX_WAITING)
        self._dedup = RequestDedup()
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._cursor = _FROM_THE_START
        self.skipped = 0
        """Requests that could not be read."""
        self.outdated = 0
        """Requests that were too old when they were read."""

    async def run(self, handle: Handle) -> None:
        """Take requests until cancelled, each at most once. Raises ``FencedOutError``.

        They begin in order of arrival. Those with an answer run as tasks of their own; the others
        hold up what follows them until they are done, so ``handle`` must be quick with them.
        """
        try:
            await run_together(self._read(handle), self._write())
        finally:
            for task in self._tasks:
                task.cancel()
            await self._reading.close()
            await self._writing.close()

    async def _read(self, handle: Handle) -> None:
        failing = False
        while True:
            try:
                for request, earlier in await self._next_requests():
                    if request.ask_id:
                        task = asyncio.create_task(self._answer(handle, request, earlier))
                        self._tasks.add(task)
                        task.add_done_callback(self._tasks.discard)
                    else:
                        await self._handle(handle, request)
                failing = False
            except BusUnreachableError as problem:
                if not failing:
                    _log.warning("Requests of web processes cannot be read: %s", problem)
                failing = True
                await asyncio.sleep(RETRY_S)

    async def _next_requests(self) -> list[tuple[RequestMessage, bytes | None]]:
        """Wait for requests, at most a second, and take them out of the stream.

        Each comes with the answer that it had when it was sent before: None if it was not, empty
        if it has begun.
        """
        try:
            reply = await self._reading.call(
                "XREAD",
                "COUNT",
                AT_ONCE,
                "BLOCK",
                BLOCK_MS,
                "STREAMS",
                self._keys.requests,
                self._cursor,
            )
        except BusRefusedError:
            reply = None  # The next script deletes what is no stream.
        entries = [(entry_id, read_request(data)) for entry_id, data in read_entries(reply)]
        keys, wanted = [self._keys.fence, self._keys.requests], list[bytes | int]()
        for entry_id, request in entries:
            within_s = MAX_AGE_S if request is None else min(MAX_AGE_S, request.within_s)
            is_once = request is not None and request.once
            if request is not None and is_once:
                keys.append(self._keys.once(request.once))
            wanted += entry_id, int(within_s * 1000), len(keys) if is_once else 0
        taken = await self._reading.run(TAKE_REQUESTS, keys, [self._fence, TTL_S, ONCE_S, *wanted])
        if taken == b"FENCED":
            raise FencedOutError(self._keys.fence)
        match taken:
            case [int(left), list(marks)]:
                # What is left behind the cursor was written after Redis had lost its ids.
                first = _FROM_THE_START if left else self._cursor
                self._cursor = entries[-1][0] if entries else first
                pairs = zip(entries, marks, strict=False)
                return [one for (_, request), mark in pairs if (one := self._valid(request, mark))]
            case _:
                return []

    def _valid(
        self, request: RequestMessage | None, mark: object
    ) -> tuple[RequestMessage, bytes | None] | None:
        """Return a request that is to be answered; ``mark`` is that of ``TAKE_REQUESTS``."""
        if mark == 0:
            return None
        if request is None:
            self.skipped += 1
            return None
        if mark == 2:
            self.outdated += 1
            return None
        return request, mark if isinstance(mark, bytes) else None

    async def _handle(self, handle: Handle, request: RequestMessage) -> None:
        try:
            await handle(request.kind, request.body)
        except Exception:  # noqa: BLE001 -- the next ones must still be handled
            _log_failed(request)

    async def _answer(self, handle: Handle, request: RequestMessage, earlier: bytes | None) -> None:
        work = partial(self._value, handle, request)
        is_once = bool(request.once)
        value = await (self._dedup.answer(request.once, earlier, work) if is_once else work())
        try:
            text = encode_answer(request.ask_id, value)
        except TypeError:
            _log_failed(request)
            text = encode_answer(request.ask_id, _FAILED)
        once_key = self._keys.once(request.once) if is_once and earlier is None else ""
        self._answers.append(_Answer(self._keys.answers(request.sender), text, once_key))
        self._wake.set()

    async def _value(self, handle: Handle, request: RequestMessage) -> Mapping[str, object]:
        try:
            return await handle(request.kind, request.body) or {}
        except Exception:  # noqa: BLE001 -- the web process must have an answer
            _log_failed(request)
            return _FAILED

    async def _write(self) -> None:
        """Write answers; where a reply was lost they are written again, which is no harm."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._answers:
                batch = [self._answers.popleft() for _ in range(min(AT_ONCE, len(self._answers)))]
                keys, arguments = [one.stream for one in batch], list[bytes | int]()
                for one in batch:
                    if one.once_key:
                        keys.append(one.once_key)
                    arguments += one.text, len(keys) if one.once_key else 0, kept_s(one.text)
                limits = (MAX_ANSWERS, ANSWERS_TTL_S, len(batch))
                try:
                    await self._writing.run(ADD_ANSWERS, keys, [*limits, *arguments])
                except BusUnreachableError:
                    await asyncio.sleep(RETRY_S)  # The reading side reports it.
                    self._answers.extendleft(reversed(batch))


async def _delete(connection: RedisConnection, key: str) -> None:
    """Delete a key that holds something else than a stream."""
    try:
        await connection.call("DEL", key)
    except BusUnreachableError:
        await asyncio.sleep(RETRY_S)


def _log_failed(request: RequestMessage) -> None:
    """Log the exception, with the call of the card that the request is about."""
    args = request.body.get("args")
    card = args.get("card") if isinstance(args, Mapping) else request.body.get("card")
    _log.exception("The request %s failed", request.kind, extra=call_of_card(card))
