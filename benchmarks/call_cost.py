"""What a call costs the event loop, part by part: ``python -m benchmarks.call_cost``.

Calls of the ladder as recorded, 800 of them up at a time on 100 phones, go from the bytes of AMI
to the frames of the browsers in one process, without sockets and without a pace: reader, tracker,
lookup, cards, streams, sessions, and the receipts of the pages. The call log takes the records and
writes nothing (``log_writes`` has its cost), commands are not played (``agent_work``). A part's
cost is the processor time of the thread; the play with the least counts.

``--profile FILE`` also writes a profile of one play for ``pstats``.
"""

import argparse
import asyncio
import cProfile
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from benchmarks.agents import create_agents
from benchmarks.customers import draw_callers, work_copy
from benchmarks.head_start import head_starts
from benchmarks.page import Page, Seen
from benchmarks.pbx import LONG_LIFE, RINGING_AFTER_S
from benchmarks.recorded import EPOCH, ringing_call
from benchmarks.servers import settings as server_settings
from screenpop.accounts.users import Role, UserId
from screenpop.app.garbage_collection import GarbageCollection
from screenpop.app.staff_reload import load_staff
from screenpop.app.wiring import service_config
from screenpop.asterisk.ami_events import WANTED_EVENTS
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.bus.memory import MemoryBus
from screenpop.protocol.client_messages import Receipt
from screenpop.protocol.command_dedup import CommandDedup
from screenpop.protocol.session import Join, RateLimit, Request, Session
from screenpop.service.pbx_tracker import PbxTracker
from screenpop.service.runner import ScreenPopRunner
from screenpop.service.screen_pop import ScreenPop
from screenpop.settings import Settings, load_settings
from screenpop.store.engine.database import Database, opened
from screenpop.telephony.identifiers import PbxId
from screenpop.web.websocket.connection import BrowserConnection

_RATE, _CALLS, _PLAYS, _AGENTS = 200, 1_600, 5, 100
_WARM_UP_CALLS = 800
_PARTS = ("before the ring", "the ring", "the phone rings", "the answer", "the end")
_RECEIPTS = "receipts"


class _Event(NamedTuple):
    due: float
    number: int
    part: int


class _Wire:
    """Takes every frame at once, as a socket with room does."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    def send_now(self, frame: bytes) -> bool:
        self.frames.append(frame)
        return True

    async def send_utf8(self, frame: bytes) -> None:
        self.frames.append(frame)

    def abort(self) -> None:
        pass


class _Log:
    """A call log that takes everything and writes nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


class _Rig:
    """The product's parts between the bytes of a PBX and the frames of its browsers."""

    def __init__(self, database: Database, settings: Settings, config: Any, bus: MemoryBus) -> None:
        self.now = float(EPOCH)
        self.runner = ScreenPopRunner(
            ScreenPop(config),
            lookup=database.lookup,
            publisher=bus,
            log=cast(Any, _Log()),
            clock=lambda: self.now,
        )
        self.framer = AmiFramer(WANTED_EVENTS, "bench~")
        self.tracking = PbxTracker(PbxId("office"), lambda endpoint: len(endpoint) == 4)
        self._bus = bus
        self._browsers: list[tuple[BrowserConnection, _Wire, Page]] = []

    async def open_pages(self, agents: Mapping[str, UserId]) -> None:
        for phone, user in agents.items():
            wire = _Wire()
            browser = BrowserConnection(
                user=user,
                token="",
                expires_at=1e12,
                role=Role.AGENT,
                opened_at=0.0,
                session=Session("build", CommandDedup(), 0.0, RateLimit(1e12, 1e12)),
                send=cast(Any, None),
                wire=cast(Any, wire),
                rest=self._asked,
            )
            browser.hear('{"type":"hello","last":null,"tab":"bench"}')
            start = await self._bus.join(user, None, browser)
            browser.do(browser.session.joined(start, 0.0, 0.0))
            self._browsers.append((browser, wire, Page(phone, talks=True)))
        await asyncio.sleep(0)

    def feed(self, data: bytes) -> None:
        messages = self.framer.feed(data)
        if messages:
            self.runner.messages(self.tracking, messages, self.now)

    def answers(self) -> Iterator[tuple[BrowserConnection, str]]:
        """Return what the pages send to the frames since the last time; without commands."""
        seen: list[Seen] = []
        for browser, wire, page in self._browsers:
            frames, wire.frames = wire.frames, []
            for frame in frames:
                answer = page.receive(frame, 0.0, seen)
                for text in (*answer.now, *answer.next_frame):
                    if b'"command"' not in text:
                        yield browser, text.decode()

    def end(self) -> None:
        for browser, _, _ in self._browsers:
            browser.stop()

    def _asked(self, browser: BrowserConnection, asked: Request) -> None:
        if isinstance(asked, Receipt):
            times = {stage: self.now - ago / 1000 for stage, ago in asked.stages.items()}
            self.runner.receipt(browser.user, asked.card, asked.rev, times)
        else:
            assert isinstance(asked, Join)


