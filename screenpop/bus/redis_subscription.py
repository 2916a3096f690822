"""A connection to Redis that receives the messages of channels."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from screenpop.bus.redis_connection import (
    RETRY_S,
    BusUnreachableError,
    RedisConfig,
    RedisConnection,
)

_log = logging.getLogger(__name__)

SILENCE_S = 3.0
"""After so long without a message Redis is asked whether it is there."""
_AT_ONCE = 1000
"""Channels of one command."""


class RedisSubscription:
    """Subscribes again after each loss of the connection; messages in between are lost.

    ``hear(channel, data)`` is called for each message, ``begun()`` when a new connection has all
    its channels. Neither blocks or raises.
    """

    def __init__(
        self,
        config: RedisConfig,
        channels: Iterable[str],
        hear: Callable[[str, bytes], None],
        begun: Callable[[], None] = lambda: None,
    ) -> None:
        self._connection = RedisConnection(config)
        self._hear = hear
        self._begun = begun
        self._unconfirmed = dict.fromkeys(channels, 0)
        """By channel: how many subscriptions Redis has not confirmed."""
        self._confirmed: dict[str, asyncio.Future[None]] = {}
        self._subscribed = False

    @property
    def is_connected(self) -> bool:
        return self._subscribed and self._connection.is_connected

    async def run(self) -> None:
        """Receive until cancelled."""
        failing = False
        try:
            while True:
                try:
                    await self._subscribe_all()
                    failing = False
                    await self._receive()
                except BusUnreachableError as problem:
                    if not failing:
                        _log.warning("No messages from Redis: %s", problem)
                    failing = True
                    self._subscribed = False
                    await asyncio.sleep(RETRY_S)
        finally:
            self._subscribed = False
            await self._connection.close()

    async def subscribe(self, channel: str) -> None:
        """Return when Redis has confirmed that messages of a channel come here."""
        if channel not in self._unconfirmed:
            self._unconfirmed[channel] = 0
            await self._ask("SUBSCRIBE", channel)
        if self._subscribed and self._unconfirmed[channel] == 0:
            return
        future = self._confirmed.get(channel)
        if future is None:
            future = self._confirmed[channel] = asyncio.get_running_loop().create_future()
        await asyncio.shield(future)

    async def unsubscribe(self, channel: str) -> None:
        """Receive no more messages of a channel, soon."""
        if self._unconfirmed.pop(channel, None) is not None:
            await self._ask("UNSUBSCRIBE", channel)

    async def _ask(self, command: str, channel: str) -> None:
        if not self.is_connected:
            return  # The next connection subscribes to what is wanted then.
        if command == "SUBSCRIBE":
            self._unconfirmed[channel] += 1
        try:
            await self._connection.send(command, channel)
        except BusUnreachableError:
            self._subscribed = False  # The receiving side notices it too.

    async def _subscribe_all(self) -> None:
        await self._connection.close()
        await self._connection.connect()
        channels = list(self._unconfirmed)
        self._unconfirmed = dict.fromkeys(channels, 1)
        self._subscribed = True
        for start in range(0, len(channels), _AT_ONCE):
            await self._connection.send("SUBSCRIBE", *channels[start : start + _AT_ONCE])
        self._begun()

    async def _receive(self) -> None:
        asked = False
        while True:
            reply = await self._connection.receive(SILENCE_S)
            if reply is not None:
                asked = False
                self._take(reply)
            elif asked:
                raise BusUnreachableError("it does not answer")
            else:
                asked = True
                await self._connection.send("PING")

    def _take(self, reply: object) -> None:
        match reply:
            case [b"message", bytes(channel), bytes(data)]:
                self._hear(channel.decode(errors="replace"), data)
            case [b"subscribe", bytes(channel_bytes), _]:
                self._confirm(channel_bytes.decode(errors="replace"))
            case _:  # An unsubscription, or the answer to PING.
                pass

    def _confirm(self, channel: str) -> None:
        if channel not in self._unconfirmed:
            return
        self._unconfirmed[channel] -= 1
        if self._unconfirmed[channel] <= 0:
            self._unconfirmed[channel] = 0
            future = self._confirmed.pop(channel, None)
            if future is not None and not future.done():
                future.set_result(None)
