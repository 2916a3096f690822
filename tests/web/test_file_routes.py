"""Static files and catalogues: what is there is kept for ever, what is not cannot be reached."""

import asyncio

import pytest

from tests.web.running import SITE, Running

pytestmark = pytest.mark.anyio

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


@pytest.mark.parametrize(
    "path",
    [
        "/static/../templates/page.html",
        "/static/..%2ftemplates/page.html",
        "/static/%2e%2e/templates/page.html",
        "/static/js/../../templates/page.html",
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
        for query in (f"v={answer.headers['etag'][1:-1]}", shared.web.build):
            kept = await browser.get(f"/i18n/{lang}.json?{query}")
            assert "immutable" in kept.headers["cache-control"]
