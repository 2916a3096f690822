"""Close codes of a socket, and whether its page may reconnect."""

from enum import IntEnum


class CloseCode(IntEnum):
    """RFC 6455 leaves 4000 to 4999 to the application; 1012 and 1013 are registered with IANA."""

    NOT_LOGGED_IN = 4001
    REFUSED = 4002
    EXPIRED = 4003
    PROTOCOL = 4004
    TOO_MANY_TABS = 4005
    PASSWORD_CHANGED = 4006
    USER_DISABLED = 4007
    SLOW = 4008
    RATE = 4009
    RIGHTS_CHANGED = 4010
    RESTART = 1012
    OVERLOAD = 1013


RETRY_MS: dict[CloseCode, int | None] = {
    CloseCode.NOT_LOGGED_IN: None,
    CloseCode.REFUSED: None,
    CloseCode.EXPIRED: None,
    CloseCode.PROTOCOL: 10_000,
    CloseCode.TOO_MANY_TABS: None,
    CloseCode.PASSWORD_CHANGED: None,
    CloseCode.USER_DISABLED: None,
    CloseCode.RIGHTS_CHANGED: None,
    CloseCode.SLOW: 1_000,
    CloseCode.RATE: 10_000,
    CloseCode.RESTART: 500,
    CloseCode.OVERLOAD: 5_000,
}
"""Milliseconds to wait at least; None: only a person (a login, a closed tab) can resolve it."""

WORD: dict[CloseCode, str] = {
    CloseCode.NOT_LOGGED_IN: "not_logged_in",
    CloseCode.REFUSED: "refused",
    CloseCode.EXPIRED: "expired",
    CloseCode.PROTOCOL: "protocol",
    CloseCode.TOO_MANY_TABS: "too_many_tabs",
    CloseCode.PASSWORD_CHANGED: "password_changed",
    CloseCode.USER_DISABLED: "user_disabled",
    CloseCode.RIGHTS_CHANGED: "rights_changed",
    CloseCode.SLOW: "slow",
    CloseCode.RATE: "rate",
    CloseCode.RESTART: "restart",
    CloseCode.OVERLOAD: "overload",
}
"""The ``reason`` of the ``bye``, for programs; the page has its own sentences."""
