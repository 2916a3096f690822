"""The listener's side of the users' streams in Redis."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence

import orjson

from screenpop import __version__
from screenpop.accounts.users import UserId
from screenpop.bus.memory import INTERVAL_S, PATIENT
from screenpop.bus.presence import Presence
from screenpop.bus.published_stream import NumberedEntries, PublishedStream
from screenpop.bus.redis_connection import (
    RETRY_S,
    Argument,
    BusRefusedError,
    BusUnreachableError,
    RedisConfig,
    RedisConnection,
    parse_info,
)
from screenpop.bus.redis_entries import Beat, BusKeys, encode_beat, encode_facts
from screenpop.bus.redis_scripts import BEAT, BEGIN, PUBLISH, TTL_S, Script
from screenpop.bus.redis_subscription import RedisSubscription
from screenpop.bus.together import run_together
from screenpop.service.ports import FencedOutError

_log = logging.getLogger(__name__)

BEAT_S = 1.0
AWAY_S = 8.0
"""Without Redis for so long, changes are no longer kept one by one: web processes have ended their
sockets by then (``redis_streams.STALE_S``) and read the pictures anew."""
PACED_AT_ONCE = 64
"""Most entries of the kinds that may wait in one interval of a user: a browser acknowledges them in
time and is not cut as too slow. How much room browsers have is not known here."""
BATCH_ENTRIES = 512
BATCH_BYTES = 512 * 1024
"""Redis does nothing else while it runs a script: so much takes it some milliseconds."""
RENEWED_WITHIN_S = 600.0
"""Each user's keys are kept anew at least so often; they expire after ``TTL_S``."""

Later = Callable[[float, Callable[[], None]], object]
Batch = dict[UserId, NumberedEntries]


