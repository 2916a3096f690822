"""A signed cookie of a browser whose user has entered the right password, but no code yet.

It holds the user's number, when the password was checked, and an HMAC-SHA256 over both. It starts
no session and is worth nothing without a code.
"""

import hashlib
import hmac
from dataclasses import dataclass

from screenpop.accounts.users import UserId

SECOND_STEP_S = 5 * 60
"""Seconds from the password to the code."""
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class SecondStep:
    user: UserId
    at: float
    """When the password was right, in seconds since 1970."""


def sign_second_step(user: UserId, now: float, key: bytes) -> str:
    """Return the value of the cookie."""
    text = f"{user}.{now!r}"
    return f"{text}.{_signature(text, key)}"


def read_second_step(cookie: str, now: float, key: bytes) -> SecondStep | None:
    """Return the content of a cookie that was signed here within ``SECOND_STEP_S``."""
    text, _, signature = cookie.rpartition(".")
    if len(cookie) > _LONGEST or not cookie.isascii():
        return None
    if not hmac.compare_digest(signature, _signature(text, key)):
        return None
    user, _, at = text.partition(".")
    if not 0 <= now - float(at) < SECOND_STEP_S:  # signed here, so a number
        return None
    return SecondStep(UserId(int(user)), float(at))


def _signature(text: str, key: bytes) -> str:
    return hmac.new(key, b"second step " + text.encode(), hashlib.sha256).hexdigest()
