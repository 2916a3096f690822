"""What a department may see: every frame that is sent to the agent of a recorded call, byte by
byte, and the card of a colleague."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from screenpop.accounts.users import Department, Role, User, UserId
from screenpop.agents.agent import Agent, AgentId
from screenpop.agents.roster import Roster
from screenpop.bus.memory import MemoryBus
from screenpop.customers.models import (
    CallerRecord,
    Case,
    CaseId,
    CaseKind,
    CaseState,
    PastCall,
)
from screenpop.protocol.command_dedup import CommandDedup
from screenpop.protocol.session import Action, RateLimit, Send, Session
from screenpop.service.effects import Publish
from screenpop.service.staff import Staff, build_staff
from screenpop.telephony.identifiers import CallId, Endpoint
from tests.asterisk.recordings import SCENARIOS, name_of
from tests.each import each
from tests.service.recorded import PHONES_OF_AGENTS, Heard, hear
from tests.service.service_under_test import ELENI, LALEH, MARYAM, OFFICE, Office, laleh
from tests.service.test_transfer_context import RECORDED_TRANSFERS

PRICE, PAID, BALANCE = "918273", "827364", "736455"
NOTES, LIKES = "quartz in the notes", "amber in the likes"
CASE, PROMISE = "basalt in the case", "onyx in the promise"
LAST_CALL = "jade in the last call"
TRIP, OFFER = "a trip", "a suggestion"
"""Placeholders for any trip and any suggestion, in any language."""

SEEN = {
    Department.SALES: {TRIP, NOTES, LIKES, LAST_CALL, OFFER},
    Department.ACCOUNTING: {TRIP, PRICE, PAID, LAST_CALL},
    Department.FINANCE: {TRIP, PRICE, PAID, BALANCE, LAST_CALL},
    Department.SUPPORT: {TRIP, NOTES, LIKES, CASE, PROMISE, LAST_CALL},
}
EVERYTHING = set().union(*SEEN.values())


def detailed_caller_record() -> CallerRecord:
    """A customer of whom each department sees something else."""
    record = laleh()
    [file] = record.exact
    customer = replace(
        file.customer, notes=NOTES, preferences=LIKES, balance=int(BALANCE), currency="EUR"
    )
    trip = replace(file.trips[0], price=int(PRICE), paid=int(PAID))
    case = Case(
        CaseId(1),
        CaseKind.QUESTION,
        CaseState.OPEN,
        CASE,
        date(2026, 11, 1),
        PROMISE,
        date(2026, 11, 2),
    )
    call = PastCall(
        CallId("1.1"), datetime(2026, 11, 3, tzinfo=UTC), "inbound", "answered", "", 9.0, LAST_CALL
    )
    reported = replace(file, customer=customer, trips=(trip,), cases=(case,), calls=(call,))
    return replace(record, exact=(reported,))


def crew(first: Department, second: Department) -> Staff:
    """Maryam in the one, Eleni in the other department, at the phones of the recordings."""
    users = (
        User(MARYAM, "maryam", "Maryam", Role.AGENT, first, "fa"),
        User(ELENI, "eleni", "Eleni", Role.AGENT, second, "el"),
    )
    phones = {user: PHONES_OF_AGENTS[user] for user in (MARYAM, ELENI)}
    agents = [
        Agent(
            AgentId(user.id),
            user.username,
            user.display_name,
            user.department,
            user.language,
            tuple(map(Endpoint, phones[user.id])),
        )
        for user in users
    ]
    return build_staff(users, Roster.of({OFFICE: agents}))


@dataclass
class Wire:
    """All that leaves for one user's browser, as the writer of its socket gets it."""

    bus: MemoryBus
    user: UserId
    session: Session = field(
        default_factory=lambda: Session("build", CommandDedup(), 0.0, RateLimit())
    )
    frames: list[bytes] = field(default_factory=list)

    def open(self) -> None:
        hello = {"type": "hello", "last": None, "tab": "t", "build": "build"}
        self._send(self.session.received(json.dumps(hello), 0.0))
        start = asyncio.run(self.bus.join(self.user, None, self))
        self._send(self.session.joined(start, 0.0, 0.0))

    @property
    def room(self) -> int:
        return self.session.room

    def lost(self) -> None:
        raise AssertionError("a bus in this process loses nothing")

    def deliver(self, seq: int, frame: bytes) -> None:
        self._send(self.session.published(seq, frame, 0.0))

    def _send(self, outputs: Iterable[Action]) -> None:
        self.frames += [output.frame for output in outputs if isinstance(output, Send)]

    @property
    def cards(self) -> list[dict[str, Any]]:
        frames_text = map(json.loads, self.frames)
        return [frame["card"] for frame in frames_text if frame["type"] == "card"]


