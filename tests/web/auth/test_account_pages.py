"""One's own password and sessions, on the shipped pages."""

import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from screenpop.store.accounts.login_records import list_login_records
from screenpop.store.accounts.own_account import find_own_account
from screenpop.store.accounts.sessions import start_session
from screenpop.store.accounts.users import is_own_password
from screenpop.web.auth.browser_names import browser_name
from tests.web.running_server import PASSWORD, Running, csrf_of, log_in, running

pytestmark = pytest.mark.anyio

NEW = "another four plain words"
CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36"
)


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        yield up


@pytest.mark.defends("session-end")
async def test_a_new_password_ends_all_other_sessions_and_their_sockets(office: Running) -> None:
    async with office.browser() as here, office.socket("alice") as elsewhere:
        await elsewhere.greet()
        await log_in(here, "alice")
        csrf = csrf_of((await here.get("/me")).text)
        form = {"csrf": csrf, "old": PASSWORD, "new": NEW, "again": NEW}
        answer = await here.post("/me/password", data=form)
        assert answer.headers["location"] == "/me?done=password"
        assert (await elsewhere.hear())["code"] == 4006
        assert "Your password has been changed" in (await here.get("/me?done=password")).text
        account = await find_own_account(office.database, office.id("alice"), time.time())
        assert len(account.sessions) == 1
    async with await office.client("alice") as there:
        assert (await there.get("/me")).status_code == 303
    assert await is_own_password(office.database, office.id("alice"), NEW)


@pytest.mark.parametrize(
    ("old", "new", "again", "sentence"),
    [
        ("wrong", NEW, NEW, "password is not correct"),
        (PASSWORD, "short", "short", "at least 10 characters"),
        (PASSWORD, NEW, NEW + "x", "differ"),
        (PASSWORD, "aaaaaaaaaaaa", "aaaaaaaaaaaa", "repeats itself"),
        (PASSWORD, "x1" * 200, "x1" * 200, "too long"),
        (PASSWORD, "alicealice1", "alicealice1", "too similar to your name"),
        (PASSWORD, "password1234", "password1234", "too common"),
    ],
)
async def test_a_password_that_cannot_be_changed_is_reported_with_the_reason(
    office: Running, old: str, new: str, again: str, sentence: str
) -> None:
    async with await office.client("alice") as alice:
        csrf = csrf_of((await alice.get("/me")).text)
        form = {"csrf": csrf, "old": old, "new": new, "again": again}
        answer = await alice.post("/me/password", data=form)
        assert answer.status_code == 422
        assert sentence in answer.text
        stale = await alice.post("/me/password", data=form | {"csrf": "x"})
        assert stale.status_code == 403
    assert await is_own_password(office.database, office.id("alice"), PASSWORD)


@pytest.mark.defends("confirm-password")
async def test_guesses_at_the_old_password_are_slowed_down_and_recorded(office: Running) -> None:
    async with await office.client("alice") as mallory:
        csrf = csrf_of((await mallory.get("/me")).text)
        form = {"csrf": csrf, "old": "guess", "new": NEW, "again": NEW}
        for _ in range(6):
            assert (await mallory.post("/me/password", data=form)).status_code == 422
    assert office.waits == [1.0, 2.0, 4.0]
    (first, *_) = await list_login_records(office.database)
    assert (first.username, first.outcome) == ("alice", "not_confirmed")


async def test_sessions_are_listed_and_ended_singly_or_all_others(office: Running) -> None:
    now = time.time()
    for address in ("10.0.0.7", "10.0.0.8"):
        await start_session(
            office.database, office.id("alice"), now, browser=CHROME, address=address
        )
    bobs = await start_session(office.database, office.id("bob"), now)
    async with await office.client("alice") as alice:
        page = (await alice.get("/me")).text
        assert page.count("Chrome · Linux") >= 2
        assert "10.0.0.7" in page
        assert "this browser" in page
        csrf = csrf_of(page)
        listed = (await find_own_account(office.database, office.id("alice"), now)).sessions
        other = next(one.id for one in listed if one.address == "10.0.0.7")
        ended = await alice.post(f"/me/sessions/{other}/end", data={"csrf": csrf})
        assert ended.status_code == 303
        assert "10.0.0.7" not in (await alice.get("/me")).text
        (foreign,) = (await find_own_account(office.database, office.id("bob"), now)).sessions
        refused = await alice.post(f"/me/sessions/{foreign.id}/end", data={"csrf": csrf})
        assert refused.status_code == 404
        await alice.post("/me/sessions/end-others", data={"csrf": csrf})
        assert "10.0.0.8" not in (await alice.get("/me")).text
    async with office.browser(Cookie=f"screenpop_session={bobs.token}") as bob:
        assert (await bob.get("/me")).status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (CHROME, "Chrome · Linux"),
        (CHROME + " Edg/140.0", "Edge · Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox · Windows",
        ),
        ("curl/8.14", "curl/8.14"),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_people_know_it(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
