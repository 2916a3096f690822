"""One link to one PBX, turned into events of calls."""

from pathlib import Path

from screenpop.asterisk.ami_events import WANTED_EVENTS
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.calls.events import CallEnded
from screenpop.service.pbx_tracker import PbxTracker
from screenpop.telephony.identifiers import BootId
from tests.asterisk.recordings import phones_of
from tests.service.service_under_test import OFFICE

RECORDING = Path(__file__).parent.parent / "scenarios" / "22" / "direct_answered.ami"


def test_a_link_that_is_taken_away_ends_its_calls_once_and_reports_nothing_after() -> None:
    messages = AmiFramer(WANTED_EVENTS).feed(RECORDING.read_bytes())
    half = len(messages) // 2
    tracking = PbxTracker(OFFICE, phones_of(RECORDING).__contains__)

    assert tracking.messages(messages[:half], 1.0)
    ended = tracking.over(2.0)

    assert [type(change) for change in ended].count(CallEnded) == 1
    assert tracking.messages(messages[half:], 3.0) == []
    assert tracking.snapshot(PbxSnapshot(BootId("1"), (), ()), 4.0) == []
    assert tracking.over(5.0) == []


def test_a_link_reports_once_a_read_that_there_were_too_many_calls() -> None:
    reported: list[int] = []
    tracking = PbxTracker(
        OFFICE,
        lambda _: False,
        on_too_many=lambda: reported.append(tracking.lost_sight_of),
        most_calls=3,
    )

    def reads(*numbers: int) -> list[CallEnded]:
        batch = [
            AmiMessage(
                {
                    "Event": "Newchannel",
                    "Channel": f"PJSIP/line-{number:08x}",
                    "Uniqueid": f"1.{number}",
                    "ChannelState": "4",
                }
            )
            for number in numbers
        ]
        changes = tracking.messages(batch, float(numbers[0]))
        return [change for change in changes if isinstance(change, CallEnded)]

    assert reads(1, 2, 3) == []
    assert reported == []
    assert [end.call for end in reads(4, 5)] == ["1.1", "1.2"]
    assert reported == [2]
