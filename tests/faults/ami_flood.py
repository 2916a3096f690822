"""Flood the real server with events of its PBX; print what it takes and what of the calls is left.

    python -m tests.faults.ami_flood --seconds 5

A flood is written as fast as the server reads, while calls go on beside it on the same line. Each
kind has a server of its own.
"""

import argparse
import asyncio
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from sqlalchemy import select
from typing_extensions import override

from screenpop.simulator.call_player import CallPlayer
from screenpop.simulator.call_script import Outcome, ScriptedCall
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.store.engine.database import opened
from screenpop.store.schema.tables import calls
from tests.faults.database_faults import client
from tests.faults.endless_calls import resident_mb
from tests.faults.kills import Office, office, server, watch

_UNSENT = 1 << 20
"""Bytes that wait in this process at most."""
_CHUNK = 64
"""Messages of one write."""
UNWANTED = (
    b"Event: RTCPSent\r\nPrivilege: reporting,all\r\nTimestamp: 1795400000.123456\r\n"
    b"Channel: PJSIP/trunk-00000001\r\nUniqueid: 1795400000.1\r\n"
    + b"".join(b"Report%dSourceSSRC: 0x%08x\r\n" % (n, n) for n in range(12))
    + b"\r\n"
)


def event_with(variables: int) -> bytes:
    """Return a wanted event with so many channel variables of almost 8 kB."""
    lines = (b"ChanVariable: V%d=%s\r\n" % (n, b"x" * 7_900) for n in range(variables))
    return b"Event: Newchannel\r\nChannel: PJSIP/1\r\n" + b"".join(lines) + b"\r\n"


def one_call_of(phone: str) -> bytes:
    """Return all messages of a call that rings a phone and is given up, with the ids ``@.n``."""
    pbx = SimulatedPbx(time.time, booted=datetime(2026, 1, 1, tzinfo=UTC), phones={phone: phone})
    sent: list[bytes] = []

    async def play() -> None:
        async def at_once(_: float) -> None:
            await asyncio.sleep(0)

        async with CallPlayer(pbx, at_once).open() as stage:
            pbx.listeners.add(sent.append)
            call = ScriptedCall(number="09121234567", to=(phone,), outcome=Outcome.ABANDONED)
            stage.start(call)
            await stage.finish_all()

    asyncio.run(play())
    return re.sub(rb"(id: )\d+\.", rb"\1@.", b"".join(sent))


def unwanted() -> Iterator[bytes]:
    while True:
        yield UNWANTED * _CHUNK


def huge() -> Iterator[bytes]:
    """One of 320 kB, five times what is read, and one that is just read, in turn."""
    events = event_with(40) + event_with(8)
    while True:
        yield events


def ringing() -> Iterator[bytes]:
    """One phone that rings and is given up, again and again."""
    call = one_call_of("101")
    for number in count(1):
        yield call.replace(b"@", b"9%d" % number)


def shuffled() -> Iterator[bytes]:
    """The same, twenty calls at once, each message twice and all in any order."""
    rng, calls_of_a_phone = random.Random(1), ringing()
    while True:
        several = b"".join(next(calls_of_a_phone) for _ in range(20))
        messages = [message + b"\r\n\r\n" for message in several.split(b"\r\n\r\n")[:-1]] * 2
        rng.shuffle(messages)
        yield b"".join(messages)


KINDS: dict[str, Callable[[], Iterator[bytes]]] = {
    "unwanted": unwanted,
    "huge": huge,
    "ringing": ringing,
    "shuffled": shuffled,
}


@dataclass(frozen=True)
class Figures:
    kind: str
    events: int
    seconds: float
    idle_mb: int
    most_mb: int
    """Resident memory of the server, looked at ten times a second."""
    recovered_s: float
    """Seconds after the flood until nothing waited any more."""
    lost: int
    """Events that the server dropped because it was too slow."""
    late: int
    """Reads that were handled more than 0.1 s after they came."""
    refused: int
    """Rows that were not kept because too many waited."""
    connections: int
    rung: int
    """Calls beside the flood."""
    without_a_row: int
    left_open: int
    rows_twice: int
    without_a_card: int

    @property
    def is_clean(self) -> bool:
        is_all_kept = not self.lost and not self.refused and self.connections == 1
        return not (self.left_open or self.rows_twice or (is_all_kept and self.without_a_row))

    @override
    def __str__(self) -> str:
        return (
            f"{self.kind}: {self.events:,} events in {self.seconds:.1f} s"
            f" ({self.events / self.seconds:,.0f} a second); memory {self.idle_mb} MB idle,"
            f" {self.most_mb} MB at most; recovered after {self.recovered_s:.1f} s;"
            f" {self.lost:,} events lost, {self.late} reads late, {self.refused:,} rows refused,"
            f" {self.connections} connections; of {self.rung} calls beside it"
            f" {self.without_a_row} without a row, {self.left_open} left open,"
            f" {self.rows_twice} twice, {self.without_a_card} not seen by a page"
        )


