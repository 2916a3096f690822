"""A web process's side of the users' streams in Redis."""

from collections.abc import Mapping

from screenpop.accounts.users import UserId
from screenpop.bus.memory import Reader
from screenpop.bus.redis_connection import RedisConfig
from screenpop.protocol.server_messages import Position, Start

STALE_S = 8.0
"""Without a beat of the listener for so long, nothing is presented as live."""


class RedisStreams:
    """Implements ``web.ports.Streams``. Lives on one event loop.

    ``name`` is unique to this web process: another one of the same name would share its presence.
    """

    def __init__(self, config: RedisConfig, name: str) -> None:
        self._config = config
        self._name = name

    @property
    def is_live(self) -> bool:
        """Return whether a beat of the listener arrived within ``STALE_S``."""
        raise NotImplementedError

    @property
    def facts(self) -> Mapping[str, object]:
        """Return the listener's newest facts; empty while not live."""
        raise NotImplementedError

    async def join(self, user: UserId, last: Position | None, reader: Reader) -> Start:
        """From the answer on, ``reader`` gets everything that follows it, in order.

        Raises ``StaleStreamsError`` while not live.
        """
        raise NotImplementedError

    def leave(self, user: UserId, reader: Reader) -> None:
        """Harmless for a reader that never joined or has left."""
        raise NotImplementedError

    def head(self, user: UserId) -> Position:
        raise NotImplementedError

    def readers(self, user: UserId) -> int:
        """Return how many browsers of this user are reading in this process."""
        raise NotImplementedError

    async def run(self) -> None:
        """Follow the streams until cancelled."""
        raise NotImplementedError
