"""Requests about whose end a proxy and the server could disagree (request smuggling)."""

import asyncio

import pytest

from tests.web.running_server import Running

pytestmark = pytest.mark.anyio

SECOND = b"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
"""Hidden behind the first one: its answer would be that of another client's request."""

HOSTILE = {
    "both length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 45\r\n\r\n",
    "two lengths in one": b"Content-Length: 0, 45\r\n\r\n",
    "length with a sign": b"Content-Length: +0\r\n\r\n",
    "negative length": b"Content-Length: -1\r\n\r\n",
    "length in hex": b"Content-Length: 0x0\r\n\r\n",
    "chunks by another name": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks twice": b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "identity before chunks": b"Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
    "space before the colon": b"Content-Length : 0\r\n\r\n",
    "control before the name": b"\x0bTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "continued line": b"Content-Length: 0\r\n \tx: y\r\n\r\n",
    "size of a chunk with a sign": b"Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n",
    "size of a chunk in hex": b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
    "chunk longer than its size": b"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
    "NUL in a header": b"X: a\x00b\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.defends("request-framing")
async def test_a_request_with_two_readings_of_its_end_is_refused_and_the_connection_closed(
    shared: Running,
) -> None:
    second = SECOND.replace(b"{host}", shared.host.encode())

    async def answers_to(rest: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", shared.port)
        head = f"POST /login HTTP/1.1\r\nHost: {shared.host}\r\n".encode()
        writer.write(head + rest + second)
        async with asyncio.timeout(20):
            answers = await reader.read()  # to the end: the server closes
        writer.close()
        return answers

    # What the table is compared with: a plain request, and the answer to the second one.
    usual = await answers_to(b"Content-Length: 0\r\n\r\n")
    assert usual.count(b"HTTP/1.1 ") == 2
    answered = {name: await answers_to(rest) for name, rest in HOSTILE.items()}
    both = [name for name, answers in answered.items() if answers.count(b"HTTP/1.1 ") != 1]
    assert both == []
    assert [name for name, answers in answered.items() if b"HTTP/1.1 400" not in answers] == []
