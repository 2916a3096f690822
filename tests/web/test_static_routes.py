"""Static files and catalogues: what is there is kept for ever, what is not cannot be reached."""

import asyncio
import re
from collections.abc import AsyncGenerator
from pathlib import Path
from urllib.parse import urljoin

import pytest

from tests.web.running_server import SITE, Running, running

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def real(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path_factory.mktemp("real"), real_pages=True) as up:
        yield up


CONTENT = (SITE / "static" / "js" / "a.js").read_text()


async def test_a_file_asked_for_by_its_version_is_kept_for_ever(shared: Running) -> None:
    url = shared.web.assets.url("js/a.js")
    async with shared.browser() as browser:
        answer = await browser.get(url)
        assert answer.text == CONTENT
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("query", ["", "?v=", "?v=old", "?x"])
async def test_a_file_asked_for_otherwise_is_asked_about_each_time(
    shared: Running, query: str
) -> None:
    async with shared.browser() as browser:
        answer = await browser.get(f"/static/js/a.js{query}")
        assert answer.headers["cache-control"] == "no-cache"
        again = await browser.get(
            "/static/js/a.js", headers={"If-None-Match": answer.headers["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")


async def test_a_file_of_an_older_build_is_there_but_not_kept(shared: Running) -> None:
    """A page that stays open over an update still loads its modules."""
    async with shared.browser() as browser:
        answer = await browser.get("/static/v-0123456789ab/js/a.js")
        assert (answer.text, answer.headers["cache-control"]) == (CONTENT, "no-cache")


LONG = "js/agent_page.js"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "gzip"),
        ("br;q=1.0, gzip;q=0.8", "gzip"),
        ("*", "gzip"),
        ("identity", None),
        ("gzip;q=0", None),
        ("gzip;q=0.000, *", None),
        ("", None),
    ],
)
async def test_scripts_and_words_are_compressed_for_clients_that_accept_it(
    real: Running, accepted: str, encoding: str | None
) -> None:
    async with real.browser() as browser:
        plain = await browser.get(f"/static/{LONG}", headers={"Accept-Encoding": "identity"})
        for path in (real.web.assets.url(LONG), "/i18n/fa.json"):
            answer = await browser.get(path, headers={"Accept-Encoding": accepted})
            assert answer.headers.get("content-encoding") == encoding
            assert answer.headers["vary"] == "Accept-Encoding"
            again = {"If-None-Match": f"W/{answer.headers['etag']}", "Accept-Encoding": accepted}
            assert (await browser.get(path, headers=again)).status_code == 304
        answer = await browser.get(f"/static/{LONG}", headers={"Accept-Encoding": accepted})
        assert answer.content == plain.content
        if encoding:
            assert int(answer.headers["content-length"]) < len(plain.content) / 2
            assert answer.headers["etag"] != plain.headers["etag"]


async def test_pages_and_fonts_are_not_compressed(real: Running) -> None:
    """A page holds a secret beside what a stranger may choose (BREACH)."""
    async with real.browser() as browser:
        for path in ("/login", "/static/fonts/noto-sans-latin.woff2"):
            answer = await browser.get(path, headers={"Accept-Encoding": "gzip"})
            assert answer.status_code == 200
            assert "content-encoding" not in answer.headers


async def test_what_modules_and_sheets_load_is_kept_for_ever_too(real: Running) -> None:
    """They name each other by relative addresses."""
    async with real.browser() as browser:
        for start, found in (
            ("js/agent_page.js", r'"(\.[^"]+\.js)"'),
            ("css/fonts.css", r'url\("([^"]+)"\)'),
        ):
            url = real.web.assets.url(start)
            names = re.findall(found, (await browser.get(url)).text)
            assert names
            for name in names:
                answer = await browser.get(urljoin(f"{real.url}{url}", name))
                assert answer.status_code == 200, name
                assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../templates/page.html",
        "/static/..%2ftemplates/page.html",
        "/static/%2e%2e/templates/page.html",
        "/static/js/../../templates/page.html",
        "/static/v-0123456789ab/../templates/page.html",
        "/static/v-0123456789ab//etc/passwd",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/js/..\\..\\templates\\page.html",
        "/static/js",
        "/static/js/",
        "/static/",
        "/static/js/a.js%00.html",
        "/static/.keep",
        "/i18n/xx.json",
        "/i18n/..%2fen.json",
        "/i18n/en.json/../../x",
    ],
)
async def test_nothing_outside_can_be_reached(shared: Running, path: str) -> None:
    # By hand, because a browser would tidy the path up first.
    reader, writer = await asyncio.open_connection("127.0.0.1", shared.port)
    request = f"GET {path} HTTP/1.1\r\nHost: {shared.host}\r\nConnection: close\r\n\r\n"
    writer.write(request.encode("latin-1"))
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.split(b" ")[1] in (b"400", b"404")
    assert b"<html" not in answer
    assert b"root:" not in answer


@pytest.mark.parametrize("lang", ["en", "fa", "el"])
async def test_the_words_of_each_language_are_there_for_scripts(shared: Running, lang: str) -> None:
    async with shared.browser() as browser:
        answer = await browser.get(f"/i18n/{lang}.json")
        assert answer.headers["content-type"] == "application/json"
        assert isinstance(answer.json(), dict)
        assert answer.headers["cache-control"] == "no-cache"
        version = answer.headers["etag"].strip('"').removesuffix("-gzip")
        for query in (f"v={version}", shared.web.build):
            kept = await browser.get(f"/i18n/{lang}.json?{query}")
            assert "immutable" in kept.headers["cache-control"]
