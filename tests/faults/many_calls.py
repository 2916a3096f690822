"""Send calls that begin and end to the real server, and print how its memory grows.

    python -m tests.faults.many_calls --calls 100000

Each is a call on a trunk that rings at nothing and is hung up, with its row in the call log.
"""

import argparse
import asyncio
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from typing_extensions import override

from screenpop.simulator import events
from screenpop.store.engine.database import Database, opened
from screenpop.store.schema.tables import calls
from tests.faults.endless_calls import resident_mb
from tests.faults.kills import Office, office, server

WARM_UP = 30_000
"""Calls after which memory is read first: what is kept of the last 20,000 calls and channels
(``asterisk.tracker_state``) and of the last 16,384 numbers (``telephony``) is full then."""
_BATCH = 1_000
_NORMAL_CLEARING = 16


@dataclass(frozen=True)
class Figures:
    calls: int
    rows: int
    idle_mb: int
    warm_mb: int
    end_mb: int
    cpu_ms: float
    """CPU time of the server for each call."""

    @override
    def __str__(self) -> str:
        return (
            f"{self.calls:,} calls: {self.rows:,} rows; resident memory {self.idle_mb} MB idle,"
            f" {self.warm_mb} MB after {WARM_UP:,} calls, {self.end_mb} MB at the"
            f" end; {self.cpu_ms:.2f} ms of CPU a call"
        )


async def measure(folder: Path, wanted: int) -> Figures:
    """Play so many calls, one batch after the other, and read the server's memory."""
    async with (
        office(folder, seed=11) as place,
        server(place) as process,
        opened(place.database_url) as database,
    ):
        idle_mb, cpu_before = resident_mb(process.pid), cpu_s(process.pid)
        warm_mb = 0
        for begun in range(0, wanted, _BATCH):
            for number in range(begun, begun + _BATCH):
                play(place, number)
            await rows_in(database, begun + _BATCH)
            if not warm_mb and begun + _BATCH >= WARM_UP:
                warm_mb = resident_mb(process.pid)
        rows = await rows_in(database, wanted)
        cpu_ms = (cpu_s(process.pid) - cpu_before) * 1000 / wanted
        return Figures(wanted, rows, idle_mb, warm_mb, resident_mb(process.pid), cpu_ms)


def play(place: Office, number: int) -> None:
    pbx = place.stage.pbx
    channel = pbx.trunk_channel(f"0912{number:07d}", "", "02191001000")
    pbx.say(events.newchannel(channel))
    pbx.say(events.hangup(channel, _NORMAL_CLEARING))


def cpu_s(pid: int) -> float:
    """Return the CPU time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def rows_in(database: Database, wanted: int) -> int:
    """Wait until the call log has so many calls; return how many it has."""
    ended = (calls.c.pbx == "office") & (calls.c.disposition != "in_progress")
    query = select(func.count()).select_from(calls).where(ended)
    async with asyncio.timeout(600):
        while True:
            async with database.reading() as connection:
                rows: int = (await connection.execute(query)).scalar_one()
            if rows >= wanted:
                return rows
            await asyncio.sleep(0.1)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--calls", type=int, default=100_000)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(asyncio.run(measure(Path(folder), asked.calls)))  # noqa: T201


if __name__ == "__main__":
    main()
