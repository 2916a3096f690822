"""The gateway for messages, against a real HTTP server: signature, retries, and what is refused."""

import asyncio

import pytest

from screenpop.app.message_gateway import GatewayConfig, MessageGateway
from screenpop.web.ports import MessageRefusedError, OutgoingMessage
from screenpop.webhooks.addresses import is_private
from tests.app.gateway_server import SECRET, GatewayServer, gateway_server

pytestmark = pytest.mark.anyio

MESSAGE = OutgoingMessage("3-abcdefgh", "+989121234567", "سلام «لاله»", "fa", "birthday", 7)
MOVED = b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\n\r\n"


def gateway(server: GatewayServer, **more: object) -> MessageGateway:
    values = {"private_http": True, "retries": 2, "first_pause_s": 0.001, "timeout_s": 5.0} | more
    return MessageGateway(GatewayConfig(server.url, SECRET, **values), lambda: 1_700_000_000.5)  # type: ignore[arg-type]


async def refusal(sender: MessageGateway) -> str:
    with pytest.raises(MessageRefusedError) as refused:
        await sender.send(MESSAGE)
    return refused.value.code


async def test_message_is_posted_with_signature_time_and_idempotency_key() -> None:
    async with gateway_server() as server:
        await gateway(server).send(MESSAGE)
    ((first, headers, body),) = server.requests
    assert first == "POST /send?office=1 HTTP/1.1"
    assert headers["host"] == f"127.0.0.1:{server.port}"
    assert (headers["idempotency-key"], headers["x-screenpop-timestamp"]) == (
        MESSAGE.key,
        "1700000000",
    )
    assert body == {
        "id": MESSAGE.key,
        "to": MESSAGE.number,
        "text": MESSAGE.text,
        "language": "fa",
        "reason": "birthday",
        "customer": 7,
    }


@pytest.mark.parametrize(
    "first",
    [
        BUSY,
        b"HTTP/1.1 429 Slow down\r\n\r\n",
        None,
        b"nonsense\r\n",
        b"\xff" * 100_000,
        b"HTTP/1.1 2",
    ],
)
async def test_failure_that_may_pass_is_retried_with_the_same_key(first: bytes | None) -> None:
    async with gateway_server(first, BUSY) as server:
        await gateway(server).send(MESSAGE)
    assert server.keys == [MESSAGE.key] * 3


async def test_retries_end_after_their_number() -> None:
    async with gateway_server(*[BUSY] * 9) as server:
        assert await refusal(gateway(server)) == "gateway_unreachable"
        assert len(server.requests) == 3
        assert await refusal(gateway(server, retries=0)) == "gateway_unreachable"
        assert len(server.requests) == 4


@pytest.mark.parametrize("status", [300, 400, 401, 404, 499])
async def test_refusal_is_not_retried(status: int) -> None:
    async with gateway_server(f"HTTP/1.1 {status} No\r\n\r\n".encode()) as server:
        assert await refusal(gateway(server)) == "gateway_refused"
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", [200, 202, 299])
async def test_every_success_is_one(status: int) -> None:
    interim = b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n"
    async with gateway_server(interim + f"HTTP/1.1 {status}\r\n\r\n".encode()) as server:
        await gateway(server).send(MESSAGE)


@pytest.mark.defends("outgoing-redirects")
async def test_redirect_is_not_followed() -> None:
    async with gateway_server() as other, gateway_server() as server:
        server.answers = [MOVED.replace(b"127.0.0.1:1", b"127.0.0.1:%d" % other.port)]
        assert await refusal(gateway(server)) == "gateway_refused"
    assert other.requests == []


async def test_gateway_that_never_answers_is_given_up_after_the_timeout() -> None:
    async with gateway_server() as server:
        server.hold = asyncio.Event()
        sender = gateway(server, timeout_s=0.5, retries=1)
        assert await refusal(sender) == "gateway_unreachable"
        server.hold.set()
    assert len(server.requests) == 2


async def test_http_is_refused_where_the_office_does_not_allow_it() -> None:
    async with gateway_server() as server:
        assert await refusal(gateway(server, private_http=False)) == "gateway_address"
    assert server.requests == []


@pytest.mark.defends("outgoing-redirects")
@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("192.168.0.9", True),
        ("::1", True),
        ("fd00::1", True),
        ("::ffff:192.168.0.9", True),
        ("8.8.8.8", False),
        ("::ffff:8.8.8.8", False),
        ("2606:4700::1111", False),
        ("0.0.0.0", False),
        ("172.32.0.1", False),
    ],
)
def test_address_is_private_only_inside_an_office(address: str, private: bool) -> None:
    assert is_private(address) is private
