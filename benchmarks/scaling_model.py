"""What an office of a given size needs: ``python -m benchmarks.scaling_model``.

A simulation with the costs that ``benchmarks.scale_demo`` measured. Calls arrive at random times
from all PBXs. Each has four bursts of work: it arrives and rings, is answered, ends, and its
wrap-up ends. The listener is one process and does them one after the other; then the web process
of the agent does its part. Each page also costs its web process a little all the time. Printed are
how busy the listener is, how long a card waits there and in the web process, and how many web
processes keep the waits below the limits. Redis, PostgreSQL and nginx count as cores in use.
"""

import argparse
import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks.ratios import percentile

SHARES = ((0.0, 0.45), (8.0, 0.2), (180.0, 0.2), (240.0, 0.15))
"""Seconds after a call's arrival, and the part of its cost; ``benchmarks.call_cost`` has the parts
of the work of the events."""
_SIMULATED_S = 300.0
_FILLED_S = 260.0
"""So long calls go on, before anything is counted."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of a core, as ``benchmarks.scale_demo`` prints them."""

    listener_call: float
    listener_idle: float
    """Each second."""
    web_call: float
    web_page: float
    """Each second, for one open page."""
    web_opening: float
    """For the first connection of one page."""
    redis_call: float
    postgres_call: float
    proxy_call: float


COSTS = Measured(
    listener_call=7.5,
    listener_idle=17.0,
    web_call=2.1,
    web_page=0.05,
    web_opening=1.9,
    redis_call=0.6,
    postgres_call=1.9,
    proxy_call=0.1,
)
"""Of the run in docs/scaling.md."""


@dataclass(frozen=True, slots=True)
class Load:
    """An office in its busiest hour."""

    pbxs: int
    agents: int
    calls_an_hour: float
    """For one agent."""
    rings_a_call: float = 1.0
    """Phones that ring for a call, one after the other or together."""

    @property
    def rate(self) -> float:
        """Return the calls a second of the whole office."""
        return self.agents * self.calls_an_hour / 3600


@dataclass(frozen=True, slots=True)
class Need:
    """What a load needs. Waits are seconds at the 99th percentile."""

    load: Load
    listener_busy: float
    """Part of one core."""
    listener_wait: float
    webs: int
    web_busy: float
    web_wait: float
    redis_cores: float
    postgres_cores: float
    proxy_cores: float
    back_s: float
    """Seconds until all pages are connected again after a takeover."""

    @property
    def fits(self) -> bool:
        return self.listener_busy < 1.0 and self.listener_wait < _LIMIT_S


_LIMIT_S = 0.25
"""A longer wait for a card is felt: a phone is often answered within two seconds."""
_BACK_WITHIN_S = 30.0
_MOST_BUSY = 0.8
_MOST_WEBS = 256


def need_of(load: Load, costs: Measured, seed: int = 1) -> Need:
    """Simulate the busiest minutes; return what keeps the waits below the limit."""
    per_call = costs.listener_call * (0.6 + 0.4 * load.rings_a_call) / 1e3
    idle = costs.listener_idle / 1e3
    work = list(_bursts(load, seed))
    # What the listener needs when idle makes everything else slower.
    waits, busy = _serve([(at, share * per_call / max(0.05, 1 - idle)) for at, share in work])
    listener_busy = load.rate * per_call + idle
    done = [(at + wait, share) for (at, share), wait in zip(work, waits, strict=True)]
    webs = 1
    while True:
        wait, web_busy = _web(load, costs, done, webs, seed)
        is_back = load.agents * costs.web_opening / 1e3 / webs < _BACK_WITHIN_S
        if (wait < _LIMIT_S and web_busy < _MOST_BUSY and is_back) or webs >= _MOST_WEBS:
            break
        webs = max(webs + 1, math.ceil(webs * 1.15))
    return Need(
        load,
        listener_busy,
        percentile(sorted(waits), 99) if busy < 1 else math.inf,
        webs,
        web_busy,
        wait,
        load.rate * costs.redis_call / 1e3,
        load.rate * costs.postgres_call / 1e3,
        load.rate * costs.proxy_call / 1e3,
        load.agents * costs.web_opening / 1e3 / webs,
    )


