"""Reads Asterisk's ``queue_log``, one line an event, and folds the events of each call.

The format: ``time|call|queue|agent|event|args…``, times in seconds since 1970 (source: "Queue Logs"
in the Asterisk documentation). A database export has dates instead (``2026-11-30 09:15:02.5``), in
the time zone of the PBX.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum

from screenpop.audit.file_times import parse_file_time

_FIELDS = 5
_INTERFACE = re.compile(r"(PJSIP|SIP|IAX2|DAHDI|Local|SCCP|Skinny|MGCP|Motif|Zap)/.", re.IGNORECASE)
_LONGEST_LINE = 4096
_NO_CALL = frozenset({"NONE", "REALTIME", "MANAGER", ""})


@dataclass(frozen=True, slots=True)
class QueueEvent:
    at: float
    call: str
    """The unique id of the caller's channel."""
    queue: str
    agent: str
    """The member: its interface (``PJSIP/101``) or its name."""
    event: str
    args: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SkippedLine:
    number: int
    """From 1."""
    text: str
    """The beginning of the line."""
    reason: str


class QueueOutcome(StrEnum):
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    LEFT = "left"
    """It left the last queue unanswered and went on in the dialplan."""
    UNFINISHED = "unfinished"
    """The file ends while it waits."""


@dataclass(slots=True)
class QueueCall:
    """What ``queue_log`` has about one call. Times are seconds since 1970."""

    call: str
    entered_at: float
    queue: str
    """The first queue."""
    number: str
    outcome: QueueOutcome = QueueOutcome.UNFINISHED
    connected_at: float | None = None
    """When the first agent answered."""
    ended_at: float | None = None
    """When the caller gave up or the conversation with the agent of the queue ended; None after a
    transfer, when the call goes on elsewhere."""
    last_at: float = 0.0
    """The time of its last event."""
    agents: list[str] = field(default_factory=list)
    """Those who answered, in order."""
    transferred: bool = False


def parse_queue_log(lines: Iterable[str], zone: tzinfo) -> Iterator[QueueEvent | SkippedLine]:
    """Return the events in the order of the file; lines that cannot be read with the reason.

    ``zone``: of dates without one. Empty lines are left out.
    """
    for number, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n").lstrip("\ufeff")
        if text.strip():
            yield _event(number, text, zone)


def _event(number: int, text: str, zone: tzinfo) -> QueueEvent | SkippedLine:
    def skipped(reason: str) -> SkippedLine:
        return SkippedLine(number, text[:80], reason)

    if len(text) > _LONGEST_LINE:
        return skipped(f"it is longer than {_LONGEST_LINE} characters")
    parts = text.split("|")
    if len(parts) < _FIELDS:
        return skipped(f"it has {len(parts)} of the {_FIELDS} fields that each line has")
    at = parse_file_time(parts[0], zone, parts[1])
    if at is None:
        return skipped("it does not begin with a time of this century")
    return QueueEvent(at, parts[1], parts[2], parts[3], parts[4].strip().upper(), tuple(parts[5:]))


def is_interface(agent: str) -> bool:
    """Return whether a member is named by its interface, and not by a name or an agent's number
    (``Agent/1001``)."""
    return _INTERFACE.match(agent) is not None


def phone_of(agent: str) -> str:
    """Return the phone of a member: ``101`` of ``Local/101@from-queue/n``; a name as it is."""
    name = agent.partition("/")[2] or agent
    return name.partition("@")[0].partition("/")[0]


def fold_queue_calls(events: Iterable[QueueEvent]) -> tuple[QueueCall, ...]:
    """Return the calls that entered a queue, in the order in which they entered the first.

    Events of a call that was already in a queue when the file begins are left out. The events may
    be in any order; those of one second in that of the file, or of its reverse where the newest
    come first.
    """
    listed = list(events)
    if listed and listed[0].at > listed[-1].at:
        listed.reverse()
    calls: dict[str, QueueCall] = {}
    for event in sorted(listed, key=lambda one: one.at):
        if event.call in _NO_CALL:
            continue
        if event.event == "ENTERQUEUE":
            _enter(calls, event)
        if (call := calls.get(event.call)) is not None:
            call.last_at = event.at
            _apply(call, event)
    return tuple(calls.values())


def _enter(calls: dict[str, QueueCall], event: QueueEvent) -> None:
    number = event.args[1] if len(event.args) > 1 else ""
    call = calls.setdefault(event.call, QueueCall(event.call, event.at, event.queue, number))
    # It waits again, in the same queue or the next; maybe after a transfer.
    call.transferred, call.ended_at = False, None
    if call.connected_at is None:
        call.outcome = QueueOutcome.UNFINISHED


_LEAVES = frozenset({"EXITWITHTIMEOUT", "EXITEMPTY", "EXITWITHKEY", "SYSCOMPAT"})
_ENDS = frozenset({"COMPLETECALLER", "COMPLETEAGENT"})
_TRANSFERS = frozenset({"TRANSFER", "BLINDTRANSFER", "ATTENDEDTRANSFER"})


def _apply(call: QueueCall, event: QueueEvent) -> None:
    if event.event == "CONNECT":
        call.outcome = QueueOutcome.ANSWERED
        call.agents.append(event.agent)
        if call.connected_at is None:
            call.connected_at = event.at
    elif event.event in _TRANSFERS:
        call.transferred, call.ended_at = True, None
    elif event.event in _ENDS:
        call.ended_at = None if call.transferred else event.at
    elif event.event == "ABANDON":
        if call.connected_at is None:
            call.outcome = QueueOutcome.ABANDONED
        # After a talk the caller gave up in the queue that they were transferred to.
        call.ended_at = call.ended_at or event.at
    elif call.connected_at is None and event.event in _LEAVES:
        call.outcome, call.ended_at = QueueOutcome.LEFT, None