class RedisPublisher:
    """Implements ``service.ports.Publisher``. Lives on one event loop.

    ``fence`` is the number of the listener's lease: higher with each listener that takes over.
    Each user's picture is kept here: when Redis has lost something, a new epoch begins and all
    pictures are written again. ``later`` runs a callable after some seconds; by default the running
    loop does.
    """

    def __init__(self, config: RedisConfig, fence: int, later: Later | None = None) -> None:
        self._fence = fence
        self._later = later or _on_the_running_loop
        self._keys = BusKeys(config.prefix, config.database)
        self._connection = RedisConnection(config)
        self._presence = Presence()
        self._subscription = RedisSubscription(
            config, [self._keys.presence], lambda _channel, data: self._hear_presence(data)
        )
        self._streams: dict[UserId, PublishedStream] = {}
        self._due: dict[UserId, None] = {}
        """Users with something to write, in order."""
        self._paced: set[UserId] = set()
        self._in_flight: Batch = {}
        self._epoch: str | None = None
        """None: only the pictures are kept, for a new epoch."""
        self._turn = 0
        self._run_id = ""
        self._lost_at: float | None = None
        self._wake = asyncio.Event()
        self._written = asyncio.Event()
        self._ended = False
        self._beat_due = True
        self._facts: Mapping[str, object] | None = None
        self._facts_json = b""
        self._facts_version = 0
        self._facts_in_redis = 0
        self._renewed = 0

    @property
    def epoch(self) -> str | None:
        """Return the epoch of the streams; None while Redis is away."""
        return self._epoch

    @property
    def backlog(self) -> int:
        """Return how many objects wait to be written to Redis."""
        if self._epoch is None:
            return sum(stream.objects for stream in self._streams.values())
        in_flight = sum(len(numbered.entries) for numbered in self._in_flight.values())
        users = self._due.keys() | self._paced
        streams = [self._streams[user] for user in users]
        return in_flight + sum(len(one.due) + len(one.waiting) for one in streams)

    @property
    def skipped(self) -> int:
        """Return how many reports of web processes could not be read."""
        return self._presence.skipped

    @property
    def is_connected(self) -> bool:
        """Return whether the last exchange with Redis succeeded."""
        return self._epoch is not None and self._lost_at is None

    def publish(
        self, users: Sequence[UserId], kind: str, key: str, payload: bytes, *, gone: bool = False
    ) -> None:
        """Take the newest state of an object for these users. Never blocks, never raises."""
        may_wait = kind in PATIENT
        for user in users:
            stream = self._streams.get(user)
            if stream is None:
                stream = self._streams[user] = PublishedStream()
            if self._epoch is None:
                stream.store(kind, key, payload, gone=gone)
                continue
            stream.offer(kind, key, payload, gone=gone, may_wait=may_wait)
            if not may_wait:
                self._due[user] = None
            elif user not in self._paced:
                self._release(user)
        self._wake.set()

    def readers(self, user: UserId) -> int:
        """Return how many browsers of this user are open, in all web processes."""
        return self._presence.count(user, asyncio.get_running_loop().time())

    def put_facts(self, facts: Mapping[str, object]) -> None:
        """Take what web processes present besides the streams; sent with the next beat.

        Values are those of JSON.
        """
        self._facts = facts

    async def drain(self, timeout_s: float) -> None:
        """Wait until everything published is written, at most ``timeout_s`` seconds.

        Returns at once when ``run`` has ended.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while self.backlog and not self._ended:
                    self._written.clear()
                    await self._written.wait()
        except TimeoutError:
            _log.warning("%d changes are not in Redis", self.backlog)

    async def run(self) -> None:
        """Write to Redis until cancelled. Raises ``FencedOutError``."""
        try:
            await run_together(self._write(), self._count_beats(), self._subscription.run())
        finally:
            self._ended = True
            self._written.set()
            await self._connection.close()

    def _hear_presence(self, report: bytes) -> None:
        self._presence.hear(report, asyncio.get_running_loop().time())

    def _release(self, user: UserId) -> None:
        stream = self._streams[user]
        if stream.release(PACED_AT_ONCE):
            self._due[user] = None
            self._paced.add(user)
            self._later(INTERVAL_S, lambda: self._end_interval(user))

    def _end_interval(self, user: UserId) -> None:
        self._paced.discard(user)
        self._release(user)
        self._wake.set()

    async def _count_beats(self) -> None:
        while True:
            self._beat_due = True
            self._wake.set()
            await asyncio.sleep(BEAT_S)

    async def _write(self) -> None:
        while True:
            try:
                if self._epoch is None or not self._connection.is_connected:
                    await self._connect()
                await self._write_due()
                await self._wake.wait()
                self._wake.clear()
            except BusRefusedError as problem:
                _log.error("%s; the streams begin anew", problem)
                self._end_epoch()
                await asyncio.sleep(RETRY_S)
            except BusUnreachableError as problem:
                self._note_lost(problem)
                await asyncio.sleep(RETRY_S)

    async def _write_due(self) -> None:
        while self._beat_due or self._in_flight or self._due:
            if self._beat_due:
                await self._beat()
            if not self._in_flight:
                self._in_flight = self._next_batch()
            if self._in_flight:
                await self._write_batch(self._in_flight)
                self._in_flight = {}
        self._written.set()

    async def _connect(self) -> None:
        """Connect, and begin an epoch if Redis was started anew or there is none."""
        await self._connection.connect()
        server = parse_info(await self._connection.call("INFO", "server"))
        if server.get("run_id", "") != self._run_id:
            self._end_epoch()
        if self._epoch is None:
            await self._begin_epoch()
            self._run_id = server.get("run_id", "")
        if self._lost_at is not None:
            _log.info("Redis is back")
        self._lost_at = None

    async def _begin_epoch(self) -> None:
        self._turn += 1
        epoch = f"{self._fence}-{self._turn}-{secrets.token_urlsafe(6)}"
        keys = [self._keys.fence, self._keys.epoch]
        reply = await self._connection.run(BEGIN, keys, [self._fence, epoch, TTL_S])
        if reply == b"FENCED":
            raise FencedOutError(self._keys.fence)
        self._epoch = epoch
        self._facts_in_redis = 0
        self._beat_due = True
        for user, stream in self._streams.items():
            stream.restart()
            if stream.due:
                self._due[user] = None

    def _end_epoch(self) -> None:
        """Keep only the pictures, until an epoch begins."""
        self._epoch = None
        self._in_flight = {}
        self._due.clear()
        for stream in self._streams.values():
            stream.fold()

    def _note_lost(self, problem: BusUnreachableError) -> None:
        now = asyncio.get_running_loop().time()
        if self._lost_at is None:
            self._lost_at = now
            _log.warning("Changes cannot be written to Redis: %s", problem)
        elif now - self._lost_at >= AWAY_S and self._epoch is not None:
            self._end_epoch()

    async def _guarded(self, script: Script, keys: list[str], rest: list[Argument]) -> None:
        """Run a script that checks fence and epoch."""
        epoch = self._epoch or ""
        guard = [self._keys.fence, self._keys.epoch]
        reply = await self._connection.run(script, guard + keys, [self._fence, epoch, TTL_S, *rest])
        self._lost_at = None
        if reply == b"FENCED":
            raise FencedOutError(self._keys.fence)
        if reply != b"OK":
            _log.warning("Redis has lost keys of the streams; they are written again")
            self._end_epoch()
            await self._begin_epoch()

    async def _beat(self) -> None:
        self._beat_due = False
        epoch = self._epoch or ""
        facts, self._facts = self._facts, None
        if facts is not None:
            self._take_facts(facts)
        version = self._facts_version
        is_new = version != self._facts_in_redis
        beat = encode_beat(Beat(epoch, version, __version__))
        value = encode_facts(version, self._facts_json) if is_new else b""
        keys = [self._keys.facts(epoch)]
        for user in self._next_renewed():
            keys += self._keys.of_user(epoch, user)
        rest: list[Argument] = [self._keys.beats, beat, value, int(version > 0 and not is_new)]
        await self._guarded(BEAT, keys, rest)
        if epoch == self._epoch:
            self._facts_in_redis = version

    def _take_facts(self, facts: Mapping[str, object]) -> None:
        try:
            encoded = orjson.dumps(facts)
        except TypeError:
            _log.exception("facts that are no JSON")
            return
        if encoded != self._facts_json:
            self._facts_json = encoded
            self._facts_version += 1

    def _next_renewed(self) -> list[UserId]:
        """Return the users whose keys are kept anew with this beat."""
        users = list(self._streams)
        share = int(len(users) * BEAT_S / RENEWED_WITHIN_S) + 1
        start = self._renewed if self._renewed < len(users) else 0
        self._renewed = start + share
        chosen = users[start : start + share]
        # What has an unwritten beginning is not in Redis yet.
        return [one for one in chosen if self._streams[one].seq and one not in self._in_flight]

    def _next_batch(self) -> Batch:
        batch: Batch = {}
        entries = size = 0
        while self._due and entries < BATCH_ENTRIES and size < BATCH_BYTES:
            user = next(iter(self._due))
            stream = self._streams[user]
            numbered = stream.number(BATCH_ENTRIES - entries)
            if not stream.due:
                del self._due[user]
            if numbered.entries:
                batch[user] = numbered
                entries += len(numbered.entries)
                size += sum(len(entry.payload) for entry in numbered.entries)
            if stream.due:
                break
        return batch

    async def _write_batch(self, batch: Batch) -> None:
        epoch = self._epoch or ""
        payloads: dict[bytes, int] = {}
        keys: list[str] = []
        users: list[Argument] = []
        for user, (first_seq, entries, keep) in batch.items():
            keys += self._keys.of_user(epoch, user)
            users += (self._keys.channel(user), first_seq, keep, len(entries))
            for (kind, key), payload, gone, since in entries:
                number = payloads.setdefault(payload, len(payloads) + 1)
                users += (f"{kind}:{key}", int(gone), since, number)
        await self._guarded(PUBLISH, keys, [len(batch), len(payloads), *payloads, *users])


def _on_the_running_loop(seconds: float, action: Callable[[], None]) -> object:
    return asyncio.get_running_loop().call_later(seconds, action)
