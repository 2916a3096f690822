"""The section of the settings about questions of the dialplan (FastAGI)."""

import ipaddress

from pydantic import Field, field_validator

from screenpop.settings.fields import Line, Port, Section

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class AgiSettings(Section):
    """Whether and to whom a dialplan may talk."""

    enabled: bool = False
    """Whether the FastAGI server runs."""
    bind_host: Line = "127.0.0.1"
    """The address it listens on."""
    bind_port: Port = 4573
    """The port it listens on; 4573 is that of FastAGI."""
    allowed: tuple[Line, ...] = ("127.0.0.0/8", "::1/128")
    """Addresses or networks of the PBXs that may ask."""
    most_at_once: int = Field(default=64, ge=1, le=10_000)
    """Questions at the same time; further ones are refused at once."""

    @field_validator("allowed")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            parse_allowed(value)
        except ValueError as problem:
            raise ValueError(
                "write each as an address or a network, such as 192.168.1.10 or 192.168.1.0/24"
            ) from problem
        return value


def parse_allowed(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Return networks; an address is a network of one. Raises ``ValueError``."""
    return tuple(ipaddress.ip_network(text.strip()) for text in texts)
