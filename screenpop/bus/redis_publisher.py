"""The listener's side of the users' streams in Redis."""

from collections.abc import Mapping, Sequence

from screenpop.accounts.users import UserId
from screenpop.bus.redis_connection import FencedOutError, RedisConfig

__all__ = ["FencedOutError", "RedisPublisher"]


class RedisPublisher:
    """Implements ``service.ports.Publisher``. Lives on one event loop.

    ``fence`` is the number of the listener's lease: higher with each listener that takes over.
    """

    def __init__(self, config: RedisConfig, fence: int) -> None:
        self._config = config
        self._fence = fence

    @property
    def backlog(self) -> int:
        """Return how many objects wait to be written to Redis."""
        raise NotImplementedError

    @property
    def is_connected(self) -> bool:
        """Return whether the last exchange with Redis succeeded."""
        raise NotImplementedError

    def publish(
        self, users: Sequence[UserId], kind: str, key: str, payload: bytes, *, gone: bool = False
    ) -> None:
        """Take the newest state of an object for these users. Never blocks, never raises."""
        raise NotImplementedError

    def readers(self, user: UserId) -> int:
        """Return how many browsers of this user are open, in all web processes."""
        raise NotImplementedError

    def put_facts(self, facts: Mapping[str, object]) -> None:
        """Take what web processes show besides the streams; sent with the next beat.

        Values are those of JSON.
        """
        raise NotImplementedError

    async def drain(self, timeout_s: float) -> None:
        """Wait until everything published is written, at most ``timeout_s`` seconds."""
        raise NotImplementedError

    async def run(self) -> None:
        """Write to Redis until cancelled. Raises ``FencedOutError``."""
        raise NotImplementedError
