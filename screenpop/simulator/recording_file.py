"""A recording as a file: which files can be read, and one sentence for each kind that cannot.

``screenpop replay`` and ``replay --changes`` read their file here, so both take the same files and
count the same events.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from screenpop.asterisk.ami_events import Malformed, decode
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.versions import ami_version, is_too_old

LISTED = frozenset(
    {"CoreShowChannel", "CoreShowChannelsComplete", "QueueParams", "QueueMember", "QueueEntry"}
    | {"QueueStatusComplete", "Status", "StatusComplete"}
)
"""Answers to the list actions of a fresh login, which a recording may hold."""

HOW_TO_RECORD = (
    "Record what an AMI user receives, byte for byte, and log in first: printf 'Action:"
    " Login\\r\\nUsername: NAME\\r\\nSecret: SECRET\\r\\n\\r\\n' | timeout 60 nc PBX 5038 >"
    " call.ami"
)

_COMPRESSED = (
    (b"\x1f\x8b", "gzip", "gunzip"),
    (b"BZh", "bzip2", "bunzip2"),
    (b"\xfd7zXZ\x00", "xz", "unxz"),
    (b"\x28\xb5\x2f\xfd", "zstd", "unzstd"),
    (b"PK\x03\x04", "zip", "unzip"),
)
_CAPTURES = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\x0a\x0d\x0d\x0a")
_UTF8_MARK = b"\xef\xbb\xbf"
_HEAD = 64 * 1024
"""Bytes that are looked at to know the kind of a file."""

_EVENT_LINE = re.compile(rb"^Event: ?\S", re.MULTILINE)
_EVENT_IN_OTHER_CASE = re.compile(rb"^event: ?\S", re.MULTILINE | re.IGNORECASE)
_EVENT_BEHIND_SOMETHING = re.compile(rb"^[^\r\n]{1,120}?\b(?:Event|Response): ?\S", re.MULTILINE)
_CONSOLE = re.compile(
    rb"^(?:\[[^\]\r\n]+\] *(?:VERBOSE|NOTICE|WARNING|DEBUG|ERROR)|\s*(?:--|==|>) )|-- Executing \[",
    re.MULTILINE,
)
_OLD_DIAL = re.compile(rb"^Event: Dial\r?\n(?:[^\r\n]+\r?\n)*?SubEvent: ", re.MULTILINE)
_BARE_LF = re.compile(rb"(?<!\r)\n")
_LOGIN = re.compile(
    rb"(?=Asterisk Call Manager/[0-9.]+\r\n(?:Response|Event): )"
    rb"|(?<=\r\n\r\n)(?=Response: Success\r\n(?:ActionID: [^\r\n]*\r\n)?"
    rb"Message: Authentication accepted\r\n)"
)


class RecordingError(ValueError):
    """A file from which no calls can be made. The text names the problem and the remedy."""


@dataclass(frozen=True, slots=True)
class EventCounts:
    """Events of a recording; ``read`` is the sum of the others."""

    read: int = 0
    understood: int = 0
    unneeded: int = 0
    """Of kinds that no call needs."""
    damaged: int = 0
    """Too long, not in the form of AMI, or without a header that must be there."""

    @property
    def sentence(self) -> str:
        left_out = self.unneeded + self.damaged
        text = f"{_events(self.read)} read, {self.understood} understood, {left_out} left out"
        if not left_out:
            return text + "."
        parts = [f"{self.unneeded} of kinds that no call needs"] if self.unneeded else []
        parts += [f"{self.damaged} damaged"] if self.damaged else []
        return f"{text} ({', '.join(parts)})."


@dataclass(frozen=True, slots=True)
class Recording:
    """The bytes received in each login of a file, in order, with CRLF at the end of every line."""

    logins: tuple[bytes, ...]
    counts: EventCounts
    notes: tuple[str, ...] = ()
    """Sentences about what was mended while reading."""


def read_recording(path: Path) -> Recording:
    """The recording of a file. Raises OSError and ``RecordingError``."""
    return parse_recording(path.read_bytes())


def parse_recording(data: bytes) -> Recording:
    """The recording that these bytes are. Raises ``RecordingError``."""
    _refuse_other_formats(data)
    data, notes = _with_crlf_lines(data.removeprefix(_UTF8_MARK))
    if data.endswith(b"\r\n"):
        data += b"\r\n"  # editors trim the last blank line
    logins = tuple(part for part in _LOGIN.split(data) if part.strip(b"\r\n"))
    counts = _count(logins)
    _refuse_old_versions(logins, counts)
    if not _EVENT_LINE.search(data):
        raise RecordingError(f"{_nothing_understood(data)} 0 events were read. {HOW_TO_RECORD}")
    if counts.damaged and not counts.understood:
        raise RecordingError(
            f"{_events(counts.read)} read, none understood: they are not as Asterisk sends them"
            f" (headers such as Uniqueid are missing or misspelt). {HOW_TO_RECORD}"
        )
    with_events = sum(1 for login in logins if _EVENT_LINE.search(login))
    if with_events > 1:
        notes += (f"It holds {with_events} logins; each ends the calls of the one before it.",)
    return Recording(logins, counts, notes)


def _refuse_other_formats(data: bytes) -> None:
    if not data.strip():
        raise RecordingError(f"The file is empty: 0 events were read. {HOW_TO_RECORD}")
    for start, name, command in _COMPRESSED:
        if data.startswith(start):
            raise RecordingError(
                f"The file is compressed ({name}): 0 events were read. Unpack it first, with"
                f" {command}."
            )
    if data.startswith(_CAPTURES):
        raise RecordingError(
            "The file is a network capture (pcap): 0 events were read. Save the stream that the PBX"
            f" sent as raw bytes, or record anew. {HOW_TO_RECORD}"
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:64]:
        raise RecordingError(
            "The file is UTF-16 or binary, not the bytes that Asterisk sent: 0 events were read."
            " Save it as UTF-8 (PowerShell's > writes UTF-16), or record anew. " + HOW_TO_RECORD
        )
    if b"\n" not in data and b"\r" in data:
        raise RecordingError(
            "The lines end in CR alone, where AMI has CR LF: 0 events were read. An editor or a"
            f" terminal changed the file. {HOW_TO_RECORD}"
        )


def _refuse_old_versions(logins: tuple[bytes, ...], counts: EventCounts) -> None:
    for login in logins:
        version = ami_version(login.partition(b"\r\n")[0].decode(errors="replace"))
        if is_too_old(version):
            raise RecordingError(
                f"The recording is of Asterisk 11 or older (AMI version {version}): Screenpop needs"
                f" Asterisk 12 or newer. {_events(counts.read)} read, none used."
            )
    if any(map(_OLD_DIAL.search, logins)):
        raise RecordingError(
            "The recording is of Asterisk 11 or older (it has Dial with SubEvent, where newer ones"
            f" have DialBegin): Screenpop needs Asterisk 12 or newer. {_events(counts.read)} read,"
            " none used."
        )


def _nothing_understood(data: bytes) -> str:
    head = data[:_HEAD]
    if _EVENT_IN_OTHER_CASE.search(head):
        return (
            "The file holds no AMI events: its header names are not spelt as Asterisk spells them"
            ' ("event:" for "Event:"), so another program wrote it.'
        )
    if _CONSOLE.search(head):
        return "The file holds no AMI events: it is the console or the log of Asterisk."
    if _EVENT_BEHIND_SOMETHING.search(head):
        return (
            "The file holds no AMI events: each line has something before its header, such"
            " as a time."
        )
    return "The file holds no AMI events."


def _with_crlf_lines(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The bytes with CRLF line ends, and a note where both kinds of line ends were mixed.

    A few bare LFs between CRLFs are part of values and stay. LF ends lines where the first line
    ends so, where an event follows the last CRLF, or where a quarter of all line ends are LF.
    """
    bare = len(_BARE_LF.findall(data))
    if not bare:
        return data, ()
    whole = data.count(b"\n")
    first = data.find(b"\n")
    tail = data[data.rfind(b"\r\n") + 2 :]
    lf_first = data[first - 1 : first] != b"\r"
    if not (lf_first or bare * 4 >= whole or _EVENT_LINE.search(tail)):
        return data, ()
    mended = _BARE_LF.sub(b"\r\n", data)
    if bare == whole:
        return mended, ()
    return mended, (
        "Its line ends are mixed, CR LF and LF: all were read as line ends. An editor or a paste"
        " changed the file.",
    )


def _count(logins: tuple[bytes, ...]) -> EventCounts:
    understood = unneeded = damaged = 0
    for login in logins:
        framer = AmiFramer(None)
        for message in framer.feed(login):
            if message.event:
                is_understood = _is_understood(message)
                understood += is_understood is True
                unneeded += is_understood is False
                damaged += is_understood is None
        damaged += framer.counters.malformed + framer.counters.oversized
    return EventCounts(understood + unneeded + damaged, understood, unneeded, damaged)


def _is_understood(message: AmiMessage) -> bool | None:
    """True for an event that calls are made of, False for one that none needs, None for damage."""
    if message.event in LISTED:
        return True
    event = decode(message)
    if isinstance(event, Malformed):
        return None
    return event is not None


def _events(number: int) -> str:
    return "1 event" if number == 1 else f"{number} events"
