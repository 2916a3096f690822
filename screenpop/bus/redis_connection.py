"""The connection to Redis (or Valkey): its address, its check before the start, its errors."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RedisConfig:
    """Where Redis is. ``prefix`` begins each key and channel, so that offices can share one."""

    url: str
    """``redis://[[user]:password@]host:port/db``, ``rediss://…`` or ``unix://…``."""
    prefix: str = "screenpop"


class BusUnreachableError(Exception):
    """Redis cannot be used, or no process answers through it; the text has the remedy."""


class FencedOutError(Exception):
    """A newer listener has taken over."""


async def check_redis(config: RedisConfig) -> None:
    """Connect once and check what is needed of the server; warn of settings that lose keys.

    Raises ``BusUnreachableError``: not reachable, wrong password, too old, a cluster.
    """
    raise NotImplementedError
