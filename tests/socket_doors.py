"""What each kind of user may send on the socket about a card that is another agent's.

A part of docs/doors.md; ``tests/app/test_socket_doors.py`` compares it with a running server.
"""

import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from screenpop.accounts.users import Department, Role
from screenpop.app.running_app import App
from screenpop.customers.visibility import FilesRule
from screenpop.demo.seed import DEMO_PASSWORD
from screenpop.settings.schema import Settings
from screenpop.store.accounts.board_links import make_board_link
from screenpop.store.accounts.users import create_user
from screenpop.store.branches import save_branch
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.tables import calls, customers, receipts
from tests.app.running_app import client, page, rings, simulating
from tests.web.running_server import Socket

HELD_BY = "its agent"
ACTORS: Mapping[str, str] = {
    "stranger": "",
    "API token": "",
    "wall screen": "",
    "sales": "eleni",
    "accounting": "nikos",
    "finance": "fatemeh",
    "support": "spyros",
    "other branch": "ioanna",
    "supervisor": "sara",
    "admin": "admin",
    HELD_BY: "maryam",
}
"""Columns, and the user of each that has one."""
NEW_USERS = {
    "fatemeh": Department.FINANCE,
    "spyros": Department.SUPPORT,
    "ioanna": Department.SALES,
}
OWN = frozenset({"pause", "available", "end_wrap_up", "extend_wrap_up"})
"""Commands about the availability of the user who sends them."""
MORE_ARGS: Mapping[str, Mapping[str, object]] = {
    "note": {"text": "a note"},
    "offer_answered": {"offer": "birthday", "answer": "no"},
    "answer_fact": {"fact": "city", "value": "Athens"},
    "decline_fact": {"fact": "city"},
    "purpose": {"purpose": 1},
    "agent_disposition": {"agent_disposition": 1},
    "follow_up": {"due": "2001-01-01", "request": "r-1"},
    "cancel_follow_up": {"follow_up": 999_999},
    "open_case": {"subject": "a complaint"},
    "link": {"customer": 999_999},
    "choose": {"customer": 999_999},
    "create": {"given": "Mina", "family": "Rezai", "language": "en"},
    "pause": {"reason": "break"},
}
PROTOCOL = Path(__file__).parents[1] / "docs/websocket-protocol.md"
NO, YES, LOGIN, OWN_ONLY = "no", "yes", "login", "own"

Table = dict[str, tuple[str, ...]]
"""A message or command to the cells of ``ACTORS``."""


def commands() -> list[str]:
    """Return the commands of the protocol's page, in its order."""
    _, _, text = PROTOCOL.read_text("utf-8").partition("| op |")
    rows = text.partition("\n\n")[0].splitlines()
    return [name for row in rows for name in re.findall(r"`([a-z_]+)`", row.split("|")[1])]


async def socket_table(app: App, token: str) -> Table:
    """Return the cells of each message, asked of a running application while a call goes on."""
    now = time.time()
    for name, department in NEW_USERS.items():
        await create_user(
            app.database,
            username=name,
            display_name=name,
            password=DEMO_PASSWORD,
            role=Role.AGENT,
            department=department,
            language="en",
            now=now,
        )
    await _place_in_branches(app, now)
    async with app.database.reading() as connection:
        maker = await connection.scalar(select(users.c.id).where(users.c.username == "admin"))
    assert maker is not None
    screen = await make_board_link(app.database, maker, "wall", 1, now, shows_names=True)
    columns: dict[str, dict[str, str]] = {}
    async with page(app, "maryam") as maryam:
        await maryam.live()
        rings(app, "101", talk_s=600)
        card = (await maryam.card("talking"))["id"]
        for actor in ACTORS:
            async with _line(app, actor, screen, token) as socket:
                columns[actor] = await _column(socket, actor, card)
        assert app.simulated_pbx is not None
        await app.simulated_pbx.player.finish_all()
        await maryam.card("wrap_up")
    await app.database.log.flush()
    async with app.database.reading() as connection:
        of_call = select(receipts).join(calls, calls.c.id == receipts.c.call_id)
        rows = (await connection.execute(of_call.where(calls.c.arrived_at >= now))).all()
    # Others reported that the card was seen; its own agent that it was painted.
    for actor, cells in columns.items():
        if cells["hello"] == YES:
            times = [row.painted_at if actor == HELD_BY else row.seen_at for row in rows]
            cells["receipt"] = YES if any(times) else NO
    return {name: tuple(columns[actor][name] for actor in ACTORS) for name in columns[HELD_BY]}


