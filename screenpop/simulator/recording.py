"""Recorded AMI, played again as a boot of its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.playing import Wait
from screenpop.simulator.wire import messages_of

_STAMP = re.compile(rb"^Timestamp: (\d+\.\d+)\r$", re.MULTILINE)
_EVENT = re.compile(rb"^Event: (\S+)", re.MULTILINE)

_RING_S, _TALK_S = 3.0, 4.0
"""Pauses for a recording without timestamps, so that a person sees its cards."""

_LONGEST_PAUSE_S = 60.0
"""A clock that jumps must not stop a replay."""


class RecordingError(ValueError):
    """A file that holds no AMI events. The text says what to do."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One recorded message and the seconds that pass before it."""

    pause_s: float
    message: bytes


def moments_of(recording: bytes) -> tuple[Moment, ...]:
    """The events of a recording with their pauses. Answers to actions are left out: whoever
    listens to the replay gets answers to its own. Raises ``RecordingError``."""
    found = tuple(_moments(recording))
    if not found:
        raise RecordingError(
            "The file holds no AMI events. Record one with: nc 127.0.0.1 5038 > call.ami"
        )
    return found


async def replay(
    pbx: SimulatedPbx, moments: tuple[Moment, ...], wait: Wait, speed: float = 1.0
) -> None:
    """Send the recorded events, ``speed`` times as fast as they were."""
    for moment in moments:
        if moment.pause_s:
            await wait(moment.pause_s / speed)
        pbx.repeat(moment.message)


def _moments(recording: bytes) -> Iterator[Moment]:
    last: float | None = None
    pauses = _InventedPauses()
    for message in messages_of(recording):
        name = _EVENT.match(message)
        if name is None or b"\r\nActionID: " in message:
            continue
        stamp = _STAMP.search(message)
        invented = pauses.before(name[1])
        if stamp is None:
            yield Moment(0.0 if last is not None else invented, message)
            continue
        at = float(stamp[1])
        pause = 0.0 if last is None else min(max(0.0, at - last), _LONGEST_PAUSE_S)
        last = at
        yield Moment(pause, message)


class _InventedPauses:
    """Time to ring and time to talk, where the recording has no clock."""

    def __init__(self) -> None:
        self._ringing = False
        self._bridged = 0

    def before(self, event: bytes) -> float:
        if event == b"DialBegin":
            self._ringing = True
        elif event == b"BridgeEnter":
            self._bridged += 1
        elif event in {b"DialEnd", b"AgentRingNoAnswer"} and self._ringing:
            self._ringing = False
            return _RING_S
        elif event in {b"HangupRequest", b"BridgeLeave", b"AgentComplete"} and self._bridged > 1:
            self._bridged = 0
            return _TALK_S
        return 0.0
