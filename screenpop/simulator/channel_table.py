"""The channel and queue lists that the simulated PBX returns.

Built from the events that it sends, of a script or a recording, so the answers of
``CoreShowChannels`` and ``QueueStatus`` always agree with earlier events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from screenpop.simulator.channel import UNKNOWN, Headers

_ROW = (
    "Channel",
    "ChannelState",
    "ChannelStateDesc",
    "CallerIDNum",
    "CallerIDName",
    "ConnectedLineNum",
    "ConnectedLineName",
    "Language",
    "AccountCode",
    "Context",
    "Exten",
    "Priority",
    "Uniqueid",
    "Linkedid",
)
_OPENERS = frozenset({"Newchannel", "DialBegin", "QueueCallerJoin", "BridgeEnter"})
_RING = "4"
_FREE, _IN_USE, _RINGING = 1, 2, 6


@dataclass(slots=True)
class _Row:
    headers: dict[str, str]
    since: float
    dialled: str = ""
    """The number the caller dialled, empty for a phone that is dialled."""
    application: str = ""
    data: str = ""
    bridge: str = ""


@dataclass(slots=True)
class _Waiting:
    uniqueid: str
    since: float


@dataclass(slots=True)
class ChannelTable:
    """The live channels and waiting callers of one boot. ``observe`` each event sent."""

    queues: Mapping[str, Sequence[str]]
    """Queue name to the phones of its members."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Phone to the member's name."""
    processed: int = 0
    paused: dict[tuple[str, str], str] = field(default_factory=dict)
    """Queue and phone of each paused member, with the reason."""
    _rows: dict[str, _Row] = field(default_factory=dict)
    _waiting: dict[str, list[_Waiting]] = field(default_factory=dict)

    def observe(self, headers: Headers, at: float) -> None:
        event = dict(reversed(headers))
        self._learn_channel(event, "", at)
        self._learn_channel(event, "Dest", at)
        uniqueid = event.get("Uniqueid", "")
        match event.get("Event"):
            case "Hangup":
                self._rows.pop(uniqueid, None)
                self._leave_queues(uniqueid)
            case "DialBegin":
                self._learn_dial(event)
            case "BridgeEnter":
                self._bridge(uniqueid, event.get("BridgeUniqueid", ""))
            case "BridgeLeave":
                self._bridge(uniqueid, "")
            case "QueueCallerJoin":
                self._join(event, at)
            case "QueueCallerLeave":
                self._leave_queues(uniqueid)
            case _:
                pass

    def channels(self, now: float) -> list[Headers]:
        """Return one ``CoreShowChannel`` event per channel, without ``ActionID``."""
        return [
            [
                ("Event", "CoreShowChannel"),
                *((name, row.headers.get(name, "")) for name in _ROW),
                ("Application", row.application),
                ("ApplicationData", row.data),
                ("Duration", _clock(now - row.since)),
                ("BridgeId", row.bridge),
            ]
            for row in self._rows.values()
        ]

    def statuses(self, now: float) -> list[Headers]:
        """Return one ``Status`` event per channel, without ``ActionID``."""
        return [
            [
                ("Event", "Status"),
                ("Privilege", "Call"),
                *((name, row.headers.get(name, "")) for name in _ROW),
                ("Type", "PJSIP"),
                ("DNID", row.dialled),
                ("EffectiveConnectedLineNum", row.headers.get("ConnectedLineNum", "")),
                ("EffectiveConnectedLineName", row.headers.get("ConnectedLineName", "")),
                ("TimeToHangup", "0"),
                ("BridgeID", row.bridge),
                ("Application", row.application),
                ("Data", row.data),
                ("Nativeformats", "(alaw)"),
                ("Readformat", "alaw"),
                ("Readtrans", ""),
                ("Writeformat", "alaw"),
                ("Writetrans", ""),
                ("Callgroup", "0"),
                ("Pickupgroup", "0"),
                ("Seconds", str(int(now - row.since))),
            ]
            for row in self._rows.values()
        ]

    def queue_status(self, now: float) -> list[Headers]:
        """Return ``QueueParams``, ``QueueMember`` and ``QueueEntry`` events for each queue."""
        answer: list[Headers] = []
        for queue in sorted({*self.queues, *self._waiting}):
            waiting = self._waiting.get(queue, [])
            answer.append(_params(queue, len(waiting)))
            answer.extend(
                [("Event", "QueueMember"), *self._member(queue, phone, "Name", "Location")]
                for phone in self.queues.get(queue, ())
            )
            answer.extend(
                self._entry(queue, place, caller, now)
                for place, caller in enumerate(waiting, start=1)
            )
        return answer

    def count(self, queue: str) -> int:
        return len(self._waiting.get(queue, ()))

    def position(self, queue: str, uniqueid: str) -> int:
        """Return the position in the queue: 1 for the first, and for a caller not in it."""
        for place, caller in enumerate(self._waiting.get(queue, ()), start=1):
            if caller.uniqueid == uniqueid:
                return place
        return 1

    def busy_phones(self) -> frozenset[str]:
        """Return the endpoints with a channel, ringing or talking."""
        return frozenset(_endpoint(row.headers["Channel"]) for row in self._rows.values())

    @property
    def calls_now(self) -> int:
        return len(self._rows)

    def _learn_channel(self, event: Mapping[str, str], prefix: str, at: float) -> None:
        uniqueid = event.get(f"{prefix}Uniqueid", "")
        if not uniqueid or f"{prefix}Channel" not in event:
            return
        row = self._rows.get(uniqueid)
        if row is None:
            # A DialEnd may come after the Hangup of its channel and must not add it again.
            if event.get("Event") not in _OPENERS:
                return
            dials = event.get(f"{prefix}ChannelState") == _RING
            row = self._rows[uniqueid] = _Row(
                {}, at, event.get(f"{prefix}Exten", "") if dials else ""
            )
            self.processed += 1
        row.headers.update(
            {name: event[f"{prefix}{name}"] for name in _ROW if f"{prefix}{name}" in event}
        )

    def _learn_dial(self, event: Mapping[str, str]) -> None:
        caller = self._rows.get(event.get("Uniqueid", ""))
        dialled = self._rows[event["DestUniqueid"]] if "DestUniqueid" in event else None
        queued = caller is not None and caller.application == "Queue"
        if caller is not None and not queued:
            caller.application, caller.data = "Dial", event.get("DialString", "")
        if dialled is not None:
            dialled.application = "AppQueue" if queued else "AppDial"
            dialled.data = "(Outgoing Line)"

    def _bridge(self, uniqueid: str, bridge: str) -> None:
        if uniqueid in self._rows:
            self._rows[uniqueid].bridge = bridge

    def _join(self, event: Mapping[str, str], at: float) -> None:
        queue = event["Queue"]
        self._waiting.setdefault(queue, []).append(_Waiting(event["Uniqueid"], at))
        row = self._rows[event["Uniqueid"]]
        row.application, row.data = "Queue", f"{queue},tT,,,60"

    def _leave_queues(self, uniqueid: str) -> None:
        for waiting in self._waiting.values():
            waiting[:] = [caller for caller in waiting if caller.uniqueid != uniqueid]

    def pause(self, queue: str, interface: str, reason: str | None) -> list[Headers]:
        """Pause (or with None unpause) a member of one queue, or of all if ``queue`` is empty.

        Return one ``QueueMemberPause`` event for each queue; none for an unknown member.
        """
        phone = interface.removeprefix("PJSIP/")
        events: list[Headers] = []
        for name in sorted(self.queues):
            if queue not in {"", name} or phone not in self.queues[name]:
                continue
            if reason is None:
                self.paused.pop((name, phone), None)
            else:
                self.paused[name, phone] = reason
            row = self._member(name, phone, "MemberName", "Interface")
            events.append([("Event", "QueueMemberPause"), ("Privilege", "agent,all"), *row])
        return events

    def _member(self, queue: str, phone: str, name: str, interface: str) -> Headers:
        """Return a member; an event and a list name two of the headers differently."""
        reason = self.paused.get((queue, phone))
        return [
            ("Queue", queue),
            (name, self.names.get(phone, phone)),
            (interface, f"PJSIP/{phone}"),
            ("StateInterface", f"PJSIP/{phone}"),
            ("Membership", "static"),
            ("Penalty", "0"),
            ("CallsTaken", "0"),
            ("LastCall", "0"),
            ("LastPause", "0"),
            ("LoginTime", "0"),
            ("InCall", "0"),
            ("Status", str(self._status(phone))),
            ("Paused", "0" if reason is None else "1"),
            ("PausedReason", reason or ""),
            ("Wrapuptime", "0"),
        ]

    def _status(self, phone: str) -> int:
        states = {
            row.headers.get("ChannelState")
            for row in self._rows.values()
            if _endpoint(row.headers["Channel"]) == phone
        }
        if "6" in states:
            return _IN_USE
        return _RINGING if states else _FREE

    def _entry(self, queue: str, place: int, caller: _Waiting, now: float) -> Headers:
        row = self._rows[caller.uniqueid].headers
        return [
            ("Event", "QueueEntry"),
            ("Queue", queue),
            ("Position", str(place)),
            ("Channel", row["Channel"]),
            ("Uniqueid", caller.uniqueid),
            ("CallerIDNum", row.get("CallerIDNum", UNKNOWN)),
            ("CallerIDName", row.get("CallerIDName", UNKNOWN)),
            ("ConnectedLineNum", "unknown"),
            ("ConnectedLineName", "unknown"),
            ("Wait", str(int(now - caller.since))),
            ("Priority", "0"),
        ]


def _params(queue: str, waiting: int) -> Headers:
    return [
        ("Event", "QueueParams"),
        ("Queue", queue),
        ("Max", "0"),
        ("Strategy", "ringall"),
        ("Calls", str(waiting)),
        ("Holdtime", "0"),
        ("TalkTime", "0"),
        ("Completed", "0"),
        ("Abandoned", "0"),
        ("ServiceLevel", "0"),
        ("ServicelevelPerf", "0.0"),
        ("ServicelevelPerf2", "0.0"),
        ("Weight", "0"),
    ]


def _endpoint(channel: str) -> str:
    return channel.partition("/")[2].rpartition("-")[0]


def _clock(seconds: float) -> str:
    whole = max(0, int(seconds))
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
