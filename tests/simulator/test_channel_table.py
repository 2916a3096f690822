"""The lists of the simulated PBX agree with its events."""

from pathlib import Path

from screenpop.simulator.ami_encoding import messages_of, to_headers
from screenpop.simulator.channel_table import ChannelTable
from tests.each import each

RECORDINGS = sorted((Path(__file__).parents[1] / "scenarios" / "22").glob("*.ami"))
WHOLE = [path for path in RECORDINGS if not path.stem.startswith(("resync_at", "timestamps"))]


@each(WHOLE, lambda path: path.stem)
def test_after_a_whole_recording_nothing_is_up(path: Path) -> None:
    table = ChannelTable({"support": ("101",)})
    most = 0
    for at, message in enumerate(messages_of(path.read_bytes())):
        table.observe(to_headers(message), float(at))
        most = max(most, len(table.channels(float(at))))
    assert most > 0
    assert table.channels(0.0) == []
    entries = [row for row in table.queue_status(0.0) if row[0] == ("Event", "QueueEntry")]
    assert entries == []


def test_in_the_middle_of_a_ring_it_lists_what_a_real_asterisk_does() -> None:
    """``resync_at_queue_ringing`` is what a real one answered in this very state."""
    table = ChannelTable({})
    for message in messages_of((WHOLE[0].parent / "queue_ringall.ami").read_bytes()):
        headers = to_headers(message)
        table.observe(headers, 0.0)
        if ("DialStatus", "RINGING") in headers and ("DestCallerIDNum", "102") in headers:
            break
    rows = [dict(row) for row in table.channels(0.0)]
    found = {(row["ChannelStateDesc"], row["Application"], row["Exten"]) for row in rows}
    assert found == {("Up", "Queue", "02191000700"), ("Ringing", "AppQueue", "02191000700")}
    assert table.busy_phones() == {"trunk", "101", "102"}


def test_a_dial_end_after_the_hangup_brings_no_channel_back() -> None:
    table = ChannelTable({})
    hangup = [("Event", "Hangup"), ("Channel", "PJSIP/101-1"), ("Uniqueid", "1.1")]
    table.observe([("Event", "Newchannel"), *hangup[1:]], 0.0)
    table.observe(hangup, 1.0)
    late = [("Event", "DialEnd"), ("DestChannel", "PJSIP/101-1"), ("DestUniqueid", "1.1")]
    table.observe(late, 2.0)
    assert table.channels(2.0) == []


def test_an_event_about_no_channel_changes_nothing() -> None:
    table = ChannelTable({})
    table.observe([("Event", "DeviceStateChange"), ("Device", "PJSIP/101")], 0.0)
    table.observe([("Event", "BridgeEnter"), ("BridgeUniqueid", "x")], 0.0)
    table.observe([], 0.0)
    assert table.calls_now == 0
