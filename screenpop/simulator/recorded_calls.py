"""Plays recorded calls of a real PBX again with other phones and numbers.

Each file of ``scenarios/`` is one recorded call of Asterisk 22, only the events that matter. A
replay gets new ids, channels, times, phones and numbers; nothing else is changed.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from screenpop.simulator.ami_encoding import to_bytes, to_headers
from screenpop.simulator.call_script import CallScriptError
from screenpop.simulator.channel import Headers
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.recording import timed_messages
from screenpop.simulator.script_player import Wait

SLOWED = 4.0
"""The lab's phones answer quickly; a demo needs visible pauses."""

_SCENARIOS = Path(__file__).parent / "scenarios"
_UNIQUEID = re.compile(r"(?<![\d.])\d{10}\.\d+(?![\d.])")
_CHANNEL = re.compile(r"(?<=-)[0-9a-f]{8}(?=$|;|<|,|/)")
_BRIDGE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PHONE = re.compile(r"(?<![\w.+])10[123](?!\d)")
_DID = re.compile(r"(?<!\d)0219100\d{4}(?!\d)")
_NUMBER = re.compile(r"(?<!\d)09123456789(?!\d)")
_RECORDED_PHONES = ("101", "102", "103")


@dataclass(frozen=True, slots=True)
class CallParties:
    """Caller and phones; further phones that the scenario needs come from the PBX."""

    number: str
    phones: tuple[str, ...]
    did: str = ""


def recorded_call_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _SCENARIOS.glob("*.ami")))


def scenario_has_caller(name: str) -> bool:
    """Return whether a scenario uses the caller's number: not if internal or withheld."""
    return any(_NUMBER.search(text) for _, headers in _recorded(name) for _, text in headers)


def check_recorded_call(name: str) -> None:
    """Raise ``CallScriptError`` for a scenario that cannot be played; an empty name is valid."""
    if name and name not in recorded_call_names():
        known = ", ".join(recorded_call_names())
        raise CallScriptError(f"scenario: {name!r} is none of {known}")


@dataclass(slots=True)
class RecordedCall:
    """One scenario with its ids; ``run`` plays it. Raises ``CallScriptError``."""

    pbx: SimulatedPbx
    name: str
    parties: CallParties
    wait: Wait
    linkedid: str = field(init=False)
    _moments: tuple[tuple[float, Headers], ...] = field(init=False)

    def __post_init__(self) -> None:
        recorded = _recorded(self.name)
        rewrite = _Rewrite(self.pbx, self.parties)
        self._moments = tuple((pause, rewrite.message(headers)) for pause, headers in recorded)
        first = dict(self._moments[0][1])
        self.linkedid = first["Linkedid"]

    async def run(self) -> None:
        for pause, headers in self._moments:
            if pause:
                await self.wait(pause * SLOWED)
            now = f"{self.pbx.clock():.6f}"
            stamped = [(name, now if name == "Timestamp" else text) for name, text in headers]
            self.pbx.repeat(to_bytes(stamped))


@cache
def _recorded(name: str) -> tuple[tuple[float, Headers], ...]:
    check_recorded_call(name)
    moments = timed_messages((_SCENARIOS / f"{name}.ami").read_bytes())
    return tuple((moment.pause_s, to_headers(moment.message)) for moment in moments)


class _Rewrite:
    """Replaces phones, numbers and ids; equal ids stay equal."""

    def __init__(self, pbx: SimulatedPbx, parties: CallParties) -> None:
        self._parties = parties
        self._uniqueids = _Renamed(pbx.fresh_uniqueid)
        self._channels = _Renamed(pbx.fresh_channel_number)
        self._bridges = _Renamed(pbx.bridge_id)
        self._phones = _phones(pbx, parties)

    def message(self, headers: Headers) -> Headers:
        return [(name, self._value(name, text)) for name, text in headers]

    def _value(self, name: str, text: str) -> str:
        if name in {"Event", "Privilege", "Timestamp"} or not text:
            return text
        text = _UNIQUEID.sub(lambda found: self._uniqueids[found[0]], text)
        text = _BRIDGE.sub(lambda found: self._bridges[found[0]], text)
        text = _CHANNEL.sub(lambda found: self._channels[found[0]], text)
        text = _PHONE.sub(lambda found: self._phones[found[0]], text)
        if self._parties.did:
            text = _DID.sub(lambda _: self._parties.did, text)
        if self._parties.number:
            text = _NUMBER.sub(lambda _: self._parties.number, text)
        return text


class _Renamed(dict[str, str]):
    def __init__(self, fresh: Callable[[], str]) -> None:
        super().__init__()
        self._fresh = fresh

    def __missing__(self, recorded: str) -> str:
        self[recorded] = self._fresh()
        return self[recorded]


def _phones(pbx: SimulatedPbx, parties: CallParties) -> Mapping[str, str]:
    return dict(zip(_RECORDED_PHONES, _enough(pbx, parties), strict=False))


def _enough(pbx: SimulatedPbx, parties: CallParties) -> Iterator[str]:
    """Return as many different phones as any scenario needs."""
    taken = dict.fromkeys((*parties.phones, *pbx.phones, *_RECORDED_PHONES, "104", "105"))
    yield from taken
