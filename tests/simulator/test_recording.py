import asyncio
from datetime import UTC, datetime
from pathlib import Path

from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.recording import TimedMessage, play_recording, timed_messages
from screenpop.simulator.recording_file import EventCounts, Recording
from tests.each import each

RECORDINGS = sorted((Path(__file__).parents[1] / "scenarios").glob("[12][0-9]/*.ami"))


def names(moments: tuple[TimedMessage, ...]) -> list[str]:
    return [moment.message.split(b"\r\n", 1)[0].decode() for moment in moments]


def test_events_are_kept_byte_for_byte_and_answers_are_left_out() -> None:
    recording = RECORDINGS[0].read_bytes()
    moments = timed_messages(recording)
    assert all(moment.message in recording for moment in moments)
    assert all(name.startswith("Event: ") for name in names(moments))


@each(RECORDINGS, lambda path: f"{path.parent.name}-{path.stem}")
def test_every_recording_can_be_played(path: Path) -> None:
    recording = path.read_bytes()
    if not path.stem.startswith("resync_at"):
        moments = timed_messages(recording)
        assert sum(moment.pause_s for moment in moments) < 300


def test_the_clock_of_the_recording_gives_the_pauses() -> None:
    moments = timed_messages(
        b"Event: A\r\nTimestamp: 10.0\r\n\r\n"
        b"Event: B\r\nTimestamp: 12.5\r\n\r\n"
        b"Event: C\r\nTimestamp: 11.0\r\n\r\n"
        b"Event: D\r\nTimestamp: 99999.0\r\n\r\n"
    )
    assert [moment.pause_s for moment in moments] == [0.0, 2.5, 0.0, 60.0]


def test_a_recording_without_a_clock_gets_time_to_ring_and_time_to_talk() -> None:
    events = b"Newchannel DialBegin DialEnd BridgeEnter BridgeEnter HangupRequest Hangup".split()
    data = b"".join(b"Event: %b\r\n\r\n" % event for event in events)
    moments = timed_messages(Recording((data,), EventCounts()))
    assert [moment.pause_s > 0 for moment in moments] == [
        False, False, True, False, False, True, False,
    ]  # fmt: skip


def test_a_second_login_hangs_up_the_channels_of_the_first() -> None:
    login = (
        b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nMessage: Authentication accepted\r\n"
        b"\r\nEvent: Newchannel\r\nChannel: PJSIP/trunk-1\r\nUniqueid: 1.%d\r\nLinkedid: 1.%d\r\n"
        b"\r\n"
    )
    moments = timed_messages(login % (1, 1) + login % (2, 2))
    assert [moment.message for moment in moments] == [
        b"Event: Newchannel\r\nChannel: PJSIP/trunk-1\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\n\r\n",
        b"Event: Hangup\r\nChannel: PJSIP/trunk-1\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\n"
        b"Cause: 0\r\n\r\n",
        b"Event: Newchannel\r\nChannel: PJSIP/trunk-1\r\nUniqueid: 1.2\r\nLinkedid: 1.2\r\n\r\n",
    ]


def test_a_replay_takes_its_time_divided_by_the_speed() -> None:
    stream, waits = bytearray(), []
    pbx = SimulatedPbx(lambda: 0.0, booted=datetime(2026, 1, 1, tzinfo=UTC), phones={})
    pbx.listeners.add(stream.extend)

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    moments = (TimedMessage(0.0, b"Event: A\r\n\r\n"), TimedMessage(3.0, b"Event: B\r\n\r\n"))
    asyncio.run(play_recording(pbx, moments, wait, speed=2))
    assert bytes(stream) == b"Event: A\r\n\r\nEvent: B\r\n\r\n"
    assert waits == [1.5]
