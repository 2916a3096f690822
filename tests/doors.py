"""``make doors``: which user may use which page, route and socket, asked of a running server.

Prints the table of docs/doors.md and writes it there. ``tests/web/test_doors.py`` compares the
table with the server, so that a changed rule is a changed line.
"""

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import insert, update
from websockets.exceptions import ConnectionClosed

from screenpop.accounts.users import Department, Role, UserId
from screenpop.app.server import running as running_app
from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.customers.visibility import FilesRule
from screenpop.demo.seed import seed_demo
from screenpop.store.accounts.sessions import start_session
from screenpop.store.accounts.users import create_user, list_users
from screenpop.store.branches import save_branch
from screenpop.store.customers.hidden_files import show_file
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips_edit import add_case, add_trip
from screenpop.store.engine.database import migrate, opened
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.tables import calls
from screenpop.web.auth.route_scopes import scope_of_route
from tests.app.running_app import NOW
from tests.command_doors import command_markdown, command_table
from tests.socket_doors import Table as SocketTable
from tests.socket_doors import limited_to_branches, socket_markdown, socket_table
from tests.web.hostile import filled, routes_of
from tests.web.quick_client import QuickClient
from tests.web.running_server import PASSWORD, Running, add_people, running

PAGE = Path(__file__).parents[1] / "docs/doors.md"
STRANGER = "stranger"
AGENTS = {
    "sales": Department.SALES,
    "accounting": Department.ACCOUNTING,
    "finance": Department.FINANCE,
    "support": Department.SUPPORT,
    "other branch": Department.SALES,
}
ACTORS = (STRANGER, *AGENTS, "supervisor", "admin")
MORE_DEPARTMENTS = ("accounting", "finance", "support")
LAST = ("/customers/{number:int}/hidden", "/me/sessions/end-others", "/logout")
"""Routes that hide the record, or end a session."""
NO_RECORD = "999999999"
"""The number in the path of a request that would change something, but for the first one of these
places."""
_OF_CUSTOMERS = re.compile(r"((?:/api/v1)?/(?:customers|trips|cases|calls|follow-ups)/)\{[^}]*\}")
LOGIN, NO, ABSENT, OFF, YES = "login", "no", "404", "off", "yes"
OPENING = """# Doors: who may use what

Written by `make doors`, which starts the product and asks each page, route and socket as each kind
of user; `tests/web/test_doors.py` fails when the server and this table differ. Agents here see the
files of their branch (a setting), and the numbers in paths are those of a customer of the first
branch; what would be changed or deleted in the file does not exist.

`yes`: the user is let in (the request may still be refused for what it holds) · `no`: 403 ·
`login`: to the login, or 401 (a stranger has no session) · `404`: no such record for this user ·
`off`: not available on this server. The last column is the scope of the API token that opens a
route; without one no token does.

## Pages and routes

"""

OF_SOCKET = """
## Messages of the socket

Each kind of user sends each message, and each command about a card that is another agent's
(`tests/app/test_socket_doors.py`). Agents see the files of their branch, which is the customer's
but for *other branch*. `yes`: it is taken (a command may still be refused for what it holds) ·
`no`: nothing of the card changes · `own`: only the user's own availability changes ·
`login`: the socket is closed. Each card goes to its own agent
(`tests/service/test_cards_reach_their_agent.py`).

"""
OF_COMMANDS = """
## Commands

The commands of `screenpop` ask for no login: what a command reads opens it to users of the machine
who can read that, and to no others (`tests/app/test_secret_files.py`).

"""

Matrix = dict[str, tuple[str, ...]]
"""``"GET /path"`` to the cells of ``ACTORS`` and the scope of a token."""


@asynccontextmanager
async def an_office(folder: Path, prepared: Path) -> AsyncGenerator[Running]:
    """A running server with a user of each kind, and a customer of the first branch."""
    async with running(prepared, folder, real_pages=True, agents_see=FilesRule.BRANCH) as office:
        database, now = office.database, time.time()
        here = await save_branch(database, "Here", now=now)
        there = await save_branch(database, "There", now=now)
        for name, department in AGENTS.items():
            await create_user(
                database,
                username=name.replace(" ", "-"),
                display_name=name,
                password=PASSWORD,
                role=Role.AGENT,
                department=department,
                language="en",
                now=now,
            )
        async with database.writing() as connection:
            await connection.execute(update(users).values(branch_id=here))
            other = users.c.username == "other-branch"
            await connection.execute(update(users).where(other).values(branch_id=there))
        office.people |= {user.username: user for user in await list_users(database)}
        customer = CustomerId(
            await create_customer(
                database,
                CustomerDraft(names={"en": PersonName("Laleh", "Karimi")}, branch=here),
                now,
            )
        )
        await add_trip(database, customer, {"destination": "Rome"}, user_id=None, now=now)
        case = {
            "kind": "question",
            "state": "open",
            "subject": "a question",
            "opened": date(2026, 1, 1),
        }
        await add_case(database, customer, case, user_id=None, now=now)
        async with database.writing() as connection:
            await connection.execute(insert(calls).values(**_call(customer, now)))
        yield office


