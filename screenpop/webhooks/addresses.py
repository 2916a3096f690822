"""Which addresses of other programs may be connected to."""

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MOST_URL_CHARS = 2000
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
"""All global unicast addresses. Python calls site-local and local NAT64 addresses global too."""
_SPECIAL: tuple[Network, ...] = (
    ipaddress.IPv4Network("192.0.0.0/24"),  # of protocols, and of a cloud's metadata
    ipaddress.IPv4Network("192.88.99.0/24"),  # relays of 6to4
    ipaddress.IPv6Network("3fff::/20"),  # documentation
)


@dataclass(frozen=True, slots=True)
class TargetRules:
    """What the office's settings allow."""

    private_networks: tuple[Network, ...] = field(default=())
    """Networks besides the public ones; http is possible only there."""
    hosts: frozenset[str] = field(default_factory=frozenset)
    """The only hosts that targets may have, in lower case; empty: any."""


class UrlRefusedError(ValueError):
    """``code``: ``bad_url``, ``bad_host`` or ``needs_https``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_url(text: str, rules: TargetRules) -> str:
    """Return the address of a target as it is stored. Raises ``UrlRefusedError``."""
    url = text.strip()
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as problem:
        raise UrlRefusedError("bad_url") from problem
    is_plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not host or not is_plain or len(url) > MOST_URL_CHARS or parts.fragment:
        raise UrlRefusedError("bad_url")
    if parts.username is not None or parts.password is not None:
        raise UrlRefusedError("bad_url")
    if parts.scheme != "https" and not (parts.scheme == "http" and rules.private_networks):
        raise UrlRefusedError("needs_https")
    if rules.hosts and host.lower() not in rules.hosts:
        raise UrlRefusedError("bad_host")
    return url


def is_allowed(address: str, rules: TargetRules, *, has_tls: bool) -> bool:
    """Return whether a resolved address may be connected to.

    Public addresses with TLS only; addresses of ``private_networks`` also without.
    """
    try:
        found = _inner_address(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if any(found in network for network in rules.private_networks):
        return True
    return has_tls and _is_public(found)


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address not in _PUBLIC_V6:
        return False
    return not any(address in network for network in _SPECIAL)


def may_ask(url: str, *, private_http: bool) -> Callable[[str], bool]:
    """Return the rule for the addresses of a program that the settings name.

    With https any; with http only loopback and private ones, and only if ``private_http``.
    """
    has_tls = urlsplit(url).scheme == "https"
    return lambda address: has_tls or (private_http and is_private(address))


def is_private(address: str) -> bool:
    """Return whether an address is loopback or private, so that plain http stays in the office."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    if mapped is not None:
        found = mapped
    return (found.is_private or found.is_loopback) and not found.is_unspecified


def _inner_address(address: Address) -> Address:
    """Return the IPv4 address inside a mapped, translated or tunnelled IPv6 address."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address in _NAT64:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


def parse_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Return networks such as ``192.168.1.0/24``. Raises ``ValueError``."""
    return tuple(ipaddress.ip_network(text.strip()) for text in texts)
