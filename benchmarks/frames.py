"""The part of RFC 6455 that a client needs: handshake, masked text frames, frame parsing."""

import base64
import hashlib
import os

_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE = 1, 8


class HandshakeError(ConnectionError):
    """The server did not open a websocket."""


def handshake(path: str, host: str, cookie: str = "") -> tuple[bytes, bytes]:
    """Return the request, and the key that the answer must prove."""
    key = base64.b64encode(os.urandom(16))
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key.decode()}",
        *([f"Cookie: {cookie}"] if cookie else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode(), key


def check_handshake(answer: bytes, key: bytes) -> None:
    """Check the server's answer. Raises ``HandshakeError``."""
    status, _, rest = answer.partition(b"\r\n")
    if b" 101 " not in status:
        raise HandshakeError(answer[:300].decode(errors="replace"))
    proof = base64.b64encode(hashlib.sha1(key + _KEY).digest())  # noqa: S324 -- the RFC requires SHA-1
    headers = [line.partition(b":") for line in rest.split(b"\r\n")]
    if proof not in [value.strip() for name, _, value in headers if name.lower().endswith(b"ept")]:
        raise HandshakeError("the answer does not prove that it has read the key")


def masked(payload: bytes) -> bytes:
    """Return a text frame with the mask of a client, which is zero, so the payload is unchanged."""
    size = len(payload)
    if size < 126:
        return b"\x81%c\0\0\0\0%b" % (0x80 | size, payload)
    return b"\x81\xfe" + size.to_bytes(2, "big") + b"\0\0\0\0" + payload


def take_frames(buffer: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Return the complete frames of a buffer as (opcode, payload), and the rest."""
    frames: list[tuple[int, bytes]] = []
    start, end = 0, len(buffer)
    while end - start >= 2:
        size, head = buffer[start + 1] & 0x7F, 2
        if size == 126:
            size, head = int.from_bytes(buffer[start + 2 : start + 4], "big"), 4
        elif size == 127:
            size, head = int.from_bytes(buffer[start + 2 : start + 10], "big"), 10
        if end - start < head + size:
            break
        frames.append((buffer[start] & 0x0F, buffer[start + head : start + head + size]))
        start += head + size
    return frames, buffer[start:]
