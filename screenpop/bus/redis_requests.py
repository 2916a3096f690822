"""Requests of web processes to the listener, and its answers, through Redis."""

from collections.abc import Awaitable, Callable, Mapping

from screenpop.bus.redis_connection import RedisConfig

Handle = Callable[[str, Mapping[str, object]], Awaitable[Mapping[str, object] | None]]
"""``await handle(kind, body)`` returns the answer."""


class RequestSender:
    """The side of a web process; ``name`` is unique to it."""

    def __init__(self, config: RedisConfig, name: str) -> None:
        self._config = config
        self._name = name

    async def ask(
        self, kind: str, body: Mapping[str, object], timeout_s: float = 10.0
    ) -> Mapping[str, object]:
        """Return the listener's answer. ``body`` has the values of JSON.

        Raises ``BusUnreachableError`` when none came in time; then the listener takes the request
        no more, unless it has it already.
        """
        raise NotImplementedError

    def send(self, kind: str, body: Mapping[str, object]) -> None:
        """Send a request without an answer. Never blocks; the oldest is dropped when too many
        wait."""
        raise NotImplementedError

    async def run(self) -> None:
        """Send and receive until cancelled."""
        raise NotImplementedError


class RequestReceiver:
    """The listener's side. ``fence`` is the number of its lease."""

    def __init__(self, config: RedisConfig, fence: int) -> None:
        self._config = config
        self._fence = fence

    async def run(self, handle: Handle) -> None:
        """Take requests until cancelled, each at most once. Raises ``FencedOutError``.

        Requests with an answer run as tasks of their own, begun in order of arrival; those without
        one after another.
        """
        raise NotImplementedError
