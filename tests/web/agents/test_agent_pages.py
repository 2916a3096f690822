"""The desk, the board, one's own settings, and the permissions for them."""

from pathlib import Path

import pytest

from screenpop.accounts.card_preferences import CardPreferences
from screenpop.store.accounts.users import find_username
from tests.web.running_server import Running, csrf_of, running

pytestmark = pytest.mark.anyio

PAGES = ["/", "/board", "/calls", "/calls/1", "/customers", "/me", "/simulate"]


@pytest.mark.parametrize("path", PAGES)
async def test_a_stranger_is_led_to_the_login(shared: Running, path: str) -> None:
    async with shared.browser() as mallory:
        answer = await mallory.get(path)
        assert answer.status_code == 303
        wanted = "/login" if path == "/" else f"/login?next={path}"
        assert answer.headers["location"] == wanted
        assert answer.text == ""


async def test_the_agent_page_has_the_agents_phones(shared: Running) -> None:
    async with await shared.client("alice") as alice:
        assert '<p id="phones">101 151</p>' in (await alice.get("/")).text
    async with await shared.client("adam") as adam:
        assert '<p id="phones"></p>' in (await adam.get("/")).text


@pytest.mark.parametrize("path", ["/board", "/simulate"])
@pytest.mark.parametrize(("name", "status"), [("alice", 403), ("sue", 200), ("adam", 200)])
async def test_the_board_and_the_simulator_are_not_for_agents(
    shared: Running, path: str, name: str, status: int
) -> None:
    async with await shared.client(name) as client:
        answer = await client.get(path)
        assert answer.status_code == status
        assert ('<p id="code">not_allowed</p>' in answer.text) == (status == 403)


async def test_where_calls_cannot_be_played_there_is_no_such_page(
    prepared: Path, tmp_path: Path
) -> None:
    async with (
        running(prepared, tmp_path, simulate=False) as server,
        await server.client("adam") as adam,
    ):
        answer = await adam.get("/simulate")
        assert answer.status_code == 404
        assert '<p id="code">simulator_off</p>' in answer.text


async def test_pages_are_in_the_language_of_their_reader(shared: Running) -> None:
    for name, opening in (
        ("alice", '<html lang="en" dir="ltr"'),
        ("bob", '<html lang="fa" dir="rtl"'),
        ("sue", '<html lang="el" dir="ltr"'),
    ):
        async with await shared.client(name) as client:
            assert opening in (await client.get("/")).text


@pytest.mark.parametrize(
    ("wish", "lang"),
    [
        ("fa-IR,fa;q=0.9,en;q=0.8", "fa"),
        ("de, el;q=0.5", "el"),
        ("de", "en"),
        ("", "en"),
        (",;q=,,-" * 500, "en"),
    ],
)
async def test_a_stranger_is_spoken_to_as_the_browser_wishes(
    shared: Running, wish: str, lang: str
) -> None:
    async with shared.browser(**{"Accept-Language": wish}) as browser:
        assert f'<html lang="{lang}"' in (await browser.get("/login")).text


async def test_a_user_can_choose_language_and_theme(server: Running) -> None:
    async with await server.client("alice") as alice:
        csrf = csrf_of((await alice.get("/me")).text)
        answer = await alice.post(
            "/me", data={"csrf": csrf, "language": "fa", "theme": "dark", "next": "/calls?q=1"}
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/calls?q=1")
        theme = answer.cookies["screenpop_theme"]
    cookie = f"{await server.log_in('alice')}; screenpop_theme={theme}"
    async with server.browser(Cookie=cookie) as alice:
        assert '<html lang="fa" dir="rtl" data-theme="dark">' in (await alice.get("/me")).text
    user = await find_username(server.database, "alice")
    assert user is not None
    assert user.language == "fa"


async def test_a_stranger_can_choose_too(shared: Running) -> None:
    async with shared.browser() as browser:
        csrf = csrf_of((await browser.get("/login")).text)
        answer = await browser.post("/me", data={"csrf": csrf, "language": "el"})
        assert answer.headers["location"] == "/login"
        assert '<html lang="el"' in (await browser.get("/login")).text


@pytest.mark.parametrize("choice", [{"language": "xx"}, {"theme": "<script>"}, {"theme": ""}])
async def test_what_cannot_be_chosen_changes_nothing(
    shared: Running, choice: dict[str, str]
) -> None:
    async with await shared.client("alice") as alice:
        csrf = csrf_of((await alice.get("/me")).text)
        answer = await alice.post("/me", data={"csrf": csrf} | choice)
        assert answer.status_code == 303
        assert "set-cookie" not in answer.headers
        assert '<html lang="en" dir="ltr" data-theme="auto">' in (await alice.get("/me")).text


async def test_a_hostile_cookie_is_as_good_as_none(shared: Running) -> None:
    cookie = 'screenpop_theme="><script>; screenpop_language=../..; screenpop_form=<b>'
    async with shared.browser(Cookie=cookie) as mallory:
        text = (await mallory.get("/login")).text
        assert '<html lang="en" dir="ltr" data-theme="auto">' in text
        assert "<b>" not in csrf_of(text)


async def test_a_missing_address_is_reported_as_a_page(shared: Running) -> None:
    async with await shared.client("alice") as alice:
        answer = await alice.get("/nothing")
        assert answer.status_code == 404
        assert '<p id="code">not_found</p>' in answer.text


async def test_card_preferences_are_kept_for_each_user(prepared: Path, tmp_path: Path) -> None:
    async with (
        running(prepared, tmp_path) as server,
        await server.client("alice") as alice,
        await server.client("bob") as bob,
    ):
        chosen = {"incoming": "answer", "vip_sound": "none", "density": "compact"}
        form = {"csrf": csrf_of((await alice.get("/me")).text), **chosen}
        answer = await alice.post("/me/cards", data=form)
        assert answer.headers["location"] == "/me?done=cards"
        user = await find_username(server.database, "alice")
        assert user is not None
        assert user.card_preferences == CardPreferences.from_mapping(chosen)
        other = await find_username(server.database, "bob")
        assert other is not None
        assert other.card_preferences == CardPreferences()
        refused = await bob.post("/me/cards", data=form)  # with the token of another session
        assert refused.status_code == 403


async def test_card_preferences_need_a_login(shared: Running) -> None:
    async with shared.browser() as mallory:
        answer = await mallory.post("/me/cards", data={"incoming": "never"})
        assert answer.status_code in {303, 403}
        assert answer.headers.get("location", "/login").startswith("/login")