@dataclass
class Wires:
    """Browsers of both agents: one each that was there from the beginning, and one that comes
    after each message, and so begins with a whole picture."""

    bus: MemoryBus = field(default_factory=lambda: MemoryBus(lambda _, act: act()))
    from_the_beginning: dict[UserId, Wire] = field(default_factory=dict)
    later: dict[UserId, list[Wire]] = field(default_factory=dict)

    def carry(self, published: Iterable[Publish]) -> None:
        for user in (MARYAM, ELENI):
            self.from_the_beginning[user] = Wire(self.bus, user)
            self.from_the_beginning[user].open()
        for one in published:
            self.bus.publish(one.users, one.kind, one.key, one.payload, gone=one.gone)
            for user in one.users:
                wire = Wire(self.bus, user)
                wire.open()
                self.bus.leave(user, wire)
                self.later.setdefault(user, []).append(wire)

    def frames_sent_to(self, user: UserId) -> bytes:
        wires = [self.from_the_beginning[user], *self.later.get(user, ())]
        return b"\n".join(frame for wire in wires for frame in wire.frames)


def carried(path: Path, first: Department, second: Department) -> tuple[Heard, Wires]:
    office = Office()
    office.records[LALEH] = detailed_caller_record()
    heard = hear(path, office, crew(first, second))
    wires = Wires()
    wires.carry(heard.office.published)
    return heard, wires


def found_in(frames_text: bytes, reported: Iterable[str]) -> set[str]:
    marks = {OFFER: b'"suggestions":[{', TRIP: b'"trips":[{'}
    return {one for one in reported if marks.get(one, one.encode()) in frames_text}


@each(RECORDED_TRANSFERS, name_of)
@pytest.mark.parametrize(
    "receiver", [Department.ACCOUNTING, Department.FINANCE, Department.SUPPORT]
)
def test_a_transfer_shows_the_receiver_what_their_department_sees_and_nothing_else(
    path: Path, receiver: Department
) -> None:
    _, wires = carried(path, Department.SALES, receiver)

    for user, department in ((MARYAM, Department.SALES), (ELENI, receiver)):
        ringing = [
            card for card in wires.from_the_beginning[user].cards if card["state"] == "ringing"
        ]
        before_pickup = json.dumps(ringing[-1], separators=(",", ":"), ensure_ascii=False)
        assert found_in(before_pickup.encode(), EVERYTHING) == SEEN[department]
        assert ringing[-1]["person"]["id"] == 7
        # Mallory reads every byte of every frame, also of a page that is loaded anew in between.
        frames_text = wires.frames_sent_to(user)
        assert len(wires.later[user]) >= len(ringing)
        assert found_in(frames_text, EVERYTHING - SEEN[department]) == set()


@pytest.mark.defends("department-view")
@each(RECORDED_TRANSFERS[:4], name_of)
def test_a_transfer_the_other_way_brings_sales_no_amounts(path: Path) -> None:
    _, wires = carried(path, Department.FINANCE, Department.SALES)

    assert found_in(wires.frames_sent_to(MARYAM), EVERYTHING) == SEEN[Department.FINANCE]
    assert found_in(wires.frames_sent_to(ELENI), EVERYTHING) == SEEN[Department.SALES]


_INTERNAL = sorted((SCENARIOS / "lab").glob("*/internal_answered.ami"))


@each(_INTERNAL, name_of)
def test_an_internal_call_names_the_ringing_colleague(path: Path) -> None:
    _, wires = carried(path, Department.SALES, Department.ACCOUNTING)

    cards = wires.from_the_beginning[ELENI].cards
    assert {card["state"] for card in cards} >= {"ringing", "talking"}
    for card in cards:
        assert (card["match"], card["direction"]) == ("colleague", "internal")
        assert card["match_reason"] == {"code": "colleague", "params": {"name": "Maryam"}}
        assert (card["person"], card["candidates"]) == (None, [])
    # Nothing of any customer's file is in it.
    assert found_in(wires.frames_sent_to(ELENI), EVERYTHING) == set()


def test_internal_calls_of_both_versions_are_among_the_recordings() -> None:
    assert {path.parent.name for path in _INTERNAL} == {"16", "22"}
