"""Kill the real server again and again, and count what is missing afterwards.

    python -m tests.faults.kills --kills 55 --seed 1

A simulated PBX in this process outlives the server, as a real one does. Agents and a supervisor
read their cards over the websocket and write notes on them; the server is killed with SIGKILL at a
random moment. After the last kill it is started once more and stopped as usual. Then the database
is compared with what the browsers saw: calls seen to begin, notes acknowledged as saved, and all
other work on the cards that was acknowledged (``acknowledged_work``).
"""

import argparse
import asyncio
import contextlib
import os
import random
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select
from typing_extensions import override
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from screenpop.demo.seed import seed_demo
from screenpop.simulator.ami_server import AmiServer
from screenpop.simulator.ami_session import Account
from screenpop.simulator.call_player import CallPlayer
from screenpop.simulator.call_script import Outcome, ScriptedCall
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.store.accounts.sessions import start_session
from screenpop.store.accounts.users import find_username
from screenpop.store.engine.database import migrate, opened
from screenpop.store.schema.tables import call_notes, calls, customer_phones
from tests.faults.acknowledged_work import Command, Work, add_offers_for_everyone, lost_work
from tests.web.running_server import Socket

BOUND_S = 1.0
"""A call younger than this at the kill may be missing: a batch takes 0.5 s, and a commit."""
PHONES = {"101": "Maryam", "102": "Eleni"}
SUPERVISOR = "sara"
WATCHERS = ("maryam", "eleni", SUPERVISOR)
ACCOUNT = Account("screenpop", "kills-secret")
_STARTS_WITHIN_S = 180.0
SETTINGS = """
data_dir = "{folder}"
database_url = "{database}"
bind_port = {port}
log_level = "warning"
[number_plan]
region = "IR"
area_code = "21"
extensions = ["1XX"]
[[pbx]]
id = "office"
port = {ami_port}
username = "{account.username}"
secret = "{account.secret}"
"""


@dataclass
class Seen:
    """What the browsers saw, over all runs of the server."""

    calls: dict[str, float] = field(default_factory=dict)
    """Linkedid of each call seen to begin, and how long before the next kill it was first seen."""
    began_at: dict[str, float] = field(default_factory=dict)
    """The same of the run that goes on: when it was first seen."""
    sent: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """The texts of each agent's note on a call, in the order sent."""
    saved: dict[tuple[str, str], int] = field(default_factory=dict)
    """How many of those texts were sent up to the last that was acknowledged as saved."""
    work: Work = field(default_factory=Work)

    def call(self, linkedid: str) -> None:
        if linkedid not in self.calls:
            self.began_at.setdefault(linkedid, time.monotonic())

    def killed(self) -> None:
        now = time.monotonic()
        self.calls |= {call: now - at for call, at in self.began_at.items()}
        self.began_at.clear()


@dataclass(frozen=True)
class Figures:
    kills: int
    calls_seen: int
    calls_without_a_row: int
    """Of those that were at least ``bound_s`` old at the kill."""
    youngest_without_a_row: int
    """Of those that were younger."""
    rows_twice: int
    rows_left_open: int
    notes_saved: int
    notes_lost: int
    """Acknowledged as saved, and neither that text nor a later one is there."""
    notes_without_a_call: int
    work_saved: dict[str, int]
    """What else was acknowledged, by its kind."""
    work_lost: list[tuple[str, ...]]

    @property
    def is_clean(self) -> bool:
        return not any(
            (
                self.calls_without_a_row,
                self.rows_twice,
                self.rows_left_open,
                self.notes_lost,
                self.notes_without_a_call,
                self.work_lost,
            )
        )

    @override
    def __str__(self) -> str:
        names = self.__dataclass_fields__
        return "\n".join(f"{getattr(self, one)!s:>6}  {one.replace('_', ' ')}" for one in names)


@dataclass
class Office:
    folder: Path
    port: int
    stage: CallPlayer
    rng: random.Random
    cookies: dict[str, str]
    ami: AmiServer
    known: list[str] = field(default_factory=list)
    """Numbers of customers."""
    seen: Seen = field(default_factory=Seen)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.folder / 'screenpop.db'}"


