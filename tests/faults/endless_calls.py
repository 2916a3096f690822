"""Send calls that never end to the real server, and print how much memory it takes.

    python -m tests.faults.endless_calls --calls 100000

Every call is a channel on a trunk that the PBX goes on listing, so nothing shows that it is over.
"""

import argparse
import asyncio
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

from screenpop.simulator import events
from tests.faults.database_faults import client
from tests.faults.kills import Office, office, server

FULL = 5_000
"""Live calls at most (docs/operations.md)."""
_BATCH = 500


@dataclass(frozen=True)
class Figures:
    calls: int
    closed: int
    """Calls closed as lost, by the server's own metric."""
    idle_mb: int
    full_mb: int
    """Resident memory when the limit was reached for the first time."""
    end_mb: int

    @override
    def __str__(self) -> str:
        return (
            f"{self.calls:,} calls that never end: {self.closed:,} closed as lost; resident memory"
            f" {self.idle_mb} MB idle, {self.full_mb} MB at {FULL:,} calls, {self.end_mb} MB at the"
            " end"
        )


def resident_mb(pid: int) -> int:
    """Return ``VmRSS`` of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None, status
    return int(found[1]) // 1024


async def measure(folder: Path, calls: int) -> Figures:
    async with office(folder, seed=7) as place, server(place) as process:
        idle_mb = resident_mb(process.pid)
        full_mb = 0
        for begun in range(0, calls, _BATCH):
            for number in range(begun, begun + _BATCH):
                start_call(place, number)
            await asyncio.sleep(0)
            if begun + _BATCH == FULL:
                await calls_in(place, FULL)
                full_mb = resident_mb(process.pid)
        closed = await calls_in(place, calls)
        return Figures(calls, closed, idle_mb, full_mb, resident_mb(process.pid))


def start_call(place: Office, number: int) -> None:
    pbx = place.stage.pbx
    channel = pbx.trunk_channel(f"0912{number:07d}", "", "02191001000")
    pbx.say(events.newchannel(channel))


async def calls_in(place: Office, calls: int) -> int:
    """Wait until the server has read so many calls; return how many it closed as lost."""
    async with client(place) as monitor, asyncio.timeout(600):
        while True:
            text = (await monitor.get("/metrics")).text
            found = re.search(r"^screenpop_calls_lost_sight_of_total\S* (\S+)$", text, re.MULTILINE)
            closed = int(float(found[1])) if found is not None else 0
            live = re.search(r"^screenpop_calls_live\S* (\S+)$", text, re.MULTILINE)
            if closed + (int(float(live[1])) if live is not None else 0) >= calls:
                return closed
            await asyncio.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(asyncio.run(measure(Path(folder), given.calls)))  # noqa: T201


if __name__ == "__main__":
    main()
