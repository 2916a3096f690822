"""A whole running application, its pages and its calls."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import httpx
from websockets.asyncio.client import connect

from screenpop.app.running_app import App
from screenpop.demo.seed import DEMO_PASSWORD
from screenpop.settings import Settings, settings_of
from screenpop.simulator.call_script import ScriptedCall
from tests.web.running_server import Socket, log_in, plain_client

NOW = datetime.now(UTC)
LALEH = "09123456789"
PLAN = {"region": "IR", "area_code": "21", "extensions": ["1XX"]}


def simulating(folder: Path, **more: Any) -> Settings:
    return settings_of(data_dir=folder, bind_port=0, number_plan=PLAN, simulate=True, **more)


@dataclass
class Page:
    """The open page of a user: its socket, and the cards and calls that it holds."""

    socket: Socket
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    pbx: dict[str, dict[str, Any]] = field(default_factory=dict)
    agents: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Agents' availability by username."""
    last: dict[str, Any] = field(default_factory=dict)

    async def next(self, kind: str) -> dict[str, Any]:
        """The next message of this kind; everything on the way is taken in."""
        async with asyncio.timeout(20):
            while True:
                message: dict[str, Any] = await self.socket.hear()
                self._take(message)
                if "seq" in message:
                    await self.socket.send_message("ack", seq=message["seq"])
                if message["type"] == kind:
                    return message

    async def card(self, state: str) -> dict[str, Any]:
        """The next card in this state."""
        while True:
            card: dict[str, Any] = (await self.next("card"))["card"]
            if card["state"] == state:
                return card

    async def card_in(self, state: str) -> dict[str, Any]:
        """A card in this state: one that the page holds already, else the next."""
        held = [card for card in self.cards.values() if card["state"] == state]
        return held[0] if held else await self.card(state)

    async def live(self, pbx: str = "simulated") -> None:
        while self.pbx.get(pbx, {}).get("state") != "live":
            await self.next("pbx")

    async def agent(self, username: str, **wanted: object) -> dict[str, Any]:
        """The first availability of an agent with these values, from now on or known already."""
        while not wanted.items() <= self.agents.get(username, {}).items():
            await self.next("agent")
        return self.agents[username]

    async def ask(self, op: str, **args: object) -> dict[str, Any]:
        """The result of a command."""
        id = f"c-{secrets.token_hex(6)}"  # Others of this user's pages ask through the same Redis.
        await self.socket.send_message("command", id=id, op=op, args=args)
        while True:
            result = await self.next("result")
            if result["id"] == id:
                return result

    def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "snapshot":
                self.cards = {card["id"]: card for card in message["cards"]}
                self.calls = {call["id"]: call for call in message["calls"]}
                self.pbx = {pbx["id"]: pbx for pbx in message["pbx"]}
                self.agents = {agent["username"]: agent for agent in message["agents"]}
            case "agent":
                self.agents[message["agent"]["username"]] = message["agent"]
            case "pbx":
                self.pbx[message["id"]] = message
            case "card" | "call" as kind:
                things = self.cards if kind == "card" else self.calls
                thing = message[kind]
                if message.get("gone"):
                    things.pop(thing["id"], None)
                else:
                    things[thing["id"]] = thing
            case _:
                pass


class Served(Protocol):
    """Whatever serves the pages: one process, or one of several."""

    @property
    def url(self) -> str: ...


@asynccontextmanager
async def client(app: Served, name: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return the browser of a user, logged in."""
    async with plain_client(app.url, {"Origin": app.url}) as browser:
        answer = await log_in(browser, name, DEMO_PASSWORD)
        assert answer.status_code == 303, answer.text
        yield browser


@asynccontextmanager
async def page(app: Served, name: str) -> AsyncIterator[Page]:
    async with client(app, name) as browser:
        cookie = f"screenpop_session={browser.cookies['screenpop_session']}"
    async with connect(
        f"{app.url.replace('http', 'ws')}/ws/v1",
        additional_headers={"Cookie": cookie, "Origin": app.url},
        compression=None,
        ping_interval=None,
        proxy=None,
    ) as line:
        shown = Page(Socket(line))
        await shown.socket.send_message("hello", last=None, tab="t", build="-")
        await shown.next("snapshot")
        yield shown


def rings(app: App, *phones: str, number: str = LALEH, **more: Any) -> str:
    assert app.simulated_pbx is not None
    call = ScriptedCall(number=number, to=phones, **{"ring_s": 0.2, "talk_s": 0.1} | more)
    return app.simulated_pbx.player.start(call)
