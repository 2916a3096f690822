"""Played events are compared with those recorded from a real Asterisk."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from screenpop.asterisk.ami_events import decode
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.asterisk.tracker import CallTracker
from screenpop.calls.call_log import CallRecorder
from screenpop.calls.call_record import CallRecord
from screenpop.simulator.ami_encoding import messages_of, to_headers
from screenpop.simulator.call_script import Outcome, ScriptedCall
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.script_player import ScriptedCallPlayer, play_call
from screenpop.telephony.identifiers import BootId, PbxId

RECORDINGS = Path(__file__).parents[1] / "scenarios" / "22"


class Clock:
    def __init__(self) -> None:
        self.now = 1_795_400_000.0

    def __call__(self) -> float:
        return self.now

    async def wait(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def a_pbx(clock: Clock, stream: bytearray) -> SimulatedPbx:
    pbx = SimulatedPbx(
        clock,
        booted=datetime(2026, 1, 1, tzinfo=UTC),
        phones={"101": "Agent 101", "102": "Agent 102"},
        queues={"support": ("101", "102")},
    )
    pbx.listeners.add(stream.extend)
    return pbx


def played(*calls: ScriptedCall) -> tuple[bytes, SimulatedPbx]:
    clock, stream = Clock(), bytearray()
    pbx = a_pbx(clock, stream)

    async def all_of_them() -> None:
        for call in calls:
            await play_call(pbx, call, clock.wait)

    asyncio.run(all_of_them())
    return bytes(stream), pbx


def rows(stream: bytes) -> list[CallRecord]:
    """What our own tracker and book make of it."""
    tracker = CallTracker(PbxId("p"), BootId("b"), is_phone=lambda endpoint: endpoint != "trunk")
    book, entries = CallRecorder(), []
    for n, message in enumerate(AmiFramer(None, "own-").feed(stream)):
        event = decode(message)
        if event is None:
            continue
        assert not hasattr(event, "missing"), event
        for change in tracker.apply(event, 1_795_400_000.0 + n):
            entry = book.apply(change)
            if entry is not None:
                entries.append(entry)
    return entries


@pytest.mark.parametrize("queue", ["", "support"])
@pytest.mark.parametrize(
    ("outcome", "disposition", "legs"),
    [
        (Outcome.ANSWERED, "answered", ["answered_elsewhere", "answered"]),
        (Outcome.MISSED, "no_answer", ["no_answer", "no_answer"]),
        (Outcome.BUSY, "busy", ["busy", "busy"]),
        (Outcome.ABANDONED, "abandoned", ["cancelled", "cancelled"]),
    ],
)
def test_a_played_call_ends_in_the_log_as_scripted(
    queue: str, outcome: Outcome, disposition: str, legs: list[str]
) -> None:
    call = ScriptedCall(
        number="09123456789",
        to=("101", "102"),
        queue=queue,
        outcome=outcome,
        answered_by="102",
        ring_s=5,
        talk_s=30,
    )
    stream, pbx = played(call)
    (row,) = rows(stream)
    if not (queue and outcome is Outcome.BUSY):
        assert row.disposition == disposition
    assert [leg.outcome for leg in row.legs] == legs
    assert row.did == call.did
    assert row.queue == queue
    assert row.talk_s == (30.0 if outcome is Outcome.ANSWERED else 0.0)
    assert pbx.table.channels(pbx.clock()) == []
    assert pbx.table.count(queue) == 0


def events(stream: bytes) -> list[dict[str, str]]:
    return [dict(reversed(to_headers(message))) for message in messages_of(stream)]


def shapes(messages: Iterable[dict[str, str]]) -> dict[str, list[str]]:
    """Event to its header names, of the last of its kind."""
    return {
        message["Event"]: [name for name in message if name != "Timestamp"]
        for message in messages
        if "Event" in message
    }


_NOT_PLAYED_ALIKE = {"TechCause"}
"""From the SIP channel driver: a played phone has none."""


@pytest.mark.parametrize(
    ("recording", "call"),
    [
        ("ringgroup_102", ScriptedCall(number="0912", to=("101", "102"), answered_by="102")),
        ("queue_ringall", ScriptedCall(number="0912", to=("101", "102"), queue="support")),
        ("direct_busy", ScriptedCall(number="0912", to=("101",), outcome=Outcome.BUSY)),
        ("direct_noanswer_cancel",
         ScriptedCall(number="0912", to=("101",), outcome=Outcome.ABANDONED)),
        ("queue_abandon",
         ScriptedCall(number="0912", to=("101",), queue="support", outcome=Outcome.ABANDONED)),
        ("queue_rrmemory",
         ScriptedCall(number="0912", to=("101",), queue="support", outcome=Outcome.MISSED)),
    ],
)  # fmt: skip
def test_each_event_has_the_headers_of_a_real_one_in_their_order(
    recording: str, call: ScriptedCall
) -> None:
    stream, _ = played(call)
    mine = shapes(events(stream))
    real = shapes(events((RECORDINGS / f"{recording}.ami").read_bytes()))
    for event in mine.keys() & real.keys():
        # A queue's HangupRequest has no cause.
        left_out = _NOT_PLAYED_ALIKE | ({"Cause"} if event == "HangupRequest" else set())
        as_played = [name for name in mine[event] if name not in left_out]
        assert as_played == [name for name in real[event] if name not in left_out], event
    assert {"Newchannel", "DialBegin", "DialEnd", "Hangup"} <= mine.keys() & real.keys()


def test_a_ring_group_reports_all_its_dials_before_any_phone_rings() -> None:
    stream, _ = played(ScriptedCall(number="0912", to=("101", "102")))
    order = [event["Event"] for event in events(stream)]
    dials = [n for n, name in enumerate(order) if name == "DialBegin"]
    assert len(dials) == 2
    assert order.index("DialState") > max(dials)


def test_several_calls_at_once_do_not_mix() -> None:
    clock, stream = Clock(), bytearray()
    pbx = a_pbx(clock, stream)

    async def both() -> None:
        await asyncio.gather(
            play_call(pbx, ScriptedCall(number="1111", to=("101",)), clock.wait),
            play_call(pbx, ScriptedCall(number="2222", to=("102",), queue="support"), clock.wait),
        )

    asyncio.run(both())
    found = {row.caller.number: [leg.endpoint for leg in row.legs] for row in rows(bytes(stream))}
    assert found == {"1111": ["101"], "2222": ["102"]}


def test_the_id_of_a_call_is_known_before_it_plays() -> None:
    clock, stream = Clock(), bytearray()
    call = ScriptedCallPlayer(
        a_pbx(clock, stream), ScriptedCall(number="1", to=("101",)), clock.wait
    )
    asyncio.run(call.run())
    assert rows(bytes(stream))[0].call == call.linkedid


def test_every_event_is_stamped_and_time_only_goes_forward() -> None:
    stream, _ = played(ScriptedCall(number="1", to=("101",), ring_s=2, talk_s=3))
    stamps = [float(event["Timestamp"]) for event in events(stream)]
    assert stamps == sorted(stamps)
    assert stamps[-1] - stamps[0] == pytest.approx(5.02)
