"""How many calls a second one core carries without a backlog."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.conditions import Place, served
from benchmarks.pbx import LONG_LIFE, Arrival
from benchmarks.ratios import latency_of
from benchmarks.servers import Server

RATES = (200, 400, 600, 800, 1_000, 1_200)
BACKLOG_S = 0.1
"""A ring in the last tenth of the calls that waits longer than this at the median waits behind
others."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of a rate that was played for ``for_s`` seconds."""

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
        for one in sorted(self.tried, key=lambda one: one.rate):
            if not one.is_carried:
                break
            best = one.rate
        return best


def capacity(bench: Bench, place: Place, for_s: float, rates: Sequence[int] = RATES) -> Capacity:
    """Try the rates in short runs of a sixth, then the highest that was carried for ``for_s``.

    The server has one core of the machine, and the rig the others.
    """
    found = 0
    tried: list[Carried] = []
    for place_of_rate, rate in enumerate(rates):
        one = _carry(bench, place, rate, for_s / 6)
        if not one.is_carried:
            break
        found = place_of_rate
    for rate in reversed(rates[: found + 1]):
        tried.append(_carry(bench, place, rate, for_s))
        if tried[-1].is_carried:
            break
    return Capacity(tuple(tried))


def _carry(bench: Bench, place: Place, rate: int, for_s: float) -> Carried:
    with served(bench, place) as server:
        pin_to_one_core(server)
        count = int(rate * for_s)
        played, collected = bench.play(
            place.phones, count=count, rate=rate, arrival=Arrival.AS_RECORDED, life=LONG_LIFE
        )
    seen = {one.call: one.at for one in collected.seen}
    took = [seen[ring.call] - ring.at for ring in played.rang if ring.call in seen]
    if len(took) < count:
        bench.fault(f"{rate} calls/s on one core: {count - len(took)} cards lost")
    one = Carried(rate, for_s, latency_of(took).p50, latency_of(took[-max(1, count // 10) :]).p50)
    word = "carried" if one.is_carried else "backlog"
    print(
        f"  {rate} calls/s for {for_s:.0f} s: {word}, p50 {one.p50_s * 1e3:.2f} ms,"
        f" of the last tenth {one.last_p50_s * 1e3:.2f} ms",
        flush=True,
    )
    return one


def pin_to_one_core(server: Server) -> None:
    """All threads of a server to the last core that it may use."""
    core = max(os.sched_getaffinity(server.pid))
    for thread in Path(f"/proc/{server.pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})
