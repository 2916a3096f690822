"""Sockets of a web process whose source of calls is away: they end, and none begins."""

import pytest

from screenpop.accounts.users import UserId
from screenpop.bus.memory import Reader
from screenpop.protocol.server_messages import Position, Start
from screenpop.protocol.user_stream import StaleStreamsError
from tests.web.running_server import Running

pytestmark = pytest.mark.anyio


async def test_a_lost_stream_ends_its_sockets_and_no_other_begins_until_it_is_back(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_user: UserId, _last: Position | None, _reader: Reader) -> Start:
        raise StaleStreamsError

    async with server.socket("alice") as page:
        await page.greet()
        (reader,) = server.bus._readers[server.id("alice")]
        with monkeypatch.context() as patch:
            patch.setattr(server.bus, "join", refuse)
            reader.lost()
            *_, bye = await page.hear_until("bye")
            assert (bye["reason"], bye["detail"]) == ("restart", "the stream cannot be continued")
            async with server.socket("alice") as again:
                await again.send_message("hello", last=None, tab="t", build="b")
                *_, bye = await again.hear_until("bye")
            assert (bye["reason"], bye["detail"]) == ("overload", "no live source of calls")
    async with server.socket("alice") as back:
        welcome, _ = await back.greet()
        assert welcome["mode"] == "snapshot"
