"""Logging in and out, and attempts to get in without a password."""

from pathlib import Path

import httpx
import pytest

from screenpop.store.accounts.login_records import list_login_records
from screenpop.web.auth import login_session
from tests.web.running_server import PASSWORD, Running, csrf_of, log_in, running

pytestmark = pytest.mark.anyio


async def test_the_right_password_lets_in_and_leads_to_the_first_page(shared: Running) -> None:
    for name, first_page in (("alice", "/"), ("sue", "/board")):
        async with shared.browser() as browser:
            answer = await log_in(browser, name)
            assert (answer.status_code, answer.headers["location"]) == (303, first_page)
            assert (await browser.get(first_page)).status_code == 200


@pytest.mark.defends("cookies")
async def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(
    shared: Running,
) -> None:
    async with shared.browser() as browser:
        cookies = (await log_in(browser, "alice")).headers.get_list("set-cookie")
    (session,) = [one for one in cookies if one.startswith("screenpop_session=")]
    parts = [part.strip().lower() for part in session.split(";")[1:]]
    assert {"httponly", "samesite=lax", "path=/"} <= set(parts)
    assert "secure" not in parts  # this server is on plain http
    assert not any(part.startswith("domain") for part in parts)


@pytest.mark.defends("cookies")
async def test_on_https_the_cookies_are_secure_and_tied_to_the_host(
    prepared: Path, tmp_path: Path
) -> None:
    origin = "https://pop.example.com"
    async with running(prepared, tmp_path, public_origins=(origin,)) as server:
        async with server.browser(Host="pop.example.com", Origin=origin) as browser:
            form = await browser.get("/login")
            assert form.headers["strict-transport-security"]
            (cookie,) = form.headers.get_list("set-cookie")
            token = cookie.split(";")[0]
            answer = await browser.post(
                "/login",
                data={"username": "alice", "password": PASSWORD, "csrf": csrf_of(form.text)},
                headers={"Cookie": token},
            )
        cookies = [cookie, *answer.headers.get_list("set-cookie")]
        assert len(cookies) == 4
        for one in cookies:
            assert one.startswith("__Host-")
            assert "; secure" in one.lower()
            assert "path=/" in one.lower()


@pytest.mark.defends("login-answers")
@pytest.mark.parametrize("name", ["alice", "nobody", "", "'; DROP TABLE users; --"])
async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(
    shared: Running, name: str
) -> None:
    async with shared.browser() as browser:
        answer = await log_in(browser, name, "wrong")
        assert answer.status_code == 401
        assert '<p id="error">wrong</p>' in answer.text
        assert "screenpop_session" not in browser.cookies


async def test_the_right_password_lets_in_after_any_number_of_wrong_ones(server: Running) -> None:
    async with server.browser() as mallory:
        for _ in range(40):
            assert (await log_in(mallory, "alice", "guess")).status_code == 401
        assert (await log_in(mallory, "alice")).status_code == 303
    assert server.waits[-1] == 8.0
    async with server.browser() as colleague:
        assert (await log_in(colleague, "bob")).status_code == 303
    assert server.waits[-1] <= 2.0


@pytest.mark.defends("login-throttle")
async def test_a_browser_that_has_logged_in_before_does_not_wait_for_guesses_of_others(
    server: Running,
) -> None:
    async with server.browser() as alice, server.browser() as mallory:
        await log_in(alice, "alice")
        alice.cookies.delete("screenpop_session")
        for _ in range(20):
            await log_in(mallory, "alice", "guess")
        server.waits.clear()
        assert (await log_in(alice, "alice")).status_code == 303
        assert server.waits == []
        device = alice.cookies["screenpop_device"]
    async with server.browser() as thief:
        thief.cookies.set("screenpop_device", device)
        await log_in(thief, "bob", "guess")
        await log_in(thief, "alice", "guess")
        for _ in range(5):
            await log_in(thief, "alice", "guess")
    assert server.waits[-1] >= 4.0  # the cookie does not make guessing any quicker


@pytest.mark.defends("login-records")
async def test_logins_and_failures_are_recorded_with_address_and_browser(server: Running) -> None:
    async with server.browser(**{"User-Agent": "Firefox/140"}) as browser:
        await log_in(browser, "alice", "wrong")
        await log_in(browser, "nobody-here", "wrong")
        await log_in(browser, "alice")
    records = await list_login_records(server.database)
    assert [(one.username, one.outcome, one.address, one.browser) for one in records] == [
        ("alice", "logged_in", "127.0.0.1", "Firefox/140"),
        ("", "unknown_user", "127.0.0.1", "Firefox/140"),
        ("alice", "wrong_password", "127.0.0.1", "Firefox/140"),
    ]


