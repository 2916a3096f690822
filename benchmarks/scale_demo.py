"""Several processes at work, and two of them killed: ``make scale-demo``.

PostgreSQL, Redis, two listeners, web processes, nginx before them, a simulated PBX, and a page for
each agent, all on this machine and stopped at the end. In the middle the active listener is killed
(kill -9), later a web process. The exit status is 1 for a card that is lost or at the wrong agent;
calls that rang while no listener followed the PBX are counted, not judged. With ``--web 0`` one
``screenpop serve`` does all of it, for comparison.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import asyncpg

from benchmarks.customers import TIMEZONE, customer_database, draw_callers
from benchmarks.postgres import on_postgres
from benchmarks.ratios import Latency
from benchmarks.scale_agents import ScaleAgents
from benchmarks.scale_result import ScaleResult, judge
from benchmarks.scale_servers import (
    counted,
    start_proxy,
)
from screenpop.store.follow_ups.work_list_build import BUILT_KEY
from tests.whole_office.agent_logins import add_agents_now, phones
from tests.whole_office.processes import (
    Office,
    Part,
    office,
    office_settings,
    postgres_pid,
    processor_time,
    start_redis,
)
from tests.whole_office.simulated_pbx import OfficePbx, PlayCalls, most_rate

RING_S, TALK_S = 2.0, 4.0
_KILL_LISTENER_AT, _KILL_WEB_AT = 0.4, 0.7
"""Parts of the time of the calls."""
_SETTLES_WITHIN_S = 25.0
_IDLE_S = 10.0
_NIGHT_WITHIN_S, _QUIET_S, _FEW_ROWS = 60.0, 8.0, 50
_CONNECTIONS = 200


@dataclass(frozen=True, slots=True)
class Options:
    agents: int
    calls: int
    seconds: float
    web: int
    customers: int
    kills: bool

    @property
    def rate(self) -> float:
        return self.calls / self.seconds


@dataclass(frozen=True, slots=True)
class Costs:
    """Processor time of one process: for the first connection of all pages, for a second without
    calls, and for the calls."""

    opening_s: float
    idle_s: float
    calls_s: float
    """Without what it needs when idle."""


@dataclass(frozen=True, slots=True)
class Measured:
    result: ScaleResult
    opened_s: float
    """Seconds until all pages were connected."""
    frames: int
    refused: int
    costs: Mapping[str, Costs]
    """Of each process."""
    counts: Mapping[str, float]
    """What PostgreSQL and Redis counted for a call, without what they count when idle."""


def main() -> int:
    options = _options()
    measured = run(options)
    print("\n".join(table(options, measured)))
    return 0 if measured.result.is_good else 1


def run(options: Options) -> Measured:
    """Play the calls once and return what arrived."""
    database = customer_database(options.customers)
    callers = draw_callers(database, 2_000, seed=11)
    every = phones(options.agents)
    with (
        on_postgres(database, trips=True, connections=_CONNECTIONS) as url,
        OfficePbx(every) as pbx,
        ScaleAgents() as agents,
        office() as here,
    ):
        asyncio.run(_skip_nightly_work(url))
        logins = add_agents_now(url, options.agents)
        redis = start_redis(here) if options.web else ""
        here.settings = office_settings(here.folder, pbx.account, url, redis, TIMEZONE)
        active, webs = _start(options, here)
        proxy = start_proxy(here, webs or [active])
        _progress("all processes run")
        looks = [_used(here, url)]
        opened_s = agents.open(proxy.port, logins, within_s=120.0)
        _progress(f"{options.agents} pages are connected")
        looks.append(_used(here, url))
        _wait_for_nightly_work(url)
        looks.append(_used(here, url))
        counts = [counted(url, redis)]
        time.sleep(_IDLE_S)
        looks.append(_used(here, url))
        counts.append(counted(url, redis))
        began = time.monotonic()
        play = PlayCalls(callers, options.calls, options.rate, RING_S, TALK_S, seed=5)
        pbx.begin(play)
        killed_at = _kill(options, active, webs) if options.kills and webs else None
        played = pbx.played(within_s=options.seconds + 120.0)
        deadline = time.monotonic() + _SETTLES_WITHIN_S
        while True:
            received = agents.report()
            result = judge(played.rings, received, killed_at)
            if (result.is_good and not result.lost) or time.monotonic() > deadline:
                break
            time.sleep(1.0)
        looks.append(_used(here, url))
        counts.append(counted(url, redis))
        took_s = time.monotonic() - began
        if not result.is_good:
            for part in here.parts:
                print(f"--- {part.name}\n{part.end_of_output()[-1500:]}", file=sys.stderr)
        costs = {name: _costs([one[name] for one in looks], took_s) for name in looks[0]}
        a_call = {
            name: (counts[2][name] - many - (many - counts[0][name]) / _IDLE_S * took_s)
            / max(1, result.rings)
            for name, many in counts[1].items()
        }
        return Measured(result, opened_s, received.frames, played.refused, costs, a_call)


def _start(options: Options, here: Office) -> tuple[Part, Sequence[Part]]:
    """Start all processes of Screenpop; return the active one, which owns the calls, and the webs.

    The active one starts before the others, so that it is known which has the lease.
    """
    if not options.web:
        only = here.screenpop("serve", "serve")
        only.wait_until_ready()
        return only, ()
    active = here.screenpop("listener 1", "listen")
    active.wait_until_ready()
    webs = [here.screenpop(f"web {number + 1}", "web") for number in range(options.web)]
    for web in webs:
        web.wait_until_ready()
    standby = here.screenpop("listener 2", "listen")
    standby.wait_until_ready()
    return active, webs


def _kill(options: Options, active: Part, webs: Sequence[Part]) -> float:
    time.sleep(options.seconds * _KILL_LISTENER_AT)
    killed_at = active.kill()
    _progress("the active listener is killed")
    time.sleep(options.seconds * (_KILL_WEB_AT - _KILL_LISTENER_AT))
    if len(webs) > 1:
        webs[0].kill()
        _progress("a web process is killed")
    return killed_at


def _costs(looks: Sequence[float], took_s: float) -> Costs:
    opened, connected, settled, idle, end = looks
    idle_s = (idle - settled) / _IDLE_S
    return Costs(connected - opened, idle_s, max(0.0, end - idle - idle_s * took_s))


def _wait_for_nightly_work(url: str) -> None:
    """Wait until the values of all customers are written, which begins soon after the start."""
    deadline, before = time.monotonic() + _NIGHT_WITHIN_S, -1.0
    while time.monotonic() < deadline:
        time.sleep(_QUIET_S)
        now = counted(url, "")["rows written"]
        if before >= 0 and now - before < _FEW_ROWS:
            return
        before = now


def _used(here: Office, url: str) -> dict[str, float]:
    used = {part.name: part.cpu_s() for part in here.parts}
    return used | {"PostgreSQL": processor_time(postgres_pid(url), with_children=True)}


async def _skip_nightly_work(url: str) -> None:
    """The work lists of the day count as built: the first build is not the calls' cost."""
    connection = await asyncpg.connect(url)
    try:
        today = datetime.now(ZoneInfo(TIMEZONE)).date().isoformat()
        await connection.execute("INSERT INTO meta (key, value) VALUES ($1, $2)", BUILT_KEY, today)
    finally:
        await connection.close()


