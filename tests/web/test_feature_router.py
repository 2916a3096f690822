"""Routes that are read at their first use are the routes that FastAPI would have made."""

from collections.abc import Callable, Collection
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Path
from fastapi.exceptions import FastAPIError
from fastapi.routing import APIRoute

from screenpop.web.feature_router import FeatureRouter, LazyRoute, add_routes
from screenpop.web.security_middleware import LARGEST_BODY
from tests.web.hostile import routes_of
from tests.web.running_server import Running

pytestmark = pytest.mark.anyio
BEFORE_USE = ("path", "endpoint", "name", "methods", "include_in_schema", "path_format")


def is_read(route: APIRoute) -> bool:
    return "dependant" in vars(route)


def pages_with(
    endpoint: Callable[..., Any], path: str = "/calls/{number}", methods: Collection[str] = ("GET",)
) -> tuple[FastAPI, APIRoute]:
    router = FeatureRouter(prefix="/api", tags=["calls"])
    router.add_api_route(path, endpoint, methods=list(methods))
    pages = FastAPI()
    add_routes(pages, router)
    (route,) = (one for one in routes_of(pages) if one.path == f"/api{path}")
    return pages, route


async def call(number: Annotated[int, Path(ge=1)]) -> dict[str, int]:
    """Return the number."""
    return {"number": number}


def browser(pages: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(pages), base_url="http://test")


async def test_a_route_is_read_at_its_first_request_and_not_by_one_for_another_page() -> None:
    pages, route = pages_with(call)
    async with browser(pages) as client:
        assert (await client.get("/elsewhere")).status_code == 404
        assert not is_read(route)
        assert (await client.get("/api/calls/7")).json() == {"number": 7}
        assert is_read(route)
        assert (await client.get("/api/calls/0")).status_code == 422
        assert (await client.post("/api/calls/1")).status_code == 405


def test_the_description_has_routes_that_were_never_requested() -> None:
    pages, _ = pages_with(call)
    (operation,) = pages.openapi()["paths"]["/api/calls/{number}"].values()
    assert operation["tags"] == ["calls"]
    assert operation["description"] == "Return the number."
    assert operation["parameters"][0]["schema"]["minimum"] == 1


def test_an_attribute_that_no_route_has_is_missing() -> None:
    _, route = pages_with(call)
    assert not hasattr(route, "unheard_of")
    assert not is_read(route)
    assert callable(route.app)
    assert not hasattr(route, "unheard_of")


async def test_an_endpoint_that_cannot_be_read_fails_its_own_requests_only() -> None:
    async def broken(client: httpx.AsyncClient) -> None:
        """Return nothing."""

    pages, _ = pages_with(broken, "/broken")
    router = FeatureRouter()
    router.add_api_route("/calls/{number}", call)
    add_routes(pages, router)
    async with browser(pages) as client:
        assert (await client.get("/calls/7")).status_code == 200
        with pytest.raises(FastAPIError):
            await client.get("/api/broken")


async def test_a_body_larger_than_the_server_takes_is_refused_by_each_route() -> None:
    async def take(body: dict[str, str]) -> dict[str, int]:
        return {"taken": len(body)}

    pages, _ = pages_with(take, "/bodies", ["POST"])
    async with browser(pages) as client:
        most = {"a": "b" * (LARGEST_BODY - len('{"a":""}'))}
        assert (await client.post("/api/bodies", json=most)).status_code == 200
        most["a"] += "b"
        assert (await client.post("/api/bodies", json=most)).status_code == 413


async def test_every_route_of_ours_is_matched_as_fastapi_would_match_it(shared: Running) -> None:
    ours = [route for route in routes_of(shared.web.pages) if isinstance(route, LazyRoute)]
    assert len(ours) > 100
    for route in ours:
        early = {name: getattr(route, name) for name in BEFORE_USE}
        pattern = route.path_regex.pattern
        assert route.dependant.call is route.endpoint  # reads it
        assert {name: getattr(route, name) for name in BEFORE_USE} == early
        assert route.path_regex.pattern == pattern
