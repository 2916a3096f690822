"""Whose page is asking: ours, another site's, or no page at all.

Browsers say it in ``Sec-Fetch-Site`` where they trust the address (https, localhost) and in
``Origin`` elsewhere (Fetch standard, "Sec-Fetch-Site"; RFC 6454). Programs say neither.
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
    """The names this server answers to, and the pages that are its own.

    A name of somebody else's that leads to our address (DNS rebinding) makes their page ours, so
    names must be told. Addresses cannot be taken over that way and always hold.
    """

    def __init__(self, public: Sequence[str] = ()) -> None:
        """``public``: how browsers reach us, such as ``https://pop.example.com``."""
        self._origins = frozenset(origin.rstrip("/").lower() for origin in public)
        self._names = _ALWAYS_OURS | {urlsplit(origin).hostname for origin in self._origins}
        self.https = bool(self._origins) and all(
            origin.startswith("https://") for origin in self._origins
        )
        """Nobody comes in over plain http."""

    def answers_to(self, host: str) -> bool:
        """``host`` is the Host header, with or without a port."""
        try:
            parts = urlsplit(f"//{host}")
            name, _ = parts.hostname, parts.port
        except ValueError:
            return False
        if name is None or parts.netloc != host or "@" in host:
            return False
        return name in self._names or _is_address(name)

    def classify_request(self, headers: Mapping[str, str]) -> RequestOrigin:
        """``headers`` by lower-case names, ``host`` already checked."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            # "none" is a person's own doing: typed, bookmarked, reloaded.
            ours = site in ("same-origin", "none")
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
