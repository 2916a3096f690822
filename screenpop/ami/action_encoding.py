"""Encodes an AMI action as bytes and rejects unsafe values from people or the database."""

import re
from collections.abc import Iterator, Mapping

from screenpop.ami.errors import UnsafeActionError

MAX_LINE_LENGTH = 1000
"""Bytes. Asterisk discards longer lines and reads the rest as another header (manager.c)."""
MAX_HEADERS = 120
"""Asterisk ignores headers after the 128th."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_()-]*")
_LINE_BREAKS = re.compile(r"[\r\n\0]")


def encode_action(headers: Mapping[str, object]) -> bytes:
    """Return the bytes of one action with its blank line.

    A list or tuple as a value gives one header per item. Raises ``UnsafeActionError`` for line
    breaks and NUL, for invalid header names, and for what Asterisk would cut off; nothing may be
    sent then.
    """
    lines = [_line(name, value) for name, value in _single_headers(headers)]
    if len(lines) > MAX_HEADERS:
        raise UnsafeActionError(
            f"An action may have {MAX_HEADERS} headers, this one has {len(lines)}. "
            "Send fewer variables."
        )
    return b"".join(lines) + b"\r\n"


def _single_headers(headers: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        for item in value if isinstance(value, list | tuple) else (value,):
            yield name, str(item)


def _line(name: str, value: str) -> bytes:
    if not _NAME.fullmatch(name):
        raise UnsafeActionError(
            f"{name!r} is no header name. Use letters, digits, '_', '-' and brackets."
        )
    if _LINE_BREAKS.search(value):
        raise UnsafeActionError(
            f"The value of {name} holds a line break or NUL; AMI would read another header there. "
            "Take it out."
        )
    try:
        line = f"{name}: {value}\r\n".encode()
    except UnicodeEncodeError as error:
        raise UnsafeActionError(
            f"The value of {name} holds a character that UTF-8 cannot carry. Take it out."
        ) from error
    if len(line) > MAX_LINE_LENGTH:
        raise UnsafeActionError(
            f"The value of {name} is {len(line)} bytes long, Asterisk reads {MAX_LINE_LENGTH}. "
            "Shorten it."
        )
    return line
