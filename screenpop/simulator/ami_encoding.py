"""AMI messages to bytes and back, as the played PBX needs it."""

from collections.abc import Iterator

from screenpop.simulator.channel import Headers

END = b"\r\n\r\n"


def to_bytes(headers: Headers) -> bytes:
    """One message with its empty line. Raises ``ValueError`` for a value with a line break: it
    would become a header of its own, or a second message."""
    lines = []
    for name, value in headers:
        if "\r" in value or "\n" in value:
            raise ValueError(f"the header {name} contains a line break")
        lines.append(f"{name}: {value}\r\n")
    lines.append("\r\n")
    return "".join(lines).encode()


def stamped(headers: Headers, at: float) -> Headers:
    """The message with the header that ``timestampevents = yes`` adds, where Asterisk puts it."""
    return [*headers[:2], ("Timestamp", f"{at:.6f}"), *headers[2:]]


def to_headers(message: bytes) -> Headers:
    """The headers of one message without its empty line; lines without a colon are left out."""
    headers: Headers = []
    for line in message.decode(errors="replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name, value.removeprefix(" ")))
    return headers


def messages_of(recording: bytes) -> Iterator[bytes]:
    """The messages of a recording, without the banner and each with its empty line."""
    if recording.startswith(b"Asterisk Call Manager/"):
        recording = recording.partition(b"\r\n")[2]
    for message in recording.replace(b"\r\n\n", END).split(END):
        stripped = message.strip(b"\r\n")
        if stripped:
            yield stripped + END
