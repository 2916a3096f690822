"""``screenpop replay --anonymise``: a recording without the numbers and names of people.

A number keeps its length and everything before its last seven digits; these become others, the same
ones in each spelling (``09123456789``, ``+98 912 345 6789``, ``3456789``). Numbers that differ in
their last three digits only still do, so a block of dialled numbers stays a block. Numbers of up to
six digits are extensions and stay. Each word of a name becomes an invented one of its script.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random, SystemRandom
from urllib.parse import quote, unquote

from screenpop.common.search_normalization import fold
from screenpop.simulator.anonymise_headers import HeaderKind, header_kind, variable_kind
from screenpop.simulator.invented_values import InventedAddresses, InventedNumbers, InventedWords
from screenpop.simulator.recording_file import parse_recording
from screenpop.telephony.caller_id_words import means_unknown, means_withheld, normalize_word

_LOCAL_DIGITS = 7
"""Fewer digits are an extension or a short code."""
_SHORTEST_TECHNICAL_NAME = 3
"""Letters. ``n`` and ``tT`` in technical text are options."""

_HEADER = re.compile(r"([A-Za-z][\w-]*)(:[ \t]*)(.*)", re.DOTALL)
_BANNER = "Asterisk Call Manager/"
_MARKS = "\u0300-\u036f\u064b-\u065f\u0670\u200c\u200d"
_WORD = re.compile(rf"(?:[^\W\d_]|[\udc80-\udcff])(?:[^\W\d_]|[\udc80-\udcff{_MARKS}])*")
_PERCENT_ENCODED = re.compile(r"(?:[\w.~+-]|%[0-9A-Fa-f]{2})+")
_ADDRESS = r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"
_ID = (
    r"-(?:000[0-9a-f]{5}|(?=\d*[a-f])[0-9a-f]{8})(?![0-9A-Za-z])"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?<!\d)\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?"
    r"|(?<!\d)\d{9,10}\.\d{1,9}(?!\d)"
)
"""A channel's number, a UUID, a date with time, an id of Asterisk."""
_NUMBER = (
    r"(?<!\d)(?:\d{7,}|(?<![A-Za-z]-)\d{1,6}(?:[ ().\u00a0-]{1,2}\d{1,6})+)(?!\d)",
    r"(?<!\d)(?:\d{7,}|\d{1,6}(?:[ ().\u00a0]{1,2}\d{1,6})+)(?!\d)",
)
_IN_FREE = re.compile(f"(?P<address>{_ADDRESS})|(?P<id>{_ID})|(?P<number>{_NUMBER[0]})")
_IN_TECHNICAL = re.compile(f"(?P<address>{_ADDRESS})|(?P<id>{_ID})|(?P<number>{_NUMBER[1]})")
_DATE = re.compile(r"\d{4}-")
_DIGIT_RUN = re.compile(r"\d+")
_CHANNEL = re.compile(r"[A-Za-z0-9]{2,12}/\S")
_PROTOCOL_WORDS = frozenset(
    (
        *(
            "local",
            "pjsip",
            "sip",
            "sips",
            "tel",
            "iax",
            "dahdi",
            "agent",
            "queue",
            "user",
            "phone",
        ),
        *("trunk", "from", "internal", "xfer", "custom", "park", "parkedcalls", "dnd", "avail"),
        *(
            "pause",
            "confbridge",
            "outgoing",
            "line",
            "func",
            "apply",
            "sipheaders",
            "macro",
            "auto",
        ),
        *(
            "authentication",
            "accepted",
            "transport",
            "udp",
            "tcp",
            "tls",
            "surrogate",
            "mixmonitor",
        ),
        *("message", "unavail", "busy", "direct", "app", "ext", "group", "default", "all"),
    )
)
_FREEPBX_PREFIXES = frozenset({"RG", "LC", "FMPR", "FMGL", "CID"})
_CONSTANTS = frozenset(
    (
        *("ANSWER", "CANCEL", "BUSY", "NOANSWER", "CONGESTION", "CHANUNAVAIL", "yes", "no"),
        *("true", "false", "en", "fa", "el"),
    )
)


