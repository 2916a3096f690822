"""The connection to Redis (or Valkey): its address, its check before the start, its errors.

All of the bus that imports redis-py is here. Replies are bytes, integers, None or lists of them.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    NoPermissionError,
    NoScriptError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)

from screenpop.bus.redis_scripts import Script
from screenpop.bus.redis_tls import tls_problem

_log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 3.0
REPLY_TIMEOUT_S = 5.0
"""Longer than a read that waits for news (``BLOCK_MS``)."""
BLOCK_MS = 1000
"""Milliseconds for which Redis keeps a read of requests open until there is one."""
RETRY_S = 0.5
"""Seconds between two attempts to reach Redis."""
OLDEST_VERSION = (6, 0)

Reply = object
Argument = str | bytes | int | float


@dataclass(frozen=True, slots=True)
class RedisConfig:
    """Where Redis is. ``prefix`` begins each key and channel, so that offices can share one."""

    url: str
    """``redis://[[user]:password@]host:port/db``, ``rediss://…`` or ``unix://…``."""
    prefix: str = "screenpop"
    ca_file: Path | None = None
    """The authority of the server's certificate (PEM), for ``rediss://``; None: the system's."""

    @property
    def place(self) -> str:
        """Return the address without the password, for messages."""
        try:
            parts = urlsplit(self.url)
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            return "the address in the settings"
        return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"

    @property
    def database(self) -> str:
        """Return the number of the database."""
        parts = urlsplit(self.url)
        path = "" if parts.scheme == "unix" else parts.path.strip("/")
        return parse_qs(parts.query).get("db", [path])[0] or "0"


class BusUnreachableError(Exception):
    """Redis cannot be used, or no process answers through it; the text has the remedy."""


class BusRefusedError(BusUnreachableError):
    """Redis refused one command, which would fail again: a key holds something else."""


class _Wire(Protocol):
    """What is used of redis-py's connection."""

    @property
    def is_connected(self) -> bool: ...

    async def connect(self) -> None: ...

    async def send_command(self, *args: Argument, check_health: bool) -> None: ...

    async def read_response(self, *, timeout: float | None = None) -> Reply: ...  # noqa: ASYNC109

    async def disconnect(self, nowait: bool = False) -> None: ...


class RedisConnection:
    """One connection, with one command at a time. Connects when it is first used, and again."""

    def __init__(self, config: RedisConfig) -> None:
        self.config = config
        self._wire: _Wire | None = None
        self._lock = asyncio.Lock()

    @property
    def is_connected(self) -> bool:
        return self._wire is not None and self._wire.is_connected

    async def connect(self) -> None:
        """Connect, unless connected. Raises ``BusUnreachableError``."""
        if self.is_connected:
            return
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                if self._wire is None:
                    self._wire = _wire(self.config)
                await self._wire.connect()
        except _PROBLEMS as problem:
            await self.close()
            raise explain(problem, self.config) from problem

    async def close(self) -> None:
        """Close the connection; the next use opens another."""
        wire, self._wire = self._wire, None
        if wire is not None:
            await wire.disconnect(nowait=True)

    async def call(self, *command: Argument) -> Reply:
        """Return the reply to a command.

        Raises ``BusUnreachableError`` (the command may have been performed, or not) and
        ``BusRefusedError``.
        """
        async with self._lock:
            try:
                return await self._exchange(*command)
            except _PROBLEMS as problem:
                if not isinstance(problem, ResponseError):
                    await self.close()
                raise explain(problem, self.config) from problem

    async def run(
        self, script: Script, keys: Sequence[str], arguments: Sequence[Argument]
    ) -> Reply:
        """Return the reply of a script, which Redis knows by its sum after the first time.

        Raises as ``call``.
        """
        async with self._lock:
            try:
                try:
                    return await self._exchange("EVALSHA", script.sha, len(keys), *keys, *arguments)
                except NoScriptError:
                    return await self._exchange("EVAL", script.text, len(keys), *keys, *arguments)
            except _PROBLEMS as problem:
                if not isinstance(problem, ResponseError):
                    await self.close()
                raise explain(problem, self.config) from problem

    async def send(self, *command: Argument) -> None:
        """Send a command whose reply ``receive`` returns. Raises ``BusUnreachableError``."""
        wire = self._wire
        if wire is None:
            raise BusUnreachableError(f"not connected to Redis at {self.config.place}")
        try:
            async with asyncio.timeout(REPLY_TIMEOUT_S):
                await wire.send_command(*command, check_health=False)
        except _PROBLEMS as problem:
            await self.close()
            raise explain(problem, self.config) from problem

    async def receive(self, timeout_s: float) -> Reply:
        """Return the next reply or message; None when none came in time.

        Raises ``BusUnreachableError``.
        """
        wire = self._wire
        if wire is None:
            raise BusUnreachableError(f"not connected to Redis at {self.config.place}")
        try:
            return await wire.read_response(timeout=timeout_s)
        except _PROBLEMS as problem:
            await self.close()
            raise explain(problem, self.config) from problem

    async def _exchange(self, *command: Argument) -> Reply:
        await self.connect()
        wire = self._wire
        assert wire is not None  # noqa: S101 -- connect raises otherwise
        try:
            async with asyncio.timeout(REPLY_TIMEOUT_S):
                await wire.send_command(*command, check_health=False)
                return await wire.read_response()
        except asyncio.CancelledError:
            await self.close()  # the reply that is still to come must not be taken for the next one
            raise