async def measure(folder: Path, kind: str, seconds: float) -> Figures:
    flood = await asyncio.to_thread(KINDS[kind])
    await asyncio.to_thread(next, flood)  # here no loop runs yet, which the first one needs
    async with office(folder, seed=5) as place, server(place) as process:
        watching = asyncio.create_task(watch(place, "eleni"))
        await place.ami.followed()
        idle_mb = most_mb = resident_mb(process.pid)
        rung: list[str] = []
        events, began = 0, time.monotonic()
        while time.monotonic() - began < seconds:
            events += write_some(place, flood)
            if "102" in place.stage.free_phones():
                most_mb = max(most_mb, resident_mb(process.pid))
                call = ScriptedCall(number="09120000001", to=("102",), ring_s=0.2, talk_s=0.2)
                rung.append(place.stage.start(call))
            await asyncio.sleep(0)
        took = time.monotonic() - began
        await place.stage.finish_all()
        text, peak_mb = await settled(place, process.pid)
        recovered_s = time.monotonic() - began - took
        await one_more_call(place)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        process.terminate()
        await process.wait()
        async with opened(place.database_url) as database, database.reading() as connection:
            wanted = select(calls.c.linkedid, calls.c.disposition).where(calls.c.linkedid.in_(rung))
            rows = (await connection.execute(wanted)).all()
    present = {row.linkedid for row in rows}
    return Figures(
        kind=kind,
        events=events,
        seconds=took,
        idle_mb=idle_mb,
        most_mb=max(most_mb, peak_mb),
        recovered_s=recovered_s,
        lost=figure(text, "pbx_messages_lost_total"),
        late=figure(text, "ami_lag_seconds_count")
        - figure(text, 'ami_lag_seconds_bucket{le="0.1"}'),
        refused=figure(text, "call_log_refused_total"),
        connections=figure(text, "pbx_connection_attempts_total"),
        rung=len(rung),
        without_a_row=len(set(rung) - present),
        left_open=sum(row.disposition == "in_progress" for row in rows),
        rows_twice=len(rows) - len(present),
        without_a_card=len(set(rung) - {*place.seen.calls, *place.seen.began_at}),
    )


def write_some(place: Office, flood: Iterator[bytes]) -> int:
    """Write a part of the flood where the server has read the one before; return its events."""
    events = 0
    for line in tuple(place.ami._open.values()):
        if line.get_write_buffer_size() < _UNSENT:
            part = next(flood)
            line.write(part)
            events += part.count(b"Event: ")
    return events


async def one_more_call(place: Office) -> None:
    """Raise ``TimeoutError`` unless a call after the flood reaches the page of its agent."""
    call = place.stage.start(ScriptedCall(number="09120000001", to=("102",), ring_s=0.5))
    async with asyncio.timeout(20):
        while call not in place.seen.began_at:  # noqa: ASYNC110 -- the page has no such event
            await asyncio.sleep(0.05)


async def settled(place: Office, pid: int) -> tuple[str, int]:
    """Wait until nothing waits and the link is live; return the figures, and the most memory."""
    most_mb = 0
    async with client(place) as monitor, asyncio.timeout(300):
        while True:
            text = (await monitor.get("/metrics")).text
            most_mb = max(most_mb, resident_mb(pid))
            waiting = figure(text, "work_waiting") + figure(text, "call_log_waiting")
            if not waiting and figure(text, "pbx_live"):
                return text, most_mb
            await asyncio.sleep(0.1)


def figure(text: str, name: str) -> int:
    found = re.findall(rf"^screenpop_{re.escape(name)}\S* (\S+)$", text, re.MULTILINE)
    return int(sum(map(float, found)))


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=float, default=5.0)
    words.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    asked = words.parse_args()
    is_clean = True
    for kind in asked.kinds:
        with tempfile.TemporaryDirectory() as folder:
            figures = asyncio.run(measure(Path(folder), kind, asked.seconds))
        print(figures)  # noqa: T201
        is_clean &= figures.is_clean
    sys.exit(0 if is_clean else 1)


if __name__ == "__main__":
    main()
