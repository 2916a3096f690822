"""Reads from the recordings how long before the ring a PBX reports a call.

Used are all recordings with ``Timestamp`` headers (``timestampevents = yes``) of a call whose
events up to ``DialBegin`` are the same four as those of the call that the benchmark plays:
``Newchannel`` of the trunk, ``Newchannel`` and ``NewConnectedLine`` of the phone, ``DialBegin``.
That is a trunk call to one phone, on Asterisk 16 and 22. ``python -m benchmarks.head_start`` lists
them.
"""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.recorded import header, name_of, read_events, ringing_call

_RECORDINGS = Path(__file__).resolve().parent.parent / "tests" / "scenarios"


@dataclass(frozen=True, slots=True)
class HeadStart:
    """When a PBX sent the events of one call up to ``DialBegin``."""

    recording: str
    """The path below ``tests/scenarios``."""
    offsets_s: tuple[float, ...]
    """Of each event, in seconds from the first one, which is at 0."""

    @property
    def lead_s(self) -> float:
        """Seconds from the first event to ``DialBegin``."""
        return self.offsets_s[-1]


@functools.cache
def head_starts() -> tuple[HeadStart, ...]:
    """Return the head start of each recording, those with equal gaps once."""
    wanted = _names_up_to_ring(read_events_of_played_call())
    found: dict[tuple[float, ...], HeadStart] = {}
    for file in sorted(_RECORDINGS.rglob("*.ami")):
        if b"\r\nTimestamp: " not in file.read_bytes():
            continue
        events = _of_first_call(read_events(file))
        names = _names_up_to_ring(events)
        if names == wanted:
            start = head_start_of(file, events[: len(names)])
            found.setdefault(start.offsets_s, start)
    return tuple(found.values())


def read_events_of_played_call() -> list[bytes]:
    """Return the events of the call that is played, as rendered for any caller."""
    parts = ringing_call().render(1, "+989120000000", "1001")
    ends = b"\r\n\r\n"
    return [event + ends for event in b"".join(parts).split(ends) if event]


def head_start_of(file: Path, events: Sequence[bytes]) -> HeadStart:
    """Return the head start that the ``Timestamp`` of each event gives."""
    stamps = [float(header(event, "Timestamp")) for event in events]
    offsets = tuple([round(max(0.0, stamp - stamps[0]), 6) for stamp in stamps])
    return HeadStart(str(file.relative_to(_RECORDINGS)), offsets)


def median_lead_s(starts: Iterable[HeadStart]) -> float:
    return median(start.lead_s for start in starts)


def _of_first_call(events: Iterable[bytes]) -> list[bytes]:
    """Return the events with the Linkedid of the first channel."""
    calls = [event for event in events if b"\r\nLinkedid: " in event]
    return [e for e in calls if header(e, "Linkedid") == header(calls[0], "Linkedid")]


def _names_up_to_ring(events: Iterable[bytes]) -> list[str]:
    names = [name_of(event) for event in events]
    return names[: names.index("DialBegin") + 1] if "DialBegin" in names else []


def main() -> None:
    for start in head_starts():
        print(f"{start.lead_s * 1e3:6.2f} ms  {start.recording}")
    leads = sorted(start.lead_s for start in head_starts())
    print(
        f"{len(leads)} recordings: median {median_lead_s(head_starts()) * 1e3:.1f} ms,"
        f" {leads[0] * 1e3:.1f} to {leads[-1] * 1e3:.1f} ms"
    )


if __name__ == "__main__":
    main()
