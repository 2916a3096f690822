"""The whole API against its own description: requests that schemathesis makes up, as every role.

Few requests a route here; ``python -m tests.web.test_api_description 200`` makes more.
"""

import asyncio
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import requests
import schemathesis
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from schemathesis.config import SchemathesisConfig

from screenpop.accounts.token_scopes import Scope
from screenpop.store.engine.migrate import migrate
from screenpop.web.auth import current_user
from screenpop.web.auth.route_scopes import scope_of_route
from screenpop.web.security_middleware import LARGEST_BODY
from tests.web.hostile import routes_of
from tests.web.running_server import Running, add_people, running
from tests.web.samples import add_customer, keep, record
from tests.web.tokens import make_token

EXAMPLES = 2
PEOPLE = {"alice": "agent", "sue": "supervisor", "adam": "admin"}
ABOVE_AGENT = frozenset(
    {current_user.require_supervisor, current_user.require_simulate, current_user.require_admin}
)
NOT_OURS = {"/healthz", "/readyz"}
NO_WORKER = {"/api/v1/tier-rules/preview"}
"""Answered with 503 here, where no process counts."""
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Office:
    """A server in a thread of its own, as schemathesis sends its requests from this one."""

    server: Running
    headers: dict[str, dict[str, str]]
    """By identity: a person, ``nobody``, ``all scopes`` or ``metrics only``."""


@contextmanager
def office_in_thread(prepared: Path, folder: Path) -> Iterator[Office]:
    offices: list[Office] = []
    up, stop = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        async with running(prepared, folder, real_pages=True) as server:
            for number in range(1, 3):
                customer = await add_customer(server.database)
                await keep(server.database, record(number, customer=customer))
            headers = {name: {"Cookie": await server.log_in(name)} for name in PEOPLE}
            for name, scopes in (("all scopes", tuple(Scope)), ("metrics", (Scope.METRICS_READ,))):
                token = await make_token(server, *scopes, maker=None)
                headers[name] = {"Authorization": f"Bearer {token}"}
            headers["nobody"] = {}
            offices.append(Office(server, headers))
            up.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert up.wait(60)
        yield offices[0]
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join(60)


def dependencies(dependant: Dependant) -> Iterator[object]:
    for one in dependant.dependencies:
        yield one.call
        yield from dependencies(one)


def operations(office: Office) -> Iterator[tuple[Any, APIRoute]]:
    """Every operation of the description, with its route."""
    config = SchemathesisConfig()
    description = office.server.web.pages.openapi()
    schema = schemathesis.openapi.from_dict(description, config=config)
    routes = {
        (method, route.path): route
        for route in routes_of(office.server.web.pages)
        for method in route.methods or ()
    }
    found: Any
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path not in NOT_OURS:
            yield operation, routes[operation.method.upper(), operation.path]


def faults_of(office: Office, operation: Any, route: APIRoute, most: int) -> list[str]:
    """What was answered wrongly to requests of one operation."""
    faults: list[str] = []
    method = operation.method.upper()
    needs_more = any(one in ABOVE_AGENT for one in dependencies(route.dependant))
    scope = scope_of_route(method, route.path)

    @settings(
        max_examples=most,
        derandomize=True,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        arguments = case.as_transport_kwargs(base_url=office.server.url)
        for identity, headers in office.headers.items():
            arguments["headers"] = {**dict(arguments["headers"] or {}), **headers}
            for other in {"Cookie", "Authorization"} - headers.keys():
                arguments["headers"].pop(other, None)
            arguments.pop("cookies", None)
            try:
                answer = session.request(**arguments, timeout=30, allow_redirects=False)
            except requests.ConnectionError:
                # The server refuses a large body before it has read it, and closes.
                if len(str(arguments.get("json") or arguments.get("data") or "")) < LARGEST_BODY:
                    faults.append(f"{identity}: {method} {route.path} has no answer")
                continue
            status, kind = answer.status_code, answer.headers.get("content-type", "")
            is_closed = (
                identity in {"nobody", "metrics"}
                or (identity == "alice" and needs_more)
                or (identity == "all scopes" and scope is None)
            )
            name = f"{identity}: {method} {answer.request.url} {answer.request.body!r:.200}"
            if status >= 500 and not (status == 503 and route.path in NO_WORKER):
                faults.append(f"{name} is answered with {status}")
            if is_closed and status < 400:
                faults.append(f"{name} is answered with {status} instead of a refusal")
            if status >= 400 and kind != PROBLEM and "format=text" not in str(answer.request.url):
                faults.append(f"{name} is refused with {status} as {kind}")

    with requests.Session() as session:
        session.trust_env = False
        ask()
    return faults


@pytest.fixture(scope="module")
def office(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office_in_thread(prepared, tmp_path_factory.mktemp("api")) as up:
        yield up


@pytest.mark.slow
@pytest.mark.defends("roles")
def test_no_request_as_any_role_or_token_breaks_the_api_or_passes_where_it_may_not(
    office: Office,
) -> None:
    faults = [
        fault
        for operation, route in operations(office)
        for fault in faults_of(office, operation, route, EXAMPLES)
    ]
    assert faults == []


def main(most: int) -> int:
    """Print the faults of this many requests a route and identity; return how many."""
    count = 0
    with TemporaryDirectory() as name:
        folder = Path(name)
        migrate(f"sqlite:///{folder / 'prepared.db'}")
        asyncio.run(add_people(folder / "prepared.db"))
        (folder / "server").mkdir()
        shutil.copy(folder / "prepared.db", folder / "server")
        with office_in_thread(folder / "prepared.db", folder / "server") as up:
            for operation, route in operations(up):
                faults = faults_of(up, operation, route, most)
                sys.stdout.write(f"{operation.label} {len(faults)}\n")
                sys.stdout.writelines(f"{fault}\n" for fault in sorted(set(faults))[:5])
                count += len(faults)
    return count


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])) > 0)
