"""Whatever is asked of a page or the API, by whichever role: an answer below 500, on the shipped
templates."""

import itertools
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.web.hostile import (
    FIELD_VALUES,
    PATH_VALUES,
    filled,
    forms_in,
    query_names,
    routes_of,
)
from tests.web.import_server import Opening
from tests.web.quick_client import QuickClient
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import add_customer, keep, record

pytestmark = pytest.mark.anyio

ROLES = ["nobody", "alice", "sue", "adam"]
REFUSED = (303, 401, 403)
FEW = ("0", "1", str(2**63), "9" * 5000)
"""Path values for users that are refused before a value is read."""
GET_PAGES = [
    "/login",
    "/me",
    "/admin",
    "/admin/users/1",
    "/calls",
    "/calls/1",
    "/customers",
    "/customers/1",
    "/customers/1/edit",
    "/customers/1/erase",
    "/customers/1/merge",
    "/customers/1/merge?with=2",
    "/customers/new",
    "/customers/duplicates",
    "/customers/numbers",
    "/customers/import",
]


@pytest.fixture
async def shipped(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    """A server of its own for each test: one request may disable a user or end all sessions."""
    folder = tmp_path / "hostile"
    folder.mkdir()
    async with running(prepared, folder, real_pages=True, imports=Opening(folder)) as up:
        for number in range(1, 4):
            customer = await add_customer(up.database)
            await keep(up.database, record(number, customer=customer))
        yield up


@asynccontextmanager
async def client_of(server: Running, role: str) -> AsyncGenerator[tuple[QuickClient, str]]:
    """A client in which this role is logged in, and the token of its forms."""
    async with server.browser() if role == "nobody" else await server.client(role) as browser:
        csrf = csrf_of((await browser.get("/login" if role == "nobody" else "/me")).text)
        client = QuickClient(browser)
        yield client, csrf
        await client.close()


def values_for(status: int, values: Sequence[str]) -> Sequence[str]:
    """The values to send to a route that answered this to one without a role's right: FEW, because
    it is refused before a value is read."""
    return FEW if status in REFUSED else values


@pytest.mark.defends("hostile-requests")
@pytest.mark.parametrize("role", ROLES)
async def test_no_value_in_a_path_is_answered_with_a_fault(shipped: Running, role: str) -> None:
    faults = []
    async with client_of(shipped, role) as (client, csrf):
        for route in routes_of(shipped.web.pages):
            values = (PATH_VALUES if role == "adam" else FEW) if "{" in route.path else ("",)
            for method, value in itertools.product(sorted(route.methods or ()), values):
                if route.path == "/logout" or "session" in route.path:
                    continue  # they end the session that the next requests need
                path = filled(route.path, value)
                if route.path.startswith("/api/"):
                    status = await client.send_json(method, path, {})
                else:
                    status = await client.send_form(method, path, {"csrf": csrf})
                if status >= 500:
                    faults.append((method, path[:80], status))
    assert faults == []


@pytest.mark.defends("hostile-requests")
@pytest.mark.parametrize("role", ["nobody", "alice", "adam"])
async def test_no_value_in_a_query_is_answered_with_a_fault(shipped: Running, role: str) -> None:
    faults = []
    async with client_of(shipped, role) as (client, _):
        for route in routes_of(shipped.web.pages):
            if "GET" not in (route.methods or ()):
                continue
            path = filled(route.path, "1")
            values = values_for(await client.get(path), FIELD_VALUES)
            for name, value in itertools.product(sorted(query_names(route)), values):
                status = await client.get(path, {name: value})
                if status >= 500:
                    faults.append((path, name, value[:40], status))
    assert faults == []


async def fields_of_forms(server: Running) -> dict[str, set[str]]:
    """The fields of every form that a page of ours shows an administrator, by action."""
    fields: dict[str, set[str]] = {}
    async with await server.client("adam") as adam:
        for page in GET_PAGES:
            answer = await adam.get(page)
            assert answer.status_code == (303 if page == "/login" else 200), page
            for method, action, names in forms_in(answer.text):
                if method == "post" and action != "/logout":
                    fields.setdefault(action or page.partition("?")[0], set()).update(names)
    return fields


@pytest.mark.defends("hostile-requests")
@pytest.mark.parametrize("role", ROLES)
async def test_no_value_in_a_field_of_a_form_is_answered_with_a_fault(
    shipped: Running, role: str
) -> None:
    faults, fields = [], await fields_of_forms(shipped)
    assert {"/me", "/me/seat", "/customers/1/edit", "/customers/new"} <= set(fields)
    async with client_of(shipped, role) as (client, csrf):
        for action, names in fields.items():
            for value in FIELD_VALUES:
                data = dict.fromkeys(names - {"csrf"}, value) | {"csrf": csrf}
                status = await client.send_form("POST", action, data)
                if status >= 500:
                    faults.append((action, value[:40], status))
    assert faults == []
