"""The one way out for webhooks and messages: names are resolved once, and checked."""

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

import pytest

from screenpop.app.http_client import HttpError, request
from screenpop.webhooks.addresses import TargetRules, is_allowed, parse_networks
from tests.app.webhook_receiver import receiver

pytestmark = pytest.mark.anyio

LOOPBACK = TargetRules(parse_networks(["127.0.0.0/8"]))


class Names:
    """Answers of a name server that changes its mind: one list of addresses a lookup."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)

    async def __call__(self, host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        assert host == "crm.example.com"
        found = self.answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]


async def send(port: int, rules: TargetRules) -> int:
    answer = await request(
        "POST",
        f"http://crm.example.com:{port}/hook?a=b",
        {"X-A": "b"},
        b"{}",
        is_allowed=lambda address: is_allowed(address, rules, has_tls=False),
        timeout_s=30.0,
        limit=0,
    )
    return answer.status


@pytest.mark.defends("webhook-addresses")
async def test_the_connection_goes_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = asyncio.get_running_loop().getaddrinfo
    async with receiver() as server:
        # A second lookup would lead elsewhere, as DNS rebinding does.
        names = Names(["127.0.0.1"], ["10.0.0.1"])

        async def resolve(host: Any, port: Any, **more: Any) -> Any:
            is_name = host == "crm.example.com"
            return await (names(host, port) if is_name else real(host, port, **more))

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
        assert await send(server.port, LOOPBACK) == 204
        assert len(names.answers) == 1
        [headers] = server.headers
        assert headers["host"] == f"crm.example.com:{server.port}"
        # One address that is not allowed is enough, whichever comes first.
        for answer in (["127.0.0.1", "10.0.0.1"], ["10.0.0.1", "127.0.0.1"], []):
            names.answers = [answer]
            with pytest.raises(HttpError, match="address"):
                await send(server.port, LOOPBACK)
        names.answers = [["127.0.0.1"]]
        with pytest.raises(HttpError, match="address"):
            await send(server.port, TargetRules())
        assert len(server.headers) == 1
