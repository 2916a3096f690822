"""Limits of requests, each at the limit and one beside it, as the middleware applies them."""

from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from screenpop.web.origins import OwnOrigins
from screenpop.web.security_middleware import LARGEST_BODY, LONGEST_PATH, SecurityMiddleware

pytestmark = pytest.mark.anyio

UPLOADS = "/api/v1/imports"
PASSED_ON = 200


async def answer_ok(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": PASSED_ON, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def status_of(method: str, path: str, size: int | str | None = None) -> int:
    middleware = SecurityMiddleware(answer_ok, answer_ok, OwnOrigins(()), frozenset({UPLOADS}))
    headers = [(b"host", b"127.0.0.1"), (b"sec-fetch-site", b"same-origin")]
    if size is not None:
        headers.append((b"content-length", str(size).encode()))
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    await middleware(scope, receive, send)
    status: int = sent[0]["status"]
    return status


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
async def test_a_body_of_64_kilobytes_passes_and_one_byte_more_does_not(method: str) -> None:
    assert LARGEST_BODY == 65_536
    assert await status_of(method, "/calls", LARGEST_BODY) == PASSED_ON
    assert await status_of(method, "/calls", LARGEST_BODY + 1) == 413


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_only_a_post_may_send_a_file_to_an_upload_path(method: str) -> None:
    assert await status_of("POST", UPLOADS, 100 * LARGEST_BODY) == PASSED_ON
    assert await status_of(method, UPLOADS, LARGEST_BODY) == PASSED_ON
    assert await status_of(method, UPLOADS, LARGEST_BODY + 1) == 413


@pytest.mark.parametrize("path", [f"{UPLOADS}/", f"{UPLOADS}/1", "/api/v1", "/imports"])
async def test_a_path_beside_an_upload_path_takes_no_file(path: str) -> None:
    assert await status_of("POST", path, LARGEST_BODY + 1) == 413


@pytest.mark.parametrize("size", [None, "", "-1", "1e9", "\u0661"])
async def test_a_size_that_is_no_number_is_left_to_the_reader_of_the_body(
    size: int | str | None,
) -> None:
    assert await status_of("POST", "/calls", size) == PASSED_ON


async def test_a_path_of_2048_characters_passes_and_one_more_does_not() -> None:
    assert LONGEST_PATH == 2048
    assert await status_of("GET", "/".ljust(LONGEST_PATH, "a")) == PASSED_ON
    assert await status_of("GET", "/".ljust(LONGEST_PATH + 1, "a")) == 414