async def matrix_of(office: Running, *, whole: bool = True) -> Matrix:
    """Return what each user gets of each route of the application.

    Without ``whole`` the agents of ``MORE_DEPARTMENTS`` ask for what belongs to customers only, and
    their other cells are empty.
    """
    asked = [
        (method, route.path)
        for route in routes_of(office.web.pages)
        for method in sorted(route.methods or ())
        if not route.path.startswith(("/static/", "/i18n/"))
    ]
    asked.sort(key=lambda one: (LAST.index(one[1]) if one[1] in LAST else -1, one[1], one[0]))
    columns = {}
    for actor in ACTORS:
        some = actor in MORE_DEPARTMENTS and not whole
        columns[actor] = await _column(office, actor, asked, "/customers/" if some else "")
        await show_file(office.database, CustomerId(1), user_id=UserId(0), now=time.time())
    found: Matrix = {}
    for place, (method, path) in enumerate(asked):
        scope = scope_of_route(method, path)
        cells = (columns[actor][place] for actor in ACTORS)
        found[f"{method} {path}"] = (*cells, "" if scope is None else scope.value)
    sockets = [await _socket(office, actor) for actor in ACTORS]
    found["SOCKET /ws/v1"] = (*sockets, "")
    return found


async def _column(
    office: Running, actor: str, asked: list[tuple[str, str]], part: str
) -> list[str]:
    """Return the cells of one user; empty ones for paths without ``part``."""
    async with office.browser(**await _headers(office, actor)) as browser:
        client = QuickClient(browser)
        cells = []
        for method, path in asked:
            if part not in path:
                cells.append("")
                continue
            async with asyncio.timeout(20):
                cells.append(_cell(actor, path, await _status(client, method, path)))
        await client.close()
    return cells


async def _status(client: QuickClient, method: str, path: str) -> int:
    if method in {"GET", "HEAD"}:
        return await client.get(filled(path, "1"))
    target = filled(_OF_CUSTOMERS.sub(r"\g<1>1", path), NO_RECORD)
    if path.startswith("/api/"):
        return await client.send_json(method, target, {})
    return await client.send_form(method, target, {})


def _cell(actor: str, path: str, status: int) -> str:
    if _is_login(path):
        return YES
    if status == 401 or (status == 303 and actor == STRANGER):
        return LOGIN
    return {403: NO, 404: ABSENT, 413: OFF}.get(status, YES)


def _is_login(path: str) -> bool:
    return path.startswith("/login") or path == "/logout"


async def _headers(office: Running, actor: str) -> Mapping[str, str]:
    token = "f" * 43
    cookies = {"screenpop_form": token}
    if actor != STRANGER:
        session = await start_session(office.database, office.id(_username(actor)), time.time())
        cookies, token = {"screenpop_session": session.token}, session.csrf
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"Cookie": cookie, "X-CSRF-Token": token}


def _username(actor: str) -> str:
    return {"supervisor": "sue", "admin": "adam"}.get(actor, actor.replace(" ", "-"))


async def _socket(office: Running, actor: str) -> str:
    name = None if actor == STRANGER else _username(actor)
    async with office.socket(name) as socket:
        try:
            await socket.greet()
        except (AssertionError, ConnectionClosed):
            return LOGIN
    return YES


def _call(customer: int, now: float) -> dict[str, object]:
    return {
        "pbx": "office",
        "boot": "b",
        "linkedid": "1",
        "direction": "inbound",
        "caller_kind": "number",
        "customer_id": customer,
        "arrived_at": now,
        "ended_at": now,
        "disposition": "answered",
        "answered_by": [],
        "kept_at": now,
    }


def table_of(matrix: Matrix) -> str:
    """Return the table as Markdown, a line a route."""
    lines = [
        "| | path | " + " | ".join((*ACTORS, "token")) + " |",
        "| --- | --- |" + " --- |" * (len(ACTORS) + 1),
    ]
    for name, cells in sorted(matrix.items(), key=lambda one: one[0].split()[::-1]):
        method, path = name.split()
        scope = f"`{cells[-1]}`" if cells[-1] else ""
        lines.append(f"| {method} | {path} | " + " | ".join((*cells[:-1], scope)) + " |")
    return "\n".join(lines) + "\n"


async def _socket_table(folder: Path) -> SocketTable:
    async with opened(f"sqlite:///{folder / 'screenpop.db'}") as database:
        await seed_demo(database, today=NOW.date(), now=NOW.timestamp(), people=30)
    async with running_app(limited_to_branches(folder)) as app:
        return await socket_table(app, (folder / "token").read_text("utf-8").strip())


async def _main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "people.db"
        migrate(f"sqlite:///{prepared}")
        await add_people(prepared)
        async with an_office(Path(folder), prepared) as office:
            table = table_of(await matrix_of(office))
        office_folder = Path(folder) / "app"
        office_folder.mkdir()
        migrate(f"sqlite:///{office_folder / 'screenpop.db'}")
        sockets = socket_markdown(await _socket_table(office_folder))
    before = PAGE.read_text() if PAGE.exists() else ""
    commands = command_markdown(command_table())
    PAGE.write_text(OPENING + table + OF_SOCKET + sockets + OF_COMMANDS + commands)
    table += sockets + commands
    old = set(before.splitlines())
    for line in table.splitlines():
        is_changed = before and line not in old
        sys.stdout.write(f"\033[31m{line}\033[0m\n" if is_changed else f"{line}\n")


if __name__ == "__main__":
    asyncio.run(_main())
