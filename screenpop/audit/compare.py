"""Compares calls of the PBX's files with calls of our log, one by one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from screenpop.audit.cdr import CdrRow
from screenpop.audit.queue_log import QueueCall, QueueOutcome, is_interface, phone_of
from screenpop.calls.events import Disposition

TOLERANCE_S = 2.0
"""Times in ``queue_log`` and CDRs are whole seconds, written some time after the event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OurCall:
    """One call of our log; times are seconds since 1970 (UTC)."""

    id: int
    linkedid: str
    legs: tuple[str, ...]
    """The unique ids of its legs."""
    queue: str
    disposition: str
    arrived_at: float
    answered_at: float | None
    ended_at: float
    phones: tuple[str, ...]
    """The phones that answered, in order."""
    transferred: bool
    transferred_to: tuple[str, ...] = ()
    """The phones, numbers or queues that it was transferred to."""


LISTENING_APPS = frozenset({"chanspy", "extenspy"})


class Kind(StrEnum):
    MISSING = "missing"
    """The PBX has it and our log does not."""
    EXTRA = "extra"
    """Our log has it and the PBX's file does not."""
    QUEUE = "queue"
    OUTCOME = "outcome"
    AGENT = "agent"
    ANSWERED_AT = "answered_at"
    ENDED_AT = "ended_at"


@dataclass(frozen=True, slots=True)
class Difference:
    kind: Kind
    call: str
    """The id of the PBX: a Linkedid or unique id."""
    at: float
    theirs: str
    ours: str
    reason: str
    """One sentence."""


@dataclass(frozen=True, slots=True)
class Comparison:
    compared: int
    """Calls that both have."""
    differences: tuple[Difference, ...]


def compare_queue_calls(theirs: Sequence[QueueCall], ours: Sequence[OurCall]) -> Comparison:
    """Return what differs between ``queue_log`` and our log.

    Our calls that were in a queue count as extra only within the time that the file covers.
    """
    index = _Index(ours)
    differences: list[Difference] = []
    compared = 0
    for call in theirs:
        found = index.take((call.call,))
        if found is None and index.take_consulted(call):
            compared += 1
            continue
        if found is None:
            differences.append(_missing(call.call, call.entered_at, call.outcome.value, ours))
            continue
        compared += 1
        differences += _queue_differences(call, found)
    if theirs:
        since = theirs[0].entered_at - TOLERANCE_S
        until = max(call.ended_at or call.entered_at for call in theirs) + TOLERANCE_S
        differences += [
            Difference(
                Kind.EXTRA,
                one.linkedid,
                one.arrived_at,
                "",
                f"{one.queue}: {one.disposition}",
                "It is in our log with a queue, and not in queue_log.",
            )
            for one in index.rest()
            if one.queue and since <= one.arrived_at <= until
        ]
    return Comparison(compared, tuple(sorted(differences, key=lambda one: one.at)))


def compare_cdr(rows: Sequence[CdrRow], ours: Sequence[OurCall]) -> Comparison:
    """Return the calls that only one side has.

    Records with one Linkedid are one call. Whether a call was answered is not compared: a dialplan
    that answers for an announcement makes its CDR "ANSWERED". A phone that only listened to
    another call has a CDR and is no call.
    """
    by_call: dict[str, list[CdrRow]] = {}
    for row in rows:
        if row.app.casefold() not in LISTENING_APPS:
            by_call.setdefault(row.linkedid or row.uniqueid, []).append(row)
    index = _Index(ours)
    differences: list[Difference] = []
    compared = 0
    for call, records in by_call.items():
        if index.take((call, *(row.uniqueid for row in records))) is None:
            first = records[0]
            text = f"{first.src} → {first.dst}"
            differences.append(_missing(call, first.start, text, ours))
        else:
            compared += 1
    if rows:
        since = min(row.start for row in rows) - TOLERANCE_S
        until = max(row.start for row in rows) + TOLERANCE_S
        differences += [
            Difference(
                Kind.EXTRA,
                one.linkedid,
                one.arrived_at,
                "",
                one.disposition,
                "It is in our log and not in the CDR.",
            )
            for one in index.rest()
            if since <= one.arrived_at <= until
        ]
    return Comparison(compared, tuple(sorted(differences, key=lambda one: one.at)))


