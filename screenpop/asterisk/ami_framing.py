"""Cuts the bytes of an AMI connection into messages, filtered by event name and bounded.

This code sees every byte of the PBX, so unwanted events are dropped before they are decoded, and no
input makes it hold more than one message.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from screenpop.asterisk.ami_message import AmiMessage

MAX_LINE_BYTES = 8 * 1024
"""Bytes of one header line."""
MAX_MESSAGE_BYTES = 64 * 1024
"""Bytes of one message."""
MAX_HEADERS = 256
HEAD = 200
"""Bytes kept of a bad message."""
MAX_PROBLEMS = 32
"""Bad messages kept between two ``take_problems``; further ones are only counted."""

BANNER = b"Asterisk Call Manager"
LINE_END = b"\r\n"
MESSAGE_END = b"\r\n\r\n"
_SHORT_END = b"\r\n\n"
"""The blank line of some list events: a bare LF behind the last header."""
_CHANNEL_VARIABLE = b"ChanVariable("
_EVENT = b"Event: "
_MAX_CACHED_LINES = 4096
_MAX_CACHED_LINE_BYTES = 200
_NAME_BYTES = 12
"""Of an event's first line: enough to recognise most unwanted ones."""
_MAX_OPEN_BYTES = MAX_MESSAGE_BYTES + len(MESSAGE_END) - 1


_TYPE_LINE = re.compile(rb"(?:Event|Response): [A-Za-z]{1,40}")


class BadReason(StrEnum):
    MALFORMED = "malformed"
    """A line without a colon, or neither event nor response: skipped."""
    OVERSIZED = "oversized"
    """A longer line or message, or more headers, than any PBX sends: skipped."""
    NOT_UTF8 = "not_utf8"
    """Kept, with U+FFFD for the invalid bytes: a wrong name is better than a lost call."""


@dataclass(frozen=True, slots=True)
class BadMessage:
    """A bad message, for the log."""

    reason: BadReason
    head: bytes

    @property
    def type_name(self) -> str:
        """The first line if it names an event or response; empty otherwise.

        The rest may hold names and numbers of callers.
        """
        first = self.head.partition(b"\r\n")[0]
        return first.decode("ascii") if _TYPE_LINE.fullmatch(first) else ""


@dataclass(slots=True)
class FramingCounters:
    """Messages since the connection began. ``not_utf8`` ones are also among ``kept``."""

    kept: int = 0
    dropped: int = 0
    malformed: int = 0
    oversized: int = 0
    not_utf8: int = 0


class _Headers(dict[bytes, list[str]]):
    """Cache of split header lines: most lines of a call (ids, numbers, contexts) repeat.

    Kept small, so that a flood of new lines costs time but no memory.
    """

    def __missing__(self, line: bytes) -> list[str]:
        pair = name, _ = line.decode().split(": ", 1)  # ValueError: one part only
        if not name or line.startswith(_CHANNEL_VARIABLE):
            raise ValueError
        if len(line) <= _MAX_CACHED_LINE_BYTES:
            if len(self) >= _MAX_CACHED_LINES:
                self.clear()
            self[line] = pair
        return pair


