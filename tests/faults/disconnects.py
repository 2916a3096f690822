"""Break the lines of pages at random while calls ring, and count what the pages lost.

    python -m tests.faults.disconnects --disconnects 10000 --seed 1

The server is a process of its own; four pages of each user reach it through a ``FaultProxy``.
Lines are reset, half closed, silent, slow or split, after a random number of bytes; other pages go
by themselves. Then all lines are whole again, and each page must show what a fresh one shows.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from sqlalchemy import func, select
from typing_extensions import override
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from screenpop.store.engine.database import opened
from screenpop.store.schema.tables import calls
from tests.faults.fault_proxy import Fault, FaultProxy, Kind
from tests.faults.kills import PHONES, WATCHERS, Office, office, ring_for_ever, server
from tests.faults.page_records import Message, PageState, Recorder, problems_in

PAGES_OF_A_USER = 4
PATIENCE_S = 2.0
"""A page of this test waits so long for a line that is silent."""
STAYS_S = 0.5
"""Most seconds until a page goes by itself."""
SETTLES_WITHIN_S = 60.0
_KINDS = (*(Kind.RESET,) * 4, Kind.HALF_CLOSE, Kind.BLACKHOLE, Kind.SPLIT, Kind.LATENCY, None)
_BYTES = 6_000
"""An answer to the upgrade and a snapshot are about as long."""
PHONES_OF = {name.lower(): (phone,) for phone, name in PHONES.items()}


@dataclass(frozen=True)
class Figures:
    disconnects: int
    by_fault: dict[str, int]
    messages: int
    snapshots: int
    resumed: int
    problems: dict[str, list[str]]
    """By kind (``page_records``)."""
    stale: list[str]
    """Pages that show something else than a fresh one."""
    rows_twice: int

    @property
    def is_clean(self) -> bool:
        return not (self.problems or self.stale or self.rows_twice)

    @override
    def __str__(self) -> str:
        counts = Counter({kind: len(texts) for kind, texts in self.problems.items()})
        return (
            f"{self.disconnects:,} disconnects ({self.by_fault}): {self.messages:,} messages,"
            f" {self.snapshots:,} snapshots, {self.resumed:,} resumed; {counts['lost']} lost,"
            f" {counts['double']} double, {len(self.stale)} stale, {counts['foreign']} of another"
            f" user, {counts['back']} back, {counts['different']} different,"
            f" {self.rows_twice} rows twice"
        )


@dataclass
class Pages:
    """All pages, and what they have in common."""

    place: Office
    line: FaultProxy
    rng: random.Random
    wanted: int
    disconnects: int = 0
    recorder: Recorder = field(default_factory=Recorder)
    states: dict[str, PageState] = field(default_factory=dict)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    def draw(self, _: int) -> Fault | None:
        kind = self.rng.choice(_KINDS)
        if kind is None or self.enough.is_set():
            return None
        return Fault(kind, self.rng.randrange(_BYTES), 0.005, self.rng.randrange(10**6))

    async def keep_open(self, page: str, user: str) -> None:
        """Open one page again and again, as the page of the product does."""
        state = self.states.setdefault(page, PageState())
        while True:
            opened_lines = 0
            with contextlib.suppress(OSError, WebSocketException, EOFError, TimeoutError):
                async with self.connected(user, self.line.port) as line:
                    opened_lines += 1
                    stays_s = self.rng.uniform(0.0, STAYS_S)
                    async with asyncio.timeout(None if self.enough.is_set() else stays_s):
                        await self.read(line, page, user, state)
            # Those that did not open are not counted: on a busy machine some are too slow.
            self.disconnects += opened_lines
            if self.disconnects >= self.wanted:
                self.enough.set()

    async def read(self, line: ClientConnection, page: str, user: str, state: PageState) -> None:
        """Read until the line breaks, or is silent for too long."""
        last = (
            None
            if state.position is None
            else dict(zip(("epoch", "seq"), state.position, strict=True))
        )
        await send(line, type="hello", last=last, tab=page, build="-")
        while True:
            async with asyncio.timeout(None if self.enough.is_set() else PATIENCE_S):
                message: Message = orjson.loads(await line.recv())
            self.recorder.keep(page, user, message)
            state.take(message)
            if message["type"] == "hb":
                await send(line, type="hb")
            if state.position is not None:
                await send(line, type="ack", seq=state.position[1])

    @asynccontextmanager
    async def connected(self, user: str, port: int) -> AsyncGenerator[ClientConnection]:
        line = await connect(
            f"ws://127.0.0.1:{port}/ws/v1",
            additional_headers={"Cookie": self.place.cookies[user]},
            compression=None,
            ping_interval=None,
            proxy=None,
            open_timeout=None if self.enough.is_set() else PATIENCE_S,
        )
        try:
            yield line
        finally:
            line.transport.abort()

    async def fresh(self, user: str) -> PageState:
        """Return what a page shows that is loaded now."""
        state = PageState()
        async with self.connected(user, self.place.port) as line:
            await send(line, type="hello", last=None, tab="fresh", build="-")
            while state.position is None:
                state.take(orjson.loads(await line.recv()))
        return state

    async def stale(self) -> list[str]:
        """Return what differs from a fresh page, once nothing more comes or time is over."""
        until = asyncio.get_running_loop().time() + SETTLES_WITHIN_S
        while True:
            fresh = {user: await self.fresh(user) for user in WATCHERS}
            found = [
                f"{page}: {difference}"
                for page, state in self.states.items()
                if (difference := state.differs_from(fresh[page.partition("-")[0]]))
            ]
            if not found or asyncio.get_running_loop().time() > until:
                return found
            await asyncio.sleep(0.2)


async def send(line: ClientConnection, **message: object) -> None:
    await line.send(orjson.dumps(message).decode())


async def break_lines(folder: Path, disconnects: int, seed: int) -> Figures:
    """Break so many lines, then let all be whole."""
    async with office(folder, seed) as place, server(place):
        line = FaultProxy(port_behind=place.port)
        pages = Pages(place, line, random.Random(seed), disconnects)
        line.draw = pages.draw
        async with line:
            ringing = asyncio.create_task(ring_for_ever(place))
            open_pages = [
                asyncio.create_task(pages.keep_open(f"{user}-{number}", user))
                for user in WATCHERS
                for number in range(PAGES_OF_A_USER)
            ]
            try:
                await pages.enough.wait()
                broken = pages.disconnects
                line.cut()
                ringing.cancel()
                await place.stage.finish_all()
                stale = await pages.stale()
            finally:
                for task in (ringing, *open_pages):
                    task.cancel()
                await asyncio.gather(ringing, *open_pages, return_exceptions=True)
    received = pages.recorder.received
    modes = Counter(one.message.get("mode") for one in received)
    return Figures(
        disconnects=broken,
        by_fault={kind.value: count for kind, count in line.failed.items()},
        messages=len(received),
        snapshots=modes["snapshot"],
        resumed=modes["resumed"],
        problems=problems_in(received, PHONES_OF),
        stale=stale,
        rows_twice=await rows_twice(place),
    )


async def rows_twice(place: Office) -> int:
    """Return how many calls have more than one row."""
    key = (calls.c.pbx, calls.c.boot, calls.c.linkedid)
    several = select(*key).group_by(*key).having(func.count() > 1)
    async with opened(place.database_url) as database, database.reading() as connection:
        return len((await connection.execute(several)).all())


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--disconnects", type=int, default=10_000)
    words.add_argument("--seed", type=int, default=1)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(break_lines(Path(folder), asked.disconnects, asked.seed))
    print(figures)  # noqa: T201
    for text in [*figures.stale, *(text for texts in figures.problems.values() for text in texts)]:
        print(text)  # noqa: T201
    sys.exit(0 if figures.is_clean else 1)


if __name__ == "__main__":
    main()
