"""Classifies the origin of a request: own page, another site's page, or a program.

Browsers send ``Sec-Fetch-Site`` to trusted addresses (https, localhost) and ``Origin`` to others
(Fetch standard, "Sec-Fetch-Site"; RFC 6454). Programs send neither.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from ipaddress import ip_address
from urllib.parse import urlsplit

_ALWAYS_OURS = frozenset({"localhost"})


class RequestOrigin(Enum):
    OUR_PAGE = "our page"
    ANOTHER_SITE = "another site"
    NO_PAGE = "no page"


class OwnOrigins:
    """The host names that this server accepts, and its own origins.

    A foreign name that resolves to this server (DNS rebinding) would make a foreign page its own,
    so names must be configured. IP addresses are not affected and always accepted.
    """

    def __init__(self, public: Sequence[str] = ()) -> None:
        """``public``: configured origins, such as ``https://pop.example.com``."""
        self._origins = frozenset(origin.rstrip("/").lower() for origin in public)
        self._names = _ALWAYS_OURS | {urlsplit(origin).hostname for origin in self._origins}
        self.https = bool(self._origins) and all(
            origin.startswith("https://") for origin in self._origins
        )
        """No page is served over plain http."""

    def answers_to(self, host: str) -> bool:
        """Return whether the Host header, with or without a port, is accepted."""
        try:
            parts = urlsplit(f"//{host}")
            name, _ = parts.hostname, parts.port
        except ValueError:
            return False
        if name is None or parts.netloc != host or "@" in host:
            return False
        return name in self._names or _is_address(name)

    def classify_request(self, headers: Mapping[str, str]) -> RequestOrigin:
        """Return the class; ``headers`` have lower-case names, ``host`` is checked before."""
        fetch_site = headers.get("sec-fetch-site")
        if fetch_site is not None:
            # "none" means that the user typed, bookmarked or reloaded the address.
            ours = fetch_site in ("same-origin", "none")
            return RequestOrigin.OUR_PAGE if ours else RequestOrigin.ANOTHER_SITE
        origin = headers.get("origin")
        if origin is None:
            return RequestOrigin.NO_PAGE
        ours = self._is_own(origin.lower(), headers.get("host", "").lower())
        return RequestOrigin.OUR_PAGE if ours else RequestOrigin.ANOTHER_SITE

    def _is_own(self, origin: str, host: str) -> bool:
        if origin in self._origins:
            return True
        return bool(host) and origin in (f"http://{host}", f"https://{host}")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
