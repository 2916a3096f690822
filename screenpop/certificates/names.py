"""Names and addresses of a server, as certificates have them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from typing_extensions import override

MOST_NAMES = 20
_LONGEST = 253
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


class CertificateNameError(ValueError):
    """A name cannot be in a certificate; the text has the reason."""


@dataclass(frozen=True, slots=True)
class ServerNames:
    """At least one name or address, in the order they were given."""

    dns: tuple[str, ...]
    addresses: tuple[IPv4Address | IPv6Address, ...]

    @property
    def first(self) -> str:
        return self.dns[0] if self.dns else str(self.addresses[0])

    @override
    def __str__(self) -> str:
        return ", ".join((*self.dns, *map(str, self.addresses)))


def parse_names(texts: Iterable[str]) -> ServerNames:
    """Return names and IP addresses, each once. Raises ``CertificateNameError``."""
    given = list(dict.fromkeys(text.strip() for text in texts))
    if not 0 < len(given) <= MOST_NAMES:
        raise CertificateNameError(
            f"Name the server as browsers open it, by 1 to {MOST_NAMES} names or addresses, such as"
            " pop.lan or 192.168.1.5."
        )
    dns, addresses = [], []
    for text in given:
        address = _address(text)
        if address is None:
            dns.append(_dns_name(text))
        else:
            addresses.append(address)
    return ServerNames(tuple(dict.fromkeys(dns)), tuple(addresses))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _dns_name(text: str) -> str:
    try:
        name = text.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        name = ""
    labels = name.split(".")
    is_number = labels[-1].isdigit()
    if is_number or len(name) > _LONGEST or not all(map(_LABEL.fullmatch, labels)):
        raise CertificateNameError(
            f"{text[:80]!r} is neither a name nor an address: write it as in the browser, without"
            " https:// and port."
        )
    return name
