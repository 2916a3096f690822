"""Frame times of the board in a real Chromium, from its own trace.

``python -m benchmarks.board_frames [--agents 200] [--calls 100] [--seconds 20]``: a server on
loopback publishes changes of calls and agents (50 a second by default), as for a supervisor's open
board. The page draws a frame at each tick of the screen, so that a busy main thread shows as a
late frame. Prints the times between drawn frames and the tasks of the page's main thread.
"""

import argparse
import asyncio
import itertools
import json
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from playwright.async_api import Browser, Page, async_playwright

from screenpop.accounts.users import UserId
from screenpop.bus.memory import MemoryBus
from screenpop.store.engine.migrate import migrate
from tests.browser.chromium import FLAGS, find_chromium
from tests.web.running_server import Running, add_people, running

CATEGORIES = [
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "disabled-by-default-devtools.timeline.frame",
]
FRAME_MS = 1000 / 60
SEED = 7
_TIERS = ("none", "silver", "gold", "platinum")
_QUEUES = ("sales", "support", "visa", "groups")


class Office:
    """Invented calls and agents, published as the service publishes them."""

    def __init__(self, bus: MemoryBus, reader: UserId, agents: int, calls: int) -> None:
        self._bus, self._reader = bus, reader
        self._dice = random.Random(SEED)
        self._agents = agents
        self._numbers = itertools.count(1)
        self._calls: dict[str, dict[str, Any]] = {}
        for agent in range(1, agents + 1):
            self._agent(agent)
        for _ in range(calls):
            self._call(self._new_call())
        bus.publish([reader], "pbx", "office", b'{"id":"office","state":"live","since":1.0}')

    def change(self) -> None:
        """Publish one change: a call goes on, ends and is followed by another, or an agent."""
        if self._dice.random() < 0.4:
            self._agent(self._dice.randint(1, self._agents))
            return
        call = self._dice.choice(list(self._calls.values()))
        following = {"waiting": "ringing", "ringing": "talking", "talking": "ended"}[call["state"]]
        call |= {"state": following, "since": time.time()}
        call["agents"] = [one | {"state": following} for one in call["agents"]]
        self._call(call)
        if following == "ended":
            self._call(self._new_call())

    def _agent(self, agent: int) -> None:
        view = {
            "id": agent,
            "username": f"agent{agent}",
            "name": f"Agent Number {agent}",
            "state": self._dice.choice(("available", "on_call", "wrap_up", "paused", "offline")),
            "since": time.time() - self._dice.random() * 600,
            "reason": "lunch",
            "reason_text": "",
            "until": None,
            "paused_next": False,
            "queues": "linked",
            "member_of": self._dice.sample(_QUEUES, 2),
            "paused_in": [],
        }
        self._bus.publish([self._reader], "agent", str(agent), orjson.dumps(view))

    def _new_call(self) -> dict[str, Any]:
        number, now = next(self._numbers), time.time()
        name = f"Dr Laleh Karimi {number}"
        person = {"id": number, "address": {"en": name}, "tier": self._dice.choice(_TIERS)}
        agent = self._dice.randint(1, self._agents)
        return {
            "id": f"office/{number}",
            "pbx": "office",
            "call": str(number),
            "state": self._dice.choice(("waiting", "ringing", "talking")),
            "direction": "inbound",
            "caller": {
                "display": "0912 345 6789",
                "kind": "number",
                "name": "",
                "e164": "+989123456789",
                "region": "IR",
            },
            "match": "certain",
            "person": person | {"vip": False},
            "line": {"did": "101", "label": "Sales line", "display": "101"},
            "queue": self._dice.choice(_QUEUES),
            "position": 1,
            "arrived_at": now - self._dice.random() * 90,
            "since": now,
            "ringing": [f"Agent Number {agent}"],
            "answered_by": [f"Agent Number {agent}"],
            "made_by": "",
            "agents": [{"id": agent, "state": "talking", "since": now}],
            "disposition": None,
            "estimated": False,
            "simulated": False,
        }

    def _call(self, call: dict[str, Any]) -> None:
        gone = call["state"] == "ended"
        if gone:
            self._calls.pop(call["id"], None)
            call["disposition"] = "answered"
        else:
            self._calls[call["id"]] = call
        self._bus.publish([self._reader], "call", call["id"], orjson.dumps(call), gone=gone)


