"""Handles a request once, however often it was sent, and through whichever web process.

Redis keeps which requests have begun, and their answers, so that the next listener knows of them;
this listener's own are here too, for a Redis that lost its data.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping

from screenpop.bus.request_messages import read_answer

ONCE_S = 15 * 60
"""Seconds for which Redis knows a request."""
LONG_ONCE_S = 60
"""The same for one with an answer longer than ``LONG_BYTES``: lists that pages read at every call
would fill Redis."""
LONG_BYTES = 1024
MAX_RECENT = 2000
"""Answers kept in this process."""
NOT_KNOWN: Mapping[str, object] = {"error": "took_too_long"}
"""The answer to a request that another listener had begun when it ended."""

Value = Mapping[str, object]


def kept_s(answer: bytes) -> int:
    """Return for how many seconds Redis keeps an answer."""
    return ONCE_S if len(answer) <= LONG_BYTES else LONG_ONCE_S


class RequestDedup:
    """One listener's answers, also those to come, by the name of the request."""

    def __init__(self) -> None:
        self._recent: OrderedDict[str, asyncio.Future[Value]] = OrderedDict()

    async def answer(
        self, name: str, earlier: bytes | None, handle: Callable[[], Awaitable[Value]]
    ) -> Value:
        """Return the answer; ``handle``, which must not raise, runs only for a new request.

        ``earlier``: what Redis has of it: None for nothing, empty if it has begun, or the answer.
        """
        known = self._recent.get(name)
        if known is not None:
            return await asyncio.shield(known)
        if earlier is not None:
            answer = read_answer(earlier)
            return NOT_KNOWN if answer is None else answer.value
        known = self._recent[name] = asyncio.get_running_loop().create_future()
        if len(self._recent) > MAX_RECENT:
            self._recent.popitem(last=False)
        known.set_result(await handle())
        return known.result()
