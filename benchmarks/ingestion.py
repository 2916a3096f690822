"""How quick each reads AMI: events a second from the PBX's send to the reader's loop.

Screenpop's reader is the link as the product starts it. Counted are all events that were sent,
wanted or not: what a reader can throw away unread is its gain. *Messages* ends where the link hands
its messages to the loop, as panoramisk does to a callback; *changes* goes on to what happened to
the calls, which panoramisk leaves to its user. pyst2 as it comes gets direct calls only: it stops
for good at the ``ChanVariable`` headers that some of the other recordings have.
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

from benchmarks.children import Child, ChildError
from benchmarks.pbx import SECRET, USERNAME, Flood, Pbx
from benchmarks.ratios import Spread, spread

_READS_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Reading:
    events_a_s: float
    cpu_an_event_s: float


@dataclass(slots=True)
class Ingestion:
    readings: dict[str, list[Reading]]
    skipped: dict[str, str]

    def speed(self, who: str) -> Spread:
        return spread(one.events_a_s for one in self.readings[who])

    def cpu(self, who: str) -> Spread:
        return spread(one.cpu_an_event_s for one in self.readings[who])

    def ratio(self, who: str, other: str) -> Spread:
        pairs = zip(self.readings[who], self.readings[other], strict=True)
        return spread(one.events_a_s / two.events_a_s for one, two in pairs)


def ingest(pbx: Pbx, floods: Mapping[str, int], repetitions: int) -> Ingestion:
    """Interleaved: each reader once a repetition. ``floods``: how many events for whom."""
    readings: dict[str, list[Reading]] = {who: [] for who in floods}
    skipped: dict[str, str] = {}
    for _ in range(repetitions):
        for who, events in floods.items():
            if who in skipped:
                continue
            try:
                readings[who].append(_read(pbx, who, events))
            except ChildError as error:
                skipped[who] = str(error).strip().splitlines()[-1]
                del readings[who]
                print(f"  {who} is left out: {skipped[who]}", flush=True)
    return Ingestion(readings, skipped)


def _read(pbx: Pbx, who: str, events: int) -> Reading:
    reader = Child(who, _READERS[who])
    try:
        reader.tell(pbx.port)
        reader.hear()
        pbx.expect(lists=who in {"messages", "changes"})
        # The first flood warms up: code, caches, the memory of the process.
        _flood(pbx, reader, Flood(events // 8, mixed=who != "pyst2"))
        return _flood(pbx, reader, Flood(events, mixed=who != "pyst2"))
    finally:
        reader.stop()


def _flood(pbx: Pbx, reader: Child, flood: Flood) -> Reading:
    pbx.flood(flood)
    try:
        ended_at, cpu_s, lost = reader.hear(_READS_WITHIN_S)
    except ChildError:
        reader.stop()  # that ends the flood
        pbx.flooded()
        raise
    flooded = pbx.flooded()
    if lost:
        raise ChildError(f"{lost} messages lost")
    return Reading(flooded.events / (ended_at - flooded.began_at), cpu_s / flooded.events)


# -- in the processes --------------------------------------------------------------------------


class _Account:
    """Tells of each flood when and with how much CPU it was read."""

    def __init__(self, pipe: Connection, lost: Callable[[], int] = lambda: 0) -> None:
        self._pipe = pipe
        self._lost = lost
        self._cpu = _cpu()

    def flood_is_over(self) -> None:
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

    # How the link stands is for the product's log, not between the tables.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    pbx = PbxId("office")
    tracking = PbxTracker(pbx, lambda endpoint: endpoint != "trunk")

    def on_messages(messages: list[AmiMessage], at: float) -> None:
        if track:
            tracking.messages(messages, at)
        if messages[-1].get("Channel") == "last":
            account.flood_is_over()

    link = AmiClient(
        AmiConfig(pbx, "127.0.0.1", USERNAME, SECRET, pipe.recv()),
        wanted=WANTED_EVENTS,
        on_messages=on_messages,
        on_snapshot=lambda _, __: None,
        on_state=lambda _, __, ___: None,
    )
    account = _Account(pipe, lambda: link.counters().lost)
    pipe.send(None)
    await link.run()


def _panoramisk(pipe: Connection) -> None:
    asyncio.run(_follow_by_panoramisk(pipe))


async def _follow_by_panoramisk(pipe: Connection) -> None:
    from panoramisk import Manager

    account = _Account(pipe)

    def happened(_: object, event: Mapping[str, Any]) -> None:
        if event.get("Channel") == "last":
            account.flood_is_over()

    manager = Manager(
        loop=asyncio.get_running_loop(),
        host="127.0.0.1",
        port=pipe.recv(),
        username=USERNAME,
        secret=SECRET,
        ping_interval=3600,
    )
    manager.register_event("*", happened)
    await manager.connect()
    pipe.send(None)
    await asyncio.Event().wait()


def _pyst2(pipe: Connection) -> None:
    warnings.simplefilter("ignore")
    from asterisk.manager import Manager

    account = _Account(pipe)

    def happened(event: Any, _: Manager) -> None:
        if event.get_header("Channel") == "last":
            account.flood_is_over()

    manager = Manager()
    manager.connect("127.0.0.1", pipe.recv())
    manager.register_event("*", happened)
    manager.login(USERNAME, SECRET)
    pipe.send(None)
    threading.Event().wait()


_READERS: Mapping[str, Callable[[Connection], None]] = {
    "messages": _messages,
    "changes": _changes,
    "panoramisk": _panoramisk,
    "pyst2": _pyst2,
}
