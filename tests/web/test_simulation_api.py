"""Simulated calls by the API, and how the API describes itself."""

from collections.abc import AsyncGenerator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from screenpop.web.auth.route_scopes import scope_of_route
from tests.web.running_server import TOKEN, Running, running

pytestmark = pytest.mark.anyio

PATH = "/api/v1/simulated-calls"
CALL = {"from": "+989123456789", "to": "101"}


async def test_a_supervisor_can_play_a_call(server: Running) -> None:
    asked = CALL | {"queue": "support", "ring_s": 2, "outcome": "missed", "talk_s": 3}
    async with await server.client("sue") as sue:
        answer = await sue.post(PATH, json=asked)
        assert (answer.status_code, answer.json()) == (202, {"call": "sim-1"})
    (played,) = server.recorded.simulated
    assert played == {
        "from": "+989123456789",
        "to": ["101"],
        "queue": "support",
        "outcome": "missed",
        "wait_s": 0.0,
        "ring_s": 2.0,
        "talk_s": 3.0,
    }


@pytest.mark.parametrize("to", ["101, 102", ["101", "102"]])
async def test_several_phones_can_ring(server: Running, to: str | list[str]) -> None:
    async with server.browser(Authorization=f"Bearer {TOKEN}") as command_line:
        await command_line.post(PATH, json=CALL | {"to": to})
    assert server.recorded.simulated[0]["to"] == ["101", "102"]


async def test_what_the_simulator_refuses_is_reported(shared: Running) -> None:
    async with await shared.client("adam") as adam:
        answer = await adam.post(PATH, json=CALL | {"from": "bad"})
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_call")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("call", "field"),
    [
        ({}, "to"),
        ({"from": "1"}, "to"),
        (CALL | {"outcome": "exploded"}, "outcome"),
        (CALL | {"ring_s": -1}, "ring_s"),
        (CALL | {"ring_s": 1e9}, "ring_s"),
        (CALL | {"talk_s": "long"}, "talk_s"),
        (CALL | {"from": "x" * 81}, "from"),
        (CALL | {"surprise": 1}, "surprise"),
    ],
)
async def test_a_call_that_makes_no_sense_is_reported_by_its_field(
    shared: Running, call: dict[str, Any], field: str
) -> None:
    async with await shared.client("sue") as sue:
        answer = await sue.post(PATH, json=call)
        assert answer.status_code == 422
        assert field in [one["field"] for one in answer.json()["errors"]]


async def test_agents_and_strangers_cannot_play_calls(server: Running) -> None:
    async with await server.client("alice") as alice, server.browser() as mallory:
        assert (await alice.post(PATH, json=CALL)).status_code == 403
        assert (await mallory.post(PATH, json=CALL)).status_code == 401
        bad = {"Authorization": "Bearer guess"}
        assert (await mallory.post(PATH, json=CALL, headers=bad)).status_code == 401
    assert server.recorded.simulated == []


@pytest.mark.defends("form-token")
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_only_json_is_taken_which_no_other_sites_form_can_send(
    server: Running, kind: str
) -> None:
    async with await server.client("sue") as sue:
        content = b'{"from":"+989123456789","to":"101"}'
        answer = await sue.post(PATH, content=content, headers={"Content-Type": kind})
        assert answer.status_code in (415, 422)
    assert server.recorded.simulated == []


async def test_where_calls_cannot_be_played_the_remedy_is_reported(
    prepared: Path, tmp_path: Path
) -> None:
    async with (
        running(prepared, tmp_path, simulate=False) as server,
        await server.client("adam") as adam,
    ):
        answer = await adam.post(PATH, json=CALL)
        assert answer.status_code == 404
        assert answer.json()["code"] == "simulator_off"
        assert "simulate = true" in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 60_000, b"null", b'{"from":NaN}'])
