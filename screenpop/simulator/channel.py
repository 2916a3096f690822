"""Channels of the simulated PBX, and their headers in events of Asterisk 22."""

from dataclasses import dataclass, field
from enum import IntEnum

Headers = list[tuple[str, str]]
"""One AMI message: header names and values in the order in which they are sent."""

UNKNOWN = "<unknown>"


class ChannelState(IntEnum):
    """Asterisk's channel states, with its numbers (``include/asterisk/channelstate.h``)."""

    DOWN = 0
    RING = 4
    RINGING = 5
    UP = 6

    @property
    def words(self) -> str:
        return {"DOWN": "Down", "RING": "Ring", "RINGING": "Ringing", "UP": "Up"}[self.name]


@dataclass(slots=True)
class Channel:
    """One channel, with the fields that Asterisk keeps."""

    name: str
    uniqueid: str
    linkedid: str
    number: str
    shown_name: str
    context: str
    exten: str
    state: ChannelState
    created_at: float
    priority: int = 1
    connected_number: str = UNKNOWN
    connected_name: str = UNKNOWN
    application: str = ""
    application_data: str = ""
    bridge: str = ""
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        """Return the endpoint: ``101`` of ``PJSIP/101-0000001a``."""
        return self.name.partition("/")[2].rpartition("-")[0]

    def headers(self, prefix: str = "") -> Headers:
        """Return the headers that every event about a channel contains."""
        return [
            (f"{prefix}Channel", self.name),
            (f"{prefix}ChannelState", str(int(self.state))),
            (f"{prefix}ChannelStateDesc", self.state.words),
            (f"{prefix}CallerIDNum", self.number),
            (f"{prefix}CallerIDName", self.shown_name),
            (f"{prefix}ConnectedLineNum", self.connected_number),
            (f"{prefix}ConnectedLineName", self.connected_name),
            (f"{prefix}Language", "en"),
            (f"{prefix}AccountCode", ""),
            (f"{prefix}Context", self.context),
            (f"{prefix}Exten", self.exten),
            (f"{prefix}Priority", str(self.priority)),
            (f"{prefix}Uniqueid", self.uniqueid),
            (f"{prefix}Linkedid", self.linkedid),
            *((f"{prefix}ChanVariable", f"{k}={v}") for k, v in self.variables.items()),
        ]
