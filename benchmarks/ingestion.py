"""Speed of AMI readers: events a second from the PBX's send to the reader's event loop.

Screenpop's reader is the link as the product starts it. All events that were sent count, wanted or
not: a reader may drop unwanted ones unparsed. *Messages* ends where the link passes its messages to
the loop, as panoramisk does to a callback; *changes* goes on to call events, which panoramisk does
not have. Plain pyst2 gets direct calls only: it stops at the ``ChanVariable`` headers of some other
recordings.
"""

import asyncio
import logging
import resource
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.pbx import SECRET, USERNAME, Flood, Pbx
from benchmarks.ratios import Spread, spread
from tests.whole_office.child_process import ChildError, ChildProcess

_READS_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Reading:
    events_a_s: float
    cpu_an_event_s: float


@dataclass(slots=True)
class Ingestion:
    readings: dict[str, list[Reading]]
    skipped: dict[str, str]

    def speed(self, reader_name: str) -> Spread:
        return spread(reading.events_a_s for reading in self.readings[reader_name])

    def cpu(self, reader_name: str) -> Spread:
        return spread(reading.cpu_an_event_s for reading in self.readings[reader_name])

    def ratio(self, reader_name: str, other: str) -> Spread:
        pairs = zip(self.readings[reader_name], self.readings[other], strict=True)
        return spread(
            reading.events_a_s / other_reading.events_a_s for reading, other_reading in pairs
        )


def ingest(pbx: Pbx, floods: Mapping[str, int], repetitions: int) -> Ingestion:
    """Measure each reader once a repetition. ``floods``: reader → number of events."""
    readings: dict[str, list[Reading]] = {reader_name: [] for reader_name in floods}
    skipped: dict[str, str] = {}
    for _ in range(repetitions):
        for reader_name, events in floods.items():
            if reader_name in skipped:
                continue
            try:
                readings[reader_name].append(_read(pbx, reader_name, events))
            except ChildError as error:
                skipped[reader_name] = str(error).strip().splitlines()[-1]
                del readings[reader_name]
                print(f"  {reader_name} is left out: {skipped[reader_name]}", flush=True)
    return Ingestion(readings, skipped)


def _read(pbx: Pbx, reader_name: str, events: int) -> Reading:
    reader = ChildProcess(reader_name, _READERS[reader_name])
    try:
        reader.send(pbx.port)
        reader.receive()
        pbx.expect(lists=reader_name in {"messages", "changes"})
        # The first flood warms up: code, caches, the memory of the process.
        _flood(pbx, reader, Flood(events // 8, mixed=reader_name != "pyst2"))
        return _flood(pbx, reader, Flood(events, mixed=reader_name != "pyst2"))
    finally:
        reader.stop()


def _flood(pbx: Pbx, reader: ChildProcess, flood: Flood) -> Reading:
    pbx.flood(flood)
    try:
        ended_at, cpu_s, lost = reader.receive(_READS_WITHIN_S)
    except ChildError:
        reader.stop()  # that ends the flood
        pbx.flooded()
        raise
    flooded = pbx.flooded()
    if lost:
        raise ChildError(f"{lost} messages lost")
    return Reading(flooded.events / (ended_at - flooded.began_at), cpu_s / flooded.events)


# -- in the processes --------------------------------------------------------------------------


class _FloodReport:
    """Reports for each flood when and with how much CPU time it was read."""

    def __init__(self, pipe: Connection, lost: Callable[[], int] = lambda: 0) -> None:
        self._pipe = pipe
        self._lost = lost
        self._cpu = _cpu()

    def send(self) -> None:
        at, cpu = time.monotonic(), _cpu()
        self._pipe.send((at, cpu - self._cpu, self._lost()))
        self._cpu = _cpu()


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _messages(pipe: Connection) -> None:
    asyncio.run(_follow(pipe, track=False))


def _changes(pipe: Connection) -> None:
    asyncio.run(_follow(pipe, track=True))


async def _follow(pipe: Connection, *, track: bool) -> None:
    import structlog

    from screenpop.ami.client import AmiClient
    from screenpop.ami.config import AmiConfig
    from screenpop.asterisk.ami_events import WANTED_EVENTS
    from screenpop.asterisk.ami_message import AmiMessage
    from screenpop.service.pbx_tracker import PbxTracker
    from screenpop.telephony.identifiers import PbxId

    # Link states belong into the product's log, not between the tables.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    pbx = PbxId("office")
    tracking = PbxTracker(pbx, lambda endpoint: endpoint != "trunk")

    def on_messages(messages: list[AmiMessage], at: float) -> None:
        if track:
            tracking.messages(messages, at)
        if messages[-1].get("Channel") == "last":
            report.send()

    link = AmiClient(
        AmiConfig(pbx, "127.0.0.1", USERNAME, SECRET, pipe.recv()),
        wanted=WANTED_EVENTS,
        on_messages=on_messages,
        on_snapshot=lambda _, __: None,
        on_state=lambda _, __, ___: None,
    )
    report = _FloodReport(pipe, lambda: link.counters().lost)
    pipe.send(None)
    await link.run()


def _panoramisk(pipe: Connection) -> None:
    asyncio.run(_follow_by_panoramisk(pipe))


async def _follow_by_panoramisk(pipe: Connection) -> None:
    from panoramisk import Manager

    report = _FloodReport(pipe)

    def on_event(_: object, event: Mapping[str, Any]) -> None:
        if event.get("Channel") == "last":
            report.send()

    manager = Manager(
        loop=asyncio.get_running_loop(),
        host="127.0.0.1",
        port=pipe.recv(),
        username=USERNAME,
        secret=SECRET,
        ping_interval=3600,
    )
    manager.register_event("*", on_event)
    await manager.connect()
    pipe.send(None)
    await asyncio.Event().wait()


def _pyst2(pipe: Connection) -> None:
    warnings.simplefilter("ignore")
    from asterisk.manager import Manager

    report = _FloodReport(pipe)

    def on_event(event: Any, _: Manager) -> None:
        if event.get_header("Channel") == "last":
            report.send()

    manager = Manager()
    manager.connect("127.0.0.1", pipe.recv())
    manager.register_event("*", on_event)
    manager.login(USERNAME, SECRET)
    pipe.send(None)
    threading.Event().wait()


_READERS: Mapping[str, Callable[[Connection], None]] = {
    "messages": _messages,
    "changes": _changes,
    "panoramisk": _panoramisk,
    "pyst2": _pyst2,
}