class AmiFramer:
    """Frames the bytes of one connection, in chunks of any size, into messages in order.

    ``wanted`` are the event names to keep, None for all. Responses always pass, and so do events
    whose ActionID begins with ``ours`` (answers to Screenpop's list actions); it should end in a
    character that is rare in AMI, because every unwanted event is searched for it. The banner is
    skipped.

    Lines end in CRLF. If the first line of the stream ends in a bare LF (a recording changed by an
    editor), LF ends every line; otherwise a bare LF is part of a value, so that a channel variable
    with line breaks cannot add headers. A message ends at a blank line: CRLF, or a bare LF behind
    the CRLF of its last header (some list events end so).

    ``ChanVariable(channel):`` (``manager_event_multichan`` in Asterisk, main/manager.c) becomes the
    ``ChanVariable`` or ``DestChanVariable`` of that channel.
    """

    def __init__(self, wanted: frozenset[str] | None, ours: str = "") -> None:
        self.counters = FramingCounters()
        self._wanted = wanted
        self._wanted_lines = (
            None if wanted is None else frozenset(_EVENT + name.encode() for name in wanted)
        )
        self._wanted_starts = frozenset(
            (line + end)[:_NAME_BYTES]
            for line in self._wanted_lines or ()
            for end in (b"", LINE_END)
        )
        self._ours = ours
        self._ours_bytes = b"\r\nActionID: " + ours.encode()
        self._rare = ours[-1:].encode()
        self._tail = b""
        self._skipping = False
        self._bare_lf: bool | None = None
        self._problems: list[BadMessage] = []
        self._header = _Headers().__getitem__

    def feed(self, data: bytes) -> list[AmiMessage]:
        """Return the messages completed by these bytes."""
        buffer = self._tail + data if self._tail else data
        if self._bare_lf is not False:
            buffer = self._with_crlf(buffer)
        # The search from the right is the quicker one: benchmark ``--only reading``.
        if buffer.rfind(b"\n\n") >= 0 and _SHORT_END in buffer:
            buffer = buffer.replace(_SHORT_END, MESSAGE_END)
        parts = buffer.split(MESSAGE_END)
        self._tail = parts.pop()
        if self._skipping and parts:
            del parts[0]
            self._skipping = False
        if not self._skipping and self._bare_lf is not None:
            self._tail = self._tail.lstrip(LINE_END)  # blank lines between messages
        messages = self._sift(parts, self._rare in buffer)
        # After the whole messages, so that problems are noted in the order of the stream.
        if len(self._tail) > _MAX_OPEN_BYTES or self._skipping:
            self._skip_open_message()
        return messages

    def take_problems(self) -> tuple[BadMessage, ...]:
        """Return the bad messages since the last call, each once."""
        problems = tuple(self._problems)
        self._problems.clear()
        return problems

    def _sift(self, parts: list[bytes], has_answers: bool) -> list[AmiMessage]:
        # The hot loop: names it looks up are locals, and a wanted event costs a split and a
        # dictionary.
        header, kept = self._header, list[AmiMessage]()
        passing = parts
        if self._wanted_lines is not None:
            passing = self._passing(parts, self._wanted_lines, has_answers)
        self.counters.dropped += len(parts) - len(passing)
        for part in passing:
            lines = part.split(LINE_END)
            try:
                fields = dict(map(header, lines))
            except ValueError:
                fields = {}
            plain = part[:7] == _EVENT or ("Response" in fields and "Event" not in fields)
            if plain and len(fields) == len(lines) <= MAX_HEADERS and len(part) <= MAX_LINE_BYTES:
                kept.append(AmiMessage(fields))
            else:
                kept.extend(self._parse_slowly(part))
        self.counters.kept += len(kept)
        return kept

    def _passing(
        self, parts: list[bytes], wanted: frozenset[bytes], has_answers: bool
    ) -> list[bytes]:
        """Return the parts without unwanted events, which their first line identifies.

        Finding an answer to an own action needs a search of all bytes of a part, so the rare last
        byte of ``ours`` is searched first: in the whole read (``has_answers``), then in the part.
        Benchmark: ``--only reading``.
        """
        rare, ours = self._rare, self._ours_bytes
        if not has_answers:
            starts = self._wanted_starts
            return [
                part
                for part in parts
                if (part[:_NAME_BYTES] in starts and part.partition(LINE_END)[0] in wanted)
                or part[:7] != _EVENT
                or len(part) > MAX_MESSAGE_BYTES
            ]
        return [
            part
            for part in parts
            if part.partition(LINE_END)[0] in wanted
            or part[:7] != _EVENT
            or (rare in part and ours in part)
            or len(part) > MAX_MESSAGE_BYTES
        ]

    def _parse_slowly(self, part: bytes) -> Iterator[AmiMessage]:
        """Parse the uncommon parts: banner, repeated names, invalid UTF-8, no space after a colon,
        excess size."""
        part = part.lstrip(LINE_END)
        if len(part) > MAX_MESSAGE_BYTES:
            self._note(BadReason.OVERSIZED, part)
            return
        part = _without_banner(part)
        if not part:
            return
        if _has_too_much(part):
            self._note(BadReason.OVERSIZED, part)
            return
        message = _read_headers(self._decode(part))
        if message is None:
            self._note(BadReason.MALFORMED, part)
        elif self._passes(message):
            yield message
        else:
            self.counters.dropped += 1

    def _passes(self, message: AmiMessage) -> bool:
        if self._wanted is None or not message.event or message.event in self._wanted:
            return True
        return "ActionID" in message.fields and message.action_id.startswith(self._ours)

    def _decode(self, part: bytes) -> str:
        try:
            return part.decode()
        except UnicodeDecodeError:
            self._note(BadReason.NOT_UTF8, part)
            return part.decode(errors="replace")

    def _note(self, reason: BadReason, part: bytes) -> None:
        match reason:
            case BadReason.MALFORMED:
                self.counters.malformed += 1
            case BadReason.OVERSIZED:
                self.counters.oversized += 1
            case BadReason.NOT_UTF8:
                self.counters.not_utf8 += 1
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(BadMessage(reason, part[:HEAD]))

    def _skip_open_message(self) -> None:
        if not self._skipping:
            self._note(BadReason.OVERSIZED, self._tail)
            self._skipping = True
        # Enough to see the end of the message when the rest of it arrives.
        self._tail = self._tail[1 - len(MESSAGE_END) :]

    def _with_crlf(self, buffer: bytes) -> bytes:
        if self._bare_lf is None:
            first = buffer.find(b"\n")
            if first < 0:
                return buffer
            self._bare_lf = buffer[first - 1 : first] != b"\r"
        if not self._bare_lf:
            return buffer
        return buffer.replace(LINE_END, b"\n").replace(b"\n", LINE_END)


def _without_banner(part: bytes) -> bytes:
    part = part.lstrip(LINE_END)
    if part.startswith(BANNER):
        part = part.partition(LINE_END)[2]
    return part


def _has_too_much(part: bytes) -> bool:
    lines = part.split(LINE_END)
    return len(lines) > MAX_HEADERS or any(len(line) > MAX_LINE_BYTES for line in lines)


def _read_headers(text: str) -> AmiMessage | None:
    """Return the headers; None for a malformed part."""
    pairs: list[tuple[str, str]] = []
    for line in text.split("\r\n"):
        name, colon, value = line.partition(": ")
        if not colon:
            name, colon, value = line.partition(":")
        if not colon or not name:
            return None
        pairs.append((name, value))
    if "ChanVariable(" in text:
        pairs = _with_plain_variables(pairs)
    fields: dict[str, str] = {}
    repeats: list[tuple[str, str]] = []
    for name, value in pairs:
        if name in fields:
            repeats.append((name, value))
        else:
            fields[name] = value
    message = AmiMessage(fields, tuple(repeats))
    return message if message.event or message.response else None


def _with_plain_variables(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Rename ``ChanVariable(channel)`` as in Asterisk 12: after the channel's role in the
    message."""
    roles = {
        value: name.removesuffix("Channel")
        for name, value in reversed(pairs)
        if name.endswith("Channel")
    }

    def plain(name: str) -> str:
        if not name.startswith("ChanVariable("):
            return name
        channel = name.removeprefix("ChanVariable(").removesuffix(")")
        return roles.get(channel, "") + "ChanVariable"

    return [(plain(name), value) for name, value in pairs]
