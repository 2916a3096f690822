"""Measures what the call log costs a call: ``python -m benchmarks.log_writes``."""

import asyncio
import tempfile
import time
from dataclasses import dataclass
from itertools import count

from screenpop.store.engine.database import Database, migrate, open_database
from tests.store.samples import finished_call

_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class LogCost:
    """In seconds a call."""

    all_threads: float
    loop: float
    """Of the event loop's thread only: that time is taken from cards."""


async def write_log(database: Database, calls: int, rounds: int) -> LogCost:
    """Measure ``rounds`` transactions of ``calls`` calls each; the first round is not counted."""
    numbers, all_threads, loop = count(1), 0.0, 0.0
    for round_number in range(rounds + 1):
        for _ in range(calls):
            database.log.keep(finished_call(f"{next(numbers)}.1"))
        all_began, loop_began = time.process_time(), time.thread_time()
        await database.log.flush()
        if round_number:
            all_threads += time.process_time() - all_began
            loop += time.thread_time() - loop_began
    return LogCost(all_threads / rounds / calls, loop / rounds / calls)


async def _measure() -> None:
    with tempfile.TemporaryDirectory(prefix="screenpop-log-") as folder:
        url = f"sqlite:///{folder}/screenpop.db"
        await asyncio.to_thread(migrate, url)
        database = open_database(url)
        database.log.start()
        for calls in (100, 10):
            cost = await write_log(database, calls, _ROUNDS)
            print(
                f"{calls} calls a transaction: {cost.all_threads * 1e6:.0f} µs CPU a call,"
                f" {cost.loop * 1e6:.0f} µs of them in the loop's thread"
            )
        await database.log.close()
        await database.close()


if __name__ == "__main__":
    asyncio.run(_measure())
