"""What holds for every answer to every client."""

import pytest

from tests.web.running_server import TOKEN, Running

pytestmark = pytest.mark.anyio

EVERYWHERE = [
    "/login",
    "/",
    "/nothing/here",
    "/static/js/a.js",
    "/static/none.js",
    "/i18n/fa.json",
    "/api/v1/openapi.json",
    "/api/v1/calls",
    "/healthz",
    "/readyz",
    "/metrics",
]


@pytest.mark.defends("content-policy")
@pytest.mark.parametrize("path", EVERYWHERE)
async def test_every_answer_carries_the_strict_headers(shared: Running, path: str) -> None:
    async with shared.browser() as browser:
        headers = (await browser.get(path)).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "server" not in headers
    assert "strict-transport-security" not in headers
    if not path.startswith(("/static/js", "/i18n")):
        assert headers["cache-control"] == "no-store"


@pytest.mark.defends("own-host")
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "a@127.0.0.1", "", "["]
)
async def test_a_name_that_is_not_ours_gets_no_page(shared: Running, host: str) -> None:
    async with shared.browser(Host=host) as mallory:
        answer = await mallory.get("/login")
        assert answer.status_code == 400
        assert "data-csrf" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]:8080", "192.168.1.7:80"])
async def test_addresses_and_localhost_need_no_setting(shared: Running, host: str) -> None:
    async with shared.browser(Host=host) as browser:
        assert (await browser.get("/login")).status_code == 200


@pytest.mark.defends("form-token")
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_another_site_can_change_nothing(shared: Running, method: str) -> None:
    headers = {"Origin": "http://evil.example", "Authorization": f"Bearer {TOKEN}"}
    async with shared.browser(**headers) as mallory:
        answer = await mallory.request(method, "/api/v1/simulated-calls", json={})
        assert answer.status_code == 403
        assert shared.recorded.simulated == []


@pytest.mark.defends("header-injection")
async def test_a_header_cannot_be_smuggled_in_through_an_address(shared: Running) -> None:
    async with shared.browser() as mallory:
        answer = await mallory.get("/calls%0d%0aSet-Cookie:%20a=b")
        assert "set-cookie" not in answer.headers or "a=b" not in answer.headers["set-cookie"]
        assert "a" not in mallory.cookies


async def test_head_answers_as_get_does_without_the_body_on_every_get_route(
    shared: Running,
) -> None:
    async with await shared.client("adam") as adam:
        for path in EVERYWHERE:
            head, get = await adam.head(path), await adam.get(path)
            assert (head.status_code, head.content) == (get.status_code, b""), path
            for name in ("content-type", "content-length", "cache-control", "etag"):
                if not path.endswith("metrics"):
                    assert head.headers.get(name) == get.headers.get(name), (path, name)


async def test_head_of_a_page_for_those_logged_in_leads_a_stranger_to_the_login(
    shared: Running,
) -> None:
    async with shared.browser() as stranger:
        answer = await stranger.head("/calls")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/calls")
