"""One batch of finished calls and notes, written in one transaction.

Safe to repeat: a call is found again by its PBX, boot and Linkedid, and its dependent rows (legs,
transfers, receipts, trace) are replaced as a whole. Observed values stay when a later record is
only an estimate.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, insert, or_, select, update

from screenpop.accounts.users import UserId
from screenpop.service.ports import LoggedCall
from screenpop.store.calls.batch_sql import IN_PROGRESS, CallStatements, Values, call_statements
from screenpop.store.customers.offer_answers import write_offer_answers
from screenpop.store.engine.text import clean_for_database, free_text, to_json
from screenpop.store.engine.url import Kind
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.tables import call_notes, calls
from screenpop.store.search.columns import number_as_digits, search_text
from screenpop.telephony.identifiers import BootId, CallId, PbxId

_SLICE = 10
"""Records converted to rows at a time: more would hold the loop for longer than a millisecond."""

Key = tuple[str, str, str]
"""PBX, boot, Linkedid."""


@dataclass(frozen=True, slots=True)
class NoteRecord:
    call: CallId
    pbx: PbxId
    boot: BootId | None
    """None: the newest call of this id."""
    agent: UserId
    text: str
    at: float


async def prepare_batch(
    kind: Kind, records: Iterable[LoggedCall], notes: Iterable[NoteRecord], now: float
) -> Callable[[Connection], None]:
    """Convert calls to rows; return what writes them, then the notes, inside a transaction."""
    rows, best = _BatchRows(), _latest_of_each_call(records)
    for number, (key, record) in enumerate(best.items(), 1):
        rows.add(key, record, now)
        if not number % _SLICE:
            await asyncio.sleep(0)
    latest_notes = _latest_notes(notes)

    def write(connection: Connection) -> None:
        rows.write(connection, _statements(kind))
        write_offer_answers(connection, best.values())
        for note in latest_notes:
            _write_note(connection, note)

    return write


@cache
def _statements(kind: Kind) -> CallStatements:
    return call_statements(kind)


def _latest_of_each_call(records: Iterable[LoggedCall]) -> dict[Key, LoggedCall]:
    """Return the last record of each call, but never an estimate in place of an observed one."""
    best: dict[Key, LoggedCall] = {}
    for record in records:
        entry = record.entry
        key = (
            clean_for_database(entry.pbx),
            clean_for_database(entry.boot),
            clean_for_database(entry.call),
        )
        before = best.get(key)
        if (
            before is None
            or before.entry.disposition is None
            or before.entry.estimated
            or not entry.estimated
        ):
            best[key] = record
    return best


def _latest_notes(notes: Iterable[NoteRecord]) -> list[NoteRecord]:
    return list({(note.pbx, note.boot, note.call, note.agent): note for note in notes}.values())


@dataclass(slots=True)
class _BatchRows:
    """A batch as rows, by table."""

    keys: list[Values] = field(default_factory=list)
    open_keys: list[Values] = field(default_factory=list)
    """Of calls in progress; their legs and trace are written at the end."""
    calls: list[Values] = field(default_factory=list)
    legs: list[Values] = field(default_factory=list)
    transfers: list[Values] = field(default_factory=list)
    receipts: list[Values] = field(default_factory=list)
    traces: list[Values] = field(default_factory=list)

    def add(self, key: Key, record: LoggedCall, now: float) -> None:
        pbx, boot, linkedid = key
        of_the_call: Values = {
            "call_pbx": pbx,
            "call_boot": boot,
            "call_linkedid": linkedid,
            "call_estimated": record.entry.estimated,
        }
        (self.open_keys if record.entry.disposition is None else self.keys).append(of_the_call)
        self.calls.append(_call_values(key, record, now))
        self.legs += [of_the_call | leg for leg in _leg_values(key, record)]
        self.transfers += [of_the_call | transfer for transfer in _transfer_values(record)]
        self.receipts += [of_the_call | receipt for receipt in _receipt_values(record)]
        if record.trace and record.entry.disposition is not None:
            self.traces.append(of_the_call | {"steps": to_json(record.trace)})

    def write(self, connection: Connection, statements: CallStatements) -> None:
        statements.put_call.run(connection, self.calls)
        for clear in statements.clear:
            clear.run(connection, self.keys)
        statements.clear_receipts.run(connection, self.open_keys)
        statements.put_leg.run(connection, self.legs)
        statements.put_transfer.run(connection, self.transfers)
        statements.put_receipt.run(connection, self.receipts)
        statements.put_trace.run(connection, self.traces)
        statements.adopt_notes.run(connection, [*self.keys, *self.open_keys])


def _agent_at_phone(record: LoggedCall, endpoint: str) -> Values:
    person = next((card.agent for card in record.painted if card.sat_at(endpoint)), None)
    return {
        "person": person,
        "seat_pbx": clean_for_database(record.entry.pbx),
        "seat_endpoint": clean_for_database(endpoint),
    }


def _call_values(key: Key, record: LoggedCall, now: float) -> Values:
    entry, caller = record.entry, record.caller
    digits = number_as_digits(entry.caller.number, caller.e164)
    return {
        "pbx": key[0],
        "boot": key[1],
        "linkedid": key[2],
        "direction": entry.direction.value,
        "caller_raw": clean_for_database(entry.caller.number),
        "caller_name": clean_for_database(entry.caller.name),
        "folded": search_text([entry.caller.name], [digits]),
        "withheld": entry.caller.withheld,
        "caller_kind": caller.kind.value,
        "e164": caller.e164,
        "called": clean_for_database(entry.called),
        "did": clean_for_database(entry.did),
        "queue": clean_for_database(entry.queue),
        "arrived_at": entry.arrived_at,
        "answered_at": entry.answered_at,
        "ended_at": now if entry.ended_at is None else entry.ended_at,
        "disposition": IN_PROGRESS if entry.disposition is None else entry.disposition.value,
        "answered_by": to_json(
            [clean_for_database(entry.number_at(phone)) for phone in entry.answered_by]
        ),
        "wait_s": entry.wait_s,
        "talk_s": entry.talk_s,
        "estimated": entry.estimated,
        "before_pickup": _was_painted_before_pickup(record),
        "customer_id": record.customer,
        "kept_at": now,
        **_agent_at_phone(record, _final_leg(record)),
    }


def _final_leg(record: LoggedCall) -> str:
    """Return our phone: the last that answered.

    For a call we made that was not passed to a colleague, the phone that dialled.
    """
    answered = record.entry.answered_by
    last = answered[-1] if answered else ""
    if record.dialled_from and not any(card.sat_at(last) for card in record.painted):
        return record.dialled_from
    return last


def _was_painted_before_pickup(record: LoggedCall) -> bool | None:
    """Return whether the first to answer had the card before; None for an unanswered call."""
    for endpoint in record.entry.answered_by:
        for painted in record.painted:
            if painted.sat_at(endpoint) and painted.before_pickup is not None:
                return painted.before_pickup
    return None


def _leg_values(key: Key, record: LoggedCall) -> list[Values]:
    return [
        {
            "pbx": key[0],
            "boot": key[1],
            "uniqueid": clean_for_database(leg.leg),
            "endpoint": clean_for_database(leg.endpoint),
            "queue": clean_for_database(leg.queue),
            "rang_at": leg.rang_at,
            "answered_at": leg.answered_at,
            "ended_at": leg.ended_at,
            "hold_s": leg.hold_s,
            "outcome": leg.outcome.value,
            "rang": leg.rang,
            "dialled": clean_for_database(leg.dialled),
            "stopped_by": clean_for_database(record.entry.number_at(leg.by))
            if leg.by is not None
            else "",
            **_agent_at_phone(record, leg.endpoint),
        }
        for leg in record.entry.legs
    ]


def _transfer_values(record: LoggedCall) -> list[Values]:
    return [
        {
            "position": position,
            "origin": clean_for_database(transfer.origin),
            "target": clean_for_database(transfer.target),
            "kind": transfer.kind.value,
            "at": transfer.at,
        }
        for position, transfer in enumerate(record.entry.transfers)
    ]


def _receipt_values(record: LoggedCall) -> list[Values]:
    return [
        {
            "position": position,
            "person": painted.agent,
            "endpoint": clean_for_database(painted.endpoint),
            "sent_at": painted.sent_at,
            "received_at": painted.received_at,
            "painted_at": painted.painted_at,
            "seen_at": painted.seen_at,
            "before_pickup": painted.before_pickup,
        }
        for position, painted in enumerate(record.painted)
    ]


def _write_note(connection: Connection, note: NoteRecord) -> None:
    """Replace that agent's earlier note; it is attached to the call or waits for its row."""
    known = connection.execute(select(users.c.id).where(users.c.id == note.agent))
    values: Values = {
        "pbx": clean_for_database(note.pbx),
        "boot": None if note.boot is None else clean_for_database(note.boot),
        "linkedid": clean_for_database(note.call),
        "user_id": known.scalar(),
        "text": free_text(note.text),
        "changed_at": note.at,
    }
    values["call_id"] = _call_of(connection, values)
    before = connection.execute(_note_before(values)).first()
    if before is None:
        connection.execute(insert(call_notes).values(**values))
        return
    values["boot"] = values["boot"] or before.boot
    connection.execute(update(call_notes).where(call_notes.c.id == before.id).values(**values))


def _note_before(note: Values) -> Select[Any]:
    """Select that agent's earlier note on the call; a waiting note without boot matches any."""
    statement = select(call_notes.c.id, call_notes.c.boot).where(
        call_notes.c.user_id == note["user_id"], call_notes.c.call_id == note["call_id"]
    )
    if note["call_id"] is None:
        statement = statement.where(
            call_notes.c.pbx == note["pbx"], call_notes.c.linkedid == note["linkedid"]
        )
        if note["boot"] is not None:
            statement = statement.where(
                or_(call_notes.c.boot == note["boot"], call_notes.c.boot.is_(None))
            )
    return statement.order_by(call_notes.c.changed_at.desc()).limit(1)


def _call_of(connection: Connection, note: Values) -> int | None:
    statement = select(calls.c.id).where(
        calls.c.pbx == note["pbx"], calls.c.linkedid == note["linkedid"]
    )
    if note["boot"] is not None:
        statement = statement.where(calls.c.boot == note["boot"])
    found: int | None = (
        connection.execute(statement.order_by(calls.c.arrived_at.desc()).limit(1))
    ).scalar()
    return found
