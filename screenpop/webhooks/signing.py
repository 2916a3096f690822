"""Signatures of webhooks by the rules of https://www.standardwebhooks.com.

The signed text is ``{webhook-id}.{webhook-timestamp}.{body}``; the secret is ``whsec_`` and 24 to
64 random bytes in base64; the header ``webhook-signature`` is ``v1,`` and the HMAC-SHA256 in
base64.
"""

import base64
import hashlib
import hmac
import secrets

SECRET_PREFIX = "whsec_"  # noqa: S105 -- the fixed beginning of every secret
_SECRET_BYTES = 32


def new_secret() -> str:
    """Return a new random secret."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(secret: str, message_id: str, sent_at: float, body: bytes) -> dict[str, str]:
    """Return the three headers of a request; ``sent_at`` in seconds since 1970."""
    stamp = str(int(sent_at))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(secret, message_id, stamp, body),
    }


def signature(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{stamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
