"""Mallory at the door of the API: with nothing, with spaces, with a short or a stale token."""

import asyncio

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from screenpop.store.engine.database import open_database
from screenpop.web.auth.cookies import Cookies
from screenpop.web.auth.current_user import UserResolver
from tests.web.running_server import TOKEN, Running

pytestmark = pytest.mark.anyio

NOTHINGS = ("Bearer", "Bearer ", "Bearer  ", "bearer \t", "Bearer x", "Bearer " + "0" * 31)


async def status_of(server: Running, path: str, authorization: str) -> int:
    """Over a socket of our own: clients refuse to send such headers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = f"GET {path} HTTP/1.1\r\nHost: {server.host}\r\nConnection: close\r\n"
    writer.write(f"{head}Authorization: {authorization}\r\n\r\n".encode())
    async with asyncio.timeout(10):
        line = await reader.readline()
    writer.close()
    return int(line.split()[1])


@pytest.mark.parametrize("authorization", NOTHINGS)
async def test_server_refuses_an_authorization_with_nothing_or_little_in_it(
    shared: Running, authorization: str
) -> None:
    assert await status_of(shared, "/api/v1/calls", authorization) == 401
    assert await status_of(shared, "/api/v1/customers", authorization) == 401
    assert await status_of(shared, "/customers", authorization) == 303  # to the login page


async def test_server_lets_in_a_client_with_its_token(shared: Running) -> None:
    async with shared.browser(Authorization=f"Bearer {TOKEN}") as command_line:
        assert (await command_line.get("/api/v1/calls")).status_code == 200


@pytest.mark.parametrize("kept", ["", " ", "short", "0" * 31, None])
@pytest.mark.parametrize("authorization", NOTHINGS)
async def test_server_without_a_whole_token_lets_no_client_in_by_it(
    sqlite_url: str, kept: str | None, authorization: str
) -> None:
    database = open_database(sqlite_url)
    clients = UserResolver(database, Cookies(https=False), kept, lambda: 0.0)
    same = f"Bearer {kept or ''}"
    for brought in (authorization, same):
        headers = [(b"authorization", brought.encode())]
        with pytest.raises(HTTPException) as refused:
            await clients.of_request(Request({"type": "http", "headers": headers}))
        assert (refused.value.status_code, refused.value.detail) == (401, "bad_token")
    await database.close()
