"""What is reported when something goes wrong: as much as helps, and nothing of our insides."""

from pathlib import Path

import pytest
from starlette.types import Message
from typing_extensions import override

from screenpop.bus.memory import MemoryBus
from screenpop.store.engine.database import open_database
from screenpop.web.auth.cookies import Cookies
from screenpop.web.auth.current_user import CurrentUser, UserResolver
from screenpop.web.auth.refusal_log import RefusalLog
from screenpop.web.error_pages import SENTENCES
from screenpop.web.origins import OwnOrigins
from screenpop.web.websocket.endpoint import SocketLimits, WebSocketEndpoint
from tests.web.running_server import Recorded, Running

pytestmark = pytest.mark.anyio


async def breaks() -> None:
    raise RuntimeError("the password is 12345")


@pytest.mark.parametrize("path", ["/broken", "/api/v1/broken"])
async def test_a_failure_of_ours_is_reported_without_its_insides(
    server: Running, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    server.web.pages.add_api_route(path, breaks)
    async with await server.client("alice") as alice:
        answer = await alice.get(path)
        assert answer.status_code == 500
        assert SENTENCES["failed"] in answer.text.replace("&#39;", "'")
        assert "12345" not in answer.text
        assert "RuntimeError" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert (await alice.get("/")).status_code == 200
    assert "12345" in caplog.text


async def test_a_wrong_method_is_reported_with_the_allowed_ones(shared: Running) -> None:
    async with await shared.client("alice") as alice:
        answer = await alice.put("/calls")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET"


async def test_a_missing_page_is_reported_in_the_readers_language(shared: Running) -> None:
    async with await shared.client("bob") as bob:
        assert '<html lang="fa"' in (await bob.get("/nothing")).text


async def test_while_the_records_are_away_a_socket_is_asked_to_come_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Away(UserResolver):
        @override
        async def of_token(self, token: str) -> CurrentUser | None:
            raise OSError("the database is away")

    database = open_database(f"sqlite:///{tmp_path / 'x.db'}")
    recorded = Recorded()
    door = WebSocketEndpoint(
        origins=OwnOrigins(),
        user_resolver=Away(database, Cookies(https=False), None, lambda: 0.0),
        streams=MemoryBus(),
        receipts=recorded.receipt,
        commands=recorded.command,
        build="b",
        clock=lambda: 0.0,
        limits=SocketLimits(),
        refusals=RefusalLog(database, lambda: 0.0),
    )
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"127.0.0.1")]
    scope = {"type": "websocket", "path": "/ws/v1", "query_string": b"", "headers": headers}
    await door(scope, receive, send)
    assert [message["type"] for message in sent] == [
        "websocket.accept",
        "websocket.send",
        "websocket.close",
    ]
    assert sent[-1]["code"] == 1013
    assert "the database is away" in caplog.text
    await database.close()
