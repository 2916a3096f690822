"""The check once a minute comes in the middle of calls and must change nothing that is right."""

import random
from pathlib import Path

import pytest

from screenpop.asterisk.ami_events import WANTED_EVENTS, Malformed, decode
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.asterisk.tracker import CallTracker
from screenpop.calls.call_log import CallRecorder
from screenpop.calls.events import CallEvent
from screenpop.simulator.replay_report import row_record
from screenpop.telephony.identifiers import BootId, PbxId
from tests.asterisk.console import Console
from tests.asterisk.recordings import WITH_TRUTH, Row, by_caller, name_of, phones_of, row
from tests.each import each

BOOT = BootId("boot")
PLAYED_THROUGH = [p for p in WITH_TRUTH if not p.stem.startswith("resync_")]


def rows_with_audits(path: Path, often: float, rng: random.Random) -> list[Row]:
    console, book = Console(), CallRecorder()
    tracker = CallTracker(PbxId("p"), BOOT, is_phone=phones_of(path).__contains__)
    changes: list[CallEvent] = []
    for number, message in enumerate(AmiFramer(WANTED_EVENTS).feed(path.read_bytes())):
        console.take(message)
        event = decode(message)
        assert not isinstance(event, Malformed)
        if event is not None:
            changes += tracker.apply(event, float(number))
        if rng.random() < often:
            changes += tracker.resync(console.answer(BOOT, audit=True), float(number))
    changes += tracker.shut_down(1e6)
    entries = [entry for change in changes if (entry := book.apply(change)) is not None]
    return by_caller([row(row_record(entry)) for entry in entries])


@pytest.mark.slow
@each(PLAYED_THROUGH, name_of)
def test_audits_between_any_two_events_change_no_row(path: Path) -> None:
    alone = rows_with_audits(path, 0.0, random.Random(0))
    for seed in range(3):
        assert rows_with_audits(path, 0.3, random.Random(seed)) == alone