_PROBLEMS = (RedisError, OSError, TimeoutError, ValueError, EOFError)


def explain(problem: BaseException, config: RedisConfig) -> BusUnreachableError:
    """Return the error of the bus for one of redis-py, with what to do."""
    text = str(problem) or type(problem).__name__
    tls = tls_problem(problem, config.place, config.ca_file)
    if tls is not None:
        return BusUnreachableError(tls)
    if isinstance(problem, AuthenticationError) or text.startswith(("NOAUTH", "WRONGPASS")):
        return BusUnreachableError(
            f"Redis at {config.place} refuses the user or password ({text}): "
            "correct redis.username and redis.password_file in the settings"
        )
    if isinstance(problem, NoPermissionError):
        return BusRefusedError(
            f"Redis at {config.place} does not give its user the right to what Screenpop needs"
            f" ({text}): docs/scaling.md has the line of the access list"
        )
    if isinstance(problem, ValueError):
        return BusUnreachableError(
            f"{config.place} is no address of Redis ({text}): write redis.url as redis://host:6379/0"
        )
    lasting = isinstance(problem, ResponseError) and not isinstance(
        problem, BusyLoadingError | ReadOnlyError
    )
    if lasting and not text.startswith(_PASSING):
        return BusRefusedError(f"Redis at {config.place} refused a command: {text}")
    hint = _HINTS.get(config.url.partition(":")[0], "")
    return BusUnreachableError(
        f"Redis at {config.place} cannot be used ({text}): "
        f"check that it runs and that redis.url is right{hint}"
    )


_HINTS = {"redis": " (with TLS: rediss://)", "rediss": " and names its tls-port"}


_PASSING = ("OOM", "MISCONF", "BUSY", "MASTERDOWN", "NOREPLICAS", "CLUSTERDOWN", "max number")
"""Beginnings of errors that concern the server and not the command."""


async def check_redis(config: RedisConfig) -> None:
    """Connect once and check what is needed of the server; warn of settings that lose keys.

    Raises ``BusUnreachableError``: not reachable, wrong password or certificate, too few rights,
    too old, a cluster.
    """
    connection = RedisConnection(config)
    try:
        server = parse_info(await connection.call("INFO", "server"))
        memory = parse_info(await connection.call("INFO", "memory"))
        _check_server(server, config)
        # An access list that lacks a right is refused here, and not at the first card.
        await connection.call("EXISTS", f"{config.prefix}:fence")
        await connection.call("PUBLISH", f"{config.prefix}:{config.database}:check", "")
    finally:
        await connection.close()
    policy = memory.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        _log.warning(
            "Redis at %s drops keys when its memory is full (maxmemory-policy %s): "
            "set it to noeviction, or browsers lose their cards for a moment",
            config.place,
            policy,
        )


def _check_server(server: Mapping[str, str], config: RedisConfig) -> None:
    version = server.get("redis_version", "")
    if _numbers(version) < OLDEST_VERSION:
        raise BusUnreachableError(
            f"Redis at {config.place} is version {version or 'unknown'}: "
            f"install {'.'.join(map(str, OLDEST_VERSION))} or newer, or Valkey"
        )
    if "cluster" in (server.get("redis_mode"), server.get("server_mode")):
        raise BusUnreachableError(
            f"Redis at {config.place} is a cluster, which the bus does not use: "
            "name a single server, with a replica if you like"
        )


def parse_info(reply: Reply) -> dict[str, str]:
    """Return the lines of ``INFO`` as a mapping; empty for anything else."""
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else ""
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name: value for name, _, value in pairs}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _wire(config: RedisConfig) -> _Wire:
    tls = {} if config.ca_file is None else {"ssl_ca_certs": str(config.ca_file)}
    pool: ConnectionPool = ConnectionPool.from_url(
        config.url,
        **tls,
        protocol=2,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        # ``RedisConnection`` limits the time of each exchange as a whole.
        socket_timeout=None,
        retry=Retry(NoBackoff(), 0),
    )
    wire: _Wire = pool.make_connection()  # type: ignore[no-untyped-call]
    return wire