def table(options: Options, measured: Measured) -> Iterator[str]:
    """Yield the lines of the result, in Markdown."""
    result = measured.result
    yield "| | |"
    yield "| --- | --- |"
    processes = f"{options.web} web" if options.web else "serve"
    yield f"| agents, processes | {options.agents}, {processes} |"
    yield f"| pages connected within | {measured.opened_s:.1f} s |"
    yield f"| phones that rang | {result.rings} in {options.seconds:.0f} s |"
    if measured.refused:
        yield f"| calls not played, all phones busy | {measured.refused} |"
    yield f"| cards at the phone that rang | {result.seen} |"
    takeover = result.takeover
    if takeover is not None:
        first = takeover.first_card_s
        yield f"| kill -9 of the active listener: first card after | {_seconds(first)} |"
        yield f"| … phones that rang unheard | {takeover.rings_unheard} |"
        yield f"| … of these with their card after the takeover | {takeover.shown_later} |"
    yield f"| lost beside these | {len(result.lost)} |"
    yield f"| at the wrong agent | {result.misrouted} |"
    yield f"| sent twice | {result.repeated} |"
    yield f"| ring to card, p50 / p99 / longest | {_latency(result.usual)} |"
    if result.interrupted is not None:
        yield f"| … where a process had died | {_latency(result.interrupted)} |"
    if result.reconnected is not None:
        yield f"| breaks of pages | {result.reconnected.calls} |"
        yield f"| … length, p50 / p99 / longest | {_latency(result.reconnected)} |"
    yield f"| pages not connected at the end | {result.still_away} |"
    yield f"| frames to pages | {measured.frames} |"
    yield ""
    yield "| processor time | a page's first connection | a second without calls | a call |"
    yield "| --- | --- | --- | --- |"
    for name, costs in measured.costs.items():
        opening, a_call = costs.opening_s / options.agents, costs.calls_s / max(1, result.rings)
        cells = (f"{one * 1e3:.2f} ms" for one in (opening, costs.idle_s, a_call))
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""
    yield "| a call | |"
    yield "| --- | --- |"
    for name, many in measured.counts.items():
        yield f"| {name} | {many:.1f} |"


def _seconds(value: float | None) -> str:
    return "none" if value is None else f"{value:.1f} s"


def _latency(latency: Latency | None) -> str:
    if latency is None:
        return "none"
    return " / ".join(_duration(one) for one in (latency.p50, latency.p99, latency.longest))


def _duration(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _options() -> Options:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=1_000)
    parser.add_argument("--calls", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--web", type=int, default=3, help="web processes; 0: screenpop serve")
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--no-kills", action="store_true", help="let all processes live")
    given = parser.parse_args()
    options = Options(
        given.agents, given.calls, given.seconds, given.web, given.customers, not given.no_kills
    )
    if options.rate > most_rate(RING_S, TALK_S):
        parser.error(f"at most {most_rate(RING_S, TALK_S):.0f} calls a second")
    return options


if __name__ == "__main__":
    sys.exit(main())