class _Index:
    """Our calls by each id that the PBX may call them by, and those that were not taken."""

    def __init__(self, ours: Iterable[OurCall]) -> None:
        self._ours = {one.id: one for one in ours}
        self._by_id: dict[str, int] = {}
        for one in self._ours.values():
            for name in one.legs:
                self._by_id.setdefault(name, one.id)
        for one in self._ours.values():
            self._by_id[one.linkedid] = one.id
        self._taken: set[int] = set()

    def take(self, names: Iterable[str]) -> OurCall | None:
        for name in names:
            number = self._by_id.get(name)
            if number is not None:
                self._taken.add(number)
                return self._ours[number]
        return None

    def take_consulted(self, call: QueueCall) -> bool:
        """Return whether an agent called this queue to transfer one of our calls to it.

        In ``queue_log`` that is a call of the agent's second channel; in our log it became part of
        the customer's call.
        """
        for one in self._ours.values():
            is_during = (
                one.arrived_at - TOLERANCE_S <= call.entered_at <= one.ended_at + TOLERANCE_S
            )
            if is_during and call.queue in one.transferred_to:
                self._taken.add(one.id)
                return True
        return False

    def rest(self) -> list[OurCall]:
        return [one for number, one in self._ours.items() if number not in self._taken]


def _missing(call: str, at: float, theirs: str, ours: Sequence[OurCall]) -> Difference:
    """Return the difference with a reason: whether our log has any call around that time."""
    near = any(abs(one.arrived_at - at) <= _NEAR_S for one in ours)
    reason = (
        "Our log has other calls of that hour, and not this one."
        if near
        else "Our log has no call of that hour: Screenpop was off, or the link to the PBX was down."
    )
    return Difference(Kind.MISSING, call, at, theirs, "", reason)


_NEAR_S = 3600.0


def _queue_differences(call: QueueCall, ours: OurCall) -> list[Difference]:
    found: list[Difference] = []

    def differs(kind: Kind, theirs: str, mine: str, reason: str) -> None:
        found.append(Difference(kind, call.call, call.entered_at, theirs, mine, reason))

    if call.queue != ours.queue:
        differs(Kind.QUEUE, call.queue, ours.queue, "The first queue is another one.")
    if _answered_before(call, ours):
        return found  # By a phone that was no member; what came of the queue is no outcome of ours.
    expected = _OUTCOMES.get(call.outcome)
    if expected is not None and expected != ours.disposition:
        differs(Kind.OUTCOME, call.outcome.value, ours.disposition, "The outcome is another one.")
        return found
    if call.connected_at is not None:
        if not _near(call.connected_at, ours.answered_at):
            theirs, mine = f"{call.connected_at}", f"{ours.answered_at or ''}"
            differs(Kind.ANSWERED_AT, theirs, mine, "The answer was at another time.")
        if not _is_phone_of(call.agents[0], ours.phones):
            mine = ", ".join(ours.phones)
            differs(Kind.AGENT, call.agents[0], mine, "Another phone answered.")
    ended = call.ended_at if not ours.transferred else None
    if ended is not None and not _near(ended, ours.ended_at):
        differs(Kind.ENDED_AT, str(ended), str(ours.ended_at), "The call ended at another time.")
    return found


def _answered_before(call: QueueCall, ours: OurCall) -> bool:
    """Return whether the call was answered before it came into a queue, by a transfer."""
    answered_at = ours.answered_at
    return answered_at is not None and answered_at < call.entered_at - TOLERANCE_S


_OUTCOMES: Mapping[QueueOutcome, str] = {
    QueueOutcome.ANSWERED: Disposition.ANSWERED.value,
    QueueOutcome.ABANDONED: Disposition.ABANDONED.value,
}


def _near(first: float, second: float | None) -> bool:
    return second is not None and abs(first - second) <= TOLERANCE_S


def _is_phone_of(agent: str, phones: Sequence[str]) -> bool:
    """Return whether a member may be one of these phones.

    Members are interfaces such as ``PJSIP/101`` or ``Local/101@from-queue/n``; where the queue
    gives them names, such as ``Agent 101``, the file does not say which phone that is.
    """
    return not is_interface(agent) or phone_of(agent) in phones
