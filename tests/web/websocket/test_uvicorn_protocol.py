"""Frames of browsers: parsed directly or by the library, with equal results."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send
from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.protocol import State

from screenpop.web.websocket.uvicorn_protocol import (
    MAX_SHORT_BYTES,
    WebSocketProtocol,
    protocol_of,
)

REQUEST = (
    b"GET /ws/v1 HTTP/1.1\r\nHost: office\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
MAX_SIZE = 131_072
WHOLE, FRAGMENT = 0x80, 0x00
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
RSV1, RSV3 = 0x40, 0x10


class Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    @override
    def close(self) -> None:
        self.closed = True

    @override
    def is_closing(self) -> bool:
        return self.closed

    @override
    def pause_reading(self) -> None:
        pass

    @override
    def resume_reading(self) -> None:
        pass


class ByLibrary(WebSocketProtocol):
    """All frames are parsed by the library."""

    @override
    def data_received(self, data: bytes) -> None:
        WebSocketsSansIOProtocol.data_received(self, data)


@dataclass
class Result:
    """Everything that the application and the browser can notice."""

    heard: list[str] = field(default_factory=list)
    """Received directly."""
    received: list[Message] = field(default_factory=list)
    """Received through ``receive``."""
    answered: bytes = b""
    is_closed: bool = False
    state: State = State.CONNECTING


async def run(kind: type[WebSocketProtocol], chunks: Sequence[tuple[bytes, bool]]) -> Result:
    """Feed the chunks; after those marked True the application has its turn."""
    result = Result()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        wire = protocol_of(scope)
        assert wire is not None
        wire.listen(result.heard.append)
        while True:
            message = await receive()
            result.received.append(message)
            if message["type"] == "websocket.disconnect":
                return

    config = Config(app, ws_max_size=MAX_SIZE, ws_per_message_deflate=False, log_config=None)
    config.load()
    protocol = kind(config, ServerState(), {}, asyncio.get_running_loop())
    transport = Transport()
    protocol.connection_made(transport)
    protocol.data_received(REQUEST)
    await _turn()
    handshake = len(transport.written)
    for chunk, has_turn in chunks:
        if transport.closed or not chunk:
            break
        protocol.data_received(chunk)
        if has_turn:
            await _turn()
    await _turn()
    result.answered, result.is_closed = transport.written[handshake:], transport.closed
    result.state = protocol.conn.state
    protocol.connection_lost(None)
    await _turn()
    return result


async def _turn() -> None:
    for _ in range(6):
        await asyncio.sleep(0)


def both(chunks: Sequence[tuple[bytes, bool]]) -> tuple[Result, Result]:
    async def run_both() -> tuple[Result, Result]:
        return await run(WebSocketProtocol, chunks), await run(ByLibrary, chunks)

    return asyncio.run(run_both())


def frame(
    payload: bytes,
    opcode: int = TEXT,
    *,
    flags: int = WHOLE,
    mask: bytes | None = b"\x12\xfe\x00\x7f",
    length: int | None = None,
) -> bytes:
    """A frame of a client (RFC 6455, 5.2); ``length`` 2 or 8 takes that many bytes for the size."""
    size, bit = len(payload), 0 if mask is None else 0x80
    if length is None:
        length = 0 if size < 126 else 2 if size < 65_536 else 8
    if length == 0:
        head = bytes([flags | opcode, bit | size])
    else:
        head = bytes([flags | opcode, bit | (126 if length == 2 else 127)])
        head += size.to_bytes(length, "big")
    if mask is None:
        return head + payload
    return head + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


SHORT = frame(b'{"type":"hb","seq":7}')
FRAMES = st.one_of(
    st.builds(frame, st.text(max_size=60).map(str.encode), mask=st.binary(min_size=4, max_size=4)),
    st.builds(frame, st.binary(max_size=10)),
    st.sampled_from(
        [
            SHORT,
            frame("مریم Ελένη".encode()),
            frame(b""),
            *(frame(b"a" * size) for size in (125, 126, 127, 128, 4095, 4096, 4097, 70_000)),
            frame(b"a", length=2),
            frame(b"a", length=8),
            frame(b"a" * 126, length=8),
            frame(b"ab", flags=FRAGMENT),
            frame(b"\xce", flags=FRAGMENT),
            frame(b"\xbb", CONTINUATION),
            frame(b"cd", CONTINUATION),
            frame(b"ef", CONTINUATION, flags=FRAGMENT),
            frame(b"\x00\xff", BINARY),
            frame(b"p", PING),
            frame(b"", PONG),
        ]
    ),
)
BAD = st.sampled_from(
    [
        b"",
        frame(b"\xff\xfe"),
        frame(b"a", mask=None),
        frame(b"a", flags=WHOLE | RSV1),
        frame(b"a", flags=WHOLE | RSV3),
        frame(b"a", 3),
        frame(b"p" * 126, PING),
        frame(b"p", PING, flags=FRAGMENT),
        frame(b"\x03\xe8bye", CLOSE),
        frame(b"", CLOSE),
        frame(b"\x03", CLOSE),
        frame(b"")[:1],
        b"\x81\xff" + (2**40).to_bytes(8, "big") + b"mask",
        b"\x81\xff" + (MAX_SIZE + 1).to_bytes(8, "big") + b"mask",
        b"GET / HTTP/1.1\r\n\r\n",
    ]
)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(FRAMES, max_size=8),
    BAD,
    st.lists(FRAMES, max_size=2),
    st.lists(st.tuples(st.integers(0, 500), st.booleans()), max_size=12),
)
@example([SHORT, frame(b"ab", flags=FRAGMENT), SHORT], b"", [], [(27, True), (35, True)])
@example([SHORT, SHORT], b"", [], [(2, True), (27, False), (29, True)])
def test_short_frames_parsed_directly_give_the_results_of_the_library(
    frames: list[bytes], bad: bytes, after: list[bytes], cuts: list[tuple[int, bool]]
) -> None:
    sent = b"".join((*frames, bad, *after))
    chunks, start = list[tuple[bytes, bool]](), 0
    for cut, has_turn in sorted(cuts):
        if start < cut < len(sent):
            chunks.append((sent[start:cut], has_turn))
            start = cut
    chunks.append((sent[start:], True))
    direct, by_library = both(chunks)
    assert direct == by_library


def parsed_by_library(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What the library gets from now on, beside the handshake."""
    given_to_library: list[bytes] = []
    parse = WebSocketsSansIOProtocol.data_received

    def data_received(protocol: WebSocketsSansIOProtocol, data: bytes) -> None:
        if data != REQUEST:
            given_to_library.append(data)
        parse(protocol, data)

    monkeypatch.setattr(WebSocketsSansIOProtocol, "data_received", data_received)
    return given_to_library


