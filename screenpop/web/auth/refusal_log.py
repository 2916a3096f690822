"""Records refused requests (403), a few of each user and address.

Repeated requests, and requests for all that there is, cannot fill the database: the same refusal
is recorded once in ten minutes, and of one user or address, and of all together, only so many.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.requests import Request

from screenpop.store.accounts.refusal_records import Refusal, record_refusal
from screenpop.store.engine.database import Database

SPAN_S = 600.0
"""Seconds in which a refusal is recorded once, and in which those of a user are counted."""
MOST_OF_ONE = 20
"""Recorded refusals of one user, token or address within ``SPAN_S``."""
MOST_OF_ALL = 200
"""Recorded refusals of all within ``SPAN_S``."""
RECORDED = frozenset({"not_allowed", "not_for_tokens", "missing_scope", "token_in_address"})
"""Codes of the refusals of a right; a form that is too old is none."""


class RefusalLog:
    """Which refusals were recorded lately, in memory. ``monotonic`` returns seconds."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], float],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._clock, self._monotonic = database, clock, monotonic
        self._seen: OrderedDict[Refusal, float] = OrderedDict()
        """When each was recorded, oldest first; at most ``MOST_OF_ALL``."""

    def refused(self, request: Request, code: str) -> None:
        """Record the refusal of a request, if its code is one of a right."""
        if code not in RECORDED:
            return
        current = getattr(request.state, "current_user", None)
        user = current.user if current is not None else None
        self.add(
            Refusal(
                user_id=user.id if user is not None and user.id else None,
                token=getattr(request.state, "token_name", ""),
                address=request.client.host if request.client else "",
                method=request.method,
                route=getattr(request.scope.get("route"), "path", ""),
                code=code,
            )
        )

    def add(self, refusal: Refusal) -> bool:
        """Record a refusal unless it, or too many others, were recorded within ``SPAN_S``."""
        now = self._monotonic()
        while self._seen and now - next(iter(self._seen.values())) >= SPAN_S:
            self._seen.popitem(last=False)
        whose = _whose(refusal)
        of_one = sum(_whose(one) == whose for one in self._seen)
        if refusal in self._seen or of_one >= MOST_OF_ONE or len(self._seen) >= MOST_OF_ALL:
            return False
        self._seen[refusal] = now
        record_refusal(self._database, refusal, self._clock())
        return True


def _whose(refusal: Refusal) -> object:
    return refusal.user_id or refusal.token or refusal.address
