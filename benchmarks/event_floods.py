"""How many events of a PBX one core takes: unwanted ones, and wanted ones up to call events.

    python -m benchmarks.event_floods

Events a second of processor time. No card is made: ``benchmarks.call_cost`` has what a call costs.
"""

import time
from collections.abc import Iterator
from itertools import islice

from screenpop.asterisk.ami_events import WANTED_EVENTS
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.service.pbx_tracker import PbxTracker
from screenpop.telephony.identifiers import PbxId
from tests.faults.ami_flood import ringing, unwanted

_PARTS = 2_000


def events_a_second(flood: Iterator[bytes], *, are_tracked: bool) -> float:
    """Return how many events of a flood are read in a second of processor time.

    ``are_tracked``: until they are call events; else until they are messages."""
    parts = list(islice(flood, _PARTS))
    events = sum(part.count(b"Event: ") for part in parts)
    framer = AmiFramer(WANTED_EVENTS, "benchmark~")
    tracker = PbxTracker(PbxId("office"), lambda endpoint: len(endpoint) == 3)
    begun = time.process_time()
    for number, part in enumerate(parts):
        messages = framer.feed(part)
        if are_tracked:
            tracker.messages(messages, float(number))
    return events / (time.process_time() - begun)


def main() -> None:
    for name, flood, are_tracked in (
        ("unwanted, dropped as bytes", unwanted, True),
        ("wanted, read as messages", ringing, False),
        ("wanted, up to call events", ringing, True),
    ):
        print(f"{name:<28} {events_a_second(flood(), are_tracked=are_tracked):>11,.0f}")


if __name__ == "__main__":
    main()
