"""The section of the settings about events for other programs."""

from pydantic import Field, field_validator

from screenpop.settings.fields import Line, Section
from screenpop.webhooks.addresses import TargetRules, parse_networks


class WebhookSettings(Section):
    """Where events may be sent and how long they are kept; targets are made on a page."""

    private_networks: tuple[Line, ...] = ()
    """Networks inside the office that targets may be in: ``192.168.1.0/24``; http only there."""
    hosts: tuple[Line, ...] = ()
    """The only hosts that targets may have; empty: any public host."""
    timeout_s: float = Field(default=10, ge=1, le=60)
    """Seconds of one attempt."""
    give_up_days: float = Field(default=3, gt=0, le=30)
    """Days after which an event that could not be delivered is given up."""
    keep_days: int = Field(default=30, ge=8, le=3650)
    """Days after which finished deliveries are deleted."""

    @field_validator("private_networks")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            parse_networks(value)
        except ValueError as problem:
            raise ValueError(
                "write each network as an address and its length, such as 192.168.1.0/24"
            ) from problem
        return value

    def rules(self) -> TargetRules:
        hosts = frozenset(host.strip().lower() for host in self.hosts)
        return TargetRules(parse_networks(self.private_networks), hosts)