@pytest.mark.parametrize(
    ("sent", "rest"),
    [
        (SHORT, b""),
        (SHORT + SHORT, b""),
        (SHORT + SHORT[:9], SHORT[:9]),
        (frame(b"a" * MAX_SHORT_BYTES), b""),
        (frame(b"a" * (MAX_SHORT_BYTES + 1)), frame(b"a" * (MAX_SHORT_BYTES + 1))),
        (SHORT + frame(b"\xff"), frame(b"\xff")),
        (SHORT + frame(b"p", PING) + SHORT, frame(b"p", PING) + SHORT),
        (frame(b"ab", flags=FRAGMENT), frame(b"ab", flags=FRAGMENT)),
        (frame(b"a", mask=None), frame(b"a", mask=None)),
        (frame(b"a", flags=WHOLE | RSV1), frame(b"a", flags=WHOLE | RSV1)),
    ],
    ids=[
        *("one", "two", "one and a part", "the longest", "one longer", "no UTF-8", "a ping"),
        *("a fragment", "no mask", "a reserved bit"),
    ],
)
def test_the_library_gets_what_is_no_whole_short_text(
    monkeypatch: pytest.MonkeyPatch, sent: bytes, rest: bytes
) -> None:
    given_to_library = parsed_by_library(monkeypatch)
    asyncio.run(run(WebSocketProtocol, [(sent, True)]))
    assert b"".join(given_to_library) == rest


@pytest.mark.parametrize("first", [SHORT[:1], SHORT[:4], SHORT[:-1]])
def test_after_a_part_of_a_frame_the_library_gets_the_other_part_and_then_no_more(
    monkeypatch: pytest.MonkeyPatch, first: bytes
) -> None:
    given_to_library = parsed_by_library(monkeypatch)
    chunks = [(first, True), (SHORT[len(first) :], True), (SHORT, True)]
    result = asyncio.run(run(WebSocketProtocol, chunks))
    assert given_to_library == [first, SHORT[len(first) :]]
    assert result.heard == ['{"type":"hb","seq":7}'] * 2


@pytest.mark.defends("socket-frames")
def test_mallory_cannot_put_a_text_between_the_fragments_of_another() -> None:
    chunks = [(frame(b"ab", flags=FRAGMENT), True), (SHORT, True)]
    result = asyncio.run(run(WebSocketProtocol, chunks))
    assert result.heard == []
    assert result.is_closed
    assert result.received[-1]["code"] == 1002


@pytest.mark.defends("socket-frames")
@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (frame(b"\xff\xfe"), 1007),
        (frame(b"a", mask=None), 1002),
        (frame(b"a", flags=WHOLE | RSV1), 1002),
        (frame(b"p" * 126, PING), 1002),
        (b"\x81\xff" + (MAX_SIZE + 1).to_bytes(8, "big") + b"mask", 1009),
        (frame(b"", CLOSE), 1005),
        (frame(b"\xff") + frame(b"\x03\xe8", CLOSE), 1000),
    ],
    ids=[
        *("no UTF-8", "no mask", "a reserved bit", "a long ping", "too big", "a close"),
        "no UTF-8 and a close",
    ],
)
def test_mallory_is_heard_up_to_the_bad_frame_and_no_further(bad: bytes, code: int) -> None:
    result = asyncio.run(run(WebSocketProtocol, [(SHORT + bad + SHORT, True)]))
    assert result.heard == ['{"type":"hb","seq":7}']
    assert [one["code"] for one in result.received][:1] == [code]
    assert result.is_closed