async def test_what_is_no_json_is_refused(shared: Running, body: bytes) -> None:
    async with await shared.client("sue") as sue:
        answer = await sue.post(PATH, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422)


async def test_a_body_of_a_megabyte_is_not_read(shared: Running) -> None:
    async with await shared.client("sue") as sue:
        answer = await sue.post(PATH, json=CALL | {"from": "x" * 1_000_000})
        assert answer.status_code == 413
        assert "more than the server takes at once (64 kB)" in answer.text


async def test_nor_is_one_without_a_length(shared: Running) -> None:
    async def endless() -> AsyncGenerator[bytes]:
        for _ in range(100):
            yield b" " * 10_000

    async with await shared.client("sue") as sue:
        headers = {"Content-Type": "application/json"}
        answer = await sue.post(PATH, content=endless(), headers=headers)
        assert answer.status_code == 413


async def test_the_api_describes_itself(shared: Running) -> None:
    async with shared.browser() as anonymous:
        described = (await anonymous.get("/api/v1/openapi.json")).json()
    paths = set(described["paths"])
    assert {PATH, "/api/v1/calls", "/api/v1/calls/{number}", "/api/v1/customers"} <= paths
    assert not any(path.startswith(("/login", "/static", "/board")) for path in paths)


async def test_the_description_names_its_security_and_its_refusals_for_each_route(
    shared: Running,
) -> None:
    async with shared.browser() as anonymous:
        described = (await anonymous.get("/api/v1/openapi.json")).json()
    assert set(described["components"]["securitySchemes"]) == {"token", "session"}
    required = set(described["components"]["schemas"]["Problem"]["required"])
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            if path in ("/healthz", "/readyz"):
                continue
            scope = scope_of_route(method.upper(), path)
            token = [{"token": [scope]}] if scope else []
            assert operation["security"] == [*token, {"session": []}], (method, path)
            for status in ("401", "403", "404", "422", "429", "500", "503"):
                content = operation["responses"][status]["content"]
                assert list(content) == ["application/problem+json"], (method, path, status)
                example = content["application/problem+json"]["example"]
                assert example["status"] == int(status)
                assert required <= set(example)
    assert "HTTPValidationError" not in str(described)


PROBLEMS = [
    ("GET", "/api/v1/nothing", {}, "adam", 404),
    ("GET", "/api/v1/calls/999999", {}, "adam", 404),
    ("PUT", "/api/v1/calls", {}, "adam", 405),
    ("POST", PATH, {"content": b"{}", "headers": {"Content-Type": "text/plain"}}, "adam", 422),
    ("POST", PATH, {"json": {}}, "adam", 422),
    ("POST", PATH, {"content": b"x" * 70_000}, "adam", 413),
    ("POST", PATH, {"json": CALL}, "alice", 403),
    ("GET", "/api/v1/calls", {}, None, 401),
    ("GET", "/api/v1/calls?disposition=exploded", {}, "adam", 422),
    ("GET", "/api/v1/calls", {"headers": {"Host": "evil.example"}}, "adam", 400),
    ("POST", PATH, {"json": CALL, "headers": {"Origin": "https://evil.example"}}, "adam", 403),
]


@pytest.mark.parametrize(("method", "path", "more", "name", "status"), PROBLEMS)
async def test_every_error_of_the_api_has_the_same_shape(
    shared: Running, method: str, path: str, more: dict[str, Any], name: str | None, status: int
) -> None:
    async with shared.browser() if name is None else await shared.client(name) as program:
        answer = await program.request(method, path, **more)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    assert problem["title"] == HTTPStatus(status).phrase
    assert problem["detail"].endswith(".")
    assert problem["code"]
    assert set(problem) <= {"type", "title", "status", "detail", "code", "errors"}


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
async def test_no_page_that_loads_from_elsewhere_is_served(shared: Running, path: str) -> None:
    async with shared.browser() as anonymous:
        assert (await anonymous.get(path)).status_code == 404
