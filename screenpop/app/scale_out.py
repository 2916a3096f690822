"""What ``listen`` and ``web`` share: the check of their settings, the bus, names of processes."""

import importlib.util
import os
import secrets
import socket

from screenpop.bus.redis_connection import RedisConfig
from screenpop.settings import InvalidSettingsError, Settings


def bus_of(settings: Settings) -> RedisConfig:
    """Return the bus of several processes.

    Raises ``InvalidSettingsError``, with the remedy, for settings that only one process can use.
    """
    if not settings.database_url.startswith(("postgres:", "postgresql:")):
        raise InvalidSettingsError(
            "Several processes need PostgreSQL: set database_url ="
            ' "postgresql://user:password@host/name", or run one process with: screenpop serve'
        )
    if not settings.redis.url:
        raise InvalidSettingsError(
            'Several processes need Redis or Valkey: set url = "redis://127.0.0.1:6379/0"'
            " under [redis], or run one process with: screenpop serve"
        )
    if importlib.util.find_spec("redis") is None:
        raise InvalidSettingsError(
            "Several processes need the Python package redis: pip install 'screenpop[redis]'"
        )
    try:
        redis = settings.redis
        return RedisConfig(redis.address(), redis.prefix, redis.ca_file)
    except ValueError as problem:
        raise InvalidSettingsError(f"redis: {problem}.") from None


def process_name(role: str) -> str:
    """Return a name that no other process has, also not an earlier one of the same id."""
    return f"{role}-{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