@dataclass(frozen=True, slots=True)
class AnonymisedRecording:
    data: bytes
    numbers: int
    """Different numbers that were replaced, by their last seven digits."""
    words: int
    """Different words of names and free text that were replaced."""


def anonymise_recording(data: bytes, random: Random | None = None) -> AnonymisedRecording:
    """Return the recording with other numbers and names; ids, times and the order stay.

    ``random``: what the invented values are drawn from; the system's by default, so that two runs
    over one file differ and the originals cannot be computed. Raises ``RecordingError`` for bytes
    that are no recording, or that hold more numbers than there are others for.
    """
    parse_recording(data)
    random = random or SystemRandom()
    lines = data.decode("utf-8", "surrogateescape").splitlines(keepends=True)
    lines = list(_joined(lines))
    found = _Found()
    for line in _rewritten(lines, found):
        del line
    numbers = InventedNumbers(found.local_numbers, random)
    words = InventedWords(found.words, found.dialplan_words, random)
    replacer = _Replacer(numbers, words, InventedAddresses(), found)
    text = "".join(_rewritten(lines, replacer))
    return AnonymisedRecording(
        text.encode("utf-8", "surrogateescape"), len(found.local_numbers), len(found.words)
    )


def _joined(lines: list[str]) -> Iterator[str]:
    """``splitlines`` also cuts at line ends that AMI does not know; these are put back."""
    pending = ""
    for line in lines:
        pending += line
        if line.endswith("\n"):
            yield pending
            pending = ""
    if pending:
        yield pending


class _Found:
    """First pass: what there is to replace."""

    def __init__(self) -> None:
        self.local_numbers: dict[str, None] = {}
        self.words: dict[str, str] = {}
        self.dialplan_words: set[str] = set()
        self.ids: set[str] = set()

    def number(self, local: str) -> str:
        self.local_numbers[local] = None
        return local

    def free_word(self, word: str) -> str:
        self.words.setdefault(fold(word), word)
        return word

    def technical_word(self, word: str) -> str:
        return word

    def dialplan(self, value: str) -> None:
        self.dialplan_words.update(fold(word) for word in _WORD.findall(value))

    def keep_id(self, value: str) -> None:
        self.ids.add(value)

    def is_id(self, text: str) -> bool:
        return text in self.ids

    def address(self, text: str) -> str:
        return text


class _Replacer:
    """Second pass: the invented values."""

    def __init__(
        self,
        numbers: InventedNumbers,
        words: InventedWords,
        addresses: InventedAddresses,
        found: _Found,
    ) -> None:
        self.number = numbers.local_number
        self.free_word = words.word
        self.address = addresses.address
        self.is_id = found.is_id
        self._words = words
        self._kept_words = _PROTOCOL_WORDS | found.dialplan_words

    def technical_word(self, word: str) -> str:
        known = len(word) >= _SHORTEST_TECHNICAL_NAME and fold(word) not in self._kept_words
        return self._words.known_word(word) if known else word

    def dialplan(self, value: str) -> None:
        """Nothing: the first pass has read them."""

    def keep_id(self, value: str) -> None:
        """Nothing: the first pass has read them."""


def _rewritten(lines: list[str], values: _Found | _Replacer) -> Iterator[str]:
    variable = HeaderKind.FREE
    if isinstance(values, _Found):
        # Ids stand in variables before the header that has them.
        for line in lines:
            name, _, value = line.partition(": ")
            if name.endswith(("niqueid", "niqueId", "niqueID", "inkedid")):
                values.keep_id(value.rstrip("\r\n"))
    for line in lines:
        body = line.rstrip("\r\n")
        end = line[len(body) :]
        header = _HEADER.fullmatch(body)
        if header is None:
            kept = not body or body.startswith(_BANNER)
            yield (body if kept else _value(body, HeaderKind.FREE, values)) + end
            continue
        name, colon, value = header.groups()
        if name.endswith("ChanVariable"):
            yield name + colon + _assignment(value, values) + end
            continue
        kind = header_kind(name)
        if name == "Variable":
            variable, kind = variable_kind(value), HeaderKind.TECHNICAL
        elif name == "Value":
            kind = variable
        yield name + colon + _value(value, kind, values) + end


