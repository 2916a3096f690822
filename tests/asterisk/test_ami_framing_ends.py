"""The end of a message that is being skipped, split at every byte, and the limits of a message."""

import pytest

from screenpop.asterisk.ami_framing import (
    _MAX_OPEN_BYTES,
    MAX_HEADERS,
    MAX_LINE_BYTES,
    MAX_MESSAGE_BYTES,
    MAX_PROBLEMS,
    AmiFramer,
)

NEXT = b"Event: Hangup\r\nCause: 16\r\n\r\n"
OVERSIZED = b"Event: X\r\nA: " + b"a" * (MAX_MESSAGE_BYTES + 100)


def events_of(*chunks: bytes) -> list[str]:
    framer = AmiFramer(None)
    return [message.event for chunk in chunks for message in framer.feed(chunk)]


@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\n\r\n\r\n", b"\r\r\n\r\n", b"\r\n\n"])
@pytest.mark.parametrize("kept_whole", [0, 1, 2, 3, 4])
def test_the_message_after_an_oversized_one_is_kept_wherever_the_end_is_split(
    end: bytes, kept_whole: int
) -> None:
    first, rest = OVERSIZED + end[:kept_whole], end[kept_whole:] + NEXT
    assert events_of(first, rest) == ["Hangup"]
    assert events_of(first, b"", *(bytes([byte]) for byte in rest)) == ["Hangup"]


def message_of(size: int) -> bytes:
    """A message of so many bytes in lines that are short enough, without its end."""
    lines = [b"Event: X"]
    while (rest := size - len(b"\r\n".join(lines)) - 2) > 0:
        lines.append(b"A: ".ljust(min(rest, MAX_LINE_BYTES), b"a"))
    return b"\r\n".join(lines)


@pytest.mark.parametrize(("beyond", "events"), [(-1, ["X"]), (0, ["X"]), (1, [])])
def test_a_message_has_at_most_64_kilobytes(beyond: int, events: list[str]) -> None:
    assert MAX_MESSAGE_BYTES == 65_536
    data = message_of(MAX_MESSAGE_BYTES + beyond)
    assert len(data) == MAX_MESSAGE_BYTES + beyond
    assert events_of(data + b"\r\n\r\n") == events
    assert events_of(data, b"\r\n\r\n") == events


@pytest.mark.parametrize(("beyond", "is_skipped"), [(-1, False), (0, False), (1, True)])
def test_an_open_message_is_skipped_as_soon_as_its_end_cannot_come_in_time(
    beyond: int, is_skipped: bool
) -> None:
    """The longest message, with all bytes of its end but the last."""
    framer = AmiFramer(None)
    data = message_of(MAX_MESSAGE_BYTES + beyond)
    assert len(data) + 3 == _MAX_OPEN_BYTES + beyond
    assert framer.feed(data + b"\r\n\r") == []
    assert framer.counters.oversized == int(is_skipped)
    assert [message.event for message in framer.feed(b"\n")] == ["X"] * (not is_skipped)


@pytest.mark.parametrize(("beyond", "events"), [(-1, ["X"]), (0, ["X"]), (1, [])])
def test_a_line_has_at_most_8_kilobytes(beyond: int, events: list[str]) -> None:
    assert MAX_LINE_BYTES == 8_192
    line = b"A: ".ljust(MAX_LINE_BYTES + beyond, b"a")
    assert events_of(b"Event: X\r\n" + line + b"\r\n\r\n") == events


@pytest.mark.parametrize(("beyond", "events"), [(-1, ["X"]), (0, ["X"]), (1, [])])
@pytest.mark.parametrize("name", [b"H%d: v", b"H: v%d", b"H%d:v"])
def test_a_message_has_at_most_256_headers(name: bytes, beyond: int, events: list[str]) -> None:
    assert MAX_HEADERS == 256
    headers = [name % number for number in range(MAX_HEADERS + beyond - 1)]
    assert events_of(b"\r\n".join([b"Event: X", *headers]) + b"\r\n\r\n") == events


@pytest.mark.parametrize(("bad", "reported"), [(31, 31), (32, 32), (33, 32)])
def test_at_most_32_bad_messages_are_reported_and_all_are_counted(bad: int, reported: int) -> None:
    assert MAX_PROBLEMS == 32
    framer = AmiFramer(None)
    framer.feed(b"no colon here\r\n\r\n" * bad)
    assert framer.counters.malformed == bad
    assert len(framer.take_problems()) == reported
    assert framer.take_problems() == ()