def _bursts(load: Load, seed: int) -> Iterator[tuple[float, float]]:
    """Yield when each burst of work begins and its share of a call's cost, in order of time."""
    rng, bursts = random.Random(seed), list[tuple[float, float]]()
    for _ in range(load.pbxs):
        at = 0.0
        while at < _FILLED_S + _SIMULATED_S:
            at += rng.expovariate(load.rate / load.pbxs)
            bursts += [(at + after * rng.uniform(0.5, 1.5), share) for after, share in SHARES]
    bursts.sort()
    yield from (one for one in bursts if _FILLED_S <= one[0] < _FILLED_S + _SIMULATED_S)


def _serve(work: Sequence[tuple[float, float]]) -> tuple[list[float], float]:
    """Return the time from each arrival to the end of its work, one after the other, and how busy
    the process is."""
    waits: list[float] = []
    free = used = 0.0
    for at, takes in work:
        free = max(free, at) + takes
        used += takes
        waits.append(free - at)
    return waits, used / _SIMULATED_S


def _web(
    load: Load, costs: Measured, done: Sequence[tuple[float, float]], webs: int, seed: int
) -> tuple[float, float]:
    """Return the wait in one of ``webs`` processes (99th percentile), and how busy it is."""
    rng, pages = random.Random(seed), load.agents / webs
    idle = pages * costs.web_page / 1e3
    if idle >= 0.95:
        return math.inf, idle
    each = costs.web_call * load.rings_a_call / 1e3 / (1 - idle)
    work = [(at, share * each) for at, share in done if rng.random() < 1 / webs]
    waits, busy = _serve(sorted(work))
    return (percentile(sorted(waits), 99) if waits else 0.0), idle + busy * (1 - idle)


def most_calls(costs: Measured, office: Load) -> float:
    """Return the calls a second at which the listener's wait reaches the limit."""
    low, high = 1.0, 1e3 / costs.listener_call * 1.2
    for _ in range(12):
        middle = (low + high) / 2
        load = replace(office, calls_an_hour=middle * 3600 / office.agents)
        low, high = (middle, high) if need_of(load, costs).fits else (low, middle)
    return low


def table(needs: Sequence[Need]) -> Iterator[str]:
    """Yield the lines of the result, in Markdown."""
    yield (
        "| PBXs | agents | calls/s | listener busy | card waits there | web processes"
        " | busy | card waits there | Redis | PostgreSQL | nginx | all pages back |"
    )
    yield "|" + " --- |" * 12
    for need in needs:
        load = need.load
        yield (
            f"| {load.pbxs} | {load.agents:,} | {load.rate:.1f} | {need.listener_busy:.0%}"
            f" | {_wait(need.listener_wait)} | {need.webs} | {need.web_busy:.0%}"
            f" | {_wait(need.web_wait)} | {need.redis_cores:.2f} | {need.postgres_cores:.2f}"
            f" | {need.proxy_cores:.2f} | {need.back_s:.0f} s |"
        )


def _wait(seconds: float) -> str:
    return "grows" if math.isinf(seconds) else f"{seconds * 1e3:.0f} ms"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=10_000)
    parser.add_argument("--pbxs", type=int, default=20)
    parser.add_argument("--calls-an-hour", type=float, default=10.0, help="of one agent")
    parser.add_argument("--rings", type=float, default=1.0, help="phones that ring for a call")
    for name in Measured.__dataclass_fields__:
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, metavar="MS")
    given = vars(parser.parse_args())
    named = {name: given[name] for name in Measured.__dataclass_fields__ if given[name] is not None}
    costs = replace(COSTS, **named)
    wanted = Load(given["pbxs"], given["agents"], given["calls_an_hour"], given["rings"])
    sizes = [replace(wanted, pbxs=p, agents=a) for p, a in ((1, 100), (2, 1_000), (8, 4_000))]
    busier = [replace(wanted, calls_an_hour=wanted.calls_an_hour * n) for n in (2, 3)]
    print("\n".join(table([need_of(load, costs) for load in (*sizes, wanted, *busier)])))
    most = most_calls(costs, wanted)
    an_hour = most * 3600 / wanted.agents
    print(
        f"\nThe listener's end: {most:.0f} calls a second, {an_hour:.1f} an hour for each of"
        f" {wanted.agents:,} agents (99 of 100 cards within {_LIMIT_S * 1e3:.0f} ms)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
