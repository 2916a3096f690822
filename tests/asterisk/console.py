"""What ``core show channels`` would print at any moment of a recording."""

from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.telephony.identifiers import BootId

DIALLED = "AppDial"
"""The console prints this for channels called by a Dial or a Queue."""

_SHOWN = (
    *("Channel", "Uniqueid", "Linkedid", "ChannelState", "CallerIDNum"),
    *("CallerIDName", "ConnectedLineNum", "ConnectedLineName", "Exten"),
)


class Console:
    """Knows the channels whose ``Newchannel`` it has taken, and those reported to it."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, str]] = {}

    def knows(self, listed: AmiMessage) -> None:
        """A channel that was up before the recording began."""
        self.rows[listed.get("Uniqueid")] = dict(listed.fields)

    def take(self, message: AmiMessage) -> None:
        for prefix in ("", "Dest"):
            self._see(message, prefix)
        uniqueid = message.get("Uniqueid")
        match message.event:
            case "Newchannel" if uniqueid != message.get("Linkedid"):
                self._set(uniqueid, Application=DIALLED)
            case "DialBegin":
                self._set(message.get("DestUniqueid"), Application=DIALLED)
            case "BridgeEnter":
                self._set(uniqueid, BridgeId=message.get("BridgeUniqueid"))
            case "BridgeLeave":
                self._set(uniqueid, BridgeId="")
            case "Hangup":
                self.rows.pop(uniqueid, None)
            case _:
                pass

    def _set(self, uniqueid: str, **shown: str) -> None:
        if uniqueid in self.rows:
            self.rows[uniqueid].update(shown)

    def _see(self, message: AmiMessage, prefix: str) -> None:
        uniqueid = message.get(f"{prefix}Uniqueid")
        if not uniqueid or (uniqueid not in self.rows and message.event != "Newchannel"):
            return
        self.rows.setdefault(uniqueid, {}).update(
            {name: message.get(prefix + name) for name in _SHOWN}
        )

    def answer(self, boot: BootId, *, audit: bool) -> PbxSnapshot:
        rows = (AmiMessage({"Event": "CoreShowChannel", **row}) for row in self.rows.values())
        return PbxSnapshot(boot, tuple(rows), (), audit=audit)
