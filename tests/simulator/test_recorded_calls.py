"""Every recorded scenario can be played with another parties, and means what it meant."""

import asyncio
from datetime import UTC, datetime

import pytest

from screenpop.asterisk.ami_events import decode
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.calls.call_record import CallRecord
from screenpop.simulator.call_player import CallPlayer
from screenpop.simulator.call_script import CallScriptError
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.recorded_calls import (
    CallParties,
    RecordedCall,
    check_recorded_call,
    recorded_call_names,
)
from screenpop.simulator.replay_report import RecordingReplay
from screenpop.telephony.identifiers import Endpoint
from screenpop.web.agents.agent_pages import SCENARIOS

pytestmark = pytest.mark.anyio

PHONES = ("111", "112", "113")
PARTIES = CallParties("+302101234567", ("111", "112"), "02112345678")


class Watch:
    """A clock that goes on as far as a task waits."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    async def wait(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def pbx_of(watch: Watch) -> SimulatedPbx:
    phones = dict.fromkeys(PHONES, "Somebody")
    return SimulatedPbx(lambda: watch.now, booted=datetime(2026, 1, 1, tzinfo=UTC), phones=phones)


async def played(name: str, parties: CallParties = PARTIES) -> tuple[bytes, str, SimulatedPbx]:
    watch = Watch()
    pbx, stream = pbx_of(watch), bytearray()
    pbx.listeners.add(stream.extend)
    recorded_call = RecordedCall(pbx, name, parties, watch.wait)
    await recorded_call.run()
    return bytes(stream), recorded_call.linkedid, pbx


def rows(stream: bytes, phones: tuple[str, ...]) -> list[CallRecord]:
    replay = RecordingReplay(frozenset(map(Endpoint, phones)))
    list(replay.feed(stream))
    list(replay.finish())
    return replay.rows


def test_the_page_offers_every_recording_there_is() -> None:
    assert sorted(SCENARIOS) == list(recorded_call_names())


@pytest.mark.parametrize("name", recorded_call_names())
async def test_a_recording_is_one_whole_call_of_its_cast(name: str) -> None:
    stream, linkedid, pbx = await played(name)
    found = {str(row.call): row for row in rows(stream, PHONES)}
    assert found.keys() >= {linkedid}
    row = found[linkedid]
    assert row.disposition == _ENDS.get(name, "answered")
    assert len(found) == _CALLS.get(name, 1)
    assert pbx.table.busy_phones() == frozenset()
    numbers = {number for one in found.values() for number in _numbers(one)}
    assert not numbers & {"101", "102", "103", "09123456789"}
    assert numbers & {"111", "112"}


def _numbers(row: CallRecord) -> set[str]:
    return {row.caller.number, row.called, row.did, *(leg.endpoint for leg in row.legs)}


_ENDS = {
    "missed": "no_answer",
    "busy": "busy",
    "abandoned": "abandoned",
    "declined": "no_answer",
    "unreachable": "no_answer",
    "queue_abandoned": "abandoned",
    "queue_again": "abandoned",
    "voicemail": "voicemail",
}


_CALLS = {"conference": 2, "call_waiting": 2}
"""Each phone dials into a conference with a call of their own; a second caller is another call."""


@pytest.mark.parametrize("name", recorded_call_names())
async def test_two_plays_of_a_recording_share_no_id(name: str) -> None:
    watch = Watch()
    pbx, stream = pbx_of(watch), bytearray()
    pbx.listeners.add(stream.extend)
    one, two = (RecordedCall(pbx, name, PARTIES, watch.wait) for _ in range(2))
    await asyncio.gather(one.run(), two.run())
    assert one.linkedid != two.linkedid
    found = [row.call for row in rows(bytes(stream), PHONES)]
    assert {one.linkedid, two.linkedid} <= set(found)
    assert len(found) == len(set(found)) == 2 * _CALLS.get(name, 1)


@pytest.mark.parametrize("name", recorded_call_names())
async def test_every_event_of_a_recording_is_understood_and_carries_the_present_time(
    name: str,
) -> None:
    stream, _, _ = await played(name)
    messages = list(AmiFramer(None).feed(stream))
    assert all(decode(message) is not None for message in messages)
    times = [float(message.get("Timestamp")) for message in messages]
    assert times == sorted(times)
    assert times[0] >= 1_800_000_000.0


async def test_a_withheld_call_stays_withheld() -> None:
    stream, _, _ = await played("withheld")
    (row,) = rows(stream, PHONES)
    assert row.caller.number != PARTIES.number


def test_a_missing_recording_is_named_with_the_existing_ones() -> None:
    check_recorded_call("")
    with pytest.raises(CallScriptError, match="is none of abandoned, answered"):
        check_recorded_call("../../etc/passwd")
    with pytest.raises(CallScriptError):
        RecordedCall(pbx_of(Watch()), "nothing", PARTIES, Watch().wait)


async def test_a_number_with_a_line_break_cannot_become_a_second_event() -> None:
    with pytest.raises(ValueError, match="line break"):
        await played("answered", CallParties("1\r\nEvent: Hangup", ("111",)))


async def test_the_player_plays_a_recording_beside_other_calls() -> None:
    watch = Watch()
    pbx = pbx_of(watch)
    ended = asyncio.Event()

    def heard(message: bytes) -> None:
        if message.startswith(b"Event: Hangup\r\n") and pbx.table.busy_phones() == frozenset():
            ended.set()

    pbx.listeners.add(heard)
    async with CallPlayer(pbx, watch.wait).open() as player, asyncio.timeout(10):
        call = player.start_scenario("blind_transfer", PARTIES)
        assert call
        await ended.wait()
