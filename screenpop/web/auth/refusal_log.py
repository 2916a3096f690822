"""Records refused requests (403) and refused sockets, a few of each user and address.

Repeated requests, and requests for all that there is, cannot fill the database: the same refusal
is recorded once in ten minutes, and of one user or address, and of all together, only so many.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.requests import Request
from starlette.types import Scope

from screenpop.accounts.users import UserId
from screenpop.protocol.close_codes import CloseCode
from screenpop.store.accounts.refusal_records import Refusal, record_refusal
from screenpop.store.engine.database import Database

SPAN_S = 600.0
"""Seconds in which a refusal is recorded once, and in which those of a user are counted."""
MOST_OF_ONE = 20
"""Recorded refusals of one user, token or address within ``SPAN_S``."""
MOST_OF_ALL = 200
"""Recorded refusals of all within ``SPAN_S``."""
MOST_OF_STRANGERS = 100
"""Those of all addresses without a login: strangers leave room for refusals of users."""
RECORDED = frozenset({"not_allowed", "not_for_tokens", "missing_scope", "token_in_address"})
"""Codes of the refusals of a right; a form that is too old is none."""

SOCKET_CODES = {
    CloseCode.NOT_LOGGED_IN: "no_session",
    CloseCode.EXPIRED: "no_session",
    CloseCode.REFUSED: "socket_refused",
    CloseCode.TOO_MANY_TABS: "too_many_tabs",
    CloseCode.OVERLOAD: "too_many_sockets",
}
"""Codes of refused sockets."""


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

    def refused_socket(self, scope: Scope, code: CloseCode, user_id: UserId | None) -> None:
        """Record a socket that was closed at once, unless the server stops."""
        if code in SOCKET_CODES:
            self.refused_at_door(scope, SOCKET_CODES[code], user_id)

    def refused_at_door(self, scope: Scope, code: str, user_id: UserId | None = None) -> None:
        """Record a request or a socket that was refused before a route was chosen."""
        is_socket = scope["type"] == "websocket"
        client = scope.get("client")
        self.add(
            Refusal(
                user_id=user_id,
                token="",
                address=client[0] if client else "",
                method="SOCKET" if is_socket else scope["method"],
                route=scope["path"] if is_socket else "",  # a path may hold numbers of records
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
        if _is_stranger(refusal) and sum(map(_is_stranger, self._seen)) >= MOST_OF_STRANGERS:
            return False
        self._seen[refusal] = now
        record_refusal(self._database, refusal, self._clock())
        return True


def _whose(refusal: Refusal) -> object:
    return refusal.user_id or refusal.token or refusal.address


def _is_stranger(refusal: Refusal) -> bool:
    return refusal.user_id is None and not refusal.token
