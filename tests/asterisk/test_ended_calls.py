"""An ended call is freed at once: the garbage collector waits until no call is live."""

import gc

from screenpop.asterisk.tracker import CallTracker
from screenpop.asterisk.tracker_state import Call
from screenpop.telephony.identifiers import BootId, PbxId
from tests.asterisk.recordings import PLAIN, events_of, phones_of
from tests.asterisk.trackers import live_calls


def calls_in_memory() -> int:
    return sum(type(one) is Call for one in gc.get_objects())


def test_ended_call_of_a_recording_is_freed_without_the_garbage_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        before, opened = calls_in_memory(), 0
        for path in PLAIN:
            is_phone = phones_of(path).__contains__
            tracker = CallTracker(PbxId("office"), BootId("1"), is_phone=is_phone)
            for event in events_of(path):
                tracker.apply(event, 0.0)
                opened = max(opened, len(live_calls(tracker)))
            assert live_calls(tracker) == (), path
        assert opened
        assert calls_in_memory() == before
    finally:
        gc.enable()
