"""Limits how many unknown tokens of one address are looked up.

A token has 256 random bits, so it cannot be guessed; the limit keeps a program with an old token
from costing a database read a request. A token that was valid here before is always looked up, so
programs behind one address do not lock each other out.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

from screenpop.store.accounts.sessions import token_hash

MOST_FAILURES = 30
"""Unknown tokens of one address within ``FAILURES_S``; after them the address is refused."""
FAILURES_S = 60.0
MOST_ADDRESSES = 10_000
MOST_REMEMBERED = 1_000


class TokenFailures:
    """Failures by address, in memory. ``clock`` returns monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, tuple[float, int]] = OrderedDict()
        """Address to the start of its span and the failures in it."""
        self._valid: OrderedDict[str, None] = OrderedDict()
        """Hashes of tokens that were valid."""

    def is_refused(self, address: str, token: str) -> bool:
        """Return whether this token is refused without looking it up."""
        began, count = self._failures.get(address, (0.0, 0))
        if count < MOST_FAILURES or self._clock() - began >= FAILURES_S:
            return False
        return token_hash(token) not in self._valid

    def failed(self, address: str) -> None:
        now = self._clock()
        began, count = self._failures.pop(address, (now, 0))
        is_over = now - began >= FAILURES_S
        self._failures[address] = (now, 1) if is_over else (began, count + 1)
        while len(self._failures) > MOST_ADDRESSES:
            self._failures.popitem(last=False)

    def succeeded(self, token: str) -> None:
        hashed = token_hash(token)
        self._valid[hashed] = None
        self._valid.move_to_end(hashed)
        while len(self._valid) > MOST_REMEMBERED:
            self._valid.popitem(last=False)