@asynccontextmanager
async def office(folder: Path, seed: int, url: str = "") -> AsyncIterator[Office]:
    """A data folder with users and customers, settings, and a PBX that plays.

    ``url``: the database, an SQLite file in the folder by default."""
    url = url or f"sqlite:///{folder / 'screenpop.db'}"
    await asyncio.to_thread(migrate, url)
    cookies: dict[str, str] = {}
    async with opened(url) as database:
        now = datetime.now(UTC)
        await seed_demo(database, today=now.date(), now=now.timestamp(), people=20)
        await add_offers_for_everyone(database, now.timestamp())
        for name in WATCHERS:
            user = await find_username(database, name)
            assert user is not None
            session = await start_session(database, user.id, time.time())
            cookies[name] = f"screenpop_session={session.token}"
        async with database.reading() as connection:
            numbers = await connection.scalars(select(customer_phones.c.e164))
            known = [number for number in numbers if number]
    pbx = SimulatedPbx(time.time, booted=datetime.now(UTC), phones=PHONES)
    rng = random.Random(seed)
    async with AmiServer(pbx, ACCOUNT).listening() as ami, CallPlayer(pbx).open() as stage:
        port = _free_port()
        text = SETTINGS.format(
            folder=folder, database=url, port=port, ami_port=ami.port, account=ACCOUNT
        )
        (folder / "screenpop.toml").write_text(text)
        yield Office(folder, port, stage, rng, cookies, ami, known)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def server(place: Office) -> AsyncIterator[asyncio.subprocess.Process]:
    """The real server in a process of its own, up and with its PBX."""
    with (place.folder / "server.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "from screenpop.cli import main; main()", "serve"),
            env=os.environ | {"SCREENPOP_SETTINGS": str(place.folder / "screenpop.toml")},
            stdout=log,
            stderr=log,
        )
    try:
        await _ready(place, process)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _ready(place: Office, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(_STARTS_WITHIN_S), httpx.AsyncClient(trust_env=False) as client:
        while process.returncode is None:
            with contextlib.suppress(httpx.HTTPError):
                if '"live"' in (await client.get(f"{place.url}/readyz")).text:
                    return
            await asyncio.sleep(0.05)
    log = (place.folder / "server.log").read_text(errors="replace")
    raise RuntimeError(f"the server did not start: {log[-2000:]}")


async def watch(place: Office, name: str) -> None:
    """One user's open page until the server is gone: sees calls, writes notes on cards."""
    headers = {"Cookie": place.cookies[name], "Origin": place.url}
    with contextlib.suppress(OSError, WebSocketException, EOFError):
        async with connect(
            f"ws://127.0.0.1:{place.port}/ws/v1",
            additional_headers=headers,
            compression=None,
            ping_interval=None,
            proxy=None,
        ) as line:
            page = Page(place, name, Socket(line))
            await page.socket.send_message("hello", last=None, tab="t", build="-")
            if name != SUPERVISOR:
                await page.send(place.seen.work.pause(name))
            while True:
                await page.hear()


@dataclass
class Page:
    place: Office
    name: str
    socket: Socket
    asked: dict[str, tuple[tuple[str, str], int]] = field(default_factory=dict)
    """The notes under way: on which note, and how many of its texts were sent by then."""
    commands: dict[str, Command] = field(default_factory=dict)
    """The other commands under way."""

    async def hear(self) -> None:
        message: dict[str, Any] = await self.socket.hear()
        if "seq" in message:
            await self.socket.send_message("ack", seq=message["seq"])
        match message["type"]:
            case "hb":
                await self.socket.send_message("hb")
            case "card" if not message.get("gone"):
                self.place.seen.call(message["card"]["call"])
                await self._write(message["card"])
                await self.send(self.place.seen.work.of_card(self.name, message["card"]))
            case "call" if not message.get("gone"):
                self.place.seen.call(message["call"]["call"])
            case "result" if message["id"] in self.commands:
                command = self.commands.pop(message["id"])
                if message["ok"]:
                    work = self.place.seen.work
                    await self.send(work.succeeded(command, message["value"]))
            case "result" if message["ok"]:
                note, number = self.asked.pop(message["id"])
                saved = self.place.seen.saved
                saved[note] = max(saved.get(note, 0), number)
            case _:
                pass

    async def send(self, commands: Iterable[Command]) -> None:
        for one in commands:
            id_ = f"w{time.monotonic_ns()}"
            self.commands[id_] = one
            await self.socket.send_message("command", id=id_, op=one.op, args=one.args)

    async def _write(self, card: dict[str, Any]) -> None:
        """The agent goes on with the note of a card, at each second revision or so."""
        if self.place.rng.random() < 0.5:
            return
        note = (card["call"], self.name)
        texts = self.place.seen.sent.setdefault(note, [])
        texts.append(f"{texts[-1] if texts else card['call']} word{len(texts)}")
        command = f"{time.monotonic_ns()}-{len(self.asked)}"
        self.asked[command] = (note, len(texts))
        args = {"card": card["id"], "text": texts[-1]}
        await self.socket.send_message("command", id=command, op="note", args=args)


async def ring_for_ever(place: Office) -> None:
    """Calls from everywhere, one after the other, for as long as the server lives."""
    rng = place.rng
    while True:
        await asyncio.sleep(rng.uniform(0.02, 0.25))
        if len(free := place.stage.free_phones()) == 0:
            continue
        place.stage.start(
            ScriptedCall(
                number=rng.choice((*place.known, f"0912{rng.randrange(10**7):07d}")),
                to=(rng.choice(free),),
                outcome=rng.choice((Outcome.ANSWERED, Outcome.ANSWERED, Outcome.ABANDONED)),
                ring_s=rng.uniform(0.05, 0.6),
                talk_s=rng.uniform(0.05, 2.5),
            )
        )


async def one_run(place: Office, *, kill: bool) -> None:
    """Start the server, let it work for a moment, and kill it or stop it as usual."""
    async with server(place) as process:
        pages = [asyncio.create_task(watch(place, name)) for name in WATCHERS]
        ringing = asyncio.create_task(ring_for_ever(place))
        await asyncio.sleep(place.rng.uniform(0.3, 3.0))
        ringing.cancel()
        if kill:
            place.seen.killed()
            process.kill()
        else:
            process.send_signal(signal.SIGTERM)
        await process.wait()
        await asyncio.gather(ringing, *pages, return_exceptions=True)
        place.seen.killed()


async def count(place: Office, kills: int, bound_s: float) -> Figures:
    async with opened(place.database_url) as database, database.reading() as connection:
        office_calls = calls.c.pbx == "office"
        rows = (
            await connection.execute(
                select(calls.c.linkedid, calls.c.disposition).where(office_calls)
            )
        ).all()
        kept = (
            await connection.execute(
                select(calls.c.linkedid, call_notes.c.text)
                .join(calls, calls.c.id == call_notes.c.call_id)
                .where(office_calls)
            )
        ).all()
        waits = call_notes.c.call_id.is_(None)
        orphans = (
            await connection.execute(select(func.count()).select_from(call_notes).where(waits))
        ).scalar_one()
        work_lost = await lost_work(connection, place.seen.work)
    present = {row.linkedid for row in rows}
    missing = [age for call, age in place.seen.calls.items() if call not in present]
    texts = {(note.linkedid, note.text) for note in kept}
    lost = [
        note
        for note, number in place.seen.saved.items()
        if not any((note[0], text) in texts for text in place.seen.sent[note][number - 1 :])
    ]
    return Figures(
        kills=kills,
        calls_seen=len(place.seen.calls),
        calls_without_a_row=sum(age >= bound_s for age in missing),
        youngest_without_a_row=sum(age < bound_s for age in missing),
        rows_twice=len(rows) - len(present),
        rows_left_open=sum(row.disposition == "in_progress" for row in rows),
        notes_saved=len(place.seen.saved),
        notes_lost=len(lost),
        notes_without_a_call=orphans,
        work_saved=dict(place.seen.work.counts()),
        work_lost=work_lost,
    )


async def kill_again_and_again(
    folder: Path, kills: int, seed: int, bound_s: float = BOUND_S
) -> Figures:
    """``bound_s``: a call younger than this at the kill may be missing."""
    async with office(folder, seed) as place:
        for _ in range(kills):
            await one_run(place, kill=True)
        await one_run(place, kill=False)
        return await count(place, kills, bound_s)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--kills", type=int, default=55)
    words.add_argument("--seed", type=int, default=1)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        figures = asyncio.run(kill_again_and_again(Path(folder), asked.kills, asked.seed))
        log = (Path(folder) / "server.log").read_text(errors="replace")
    print(f"{figures}\n{time.monotonic() - began:6.0f}  seconds")  # noqa: T201
    if "Traceback" in log:
        print(log[-3000:])  # noqa: T201
    sys.exit(0 if figures.is_clean else 1)


if __name__ == "__main__":
    main()
