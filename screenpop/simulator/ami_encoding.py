"""Converts AMI messages to bytes and back for the simulated PBX."""

from collections.abc import Iterator

from screenpop.simulator.channel import Headers

END = b"\r\n\r\n"


def to_bytes(headers: Headers) -> bytes:
    """Return one message with its final empty line.

    Raises ``ValueError`` for a value with a line break, which would start another header."""
    lines = []
    for name, value in headers:
        if "\r" in value or "\n" in value:
            raise ValueError(f"the header {name} contains a line break")
        lines.append(f"{name}: {value}\r\n")
    lines.append("\r\n")
    return "".join(lines).encode()


def stamped(headers: Headers, at: float) -> Headers:
    """Return the message with the timestamp header of ``timestampevents = yes``."""
    return [*headers[:2], ("Timestamp", f"{at:.6f}"), *headers[2:]]


def to_headers(message: bytes) -> Headers:
    """Return the headers of one message; lines without a colon are left out."""
    headers: Headers = []
    for line in message.decode(errors="replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name, value.removeprefix(" ")))
    return headers


def messages_of(recording: bytes) -> Iterator[bytes]:
    """Return the messages of a recording without the banner, each with its empty line."""
    if recording.startswith(b"Asterisk Call Manager/"):
        recording = recording.partition(b"\r\n")[2]
    for message in recording.replace(b"\r\n\n", END).split(END):
        stripped = message.strip(b"\r\n")
        if stripped:
            yield stripped + END
