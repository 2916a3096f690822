"""Measures how many calls a second one core carries without a backlog."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.conditions import Site, served
from benchmarks.pbx import LONG_LIFE, Arrival
from benchmarks.ratios import latency_of
from benchmarks.servers import Server

RATES = (200, 400, 600, 800, 1_000, 1_200)
BACKLOG_S = 0.1
"""A median wait of the last tenth of the rings above this is a backlog."""


@dataclass(frozen=True, slots=True)
class Carried:
    """The result of one rate, played for ``for_s`` seconds."""

    rate: int
    for_s: float
    p50_s: float
    last_p50_s: float
    """Of the last tenth of the calls: with a backlog it grows."""

    @property
    def is_carried(self) -> bool:
        return self.last_p50_s <= BACKLOG_S


@dataclass(frozen=True, slots=True)
class Capacity:
    tried: tuple[Carried, ...]

    @property
    def rate(self) -> int:
        """The highest rate below the first one that left a backlog; 0 where the first did."""
        best = 0
        for result in sorted(self.tried, key=lambda result: result.rate):
            if not result.is_carried:
                break
            best = result.rate
        return best


def capacity(bench: Bench, site: Site, for_s: float, rates: Sequence[int] = RATES) -> Capacity:
    """Try the rates in short runs of a sixth, then the highest that was carried for ``for_s``.

    The server has one core of the machine, and the rig the others.
    """
    highest = 0
    tried: list[Carried] = []
    for index, rate in enumerate(rates):
        result = _carry(bench, site, rate, for_s / 6)
        if not result.is_carried:
            break
        highest = index
    for rate in reversed(rates[: highest + 1]):
        tried.append(_carry(bench, site, rate, for_s))
        if tried[-1].is_carried:
            break
    return Capacity(tuple(tried))


def _carry(bench: Bench, site: Site, rate: int, for_s: float) -> Carried:
    with served(bench, site) as server:
        pin_to_one_core(server)
        count = int(rate * for_s)
        played, collected = bench.play(
            site.phones, count=count, rate=rate, arrival=Arrival.AS_RECORDED, life=LONG_LIFE
        )
    seen = {card.call: card.at for card in collected.seen}
    took = [seen[ring.call] - ring.at for ring in played.rang if ring.call in seen]
    if len(took) < count:
        bench.fault(f"{rate} calls/s on one core: {count - len(took)} cards lost")
    last = latency_of(took[-max(1, count // 10) :])
    result = Carried(rate, for_s, latency_of(took).p50, last.p50)
    word = "carried" if result.is_carried else "backlog"
    print(
        f"  {rate} calls/s for {for_s:.0f} s: {word}, p50 {result.p50_s * 1e3:.2f} ms,"
        f" of the last tenth {result.last_p50_s * 1e3:.2f} ms",
        flush=True,
    )
    return result


def pin_to_one_core(server: Server) -> None:
    """Pin all threads of a server to the last core that it may use."""
    core = max(os.sched_getaffinity(server.pid))
    for thread in Path(f"/proc/{server.pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})
