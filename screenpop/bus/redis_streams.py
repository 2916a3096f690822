"""A web process's side of the users' streams in Redis."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping

from screenpop import __version__
from screenpop.accounts.users import UserId
from screenpop.bus.followed_stream import FollowedStream
from screenpop.bus.memory import Reader
from screenpop.bus.presence import encode_presence
from screenpop.bus.redis_connection import (
    RETRY_S,
    BusRefusedError,
    BusUnreachableError,
    RedisConfig,
    RedisConnection,
)
from screenpop.bus.redis_entries import (
    BusKeys,
    epoch_age,
    read_beat,
    read_entry,
    read_facts,
    read_start,
)
from screenpop.bus.redis_scripts import HEADS, READ
from screenpop.bus.redis_subscription import RedisSubscription
from screenpop.bus.together import run_together
from screenpop.protocol.server_messages import Position, Resumed, Start
from screenpop.protocol.user_stream import StaleStreamsError

_log = logging.getLogger(__name__)

STALE_S = 8.0
"""Without a beat of the listener for so long, nothing is presented as live."""
CHECK_S = 2.0
"""Between two reports of presence, and between two comparisons with the heads in Redis."""
JOIN_TIMEOUT_S = 5.0
_READ_TRIES = 8


class RedisStreams:
    """Implements ``web.ports.Streams``. Lives on one event loop.

    ``name`` is unique to this web process: another one of the same name would share its presence.
    Entries arrive as messages; one that was lost is noticed by the number of the next, or by the
    comparison with the heads, and is read from the history.
    """

    def __init__(self, config: RedisConfig, name: str) -> None:
        self._name = name
        self._keys = BusKeys(config.prefix, config.database)
        self._connection = RedisConnection(config)
        self._subscription = RedisSubscription(
            config, [self._keys.beats], self._hear, self._compare_soon
        )
        self._streams: dict[UserId, FollowedStream] = {}
        self._by_channel: dict[str, UserId] = {}
        self._epoch: str | None = None
        self._beat_at = float("-inf")
        self._facts: Mapping[str, object] = {}
        self._facts_version = 0
        self._facts_wanted = 0
        self._wake = asyncio.Event()
        self._check_due = True
        self._changed: set[UserId] = set()
        self._behind: set[UserId] = set()
        self.skipped = 0
        """Messages and values that could not be read."""

    @property
    def is_live(self) -> bool:
        """Return whether a beat of the listener arrived within ``STALE_S``."""
        age = asyncio.get_running_loop().time() - self._beat_at
        return self._epoch is not None and age < STALE_S

    @property
    def is_connected(self) -> bool:
        """Return whether Redis sends this process the messages of its channels."""
        return self._subscription.is_connected

    @property
    def facts(self) -> Mapping[str, object]:
        """Return the listener's newest facts; empty while not live."""
        return self._facts if self.is_live else {}

    async def join(self, user: UserId, last: Position | None, reader: Reader) -> Start:
        """From the answer on, ``reader`` gets everything that follows it, in order.

        Raises ``StaleStreamsError`` while not live, or when Redis does not answer in time.
        """
        if not self.is_live:
            raise StaleStreamsError
        stream = self._streams.get(user)
        if stream is None:
            stream = self._streams[user] = FollowedStream()
            self._by_channel[self._keys.channel(user)] = user
        stream.joining += 1
        try:
            async with asyncio.timeout(JOIN_TIMEOUT_S):
                await self._subscription.subscribe(self._keys.channel(user))
                start = await self._read_start(user, stream, last)
        except (TimeoutError, BusUnreachableError) as problem:
            raise StaleStreamsError from problem
        finally:
            stream.joining -= 1
        stream.add(reader, start.position.seq)
        self._report(user)
        return start

    def leave(self, user: UserId, reader: Reader) -> None:
        """Harmless for a reader that never joined or has left."""
        stream = self._streams.get(user)
        if stream is not None and stream.remove(reader):
            self._report(user)

    def head(self, user: UserId) -> Position:
        stream = self._streams.get(user)
        return Position(self._epoch or "", stream.seq if stream is not None else 0)

    def readers(self, user: UserId) -> int:
        """Return how many browsers of this user are reading in this process."""
        stream = self._streams.get(user)
        return stream.readers if stream is not None else 0

    async def run(self) -> None:
        """Follow the streams until cancelled."""
        try:
            await run_together(
                self._subscription.run(), self._serve(), self._count_checks(), self._watch_beats()
            )
        finally:
            await self._connection.close()

    # Messages

    def _hear(self, channel: str, data: bytes) -> None:
        if channel == self._keys.beats:
            self._hear_beat(data)
            return
        user, line = self._by_channel.get(channel), read_entry(data)
        if line is None:
            self.skipped += 1
        elif (
            user is not None
            and line.epoch == self._epoch
            and not self._streams[user].hear(line.epoch, line.entry)
        ):
            self._behind.add(user)
            self._wake.set()

    def _hear_beat(self, data: bytes) -> None:
        beat = read_beat(data)
        if beat is None:
            self.skipped += 1
        elif self._is_newer(beat.epoch) or beat.epoch == self._epoch:
            if beat.epoch != self._epoch and beat.program != __version__:
                _log.warning(
                    "The listener is Screenpop %s, this web process %s: run the same version"
                    " of both, else pages may lack what only one of them knows",
                    beat.program or "of an earlier version",
                    __version__,
                )
            self._begin_epoch(beat.epoch)
            self._beat_at = asyncio.get_running_loop().time()
            self._facts_wanted = beat.facts
            if beat.facts != self._facts_version:
                self._wake.set()

    def _is_newer(self, epoch: str) -> bool:
        """Return whether an epoch is another one than the current, and not an earlier one."""
        age, current = epoch_age(epoch), epoch_age(self._epoch or "")
        return epoch != self._epoch and age is not None and (current is None or age >= current)

    def _begin_epoch(self, epoch: str) -> None:
        if epoch != self._epoch:
            self._end_epoch()
            self._epoch = epoch

    def _is_current(self, epoch: str) -> bool:
        """Return whether what was read is of the newest epoch, which it may begin.

        While no beat arrives nothing is current.
        """
        if self._epoch is not None and self._is_newer(epoch):
            self._begin_epoch(epoch)
        return epoch == self._epoch

    def _end_epoch(self) -> None:
        self._epoch = None
        self._facts, self._facts_version = {}, 0
        for user, stream in self._streams.items():
            if stream.end():
                self._report(user)

    # Reading

    async def _read(self, user: UserId, last: Position | None) -> Start | None:
        """Return what follows a position; None where nothing can be read."""
        epoch, seq = last or ("", 0)
        reply = await self._connection.run(
            READ, [self._keys.epoch], [self._keys.prefix, user, epoch, seq]
        )
        start = read_start(reply)
        if start is None and reply is not None:
            self.skipped += 1
        return start

    async def _read_start(
        self, user: UserId, stream: FollowedStream, last: Position | None
    ) -> Start:
        for _ in range(_READ_TRIES):
            seen = stream.seen
            start = await self._read(user, last)
            if not self.is_live:
                break
            if start is None:
                last = None
            elif self._is_current(start.position.epoch):
                if stream.seen == seen:
                    # What had arrived before the question is in the answer, if it was of ours.
                    stream.seen = min(seen, start.position.seq)
                if start.position.seq >= stream.seen:
                    return start
        raise StaleStreamsError

    async def _catch_up(self, user: UserId) -> None:
        """Deliver what has not arrived as messages, or end the readers where it is lost."""
        stream = self._streams.get(user)
        if stream is None or not stream.readers or self._epoch is None:
            return
        start = await self._read(user, Position(self._epoch, stream.seq))
        if start is None or not self._is_current(start.position.epoch):
            return
        if isinstance(start, Resumed):
            for entry in start.entries:
                stream.hear(start.position.epoch, entry)
        elif stream.end():
            self._report(user)

    # The regular work

    async def _serve(self) -> None:
        failing = False
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._work()
                failing = False
            except BusUnreachableError as problem:
                if not failing:
                    _log.warning("The streams in Redis cannot be read: %s", problem)
                failing = True
                await asyncio.sleep(RETRY_S)
                self._wake.set()

    async def _work(self) -> None:
        if self._changed:
            await self._report_changes()
        if self._facts_wanted != self._facts_version and self._epoch is not None:
            await self._without_refused(self._read_facts(self._epoch))
        while self._behind:
            await self._without_refused(self._catch_up(self._behind.pop()))
        if self._check_due:
            await self._report_all()
            await self._without_refused(self._compare_heads())
            await self._forget_unused()
            self._check_due = False

    async def _without_refused(self, work: Coroutine[object, object, None]) -> None:
        """Do one work; a key of another kind, which Redis refuses to read, stops no other."""
        try:
            await work
        except BusRefusedError:
            self.skipped += 1

    async def _read_facts(self, epoch: str) -> None:
        facts = read_facts(await self._connection.call("GET", self._keys.facts(epoch)))
        if facts is None:
            self.skipped += 1
        elif epoch == self._epoch:
            self._facts_version, self._facts = facts

    async def _report_changes(self) -> None:
        changed, self._changed = self._changed, set()
        await self._publish_presence({user: self.readers(user) for user in changed}, whole=False)

    async def _report_all(self) -> None:
        counts = {user: one.readers for user, one in self._streams.items() if one.readers}
        await self._publish_presence(counts, whole=True)

    async def _publish_presence(self, counts: Mapping[UserId, int], *, whole: bool) -> None:
        report = encode_presence(self._name, counts, whole=whole)
        await self._connection.call("PUBLISH", self._keys.presence, report)

    async def _compare_heads(self) -> None:
        users = [user for user, stream in self._streams.items() if stream.readers]
        if not users:
            return
        reply = await self._connection.run(HEADS, [self._keys.epoch], [self._keys.prefix, *users])
        if not isinstance(reply, list) or not isinstance(reply[0], bytes):
            return
        if not self._is_current(reply[0].decode(errors="replace")):
            return
        for user, head in zip(users, reply[1:], strict=False):
            stream = self._streams.get(user)
            if stream is not None and stream.readers and head != stream.seq:
                await self._catch_up(user)

    async def _forget_unused(self) -> None:
        """Stop to follow the users whose last reader left before the previous check: a page that
        is loaded again does not subscribe again."""
        for user, stream in list(self._streams.items()):
            if stream.readers or stream.joining:
                stream.is_unused = False
            elif not stream.is_unused:
                stream.is_unused = True
            else:
                channel = self._keys.channel(user)
                del self._streams[user], self._by_channel[channel]
                await self._subscription.unsubscribe(channel)

    async def _count_checks(self) -> None:
        while True:
            self._compare_soon()
            await asyncio.sleep(CHECK_S)

    def _compare_soon(self) -> None:
        self._check_due = True
        self._wake.set()

    async def _watch_beats(self) -> None:
        """End all readers when no beat has arrived for too long."""
        await asyncio.sleep(STALE_S)
        if self._epoch is None and self.is_connected:
            _log.warning(
                "No listener is heard: start 'screenpop listen' with the same redis.url and"
                " redis.prefix. Until then pages show no calls"
            )
        while True:
            age = asyncio.get_running_loop().time() - self._beat_at
            await asyncio.sleep(max(STALE_S - age, 0.05) if age < STALE_S else STALE_S / 8)
            if self._epoch is not None and not self.is_live:
                _log.warning("No beat of the listener for %.0f s: browsers wait for it", STALE_S)
                self._end_epoch()

    def _report(self, user: UserId) -> None:
        self._changed.add(user)
        self._wake.set()
