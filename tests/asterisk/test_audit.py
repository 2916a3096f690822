"""The check once a minute comes in the middle of calls and must change nothing that is right."""

import random
from pathlib import Path

import pytest

from screenpop.asterisk.events import WANTED, Malformed, decode
from screenpop.asterisk.framing import AmiFramer
from screenpop.asterisk.message import AmiMessage
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.asterisk.tracker import CallTracker
from screenpop.calls.changes import CallChange
from screenpop.calls.log import CallBook
from screenpop.simulator.changes import row_record
from screenpop.telephony.identifiers import BootId, PbxId

from .recordings import WITH_TRUTH, Row, by_caller, name_of, phones_of, row

BOOT = BootId("boot")
# The console says so of those whom a Dial or a Queue has called.
DIALLED = "AppDial"
PLAYED_THROUGH = [p for p in WITH_TRUTH if not p.stem.startswith("resync_")]


class Console:
    """What ``core show channels`` would say at any moment of a recording."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, str]] = {}

    def take(self, message: AmiMessage) -> None:
        for prefix in ("", "Dest"):
            self._see(message, prefix)
        uniqueid = message.get("Uniqueid")
        match message.event:
            case "DialBegin":
                self.rows[message.get("DestUniqueid")]["Application"] = DIALLED
            case "BridgeEnter":
                self.rows[uniqueid]["BridgeId"] = message.get("BridgeUniqueid")
            case "BridgeLeave":
                self.rows[uniqueid].pop("BridgeId", None)
            case "Hangup":
                self.rows.pop(uniqueid, None)
            case _:
                pass

    def _see(self, message: AmiMessage, prefix: str) -> None:
        uniqueid = message.get(f"{prefix}Uniqueid")
        if not uniqueid or (uniqueid not in self.rows and message.event != "Newchannel"):
            return
        shown = {
            name: message.get(prefix + name)
            for name in (
                *("Channel", "Uniqueid", "Linkedid", "ChannelState", "CallerIDNum"),
                *("CallerIDName", "ConnectedLineNum", "ConnectedLineName", "Exten"),
            )
        }
        self.rows.setdefault(uniqueid, {}).update(shown)

    def answer(self) -> PbxSnapshot:
        rows = (AmiMessage({"Event": "CoreShowChannel", **row}) for row in self.rows.values())
        return PbxSnapshot(BOOT, tuple(rows), (), audit=True)


def rows_with_audits(path: Path, often: float, dice: random.Random) -> list[Row]:
    console, book = Console(), CallBook()
    tracker = CallTracker(PbxId("p"), BOOT, is_phone=phones_of(path).__contains__)
    changes: list[CallChange] = []
    for number, message in enumerate(AmiFramer(WANTED).feed(path.read_bytes())):
        console.take(message)
        event = decode(message)
        assert not isinstance(event, Malformed)
        if event is not None:
            changes += tracker.apply(event, float(number))
        if dice.random() < often:
            changes += tracker.resync(console.answer(), float(number))
    changes += tracker.shut_down(1e6)
    entries = [entry for change in changes if (entry := book.apply(change)) is not None]
    return by_caller([row(row_record(entry)) for entry in entries])


@pytest.mark.parametrize("path", PLAYED_THROUGH, ids=name_of)
def test_audits_between_any_two_events_change_no_row(path: Path) -> None:
    alone = rows_with_audits(path, 0.0, random.Random(0))
    for seed in range(3):
        assert rows_with_audits(path, 0.3, random.Random(seed)) == alone
