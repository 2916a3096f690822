"""Every route of the API has a scope or is closed to tokens, on purpose and not by forgetting."""

import re
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from screenpop.accounts.token_scopes import Scope
from screenpop.web.auth.route_scopes import NOT_FOR_TOKENS, listed_paths, scope_of_route
from screenpop.web.translations import our_catalogues
from tests.web.hostile import filled, routes_of
from tests.web.quick_client import QuickClient
from tests.web.running_server import Running
from tests.web.tokens import bearer, make_token

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[3]
OPEN = {"/metrics", "/readyz"}
ENDS_WITH_ITSELF = re.compile(r"/healthz|/static/|/i18n/")


def api_routes_of(server: Running) -> list[tuple[str, APIRoute]]:
    return [
        (method, route)
        for route in routes_of(server.web.pages)
        for method in sorted(route.methods or ())
        if route.path.startswith("/api/")
    ]


@pytest.mark.defends("api-tokens")
async def test_every_route_of_the_api_has_a_scope_or_is_closed_to_tokens(shared: Running) -> None:
    routes = [(f"{method} {one.path}", one) for method, one in api_routes_of(shared)]
    assert len(routes) > 100
    forgotten = [
        name
        for name, route in routes
        if (scope_of_route(name.split()[0], route.path) is None) is (name not in NOT_FOR_TOKENS)
    ]
    assert forgotten == []
    paths = {route.path for _, route in routes}
    assert listed_paths() - OPEN <= paths
    assert {name.split()[1] for name in NOT_FOR_TOKENS} <= paths


@pytest.mark.slow
@pytest.mark.defends("api-tokens")
async def test_a_token_opens_the_routes_of_its_scopes_and_no_other_page_or_route(
    server: Running,
) -> None:
    """Every scope alone, at every route: 403 names the scope that is missing."""
    for scope in Scope:
        token = await make_token(server, scope)
        async with server.browser(Authorization=f"Bearer {token}") as browser:
            client = QuickClient(browser)
            for method, route in api_routes_of(server):
                opens = scope_of_route(method, route.path) is scope
                if opens and method != "GET":
                    continue  # what it does belongs to the tests of the route
                status = await client.send_json(method, filled(route.path, "1"), {})
                # Without imports the server takes no file at all, for any role.
                is_refused = status == 403 or (route.path, status) == ("/api/v1/imports", 413)
                assert is_refused is not opens, (scope, method, route.path, status)
            await client.close()


@pytest.mark.defends("socket-origin")
async def test_a_token_opens_no_page_and_no_socket(server: Running) -> None:
    token = await make_token(server, *Scope)
    async with server.browser(**bearer(token)) as browser:
        client = QuickClient(browser)
        for route in routes_of(server.web.pages):
            is_api = route.path.startswith("/api/") or ENDS_WITH_ITSELF.match(route.path)
            if is_api or route.path in OPEN or "{token}" in route.path:
                continue
            for method in sorted(route.methods or ()):
                status = await client.send_form(method, filled(route.path, "1"), {})
                assert status in {403, 404, 422}, (method, route.path, status)
        await client.close()
    async with server.socket(None, path="/ws/v1", **bearer(token)) as socket:
        assert await socket.closed() is not None


def test_every_scope_has_words_on_the_page_and_a_row_in_the_docs() -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    assert [scope for scope in Scope if f"`{scope}`" not in page] == []
    for language, catalogue in our_catalogues().items():
        for scope in Scope:
            word = f"scope.{re.sub('[:-]', '_', scope)}"
            assert catalogue.gettext(word) != word, (language, scope)