def _events(count: int, ring: int, rng: random.Random) -> list[_Event]:
    """The writes of the calls, in the order of their times, as ``pbx`` has them."""
    starts, life = head_starts(), LONG_LIFE
    events: list[_Event] = []
    due = 0.0
    for number in range(count):
        due += rng.expovariate(_RATE)
        *before, lead = rng.choice(starts).offsets_s
        # A recording with more writes has the rest of them at once, as the PBX of the ladder.
        places = [*before[:ring], *before[-1:] * (ring - len(before))]
        events += [_Event(due + offset, number, part) for part, offset in enumerate(places)]
        rings = due + lead
        later = (0.0, RINGING_AFTER_S, life.answered_s, life.over_s)
        events += [_Event(rings + after, number, ring + i) for i, after in enumerate(later)]
    return sorted(events)


async def _play(
    rig: _Rig, callers: Sequence[str], phones: Sequence[str], seed: int
) -> dict[str, float]:
    """Play calls; return the seconds of each part, of all calls after the warm-up."""
    rng, recorded = random.Random(seed), ringing_call()
    events = _events(_WARM_UP_CALLS + _CALLS, recorded.ring, rng)
    values: dict[int, list[bytes]] = {}
    took = dict.fromkeys((*_PARTS, _RECEIPTS), 0.0)
    began, clock = rig.now, time.thread_time
    for due, number, part in events:
        if part == 0:
            first_id = seed * 10_000_000 + number * recorded.ids
            values[number] = recorded.values(first_id, rng.choice(callers), rng.choice(phones))
        data = recorded.parts[part].render(values[number])
        rig.now = began + due
        name = _PARTS[max(0, part - recorded.ring + 1)]
        started = clock()
        rig.feed(data)
        await asyncio.sleep(0)
        spent = clock() - started
        sent = list(rig.answers())
        started = clock()
        for browser, text in sent:
            browser.hear(text)
        receipts = clock() - started
        if number >= _WARM_UP_CALLS:
            took[name] += spent
            took[_RECEIPTS] += receipts
    rig.now += 3_600.0
    rig.runner.put(rig.runner._screen_pop.tick)  # noqa: SLF001 -- the cards leave the pages
    await rig.runner.done_so_far()
    list(rig.answers())
    return took


async def measure(data: Path, profile: Path | None) -> dict[str, float]:
    """Return the seconds of each part of a call: of the play with the least."""
    database = work_copy(10_000, data)
    logins = await asyncio.to_thread(create_agents, database, _AGENTS)
    callers = draw_callers(database, 5_000, 1404)
    for name, value in server_settings(1, data).items():
        os.environ[name] = value
    settings = load_settings()
    async with opened(f"sqlite:///{database}") as store:
        people = await load_staff(store, settings, time.time())
        bus = MemoryBus()
        rig = _Rig(store, settings, service_config(settings, people, {}, bus.readers), bus)
        task = asyncio.create_task(rig.runner.run())
        await asyncio.sleep(0)
        roster = people.roster
        agents = {one.phone: _user_at(roster, one.phone) for one in logins}
        await rig.open_pages(agents)
        garbage = GarbageCollection()
        garbage.begin()
        plays = [await _play(rig, callers, tuple(agents), seed) for seed in range(1, _PLAYS + 1)]
        if profile is not None:
            with cProfile.Profile(time.thread_time) as profiled:
                await _play(rig, callers, tuple(agents), _PLAYS + 1)
            profiled.dump_stats(profile)
        garbage.end()
        rig.end()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    best = min(plays, key=lambda took: sum(took.values()))
    return {name: seconds / _CALLS for name, seconds in best.items()}


def _user_at(roster: Any, phone: str) -> UserId:
    agent = roster.agent_at(PbxId("office"), phone)
    return UserId(agent.id)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", type=Path)
    with tempfile.TemporaryDirectory(prefix="screenpop-cost-") as folder:
        took = asyncio.run(measure(Path(folder) / "data", parser.parse_args().profile))
    for name in (*_PARTS, _RECEIPTS):
        print(f"{name}: {took[name] * 1e6:.0f} µs")
    print(f"a call: {sum(took.values()) * 1e6:.0f} µs")


if __name__ == "__main__":
    main()
