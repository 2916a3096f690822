"""Calls made from recordings are calls of a PBX: all different, each to the phone asked for."""

from benchmarks.floor import WANTED as FLOOR_WANTED
from benchmarks.recorded import any_call, call_agent_recordings, name_of, read_events, ringing_call
from screenpop.asterisk.ami_events import WANTED_EVENTS
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.calls.events import CallArrived, CallEnded, CallEvent, LegAnswered, LegRinging
from screenpop.service.pbx_tracker import PbxTracker
from screenpop.telephony.identifiers import PbxId
from tests.each import each

CALLER = "+989120000042"


def changes_of(parts: tuple[bytes, ...]) -> list[CallEvent]:
    framer, tracking = (
        AmiFramer(WANTED_EVENTS),
        PbxTracker(PbxId("office"), lambda e: e.startswith("1")),
    )
    return [c for part in parts for c in tracking.messages(framer.feed(part), 1.0)]


def test_each_event_up_to_the_ring_is_a_part_of_its_own_in_a_call_of_forty_events() -> None:
    recorded = ringing_call()
    parts = recorded.render(1, CALLER, "1001")[: recorded.ring + 1]
    assert recorded.events == 40
    assert all(part.count(b"Event: ") == 1 for part in parts)
    assert [name_of(part) for part in parts].index("DialBegin") == recorded.ring


def test_a_rendered_call_is_one_call_from_its_caller_to_its_phone() -> None:
    recorded = ringing_call()
    changes = changes_of(recorded.render(700, CALLER, "1007"))
    arrived = [change for change in changes if isinstance(change, CallArrived)]
    ringing = [change for change in changes if isinstance(change, LegRinging)]
    assert [change.caller.number for change in arrived] == [CALLER]
    assert [change.endpoint for change in ringing] == ["1007"]
    assert {change.call for change in changes} == {recorded.linkedid(700)}
    assert sum(isinstance(change, LegAnswered) for change in changes) == 1
    assert sum(isinstance(change, CallEnded) for change in changes) == 1


def test_two_rendered_calls_share_no_id() -> None:
    recorded = ringing_call()
    one = recorded.render(1, CALLER, "1001")
    other = recorded.render(1 + recorded.ids, CALLER, "1001")
    calls = {change.call for change in changes_of(one + other)}
    assert calls == {recorded.linkedid(1), recorded.linkedid(1 + recorded.ids)}


@each(call_agent_recordings(), lambda file: file.stem)
def test_a_recording_without_slots_filled_anew_is_the_same(file: object) -> None:
    from pathlib import Path

    assert isinstance(file, Path)
    recorded = any_call(file)
    before = changes_of((b"".join(read_events(file)),))
    after = changes_of(recorded.render(900))
    assert recorded.events == len(read_events(file))
    assert [type(change) for change in after] == [type(change) for change in before]


def test_the_floor_keeps_the_same_events_as_the_product() -> None:
    assert {name.decode() for name in FLOOR_WANTED} == WANTED_EVENTS
