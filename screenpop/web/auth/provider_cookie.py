"""The signed cookie of a browser that was sent to the login provider.

It holds the state, the nonce, the secret of PKCE, where the login leads, and when it began, with an
HMAC-SHA256 over all of it. It grants no access.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import asdict, dataclass

import orjson

from screenpop.web.auth.provider_port import BegunLogin

BEGUN_S = 10 * 60
"""Seconds from the button to the way back."""
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class BegunHere:
    login: BegunLogin
    wanted: str


def sign_begun(login: BegunLogin, wanted: str, now: float, key: bytes) -> str:
    """Return the value of the cookie."""
    content = orjson.dumps({"login": asdict(login), "wanted": wanted, "at": now})
    text = base64.urlsafe_b64encode(content).decode()
    return f"{text}.{_signature(text, key)}"


def read_begun(cookie: str, now: float, key: bytes) -> BegunHere | None:
    """Return the content of a cookie that was signed here within ``BEGUN_S``."""
    text, _, signature = cookie.rpartition(".")
    if len(cookie) > _LONGEST or not cookie.isascii():
        return None
    if not hmac.compare_digest(signature, _signature(text, key)):
        return None
    try:
        content = orjson.loads(base64.urlsafe_b64decode(text))
    except (binascii.Error, orjson.JSONDecodeError):
        return None
    if not 0 <= now - content["at"] < BEGUN_S:
        return None
    return BegunHere(BegunLogin(**content["login"]), content["wanted"])


def _signature(text: str, key: bytes) -> str:
    return hmac.new(key, b"provider login " + text.encode(), hashlib.sha256).hexdigest()