async def measure(agents: int, calls: int, seconds: float, rate: float) -> None:
    """Print the frame times of one run."""
    with tempfile.TemporaryDirectory(prefix="screenpop-board-") as name:
        folder = Path(name)
        await asyncio.to_thread(migrate, f"sqlite:///{folder / 'people.db'}")
        await add_people(folder / "people.db")
        (folder / "server").mkdir()
        async with running(folder / "people.db", folder / "server", real_pages=True) as server:
            office = Office(server.bus, server.id("sue"), agents, calls)
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(
                    executable_path=find_chromium(), args=FLAGS
                )
                events = await _trace(browser, server, office, seconds, rate)
        shutil.rmtree(folder / "server", ignore_errors=True)
    _report(events, agents, calls, rate)


async def _trace(
    browser: Browser, server: Running, office: Office, seconds: float, rate: float
) -> list[dict[str, Any]]:
    cookie = await server.log_in("sue")
    context = await browser.new_context(
        base_url=server.url,
        viewport={"width": 1920, "height": 1080},
        extra_http_headers={},
    )
    key, _, value = cookie.partition("=")
    await context.add_cookies([{"name": key, "value": value, "url": server.url}])
    page = await context.new_page()
    await page.goto("/board")
    await _until_drawn(page)
    await browser.start_tracing(page=page, categories=CATEGORIES)
    until = time.monotonic() + seconds
    changes = 0
    while time.monotonic() < until:
        office.change()
        changes += 1
        await asyncio.sleep(1 / rate)
    trace = json.loads(await browser.stop_tracing())
    rows = await page.evaluate("document.querySelectorAll('.tile, .board tbody tr').length")
    print(f"{changes} changes in {seconds:.0f} s; {rows} rows and tiles on the page")
    await browser.close()
    events: list[dict[str, Any]] = trace["traceEvents"]
    return events


async def _until_drawn(page: Page) -> None:
    await page.locator(".tile").first.wait_for()
    # A frame at each tick of the screen; nothing else is drawn by it.
    await page.evaluate("(function next() { requestAnimationFrame(next); })()")


def _report(events: Sequence[Mapping[str, Any]], agents: int, calls: int, rate: float) -> None:
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event.get("name") == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [e for e in events if e.get("name") == "RunTask" and (e["pid"], e["tid"]) in mains]
    pid = Counter(event["pid"] for event in tasks).most_common(1)[0][0]
    # Processor time where the trace has it: other programs on the machine do not count.
    took = sorted(e.get("tdur", e.get("dur", 0)) / 1000 for e in tasks if e["pid"] == pid)
    drawn = sorted(
        event["ts"] / 1000
        for event in events
        if event.get("name") == "BeginMainThreadFrame" and event["pid"] == pid
    )
    between = sorted(_intervals(drawn))
    print(f"{agents} agents, {calls} calls, {rate:.0f} changes a second")
    late = sum(one > 2 * FRAME_MS for one in between)
    print(
        f"frames: {len(between)}, between two: median {_at(between, 50):.1f} ms,"
        f" p95 {_at(between, 95):.1f} ms, p99 {_at(between, 99):.1f} ms, longest"
        f" {between[-1]:.1f} ms; {late} later than two ticks ({100 * late / len(between):.2f} %)"
    )
    print(
        f"tasks of the main thread, processor time: p99 {_at(took, 99):.1f} ms, longest"
        f" {took[-1]:.1f} ms, over 50 ms: {sum(one > 50 for one in took)};"
        f" {sum(took) / (drawn[-1] - drawn[0]) * 100:.0f} % of one core"
    )


def _intervals(times: Sequence[float]) -> Iterator[float]:
    return (after - before for before, after in itertools.pairwise(times))


def _at(ordered: Sequence[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rate", type=float, default=50)
    options = parser.parse_args()
    asyncio.run(measure(options.agents, options.calls, options.seconds, options.rate))


if __name__ == "__main__":
    main()
