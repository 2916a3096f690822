"""A recording of a real PBX, handled by a service whose agents have its phones."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from screenpop.accounts.users import UserId
from screenpop.asterisk.ami_events import decode
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.calls.events import CallEvent
from screenpop.service.pbx_tracker import PbxTracker
from screenpop.service.staff import Staff
from screenpop.telephony.identifiers import BootId, Endpoint
from tests.asterisk.recordings import in_our_words, phones_of
from tests.service.service_under_test import ELENI, MARYAM, NIKOS, OFFICE, Office, people

PHONES_OF_AGENTS = {
    MARYAM: ("101", "99101", "201"),
    ELENI: ("102", "202"),
    NIKOS: ("103",),
}
AGENT_AT = {phone: user for user, phones in PHONES_OF_AGENTS.items() for phone in phones}
A_MINUTE = 60.0
FIRST, NEXT = BootId("unknown"), BootId("the next boot")

_LISTED = frozenset({"CoreShowChannel", "QueueParams", "QueueMember", "QueueEntry", "Status"})
_ENDS_A_LIST = frozenset({"CoreShowChannelsComplete", "QueueStatusComplete", "StatusComplete"})


@dataclass
class Heard:
    """What an office saw of a recording, change by change."""

    office: Office = field(default_factory=Office)
    seen: dict[str, dict[UserId, list[dict[str, Any]]]] = field(default_factory=dict)
    """Call → agent → the cards as they were published, oldest first."""

    def cards(self, user: UserId) -> list[dict[str, Any]]:
        return [card for call in self.seen.values() for card in call.get(user, ())]

    def holders(self) -> set[UserId]:
        return {user for call in self.seen.values() for user in call}


def hear(path: Path, office: Office | None = None, crew: Staff | None = None) -> Heard:
    """Play a recording to its end, then let a minute pass and ask the PBX, which knows of none."""
    heard = Heard(office or Office())
    there = crew or people(phones=PHONES_OF_AGENTS)
    heard.office.does(lambda screen_pop: screen_pop.people_changed(there))
    tracking = PbxTracker(OFFICE, phones_of(path).__contains__)
    at = 0.0
    for at, changes in _reads(path, tracking):
        _hear(heard, at, changes)
    at += A_MINUTE
    _hear(heard, at, tracking.snapshot(PbxSnapshot(NEXT, (), ()), at))
    heard.office.waits(A_MINUTE)
    return heard


def _hear(heard: Heard, at: float, changes: list[CallEvent]) -> None:
    office = heard.office
    office.now = max(office.now, at)
    if not changes:
        return
    for update in office.handles(*changes):
        if update.kind == "card":
            card = json.loads(update.payload)
            (user,) = update.users
            heard.seen.setdefault(card["call"], {}).setdefault(user, []).append(card)


def _reads(path: Path, tracking: PbxTracker) -> Iterator[tuple[float, list[CallEvent]]]:
    """One message a read; ``at`` is the PBX's clock where it is sent, else the message's number.
    Where a recording holds the answers of a login they are taken together, as the link does."""
    at = 0.0
    listed: list[AmiMessage] = []
    for number, message in enumerate(AmiFramer(None).feed(path.read_bytes())):
        event = decode(message)
        stamp = getattr(event, "pbx_at", None)
        at = max(at, stamp) if stamp is not None else at or float(number)
        if message.event in _LISTED:
            listed.append(message)
        elif message.event in _ENDS_A_LIST:
            yield at, tracking.snapshot(_snapshot(listed), at)
        else:
            yield at, tracking.messages([message], at)


def _snapshot(listed: list[AmiMessage]) -> PbxSnapshot:
    def of(*names: str) -> tuple[AmiMessage, ...]:
        return tuple(message for message in listed if message.event in names)

    queues = of("QueueParams", "QueueMember", "QueueEntry")
    return PbxSnapshot(FIRST, of("CoreShowChannel"), queues, of("Status"), audit=True)


@dataclass(frozen=True)
class Truth:
    """What people lived, as it is on the wire."""

    calls: int
    rang: frozenset[UserId]
    """Their phone rang, whatever came of it."""
    reached: frozenset[UserId]
    """Their phone was dialled, or they took or made a call: no other agent has to do with it."""


_DID_NOT_RING = frozenset({"busy", "unreachable"})


def truth_of(path: Path) -> Truth:
    lived = json.loads(path.with_suffix(".json").read_text())["calls"]
    touched = {leg["endpoint"] for call in lived for leg in call["legs"]}
    calls = in_our_words(path.stem, lived)
    legs = [leg for call in calls for leg in call["legs"]]
    rang = {
        AGENT_AT[leg["endpoint"]]
        for leg in legs
        if leg["endpoint"] in AGENT_AT and leg["outcome"] not in _DID_NOT_RING
    }
    touched |= {leg["endpoint"] for leg in legs}
    for call in calls:
        touched |= {*call["answered_by"], call["caller"]}
    reached = {AGENT_AT[phone] for phone in touched if phone in AGENT_AT}
    return Truth(len(calls), frozenset(rang), frozenset(reached))


__all__ = ["AGENT_AT", "Endpoint", "Heard", "Truth", "hear", "truth_of"]
