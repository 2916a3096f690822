"""Times of requests to a database: by the clock, and of the processors that worked on them.

On a machine with other work the clock shows its queue; the processor time shows the request. It is
that of this process and, of PostgreSQL on this machine, of its processes that serve us.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from benchmarks.ratios import percentile
from screenpop.store.engine.database import Database

WARM_UP = 20
_OURS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"

Ask = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class RequestTimes:
    """Seconds, in order of size."""

    clock: Sequence[float]
    processor: Sequence[float]

    def line(self, what: str) -> str:
        """Return the percentiles as a line of text, in milliseconds."""
        clock, processor = (
            " ".join(f"{percentile(times, each) * 1e3:7.1f}" for each in (50, 95, 99))
            for times in (self.clock, self.processor)
        )
        return f"{what:<48} {clock} {processor}"


HEAD = f"{'milliseconds':<48} {'p50':>7} {'p95':>7} {'p99':>7} {'CPU p50':>7} {'p95':>7} {'p99':>7}"


async def time_requests(database: Database, asked: Sequence[Ask]) -> RequestTimes:
    """Return the times of these requests, one after the other, the first ``WARM_UP`` left out."""
    clock, processor = list[float](), list[float]()
    servers: tuple[Path, ...] = ()
    for place, ask in enumerate(asked):
        if place == min(WARM_UP, len(asked) // 2):
            servers = await _servers(database)
            clock, processor = [], []
        began, used = time.perf_counter(), _processor_time(servers)
        await ask()
        clock.append(time.perf_counter() - began)
        processor.append(_processor_time(servers) - used)
    return RequestTimes(sorted(clock), sorted(processor))


async def _servers(database: Database) -> tuple[Path, ...]:
    if database.kind == "sqlite":
        return ()
    async with database.reading() as connection:
        pids = (await connection.execute(text(_OURS))).scalars().all()
    files = (Path(f"/proc/{pid}/schedstat") for pid in pids)
    return tuple(file for file in files if file.exists())


def _processor_time(servers: Sequence[Path]) -> float:
    theirs = sum(int(file.read_text().split()[0]) for file in servers if file.exists())
    return time.process_time() + theirs / 1e9
