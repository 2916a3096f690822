"""A signed cookie with the accounts that this browser has logged into before.

It grants no access. A login from this browser only does not wait for failed attempts of others
(OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). Each entry is an end time, a
random name for the browser, and an HMAC-SHA256 over both and the username, so that the username
cannot be read.
"""

import hashlib
import hmac
import secrets

from screenpop.store.accounts.users import fold_username

LASTS_S = 180 * 24 * 3600
MOST_ACCOUNTS = 5
"""Number of latest accounts in the cookie of one browser."""
_LONGEST = 1000


def known_device(cookie: str, username: str, key: bytes, now: float) -> str:
    """Return the browser's random name if it has logged into this account, else empty text."""
    for entry in _entries(cookie):
        ends, device, _ = entry.split(".")
        if _is_for(entry, username, key) and int(ends) > now:  # signed here, so a number
            return device
    return ""


def with_account(cookie: str, username: str, key: bytes, now: float) -> str:
    """Return the cookie with this account added, valid for ``LASTS_S``."""
    ends, device = str(int(now) + LASTS_S), secrets.token_urlsafe(12)
    entry = f"{ends}.{device}.{_signature(ends, device, username, key)}"
    others = [one for one in _entries(cookie) if not _is_for(one, username, key)]
    return "~".join([entry, *others][:MOST_ACCOUNTS])


def _entries(cookie: str) -> list[str]:
    if len(cookie) > _LONGEST or not cookie.isascii():
        return []
    return [entry for entry in cookie.split("~") if entry.count(".") == 2]


def _is_for(entry: str, username: str, key: bytes) -> bool:
    ends, device, signature = entry.split(".")
    return hmac.compare_digest(signature, _signature(ends, device, username, key))


def _signature(ends: str, device: str, username: str, key: bytes) -> str:
    text = f"{ends}.{device}.{fold_username(username)}"
    return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
