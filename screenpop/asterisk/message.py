"""One AMI message: the headers between two empty lines."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AmiMessage:
    """Headers in the order they came; names repeat (``ChanVariable``), so nothing is thrown away.

    Values are text: valid UTF-8 byte-exact, anything else with U+FFFD in place of the bad bytes
    and counted by the framer.
    """

    headers: tuple[tuple[str, str], ...]

    def get(self, name: str, default: str = "") -> str:
        """The first value of a header (AMI header names are matched as Asterisk spells them)."""
        for key, value in self.headers:
            if key == name:
                return value
        return default

    def all(self, name: str) -> Iterator[str]:
        """Every value of a header that may repeat."""
        return (value for key, value in self.headers if key == name)

    @property
    def event(self) -> str:
        return self.get("Event")

    @property
    def response(self) -> str:
        return self.get("Response")

    @property
    def action_id(self) -> str:
        return self.get("ActionID")
