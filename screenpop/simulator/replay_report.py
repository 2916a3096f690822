"""``screenpop replay FILE --changes``: what we make of a recording, without a database.

One JSON line a change, and at the end one a call-log row, so that anyone can hold a recording of
their own PBX against it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TextIO

import orjson

from screenpop.asterisk.ami_events import Malformed, Shutdown, decode
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.channel_name import endpoint_of
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.asterisk.tracker import CallTracker
from screenpop.calls.call_log import CallRecorder
from screenpop.calls.call_record import CallRecord, LegRecord
from screenpop.calls.events import CallerInfo, CallEvent
from screenpop.simulator.recording_file import LISTED, Recording
from screenpop.telephony.identifiers import BootId, Endpoint, PbxId

_PBX = PbxId("recording")
_LOGGED_IN = "Authentication accepted"
_LONGEST_EXTENSION = 5


def is_probable_phone(endpoint: Endpoint) -> bool:
    """Return whether an endpoint has two to five digits, as phones have if none are configured."""
    return endpoint.isascii() and endpoint.isdigit() and 2 <= len(endpoint) <= _LONGEST_EXTENSION


def read_phones(text: str) -> frozenset[Endpoint]:
    """``101,PJSIP/102`` → the endpoints ``101`` and ``102``."""
    return frozenset(endpoint_of(part.strip()) for part in text.split(",") if part.strip())


@dataclass(slots=True)
class _Listing:
    """The answers of a fresh login, where a recording holds them."""

    channels: list[AmiMessage] = field(default_factory=list)
    queues: list[AmiMessage] = field(default_factory=list)
    statuses: list[AmiMessage] = field(default_factory=list)
    channels_done: bool = False


class RecordingReplay:
    """One recording through the code of a live PBX: framing, decoding, tracker."""

    def __init__(self, phones: frozenset[Endpoint] | None) -> None:
        self._is_phone = is_probable_phone if phones is None else phones.__contains__
        self._number = 0
        self._at = 0.0
        self._logged_in = False
        self.rows: list[CallRecord] = []
        self.malformed = 0
        self._framer = AmiFramer(None)  # every message counts: ``at`` is its number
        self._begin_login()

    def feed(self, data: bytes) -> Iterator[CallEvent]:
        """The changes that these bytes bring. Rows of calls that ended gather in ``rows``."""
        for message in self._framer.feed(data):
            self._number += 1
            if message.get("Message") == _LOGGED_IN:
                if self._logged_in:
                    yield from self.finish()
                    self._begin_login()
                self._logged_in = True
            yield from self._keep(self._changes(message))

    def next_login(self) -> Iterator[CallEvent]:
        """The changes that end the calls of the login so far. Bytes fed from now on are of another
        login; an unfinished message of this one is forgotten."""
        yield from self.finish()
        self._framer = AmiFramer(None)
        self._begin_login()

    def finish(self) -> Iterator[CallEvent]:
        """The recording is over. Without a logoff the PBX or the link died, and what was still up
        ended at an unknown time."""
        if not self._logged_off:
            yield from self._keep(self._tracker.shut_down(self._at))

    def _begin_login(self) -> None:
        self._tracker = CallTracker(_PBX, BootId(""), is_phone=self._is_phone)
        self._book = CallRecorder(wall_clock=False)
        self._listing = _Listing()
        self._logged_in = False
        self._logged_off = False

    def _keep(self, changes: tuple[CallEvent, ...]) -> Iterator[CallEvent]:
        for change in changes:
            entry = self._book.apply(change)
            if entry is not None:
                self.rows.append(entry)
            yield change

    def _changes(self, message: AmiMessage) -> tuple[CallEvent, ...]:
        self._logged_off = self._logged_off or message.response == "Goodbye"
        if message.event in LISTED:
            return self._listed(message)
        event = decode(message)
        if event is None:
            return ()
        if isinstance(event, Malformed):
            self.malformed += 1
            return ()
        # A recording has no arrival times: the PBX's clock where it speaks, else the order.
        self._at = float(self._number) if event.pbx_at is None else max(self._at, event.pbx_at)
        if isinstance(event, Shutdown):
            return self._tracker.shut_down(self._at)
        return self._tracker.apply(event, self._at)

    def _listed(self, message: AmiMessage) -> tuple[CallEvent, ...]:
        listing = self._listing
        match message.event:
            case "CoreShowChannel":
                listing.channels.append(message)
            case "CoreShowChannelsComplete":
                listing.channels_done = message.get("ListItems") == str(len(listing.channels))
                return self._resync() if listing.channels_done else ()
            case "Status":
                listing.statuses.append(message)
            case "QueueStatusComplete" | "StatusComplete":
                return self._resync() if listing.channels_done else ()
            case _:
                listing.queues.append(message)
        return ()

    def _resync(self) -> tuple[CallEvent, ...]:
        listing = self._listing
        snapshot = PbxSnapshot(
            self._tracker.boot,
            tuple(listing.channels),
            tuple(listing.queues),
            tuple(listing.statuses),
            audit=True,
        )
        if self._at == 0.0:
            self._at = float(self._number)
        return self._tracker.resync(snapshot, self._at)


def replay_changes(
    chunks: Iterable[bytes], phones: frozenset[Endpoint] | None
) -> Iterator[dict[str, object]]:
    """Every change as one flat record, then every row."""
    replay = RecordingReplay(phones)
    for chunk in chunks:
        for change in replay.feed(chunk):
            yield change_record(change)
    for change in replay.finish():
        yield change_record(change)
    for entry in replay.rows:
        yield row_record(entry)


def recording_records(
    recording: Recording, phones: frozenset[Endpoint] | None
) -> Iterator[dict[str, object]]:
    """As ``replay_changes``, of each login of a recording in turn."""
    replay = RecordingReplay(phones)
    for number, login in enumerate(recording.logins):
        if number:
            yield from map(change_record, replay.next_login())
        yield from map(change_record, replay.feed(login))
    yield from map(change_record, replay.finish())
    yield from map(row_record, replay.rows)


def print_changes(recording: Recording, phones: frozenset[Endpoint] | None, out: TextIO) -> None:
    """Write the JSON lines of a recording."""
    out.writelines(
        orjson.dumps(record).decode() + "\n" for record in recording_records(recording, phones)
    )


def _caller(change: CallEvent) -> str | None:
    caller = getattr(change, "caller", None)
    return caller.number or None if isinstance(caller, CallerInfo) else None


def _describe(change: CallEvent, name: str) -> str | None:
    value = getattr(change, name, None)
    return str(value) if value else None


_MORE = ("direction", "called", "by", "into", "disposition", "forwarded_from", "transfer")
_MORE_TARGETS = ("origin", "target", "position")


def change_record(change: CallEvent) -> dict[str, object]:
    """``at, kind, call, leg, endpoint, caller, did, queue, reason``, and what else it has."""
    record: dict[str, object] = {
        "at": change.at,
        "kind": type(change).__name__,
        "call": change.call,
        "leg": _describe(change, "leg"),
        "endpoint": _describe(change, "endpoint"),
        "caller": _caller(change),
        "did": _describe(change, "did"),
        "queue": _describe(change, "queue"),
        "reason": _describe(change, "reason"),
    }
    for name in (*_MORE, *_MORE_TARGETS):
        value = getattr(change, name, None)
        if value not in {None, ""}:
            record[name] = value
    if change.estimated:
        record["estimated"] = True
    return record


def _leg_record(leg: LegRecord) -> dict[str, str]:
    """``dialled`` only of a trunk, ``by`` only if another endpoint answered or cancelled."""
    optional = {"dialled": leg.dialled, "by": leg.by or ""}
    record = {"endpoint": leg.endpoint, "outcome": leg.outcome.value}
    return record | {name: value for name, value in optional.items() if value}


def row_record(entry: CallRecord) -> dict[str, object]:
    """One call-log row as JSON has it."""
    row: dict[str, object] = {
        "kind": "row",
        "call": entry.call,
        "direction": entry.direction.value,
        "caller": entry.caller.number or None,
        "called": entry.called or None,
        "did": entry.did or None,
        "queue": entry.queue or None,
        "disposition": entry.disposition,
        "answered_by": list(entry.answered_by),
        "transfers": [
            {"from": t.origin, "to": t.target, "kind": t.kind.value} for t in entry.transfers
        ],
        "wait_s": entry.wait_s,
        "talk_s": entry.talk_s,
        "legs": [_leg_record(leg) for leg in entry.legs],
    }
    if entry.estimated:
        row["estimated"] = True
    return row
