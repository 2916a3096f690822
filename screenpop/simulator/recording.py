"""Recorded AMI, played again as a boot of its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from screenpop.simulator.ami_encoding import END, messages_of, to_headers
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.recording_file import Recording, RecordingError, parse_recording
from screenpop.simulator.script_player import Wait

__all__ = ["Recording", "RecordingError", "TimedMessage", "play_recording", "timed_messages"]

_STAMP = re.compile(rb"^Timestamp: (\d+\.\d+)\r$", re.MULTILINE)
_EVENT = re.compile(rb"^Event: (\S+)", re.MULTILINE)

_RING_S, _TALK_S = 3.0, 4.0
"""Pauses for a recording without timestamps, so that a person sees its cards."""

_LONGEST_PAUSE_S = 60.0
"""A clock that jumps must not stop a replay."""


@dataclass(frozen=True, slots=True)
class TimedMessage:
    """One recorded message and the seconds that pass before it."""

    pause_s: float
    message: bytes


def timed_messages(recording: Recording | bytes) -> tuple[TimedMessage, ...]:
    """The events of a recording with their pauses; a second login first ends the calls of the one
    before it. Answers to actions are left out: a client of the replay gets answers to its
    own. Raises ``RecordingError`` for bytes that are no recording."""
    if isinstance(recording, bytes):
        recording = parse_recording(recording)
    return tuple(_moments(recording.logins))


async def play_recording(
    pbx: SimulatedPbx, moments: tuple[TimedMessage, ...], wait: Wait, speed: float = 1.0
) -> None:
    """Send the recorded events, ``speed`` times as fast as they were."""
    for moment in moments:
        if moment.pause_s:
            await wait(moment.pause_s / speed)
        pbx.repeat(moment.message)


def _moments(logins: tuple[bytes, ...]) -> Iterator[TimedMessage]:
    last: float | None = None
    pauses = _InventedPauses()
    channels = _OpenChannels()
    for number, login in enumerate(logins):
        if number:
            yield from (TimedMessage(0.0, message) for message in channels.hang_up())
        for message in messages_of(login):
            name = _EVENT.match(message)
            if name is None or b"\r\nActionID: " in message:
                continue
            channels.observe(message)
            stamp = _STAMP.search(message)
            invented = pauses.before(name[1])
            if stamp is None:
                yield TimedMessage(0.0 if last is not None else invented, message)
                continue
            at = float(stamp[1])
            pause = 0.0 if last is None else min(max(0.0, at - last), _LONGEST_PAUSE_S)
            last = at
            yield TimedMessage(pause, message)


class _OpenChannels:
    """The channels that the recording has opened and not hung up."""

    def __init__(self) -> None:
        self._channels: dict[str, tuple[str, str]] = {}

    def observe(self, message: bytes) -> None:
        fields = dict(reversed(to_headers(message)))
        if fields["Event"] == "Hangup":
            self._channels.pop(fields.get("Uniqueid", ""), None)
            return
        for role in ("", "Dest"):
            if uniqueid := fields.get(role + "Uniqueid"):
                linkedid = fields.get(role + "Linkedid") or uniqueid
                self._channels[uniqueid] = (fields.get(role + "Channel", ""), linkedid)

    def hang_up(self) -> Iterator[bytes]:
        """One ``Hangup`` a channel, which is no longer open then."""
        while self._channels:
            uniqueid, (name, linkedid) = self._channels.popitem()
            lines = ("Event: Hangup", f"Channel: {name}", f"Uniqueid: {uniqueid}")
            yield "\r\n".join((*lines, f"Linkedid: {linkedid}", "Cause: 0")).encode() + END


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
