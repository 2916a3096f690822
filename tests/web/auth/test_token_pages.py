"""Programs come in by a token with the right scope, until it ends; administrators make them."""

import re
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from screenpop.accounts.token_scopes import Scope
from screenpop.accounts.users import Department, Role
from screenpop.store.accounts.api_tokens import list_api_tokens, revoke_api_token
from screenpop.store.accounts.user_admin import change_role, disable_user
from screenpop.web.auth.token_failures import (
    FAILURES_S,
    MOST_ADDRESSES,
    MOST_FAILURES,
    MOST_REMEMBERED,
    TokenFailures,
)
from tests.web.running_server import TOKEN, Running, csrf_of, running
from tests.web.tokens import bearer, make_token

pytestmark = pytest.mark.anyio

CALLS = "/api/v1/calls"


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        yield up


async def test_a_token_is_made_printed_once_used_and_revoked(office: Running) -> None:
    async with await office.client("adam") as adam:
        csrf = csrf_of((await adam.get("/admin/tokens")).text)
        form = {"csrf": csrf, "name": "<b>CRM</b>", "days": "30", "scope": ["calls:read"]}
        refusals: tuple[dict[str, object], ...]
        refusals = ({"csrf": "x"}, {"name": " "}, {"scope": []}, {"scope": ["x"]})
        for refused in refusals:
            answer = await adam.post("/admin/tokens", data=form | refused)
            assert answer.status_code in {403, 422}, refused
        assert await list_api_tokens(office.database, 0) == ()
        made = await adam.post("/admin/tokens", data=form)
        assert made.status_code == 200
        assert made.headers["cache-control"] == "no-store"
        (token,) = re.findall(r"spop_[\w-]{43}", made.text)
        listed = (await adam.get("/admin/tokens")).text
        assert token not in listed
        assert f"…{token[-4:]}" in listed
        async with office.browser(**bearer(token)) as program:
            assert (await program.get(CALLS)).status_code == 200
            lacking = await program.get("/api/v1/customers")
            assert lacking.status_code == 403
            assert lacking.headers["content-type"] == "application/problem+json"
            assert lacking.json()["code"] == "missing_scope"
            assert lacking.json()["scope"] == "customers:read"
            assert "customers:read" in lacking.json()["detail"]
            assert 'error="insufficient_scope"' in lacking.headers["www-authenticate"]
            closed = await program.get("/api/v1/customers/1/whole-file")
            assert (closed.status_code, closed.json()["code"]) == (403, "not_for_tokens")
        await office.database.later.flush()
        (one,) = await list_api_tokens(office.database, time.time())
        assert one.token.last_used_at is not None
        end = f"/admin/tokens/{one.token.id}/revoke"
        assert (await adam.post(end, data={"csrf": "x"})).status_code == 403
        assert (await adam.post(end, data={"csrf": csrf})).status_code == 303
        assert (await adam.post(end, data={"csrf": csrf})).status_code == 404
        async with office.browser(**bearer(token)) as program:
            assert (await program.get(CALLS)).status_code == 401


@pytest.mark.defends("api-tokens")
async def test_unknown_expired_revoked_and_cut_tokens_get_one_and_the_same_answer(
    server: Running,
) -> None:
    revoked = await make_token(server, Scope.CALLS_READ)
    (one,) = await list_api_tokens(server.database, time.time())
    await revoke_api_token(server.database, one.token.id)
    expired = await make_token(server, Scope.CALLS_READ)
    async with server.database.writing() as connection:
        await connection.exec_driver_sql("UPDATE api_tokens SET expires_at = 1")
    good = await make_token(server, Scope.CALLS_READ)
    guesses = (revoked, expired, good[:-1], good + "x", good.swapcase(), "spop_", "spop_" * 60)
    answers = set()
    for guess in guesses:
        async with server.browser(**bearer(guess)) as program:
            answer = await program.get(CALLS)
            answers.add((answer.status_code, answer.text, answer.headers["www-authenticate"]))
    ((status, text, _),) = answers
    assert status == 401
    assert '"bad_token"' in text
    async with server.browser(**bearer(good)) as program:
        assert (await program.get(CALLS)).status_code == 200


