"""The bus of a single process: each user's stream, and the browsers that read it."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from typing import Protocol

from screenpop.accounts.users import UserId
from screenpop.protocol.server_messages import Entry, Position, Start, encode_entry
from screenpop.protocol.user_stream import UserStream

PATIENT = frozenset({"call", "agent"})
"""Kinds that may wait until a browser has room: a board shows many calls and agents."""

INTERVAL_S = 0.2
"""Least seconds between two deliveries of these to one user: an object that changes in between is
sent once, as it is then."""


class Reader(Protocol):
    """One browser's socket. No method may block or raise."""

    @property
    def room(self) -> int: ...

    def deliver(self, seq: int, frame: bytes) -> None: ...

    def lost(self) -> None:
        """Handle that the stream cannot be continued; nothing more is delivered."""


Later = Callable[[float, Callable[[], None]], object]


class MemoryBus:
    """Implements ``service.ports.Publisher`` and ``web.ports.Streams``. Lives on one event loop.

    ``later`` runs a callable after some seconds; by default the running loop does.
    """

    def __init__(self, later: Later | None = None) -> None:
        self._epoch = secrets.token_urlsafe(9)
        self._later: Later = later or _on_the_running_loop
        self._streams: dict[UserId, UserStream] = {}
        self._readers: dict[UserId, list[Reader]] = {}
        self._paced: set[UserId] = set()
        """Users whose next delivery is due at the end of the interval."""

    def publish(
        self, users: Sequence[UserId], kind: str, key: str, payload: bytes, *, gone: bool = False
    ) -> None:
        for user in users:
            stream = self._stream(user)
            if kind in PATIENT and user in self._readers:
                stream.offer(kind, key, payload, gone=gone)
                if user not in self._paced:
                    self._commit(user)
            else:
                self._deliver(user, stream, stream.publish(kind, key, payload, gone=gone))

    async def join(self, user: UserId, last: Position | None, reader: Reader) -> Start:
        """From the answer on, ``reader`` gets everything that follows it, in order."""
        start = self._stream(user).since(last)
        self._readers.setdefault(user, []).append(reader)
        return start

    def leave(self, user: UserId, reader: Reader) -> None:
        """Harmless for a reader that never joined or has left."""
        readers = self._readers.get(user, [])
        if reader in readers:
            readers.remove(reader)
        if not readers:
            self._readers.pop(user, None)

    def head(self, user: UserId) -> Position:
        return self._stream(user).position

    def readers(self, user: UserId) -> int:
        """How many browsers of this user are reading."""
        return len(self._readers.get(user, ()))

    def _stream(self, user: UserId) -> UserStream:
        stream = self._streams.get(user)
        if stream is None:
            stream = self._streams[user] = UserStream(self._epoch)
        return stream

    def _commit(self, user: UserId) -> None:
        """Number what waits, as much as the user's quickest browser has room for; the rest waits
        for the end of the interval.

        The slowest does not hold the others up: it falls behind and is cut.
        """
        readers = self._readers.get(user, ())
        most = max((reader.room for reader in readers), default=None)
        stream = self._stream(user)
        entries = stream.commit(most)
        for entry in entries:
            self._deliver(user, stream, entry)
        if entries or stream.waiting:
            self._paced.add(user)
            self._later(INTERVAL_S, lambda: self._end_interval(user))

    def _end_interval(self, user: UserId) -> None:
        self._paced.discard(user)
        if self._stream(user).waiting:
            self._commit(user)

    def _deliver(self, user: UserId, stream: UserStream, entry: Entry) -> None:
        readers = self._readers.get(user)
        if not readers:
            return
        frame = encode_entry(stream.epoch, entry)
        for reader in tuple(readers):
            reader.deliver(entry.seq, frame)


def _on_the_running_loop(seconds: float, action: Callable[[], None]) -> object:
    return asyncio.get_running_loop().call_later(seconds, action)