async def test_a_login_is_let_in_though_it_cannot_be_recorded(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(login_session, "record_login", broken)
    async with server.browser() as browser:
        assert (await log_in(browser, "alice")).status_code == 303


@pytest.mark.defends("session-tokens")
async def test_each_login_is_a_new_session_and_ends_the_one_before(shared: Running) -> None:
    async with shared.browser() as browser:
        await log_in(browser, "alice")
        before = browser.cookies["screenpop_session"]
        form = await browser.get("/")
        data = {"username": "alice", "password": PASSWORD, "csrf": csrf_of(form.text)}
        assert (await browser.post("/login", data=data)).status_code == 303
        assert browser.cookies["screenpop_session"] != before
    async with shared.browser(Cookie=f"screenpop_session={before}") as thief:
        assert (await thief.get("/")).status_code == 303


@pytest.mark.defends("session-end")
async def test_logging_out_makes_the_cookie_worthless(shared: Running) -> None:
    async with shared.browser() as browser:
        await log_in(browser, "bob")
        cookie = browser.cookies["screenpop_session"]
        csrf = csrf_of((await browser.get("/")).text)
        assert (await browser.post("/logout", data={"csrf": csrf})).status_code == 303
        assert "screenpop_session" not in browser.cookies
    async with shared.browser(Cookie=f"screenpop_session={cookie}") as thief:
        answer = await thief.get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")


async def test_looking_at_the_logout_does_not_log_out(shared: Running) -> None:
    async with await shared.client("alice") as alice:
        assert (await alice.get("/logout")).status_code == 405
        assert (await alice.get("/")).status_code == 200


@pytest.mark.defends("form-token")
@pytest.mark.parametrize("path", ["/login", "/logout", "/me"])
@pytest.mark.parametrize("token", ["", "made-up", "bobs"])
async def test_a_form_without_its_own_token_is_refused(
    shared: Running, path: str, token: str
) -> None:
    if token == "bobs":
        async with await shared.client("bob") as bob:
            token = csrf_of((await bob.get("/")).text)
    async with await shared.client("alice") as alice:
        answer = await alice.post(path, data={"csrf": token, "language": "el"})
        assert answer.status_code == 403
        assert '<p id="code">stale_form</p>' in answer.text
        assert (await alice.get("/")).status_code == 200


@pytest.mark.defends("form-token")
async def test_a_stranger_without_the_forms_cookie_cannot_post_it(shared: Running) -> None:
    async with shared.browser() as browser:
        csrf = csrf_of((await browser.get("/login")).text)
    async with shared.browser() as other:
        data = {"username": "alice", "password": PASSWORD, "csrf": csrf}
        assert (await other.post("/login", data=data)).status_code == 403


@pytest.mark.defends("form-token")
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_sites_form_is_refused_even_with_the_token(
    shared: Running, headers: dict[str, str]
) -> None:
    async with await shared.client("alice") as alice:
        csrf = csrf_of((await alice.get("/")).text)
        answer = await alice.post("/logout", data={"csrf": csrf}, headers=headers)
        assert answer.status_code == 403
        assert (await alice.get("/")).status_code == 200


@pytest.mark.defends("login-redirect")
@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/calls\r\nSet-Cookie: a=b",
        "/%0d%0a/\u2028",
        "calls",
        "",
    ],
)
async def test_a_login_leads_nowhere_but_to_our_own_pages(shared: Running, elsewhere: str) -> None:
    async with shared.browser() as browser:
        answer = await log_in(browser, "alice", next=elsewhere)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert "a" not in answer.cookies
    async with await shared.client("alice") as alice:
        answer = await alice.get("/login", params={"next": elsewhere})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_a_login_leads_to_the_page_that_was_asked_for(shared: Running) -> None:
    async with shared.browser() as browser:
        answer = await browser.get("/calls?q=%C3%A9&queue=support")
        assert answer.status_code == 303
        form = await browser.get(answer.headers["location"])
        answer = await log_in(browser, "alice", next="/calls?q=%C3%A9&queue=support")
        assert answer.headers["location"] == "/calls?q=%C3%A9&queue=support"
        assert "/calls?q=%C3%A9&amp;queue=support" in form.text


@pytest.mark.defends("text-is-text")
async def test_a_name_with_html_in_it_is_displayed_as_text(shared: Running) -> None:
    async with await shared.client("alice") as alice:
        text = (await alice.get("/")).text
        assert "Alice &lt;b&gt;Agent&lt;/b&gt;" in text
        assert "<b>Agent" not in text


async def test_the_demo_lets_every_user_in_with_one_click(prepared: Path, tmp_path: Path) -> None:
    async with running(prepared, tmp_path, demo=True) as server, server.browser() as browser:
        form = await browser.get("/login")
        assert "<li>alice|Alice &lt;b&gt;Agent&lt;/b&gt;|agent|101</li>" in form.text
        assert "<li>sue|Sue|supervisor|</li>" in form.text
        answer = await log_in(browser, "sue", "", demo="yes")
        assert (answer.status_code, answer.headers["location"]) == (303, "/board")
        async with server.browser() as another:
            assert (await log_in(another, "nobody", "", demo="yes")).status_code == 401


async def test_outside_the_demo_one_click_is_not_enough(shared: Running) -> None:
    async with shared.browser() as mallory:
        assert "alice" not in (await mallory.get("/login")).text
        assert (await log_in(mallory, "sue", "", demo="yes")).status_code == 401


@pytest.mark.defends("request-limits")
async def test_a_form_of_a_megabyte_is_not_read(shared: Running) -> None:
    async with shared.browser() as mallory:
        form = await mallory.get("/login")
        data = {"csrf": csrf_of(form.text), "username": "x" * 1_000_000}
        answer: httpx.Response = await mallory.post("/login", data=data)
        assert answer.status_code == 413