async def test_a_token_ends_with_the_rights_of_its_maker_and_one_of_the_command_line_does_not(
    server: Running,
) -> None:
    await change_role(server.database, server.id("sue"), Role.ADMIN, Department.SALES)
    of_sue = await make_token(server, Scope.CALLS_READ, maker="sue")
    of_none = await make_token(server, Scope.CALLS_READ, maker=None)

    async def statuses() -> list[int]:
        got = []
        for token in (of_sue, of_none):
            async with server.browser(**bearer(token)) as program:
                got.append((await program.get(CALLS)).status_code)
        return got

    assert await statuses() == [200, 200]
    await change_role(server.database, server.id("sue"), Role.SUPERVISOR, Department.SALES)
    assert await statuses() == [401, 200]
    await change_role(server.database, server.id("sue"), Role.ADMIN, Department.SALES)
    assert await statuses() == [200, 200]
    await disable_user(server.database, server.id("sue"))
    assert await statuses() == [401, 200]
    listed = await list_api_tokens(server.database, time.time())
    assert [one.is_usable for one in listed] == [True, False]


@pytest.mark.defends("api-tokens")
async def test_only_an_administrator_sees_makes_and_revokes_tokens(server: Running) -> None:
    await make_token(server, Scope.CALLS_READ)
    for name in ("alice", "bob", "sue"):
        async with await server.client(name) as person:
            csrf = csrf_of((await person.get("/me")).text)
            form = {"csrf": csrf, "name": "x", "days": "30", "scope": "calls:read"}
            assert (await person.get("/admin/tokens")).status_code == 403
            assert (await person.post("/admin/tokens", data=form)).status_code == 403
            assert (await person.post("/admin/tokens/1/revoke", data=form)).status_code == 403
    async with server.browser() as stranger:
        assert (await stranger.get("/admin/tokens")).status_code == 303
    assert len(await list_api_tokens(server.database, time.time())) == 1


@pytest.mark.defends("api-tokens")
async def test_an_address_with_too_many_unknown_tokens_waits_while_known_ones_go_on(
    server: Running,
) -> None:
    good = await make_token(server, Scope.CALLS_READ)
    new = await make_token(server, Scope.CALLS_READ)

    async def status(token: str) -> int:
        async with server.browser(**bearer(token)) as program:
            answer = await program.get(CALLS)
            if answer.status_code == 429:
                assert answer.headers["retry-after"] == "60"
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json()["code"] == "too_many_tries"
            return answer.status_code

    assert await status(good) == 200
    assert [await status("spop_guess") for _ in range(MOST_FAILURES)] == [401] * MOST_FAILURES
    assert await status("spop_guess") == 429
    assert await status(new) == 429
    assert await status(good) == 200
    async with await server.client("alice") as alice:
        assert (await alice.get("/api/v1/callbacks")).status_code == 200


def test_failures_of_an_address_count_within_a_minute() -> None:
    now = [0.0]
    failures = TokenFailures(lambda: now[0])
    failures.succeeded("known")
    for _ in range(MOST_FAILURES - 1):
        failures.failed("here")
    assert not failures.is_refused("here", "x")
    now[0] = FAILURES_S - 0.1
    failures.failed("here")
    assert failures.is_refused("here", "x")
    assert not failures.is_refused("here", "known")
    assert not failures.is_refused("there", "x")
    now[0] = FAILURES_S
    assert not failures.is_refused("here", "x")
    failures.failed("here")
    assert not failures.is_refused("here", "x")


def test_failures_and_known_tokens_take_bounded_memory() -> None:
    failures = TokenFailures(lambda: 0.0)
    for _ in range(MOST_FAILURES):
        failures.failed("first")
    for number in range(MOST_ADDRESSES - 1):
        failures.failed(str(number))
    assert failures.is_refused("first", "x")
    failures.failed("one more")
    assert not failures.is_refused("first", "x")
    for _ in range(MOST_FAILURES):
        failures.failed("here")
    for number in range(MOST_REMEMBERED):
        failures.succeeded(str(number))
    assert not failures.is_refused("here", "0")
    failures.succeeded("one more")
    assert failures.is_refused("here", "0")


async def test_prometheus_reads_figures_with_a_token_of_that_scope_only(server: Running) -> None:
    for scope, status in ((Scope.METRICS_READ, 200), (Scope.CALLS_READ, 403)):
        async with server.browser(**bearer(await make_token(server, scope))) as program:
            assert (await program.get("/metrics")).status_code == status
    async with server.browser(**bearer(TOKEN)) as program:
        assert (await program.get("/metrics")).status_code == 200
