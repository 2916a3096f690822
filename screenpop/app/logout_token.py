"""Checks of the token with which a login provider ends a person's sessions.

OpenID Connect Back-Channel Logout 1.0, 2.6. Only tokens that name the person (``sub``) are taken:
the provider's own numbers of sessions (``sid``) are not kept.
"""

from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LONGEST_ID = 255
"""Most characters of ``sub`` and of ``jti``."""


def subject_of_logout(
    token: str,
    keys: KeySet,
    algorithms: tuple[str, ...],
    *,
    issuer: str,
    client_id: str,
    leeway_s: int,
) -> tuple[str, str]:
    """Return whose sessions end, as the provider's id, and the token's own id (``jti``).

    Raises ``JoseError`` or ``ValueError`` for any token that is not such a one, is not for this
    client, is not signed with one of the keys, or is over.
    """
    found = jwt.decode(token, keys, algorithms=list(algorithms))
    claims: dict[str, Any] = found.claims
    jwt.JWTClaimsRegistry(
        leeway=leeway_s,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        sub={"essential": True},
        jti={"essential": True},
        iat={"essential": True},
        exp={"essential": True},
    ).validate(claims)
    events = claims.get("events")
    is_logout = isinstance(events, dict) and isinstance(events.get(EVENT), dict)
    if not is_logout:
        raise ValueError("the token is of no log-out")
    if "nonce" in claims:
        raise ValueError("the token is one of a login")
    subject, token_id = claims["sub"], claims["jti"]
    for text in (subject, token_id):
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST_ID:
            raise ValueError("no usable sub or jti")
    return str(subject), str(token_id)
