"""Prints a recording so that a person can follow it: one line an event, the headers that matter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

NOISE = {"DeviceStateChange", "ExtensionStatus", "QueueMemberStatus", "Newexten", "VarSet"}
PEOPLE = ("CallerIDNum", "CallerIDName", "ConnectedLineNum", "Exten", "Extension")
RINGING = ("DialStatus", "Forward", "DialString", "Queue", "Interface", "RingTime", "HoldTime")
LOCAL = ("LocalOneChannel", "LocalTwoChannel")
TRANSFER = ("TransfererChannel", "TransfereeChannel", "DestType", "Result")
ATTENDED = ("OrigTransfererChannel", "SecondTransfererChannel", "TransferTargetChannel")
DESK = ("ParkeeChannel", "ParkingSpace", "RetrieverChannel", "TargetChannel", "Conference")
TELLING = (
    *("Channel", "Uniqueid", "Linkedid", *PEOPLE, "ChannelStateDesc"),
    *("DestChannel", "DestUniqueid", "DestLinkedid", *RINGING, "BridgeUniqueid"),
    *(*LOCAL, *ATTENDED, *TRANSFER, *DESK, "Cause", "Response", "Reason", "ChanVariable"),
)


def messages(recording: bytes) -> Iterator[dict[str, str]]:
    """Every message; of repeated headers the first."""
    for part in recording.decode("utf-8", "replace").split("\r\n\r\n"):
        message: dict[str, str] = {}
        for line in part.split("\r\n"):
            name, separator, value = line.partition(":")
            if separator:
                message.setdefault(name, value.strip())
        yield message


def show(file: Path) -> None:
    """Print one recording, with the seconds since its first event."""
    begun = None
    for message in messages(file.read_bytes()):
        event = message.get("Event", "")
        if not event or event in NOISE:
            continue
        at = float(message.get("Timestamp", 0))
        begun = begun or at
        headers = " ".join(f"{name}={message[name]}" for name in TELLING if message.get(name))
        print(f"{at - begun:7.3f} {event:22} {headers}")
