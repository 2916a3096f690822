"""The rows of the AMI lists that a proposal is made from, and the devices in them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from screenpop.asterisk.ami_message import AmiMessage
from screenpop.common.text import display_text

MAX_DEVICE_NAME = 80
"""Characters; Asterisk's AST_CHANNEL_NAME is 80."""

_TECHNOLOGIES = ("PJSIP", "SIP", "IAX2", "SCCP")
_DEVICE = re.compile(rf"({'|'.join(_TECHNOLOGIES)})/([^/@&]+)")
_NOT_PEOPLE = frozenset({"anonymous", "dpma_endpoint"})
"""Endpoints that FreePBX and Digium's phone module create for their own use."""
_CALLER_ID = re.compile(r'\s*"?(?P<name>[^"<]*?)"?\s*(?:<(?P<number>[^<>]*)>)?\s*')


class UnreadReason(StrEnum):
    """Why a list of the PBX is missing from the proposal."""

    REFUSED = "refused"
    """The AMI user lacks the class of the action."""
    UNKNOWN = "unknown"
    """The PBX has no such action: its module is not loaded."""
    INCOMPLETE = "incomplete"
    """The list did not end in time, or had too many rows."""


@dataclass(frozen=True, slots=True)
class Unread:
    action: str
    reason: UnreadReason


@dataclass(frozen=True, slots=True, order=True)
class Device:
    """A channel driver and the name of an endpoint or peer in it: ``PJSIP`` and ``101``."""

    technology: str
    name: str


@dataclass(frozen=True, slots=True)
class DeviceDetails:
    """What the PBX has configured for a device; empty texts where it was not read."""

    name: str = ""
    """The name of its caller id."""
    context: str = ""
    """The dialplan context of calls from it."""


@dataclass(frozen=True, slots=True)
class PbxLists:
    """The events of each list action, by the name of the action."""

    rows: Mapping[str, tuple[AmiMessage, ...]] = field(default_factory=dict)
    details: Mapping[Device, DeviceDetails] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()
    version: str = ""
    """The version of Asterisk, such as ``16.28.0``."""

    def events(self, action: str, event: str) -> Iterator[AmiMessage]:
        """Return the rows of an action that are events of this name."""
        return (row for row in self.rows.get(action, ()) if row.event == event)

    def hints(self) -> Iterator[tuple[str, Device]]:
        """Return each extension with each device whose state it shows."""
        for row in self.events("ExtensionStateList", "ExtensionStatus"):
            for device in devices_in(row.get("Hint")):
                yield row.get("Exten"), device

    def database(self, family: str) -> Iterator[tuple[str, str, str]]:
        """Return name, key and value of each entry ``/family/name/key`` of Asterisk's database."""
        for row in self.events(f"DBGetTree {family}", "DBGetTreeResponse"):
            parts = row.get("Key").split("/")
            if len(parts) == 4 and parts[:2] == ["", family]:
                yield parts[2], parts[3], row.get("Val")

    def devices(self) -> tuple[Device, ...]:
        """Return all phones and trunks that any list names, each once, in order of name.

        Left out are names with control characters or too long for Asterisk itself, and devices of
        channel drivers of which the PBX lists no device: a queue may keep members of chan_sip long
        after that was removed.
        """
        listed = set(self._listed())
        drivers = {device.technology for device in listed} or set(_TECHNOLOGIES)
        named = {device for device in self._named() if device.technology in drivers}
        return tuple(sorted(one for one in listed | named if _is_usable(one.name)))

    def _listed(self) -> Iterator[Device]:
        """Return the devices that the PBX has now."""
        for row in self.events("DeviceStateList", "DeviceStateChange"):
            yield from devices_in(row.get("Device"))
        for row in self.events("PJSIPShowEndpoints", "EndpointList"):
            yield Device("PJSIP", row.get("ObjectName"))
        for row in self.events("SIPpeers", "PeerEntry"):
            yield Device("SIP", row.get("ObjectName"))

    def _named(self) -> Iterator[Device]:
        """Return the devices that something else refers to."""
        for _, device in self.hints():
            yield device
        for _, key, value in self.database("DEVICE"):
            if key == "dial":
                yield from devices_in(value)
        for row in self.events("QueueStatus", "QueueMember"):
            yield from devices_in(row.get("StateInterface"))
            yield from devices_in(row.get("Location"))


def devices_in(text: str) -> tuple[Device, ...]:
    """Return the devices of a dial string or hint: two of ``PJSIP/101&PJSIP/99101&Custom:DND``."""
    matches = (_DEVICE.fullmatch(part.strip()) for part in text.split("&"))
    return tuple(Device(found[1], found[2]) for found in matches if found)


def caller_id_name(text: str) -> str:
    """Return ``Maryam`` of ``"Maryam" <101>``; empty if the text has no name but the number."""
    found = _CALLER_ID.fullmatch(text)
    if found is None:
        return ""
    return "" if found["name"] == found["number"] else found["name"]


def _is_usable(name: str) -> bool:
    """Return whether a name can be compared with one in a channel name, and be shown."""
    is_short = 0 < len(name) <= MAX_DEVICE_NAME
    return is_short and name not in _NOT_PEOPLE and display_text(name, MAX_DEVICE_NAME) == name