def _assignment(value: str, values: _Found | _Replacer) -> str:
    """Replace in ``NAME=value``; what is none is free text."""
    name, equals, content = value.partition("=")
    if not equals:
        return _value(value, HeaderKind.FREE, values)
    known = _value(name, HeaderKind.TECHNICAL, values)
    return known + equals + _value(content, variable_kind(name), values)


def _value(value: str, kind: HeaderKind, values: _Found | _Replacer) -> str:
    if kind is HeaderKind.KEPT or not value:
        return value
    if kind is HeaderKind.DIALPLAN:
        values.dialplan(value)
    elif kind is HeaderKind.FREE:
        if value in _CONSTANTS or _is_no_number(value):
            return value
        if _CHANNEL.match(value):
            kind = HeaderKind.TECHNICAL
    pattern = _IN_FREE if kind is HeaderKind.FREE else _IN_TECHNICAL
    pieces = []
    last = 0
    for found in _PERCENT_ENCODED.finditer(value) if "%" in value else ():
        if "%" in found[0]:
            pieces.append(_plain(value[last : found.start()], kind, values, pattern))
            pieces.append(_decoded(found[0], kind, values))
            last = found.end()
    pieces.append(_plain(value[last:], kind, values, pattern))
    return "".join(pieces)


def _is_no_number(value: str) -> bool:
    normalized = normalize_word(value)
    return means_unknown(normalized) or means_withheld(normalized)


def _decoded(text: str, kind: HeaderKind, values: _Found | _Replacer) -> str:
    """Replace in percent-encoded text, which stays as it is where nothing changes."""
    plain = unquote(text, errors="surrogateescape")
    changed = _plain(plain, kind, values, _IN_FREE)
    if changed == plain:
        return text
    return quote(changed, safe="", encoding="utf-8", errors="surrogateescape")


def _plain(
    text: str, kind: HeaderKind, values: _Found | _Replacer, pattern: re.Pattern[str]
) -> str:
    pieces = []
    last = 0
    for found in pattern.finditer(text):
        pieces.append(_words(text[last : found.start()], kind, values))
        pieces.append(_found_value(found, values))
        last = found.end()
    pieces.append(_words(text[last:], kind, values))
    return "".join(pieces)


def _found_value(found: re.Match[str], values: _Found | _Replacer) -> str:
    text = found[0]
    if found.lastgroup == "address":
        return values.address(text)
    if found.lastgroup == "id":
        is_time_or_hex = not text[0].isdigit() or _DATE.match(text) or text.count("-") > 1
        if is_time_or_hex or values.is_id(text):
            return text
        return _DIGIT_RUN.sub(lambda run: _number(run[0], values), text)
    return _number(text, values)


def _number(text: str, values: _Found | _Replacer) -> str:
    """Replace the last seven digits; separators and the script of the digits stay."""
    places = [place for place, char in enumerate(text) if char.isdecimal()]
    if len(places) < _LOCAL_DIGITS:
        return text
    local = places[-_LOCAL_DIGITS:]
    invented = values.number("".join(str(int(text[place])) for place in local))
    chars = list(text)
    for place, digit in zip(local, invented, strict=True):
        zero = ord(text[place]) - int(text[place])
        chars[place] = chr(zero + int(digit))
    return "".join(chars)


def _words(text: str, kind: HeaderKind, values: _Found | _Replacer) -> str:
    if kind is HeaderKind.DIALPLAN or not text:
        return text
    if kind is HeaderKind.TECHNICAL:
        return _WORD.sub(lambda found: values.technical_word(found[0]), text)
    return _WORD.sub(
        lambda found: found[0] if found[0] in _FREEPBX_PREFIXES else values.free_word(found[0]),
        text,
    )
