"""The pages as they are shipped, in each language: they render, and the strict policy holds."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from screenpop.web.translations import our_catalogues
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import add_customer, keep, record

pytestmark = pytest.mark.anyio

PAGES = [
    "/",
    "/board",
    "/calls",
    "/calls/1",
    "/customers",
    "/simulate",
    "/me",
    "/admin",
    "/nothing",
]
LANGUAGES = ["en", "fa", "el"]


@pytest.fixture(scope="module")
async def shipped(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    folder = tmp_path_factory.mktemp("shipped")
    async with running(prepared, folder, demo=True, real_pages=True) as up:
        customer = await add_customer(up.database)
        await keep(up.database, record(1, customer=customer), record(2, withheld=True))
        yield up


@pytest.mark.defends("content-policy")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_page_renders_and_keeps_to_the_policy(shipped: Running, language: str) -> None:
    async with shipped.browser() as stranger:
        csrf = csrf_of((await stranger.get("/login")).text)
        await stranger.post("/me", data={"csrf": csrf, "language": language})
        check(shipped, "/login", (await stranger.get("/login")).text, language)
    async with await shipped.client("adam") as adam:
        csrf = csrf_of((await adam.get("/me")).text)
        await adam.post("/me", data={"csrf": csrf, "language": language, "theme": "dark"})
        for path in PAGES:
            answer = await adam.get(path)
            assert answer.status_code == (404 if path == "/nothing" else 200), path
            check(shipped, path, answer.text, language)


def check(server: Running, path: str, html: str, language: str) -> None:
    direction = "rtl" if language == "fa" else "ltr"
    assert re.search(rf'<html lang="{language}" dir="{direction}"', html), path
    assert not re.search(r"<[^>]+\sstyle\s*=", html), f"{path}: a style attribute"
    assert not re.search(r"<[^>]+\son[a-z]+\s*=", html), f"{path}: a handler in the page"
    for script in re.findall(r"<script([^>]*)>", html):
        assert "src=" in script or 'type="application/json"' in script, f"{path}: {script}"
    for url in re.findall(r'(?:src|href|action)="([^"]*)"', html):
        assert url.startswith(("/", "#", "tel:+")), f"{path}: {url} is elsewhere"
        assert not url.startswith("//"), f"{path}: {url} is elsewhere"
        file = url.removeprefix(f"/static/v-{server.web.assets.version}/").split("#")[0]
        if url.startswith("/static/"):
            assert server.web.assets.find(file) is not None, f"{path}: {url} is not there"


@pytest.mark.defends("text-is-text")
async def test_a_strangers_name_is_text_on_the_shipped_pages(shipped: Running) -> None:
    async with await shipped.client("sue") as sue:
        for path in ("/calls", "/calls/1", "/customers", "/login"):
            html = (await sue.get(path)).text
            assert "<b>Mallory" not in html
            assert "Karimi <i>" not in html
            assert "\u202e" not in html
    async with shipped.browser() as stranger:
        assert "<b>Agent" not in (await stranger.get("/login")).text


@pytest.mark.parametrize(
    ("endpoint", "sentence"),
    [("nonsense", "seat.no_phone"), ("101", "seat.taken")],
)
async def test_each_reason_not_to_log_in_at_a_phone_is_on_the_shipped_page(
    shipped: Running, endpoint: str, sentence: str
) -> None:
    async with shipped.socket("alice") as alice, await shipped.client("bob") as bob:
        await alice.greet()
        csrf = csrf_of((await bob.get("/me")).text)
        form = {"csrf": csrf, "endpoint": endpoint, "pbx": "another" if "o" in endpoint else ""}
        answer = await bob.post("/me/seat", data=form)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert sentence not in answer.text  # its words, not its code


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_address_that_only_a_form_uses_is_explained_in_the_readers_language(
    shipped: Running, language: str
) -> None:
    async with await shipped.client("adam") as adam:
        csrf = csrf_of((await adam.get("/me")).text)
        await adam.post("/me", data={"csrf": csrf, "language": language})
        answer = await adam.get("/me/password")
        assert answer.status_code == 405
        check(shipped, "/me/password", answer.text, language)
        assert our_catalogues()[language].gettext("problem.wrong_method") in answer.text