def limited_to_branches(folder: Path) -> Settings:
    """Return settings with which agents see the files of their branch only."""
    return simulating(folder, files={"agents_see": FilesRule.BRANCH})


async def _place_in_branches(app: App, now: float) -> None:
    """Put all users and files into one branch, but for the agent of another one."""
    here = await save_branch(app.database, "Here", now=now)
    there = await save_branch(app.database, "There", now=now)
    async with app.database.writing() as connection:
        for table in (users, customers):
            await connection.execute(update(table).values(branch_id=here))
        other = users.c.username == ACTORS["other branch"]
        await connection.execute(update(users).where(other).values(branch_id=there))


@asynccontextmanager
async def _line(app: App, actor: str, screen: str, token: str) -> AsyncIterator[Socket]:
    headers, path = {"Origin": app.url}, "/ws/v1"
    if actor == "API token":
        headers["Authorization"] = f"Bearer {token}"
    elif actor == "wall screen":
        path += f"?screen={screen}"
    elif ACTORS[actor]:
        async with client(app, ACTORS[actor]) as browser:
            headers["Cookie"] = f"screenpop_session={browser.cookies['screenpop_session']}"
    url = f"{app.url.replace('http', 'ws')}{path}"
    async with connect(
        url, additional_headers=headers, compression=None, ping_interval=None, proxy=None
    ) as line:
        yield Socket(line)


async def _column(socket: Socket, actor: str, card: str) -> dict[str, str]:
    names = ["hello", "ack", "hb", "receipt", *commands()]
    try:
        await socket.greet()
    except (AssertionError, ConnectionClosed):
        return dict.fromkeys(names, LOGIN)
    cells = {"hello": YES}
    await socket.send_message("ack", seq=0)
    await socket.send_message("hb")
    stage = "painted" if actor == HELD_BY else "seen"
    await socket.send_message("receipt", card=card, rev=1, stages={stage: 0})
    for number, op in enumerate(commands()):
        args = {"card": card, **MORE_ARGS.get(op, {})}
        await socket.send_message("command", id=f"d-{number}", op=op, args=args)
        result: dict[str, Any] = {}
        while result.get("id") != f"d-{number}":
            result = (await socket.hear_until("result"))[-1]
        cells[op] = _cell(op, result.get("error"))
    cells |= {"ack": YES, "hb": YES, "receipt": ""}  # the socket was not closed
    return {name: cells[name] for name in names}


def _cell(op: str, error: object) -> str:
    assert error != "unknown_command", op
    if error in ("unknown_card", "not_allowed"):
        return NO
    return OWN_ONLY if op in OWN else YES


def socket_markdown(table: Table) -> str:
    """Return the table as Markdown."""
    lines = [
        "| message | " + " | ".join(ACTORS) + " |",
        "| --- |" + " --- |" * len(ACTORS),
    ]
    lines += [f"| `{name}` | " + " | ".join(cells) + " |" for name, cells in table.items()]
    return "\n".join(lines) + "\n"


def written_table(text: str) -> Table:
    """Return the table of the page."""
    _, _, after = text.partition("| message | ")
    rows = after.partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip(" `") for cell in row.split("|")[1:-1]] for row in rows]
    return {name: tuple(rest) for name, *rest in cells}
