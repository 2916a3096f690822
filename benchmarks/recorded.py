"""Calls rendered from recordings of a real PBX: the same bytes with new ids and numbers.

Every Uniqueid, channel serial and bridge of a recording becomes a slot, and so do the caller's
number and the phone that rings where requested. Rendering a call fills the slots.
"""

import itertools
import re
from dataclasses import dataclass, replace
from pathlib import Path

SCENARIOS = Path(__file__).resolve().parent.parent / "tests" / "scenarios" / "22"
EPOCH = 1_795_400_000
"""The first part of new Uniqueids; those of the recordings are lower."""

_MESSAGE_END = b"\r\n\r\n"
_ID = rb"(?P<uniqueid>\b\d{10}\.\d+)|(?P<serial>-[0-9a-f]{8}(?=[;\r]))"
_BRIDGE = rb"|(?P<bridge>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"

Slot = tuple[str, bytes]
"""``uniqueid``, ``serial``, ``bridge``, ``caller`` or ``phone``, and its value in the recording."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some events of a call that are sent at once."""

    text: bytes
    """Printf-style, one ``%b`` a slot."""
    slots: tuple[int, ...]

    def render(self, values: list[bytes]) -> bytes:
        return self.text % tuple([values[slot] for slot in self.slots])


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording with slots. ``parts`` are sent one after the other."""

    parts: tuple[Part, ...]
    slots: tuple[Slot, ...]
    ids: int
    """How many ids of its own a rendered call takes."""
    events: int
    ring: int = 0
    """The index of the part that is ``DialBegin`` alone, in a ``ringing_call``."""

    def linkedid(self, first_id: int) -> str:
        """Of the call rendered from ``first_id`` on: the first channel's Uniqueid."""
        first = next(index for index, (kind, _) in enumerate(self.slots) if kind == "uniqueid")
        return f"{EPOCH}.{first_id + first}"

    def render(self, first_id: int, caller: str = "", phone: str = "") -> tuple[bytes, ...]:
        """The bytes of each part. ``first_id`` and the ``ids`` after it are used up."""
        values = self.values(first_id, caller, phone)
        return tuple([part.render(values) for part in self.parts])

    def values(self, first_id: int, caller: str, phone: str) -> list[bytes]:
        """What fills the slots of one call, for ``Part.render``."""
        return [
            _value(kind, first_id + index, caller, phone)
            for index, (kind, _) in enumerate(self.slots)
        ]


def ringing_call(file: str = "direct_answered.ami") -> Recorded:
    """A direct call: one part for each event up to and with ``DialBegin``, then the ringing, the
    answer, the end. Its caller and its phone are slots."""
    events = read_events(SCENARIOS / file)
    names = [name_of(event) for event in events]
    rings = names.index("DialBegin") + 1
    answers = next(
        index
        for index in range(rings, len(events))
        if names[index] == "Newstate" and b"ChannelState: 6\r\n" in events[index]
    )
    ends = names.index("HangupRequest")
    dial = events[rings - 1]
    caller, phone = header(dial, "CallerIDNum"), header(dial, "DialString")
    edges = (*range(rings + 1), answers, ends, len(events))
    parts = [events[start:end] for start, end in itertools.pairwise(edges)]
    return replace(_with_slots(parts, caller=caller, phone=phone), ring=rings - 1)


def any_call(file: Path) -> Recorded:
    """A whole recording in one part; only its ids are slots."""
    return _with_slots([read_events(file)])


def call_agent_recordings() -> list[Path]:
    """Those made with ``read = call,agent``, as Screenpop asks for."""
    return [file for file in sorted(SCENARIOS.glob("*.ami")) if ".full." not in file.name]


def read_events(file: Path) -> list[bytes]:
    """The events of a recording, without the banner and the replies."""
    messages = file.read_bytes().split(_MESSAGE_END)
    return [message + _MESSAGE_END for message in messages if message.startswith(b"Event: ")]


def name_of(event: bytes) -> str:
    return header(event, "Event").decode()


def header(event: bytes, name: str) -> bytes:
    found = re.search(rb"(?:^|\r\n)" + name.encode() + rb": ([^\r]*)", event)
    if found is None:
        raise LookupError(f"no {name} in {event[:80]!r}")
    return found[1]


def _with_slots(parts: list[list[bytes]], caller: bytes = b"", phone: bytes = b"") -> Recorded:
    pattern = _ID + _BRIDGE
    if caller:
        pattern += rb"|(?P<caller>" + re.escape(caller) + rb")"
    if phone:
        pattern += rb"|(?P<phone>(?<![0-9.])" + re.escape(phone) + rb"(?![0-9.]))"
    slots: dict[Slot, int] = {}
    made = [_part(b"".join(events), re.compile(pattern), slots) for events in parts]
    order = sorted(slots, key=lambda slot: slots[slot])
    return Recorded(tuple(made), tuple(order), len(order), sum(len(events) for events in parts))


def _part(text: bytes, pattern: re.Pattern[bytes], slots: dict[Slot, int]) -> Part:
    pieces: list[bytes] = []
    used: list[int] = []
    end = 0
    for found in pattern.finditer(text):
        pieces.append(text[end : found.start()].replace(b"%", b"%%"))
        slot = (found.lastgroup or "", found[0])
        used.append(slots.setdefault(slot, len(slots)))
        end = found.end()
    pieces.append(text[end:].replace(b"%", b"%%"))
    return Part(b"%b".join(pieces), tuple(used))


def _value(kind: str, number: int, caller: str, phone: str) -> bytes:
    match kind:
        case "uniqueid":
            return b"%d.%d" % (EPOCH, number)
        case "serial":
            return b"-%08x" % number
        case "bridge":
            return b"%08x-0000-4000-8000-000000000000" % number
        case "caller":
            return caller.encode()
        case "phone":
            return phone.encode()
        case _:
            raise ValueError(kind)
