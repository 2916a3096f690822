"""Users that an administrator adds, and passwords that only let their users choose others."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from screenpop.store.accounts.first_passwords import FIRST_PASSWORD_S
from screenpop.store.accounts.user_admin import list_accounts
from screenpop.store.schema.account_tables import users
from tests.web.running_server import PASSWORD, Running, csrf_of, log_in, running

pytestmark = pytest.mark.anyio
OWN = "four plain words together"
NEW_USER = {
    "name": "Νίκη <b>",
    "username": "niki",
    "role": "agent",
    "department": "sales",
    "language": "el",
    "phones": "160",
}


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        yield up


async def as_admin(office: Running, path: str, **form: str) -> httpx.Response:
    async with await office.client("adam") as adam:
        csrf = csrf_of((await adam.get("/me")).text)
        return await adam.post(path, data={"csrf": csrf} | form)


def password_on(page: httpx.Response) -> str:
    found = re.search(r'class="first-password" dir="ltr">([^<]+)<', page.text)
    assert found is not None, page.text
    return found[1]


async def choose(browser: httpx.AsyncClient, password: str, new: str, again: str) -> httpx.Response:
    form = {"username": "niki", "password": password, "new": new, "again": again}
    csrf = csrf_of((await browser.get("/login")).text)
    return await browser.post("/login/first", data=form | {"csrf": csrf})


@pytest.mark.defends("first-passwords")
async def test_new_user_logs_in_only_after_another_password_was_chosen(office: Running) -> None:
    made = await as_admin(office, "/admin/users/new", **NEW_USER)
    assert made.status_code == 200
    assert "Νίκη &lt;b&gt;" in made.text
    assert made.headers["cache-control"] == "no-store"
    first = password_on(made)
    async with await office.client("adam") as adam:
        assert first not in (await adam.get("/admin")).text
        assert "first password" in (await adam.get("/admin")).text
    async with office.browser() as browser:
        asked = await log_in(browser, "niki", first)
        assert asked.status_code == 200
        assert 'action="/login/first"' in asked.text
        assert first not in asked.text
        assert not browser.cookies.get("screenpop_session")
        assert (await browser.get("/me")).status_code == 303
        for password, new, again, status, words in (
            ("wrong", OWN, OWN, 401, "not correct"),
            (first, "short", "short", 422, "10 characters"),
            (first, OWN, OWN + "!", 422, "differ"),
            (first, first, first, 422, "other than the one"),
        ):
            refused = await choose(browser, password, new, again)
            assert (refused.status_code, words in refused.text) == (status, True), refused.text
            assert not browser.cookies.get("screenpop_session")
        chosen = await choose(browser, first, OWN, OWN)
        assert (chosen.status_code, chosen.headers["location"]) == (303, "/")
        assert (await browser.get("/me")).status_code == 200
    async with office.browser() as browser:
        assert (await choose(browser, first, OWN + "2", OWN + "2")).status_code == 401
        assert (await log_in(browser, "niki", first)).status_code == 401
        assert (await log_in(browser, "niki", OWN)).status_code == 303
    accounts = {one.user.username: one for one in await list_accounts(office.database)}
    assert [phone for _, phone in accounts["niki"].phones] == ["160"]
    assert accounts["niki"].user.language == "el"


@pytest.mark.defends("first-passwords")
async def test_first_password_is_refused_after_its_time(office: Running) -> None:
    first = password_on(await as_admin(office, "/admin/users/new", **NEW_USER))
    async with office.database.writing() as connection:
        await connection.execute(
            update(users)
            .where(users.c.username == "niki")
            .values(first_password_until=users.c.first_password_until - FIRST_PASSWORD_S)
        )
    async with office.browser() as browser:
        for answer in (
            await log_in(browser, "niki", first),
            await choose(browser, first, OWN, OWN),
        ):
            assert answer.status_code == 401
            assert "first password has expired" in answer.text
        assert (await log_in(browser, "niki", "wrong")).status_code == 401


async def test_forgotten_password_is_replaced_and_open_pages_close(office: Running) -> None:
    path = f"/admin/users/{office.id('alice')}/password"
    async with office.socket("alice") as socket, await office.client("alice") as alice:
        await socket.greet()
        first = password_on(await as_admin(office, path))
        assert (await socket.hear())["code"] == 4006
        assert (await alice.get("/me")).status_code == 303
    async with office.browser() as browser:
        assert (await log_in(browser, "alice", PASSWORD)).status_code == 401
        assert 'action="/login/first"' in (await log_in(browser, "alice", first)).text


async def test_administrator_sees_sessions_and_ends_all_of_a_user(office: Running) -> None:
    path = f"/admin/users/{office.id('alice')}"
    async with office.browser(**{"User-Agent": "Firefox/150.0 <i>"}) as browser:
        assert (await log_in(browser, "alice")).status_code == 303
        async with await office.client("adam") as adam:
            assert "Firefox" in (await adam.get(path)).text
        assert (await as_admin(office, f"{path}/log-out")).status_code == 303
        assert (await browser.get("/me")).status_code == 303
    async with await office.client("adam") as adam:
        assert "Nobody is logged in." in (await adam.get(path)).text


async def test_administrator_changes_the_own_password_elsewhere(office: Running) -> None:
    answer = await as_admin(office, f"/admin/users/{office.id('adam')}/password")
    assert answer.status_code == 422
    assert "first-password" not in answer.text


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("username", "alice", "already"),
        ("username", "<script>", "cannot be used"),
        ("username", "", "cannot be used"),
        ("name", "  ", "Write the person"),
        ("phones", "102", "belongs to another user"),
    ],
)
async def test_refused_user_is_named_with_the_reason_and_typed_values_stay(
    office: Running, field: str, value: str, words: str
) -> None:
    answer = await as_admin(office, "/admin/users/new", **NEW_USER | {field: value})
    assert answer.status_code == 422
    assert words in answer.text
    assert "<script>" not in answer.text
    assert ('value="160"' in answer.text) is (field != "phones")
    names = {one.user.username for one in await list_accounts(office.database)}
    assert "niki" not in names


@pytest.mark.defends("first-passwords")
@pytest.mark.parametrize("name", ["alice", "sue", None])
async def test_mallory_makes_no_user_and_gets_no_password(
    office: Running, name: str | None
) -> None:
    target = office.id("bob")
    async with office.browser() if name is None else await office.client(name) as mallory:
        token = csrf_of((await mallory.get("/login" if name is None else "/me")).text)
        for path, form in (
            ("/admin/users/new", NEW_USER),
            (f"/admin/users/{target}/password", {}),
            (f"/admin/users/{target}/log-out", {}),
        ):
            answer = await mallory.post(path, data={"csrf": token} | form)
            assert answer.status_code == (303 if name is None else 403)
            assert "first-password" not in answer.text
        assert (await mallory.get("/admin/users/new")).status_code != 200
    async with await office.client("adam") as adam:
        forged = await adam.post("/admin/users/new", data=NEW_USER | {"csrf": "x"})
        assert forged.status_code == 403
    assert "niki" not in {one.user.username for one in await list_accounts(office.database)}


async def test_demo_field_of_the_login_does_not_pass_a_first_password(office: Running) -> None:
    first = password_on(await as_admin(office, "/admin/users/new", **NEW_USER))
    async with office.browser() as browser:
        answer = await log_in(browser, "niki", first, demo="yes")
        assert answer.status_code == 200
        assert not browser.cookies.get("screenpop_session")
