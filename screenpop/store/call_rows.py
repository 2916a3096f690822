"""One batch of finished calls and notes, written in one transaction.

Safe to repeat: a call is found again by its PBX, boot and Linkedid, and what hangs on it (legs,
transfers, receipts, trace) is replaced as a whole. What was seen stays when a later record is only
an estimate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, delete, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.service.ports import CallRecordToKeep
from screenpop.store.address import Kind
from screenpop.store.engines import insert_or_update
from screenpop.store.searching import number_as_digits, search_text
from screenpop.store.tables import (
    call_notes,
    call_traces,
    calls,
    customers,
    legs,
    receipts,
    transfers,
    user_endpoints,
    users,
)
from screenpop.store.text import clean
from screenpop.telephony.identifiers import BootId, CallId, PbxId

Key = tuple[str, str, str]
"""PBX, boot, Linkedid."""

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NoteToKeep:
    call: CallId
    pbx: PbxId
    boot: BootId | None
    """None: the newest call of this id."""
    agent: UserId
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class _Known:
    """Which of the people a batch names are there, and who sits where."""

    users: frozenset[int]
    customers: frozenset[int]
    seats: dict[tuple[str, str], int]

    def user(self, user: int | None) -> int | None:
        return user if user in self.users else None

    def seat(self, pbx: str, endpoint: str) -> int | None:
        return self.seats.get((pbx, endpoint), self.seats.get(("", endpoint)))


def key_of(record: CallRecordToKeep) -> Key:
    entry = record.entry
    return clean(entry.pbx), clean(entry.boot), clean(entry.call)


async def write_batch(
    connection: AsyncConnection,
    kind: Kind,
    records: Sequence[CallRecordToKeep],
    notes: Sequence[NoteToKeep],
    now: float,
) -> None:
    """Write calls, then notes, inside the transaction of ``connection``."""
    newest = _one_each(records)
    if newest:
        await _write_calls(connection, kind, newest, now)
    for note in _last_of_each(notes):
        await _write_note(connection, kind, note)


def _one_each(records: Iterable[CallRecordToKeep]) -> dict[Key, CallRecordToKeep]:
    """The best record of each call: the last one, but never an estimate over what was seen."""
    best: dict[Key, CallRecordToKeep] = {}
    for record in records:
        key = key_of(record)
        before = best.get(key)
        if before is None or before.entry.estimated or not record.entry.estimated:
            best[key] = record
    return best


def _last_of_each(notes: Iterable[NoteToKeep]) -> list[NoteToKeep]:
    return list({(note.pbx, note.boot, note.call, note.agent): note for note in notes}.values())


async def _write_calls(
    connection: AsyncConnection, kind: Kind, records: dict[Key, CallRecordToKeep], now: float
) -> None:
    seen = await _rows_of(connection, records, (calls.c.estimated,))
    wanted = {
        key: record
        for key, record in records.items()
        if not (record.entry.estimated and key in seen and not seen[key][0])
    }
    if not wanted:
        return
    known = await _people_in(connection, wanted.values())
    await _upsert(
        connection,
        kind,
        calls,
        ("pbx", "boot", "linkedid"),
        [_call_values(key, record, known, now) for key, record in wanted.items()],
    )
    ids = {key: row[0] for key, row in (await _rows_of(connection, wanted, (calls.c.id,))).items()}
    await _replace_children(connection, kind, ids, wanted, known)
    await _adopt_notes(connection, kind, ids)


async def _rows_of(
    connection: AsyncConnection, keys: Iterable[Key], columns: Sequence[Column[Any]]
) -> dict[Key, Sequence[Any]]:
    name = (calls.c.pbx, calls.c.boot, calls.c.linkedid)
    rows = await connection.execute(select(*name, *columns).where(tuple_(*name).in_(list(keys))))
    return {(row[0], row[1], row[2]): row[3:] for row in rows}


async def _people_in(connection: AsyncConnection, records: Iterable[CallRecordToKeep]) -> _Known:
    """A person erased while the call went on leaves the call without a name, not unwritten."""
    listed = list(records)
    agents = {painted.agent for record in listed for painted in record.painted}
    people = {record.customer for record in listed if record.customer is not None}
    phones = {leg.endpoint for record in listed for leg in record.entry.legs}
    there = await connection.execute(select(users.c.id).where(users.c.id.in_(agents)))
    known = await connection.execute(select(customers.c.id).where(customers.c.id.in_(people)))
    seats = await connection.execute(
        select(user_endpoints.c.pbx, user_endpoints.c.endpoint, user_endpoints.c.user_id).where(
            user_endpoints.c.endpoint.in_(phones)
        )
    )
    return _Known(
        frozenset(there.scalars()),
        frozenset(known.scalars()),
        {(row.pbx, row.endpoint): row.user_id for row in seats},
    )


def _who_sat_at(record: CallRecordToKeep, endpoint: str, known: _Known) -> int | None:
    """The agent whose card went with this phone, else who has the phone now."""
    for painted in record.painted:
        if painted.endpoint == endpoint and painted.agent in known.users:
            return painted.agent
    return known.seat(record.entry.pbx, endpoint)


def _call_values(key: Key, record: CallRecordToKeep, known: _Known, now: float) -> Values:
    entry, caller = record.entry, record.caller
    spoke = [_who_sat_at(record, endpoint, known) for endpoint in entry.answered_by]
    return {
        "pbx": key[0],
        "boot": key[1],
        "linkedid": key[2],
        "direction": entry.direction.value,
        "caller_raw": clean(entry.caller.number),
        "caller_name": clean(entry.caller.name),
        "folded": search_text(
            [entry.caller.name], [number_as_digits(entry.caller.number, caller.e164)]
        ),
        "withheld": entry.caller.withheld,
        "caller_kind": caller.kind.value,
        "e164": caller.e164,
        "called": clean(entry.called),
        "did": clean(entry.did),
        "queue": clean(entry.queue),
        "arrived_at": entry.arrived_at,
        "answered_at": entry.answered_at,
        "ended_at": entry.ended_at,
        "disposition": entry.disposition.value,
        "answered_by": [clean(endpoint) for endpoint in entry.answered_by],
        "wait_s": entry.wait_s,
        "talk_s": entry.talk_s,
        "estimated": entry.estimated,
        "before_pickup": _painted_in_time(record),
        "customer_id": record.customer if record.customer in known.customers else None,
        "agent_id": next((user for user in reversed(spoke) if user is not None), None),
        "kept_at": now,
    }


def _painted_in_time(record: CallRecordToKeep) -> bool | None:
    """Whether the first who answered had the card before; None when nobody answered."""
    for endpoint in record.entry.answered_by:
        for painted in record.painted:
            if painted.endpoint == endpoint and painted.before_pickup is not None:
                return painted.before_pickup
    return None


async def _replace_children(
    connection: AsyncConnection,
    kind: Kind,
    ids: dict[Key, int],
    records: dict[Key, CallRecordToKeep],
    known: _Known,
) -> None:
    for table in (legs, transfers, receipts, call_traces):
        await connection.execute(delete(table).where(table.c.call_id.in_(list(ids.values()))))
    pairs = [(ids[key], record) for key, record in records.items()]
    # A leg that another call had before is this call's now: one row a leg.
    one_each = {
        (row["pbx"], row["boot"], row["uniqueid"]): row
        for call_id, record in pairs
        for row in _leg_values(call_id, record, known)
    }
    await _upsert(connection, kind, legs, ("pbx", "boot", "uniqueid"), list(one_each.values()))
    for table, rows in (
        (transfers, [row for pair in pairs for row in _transfer_values(*pair)]),
        (receipts, [row for pair in pairs for row in _receipt_values(*pair, known)]),
        (call_traces, [{"call_id": i, "steps": list(r.trace)} for i, r in pairs if r.trace]),
    ):
        if rows:
            await connection.execute(insert(table), rows)


def _leg_values(call_id: int, record: CallRecordToKeep, known: _Known) -> list[Values]:
    return [
        {
            "call_id": call_id,
            "pbx": clean(record.entry.pbx),
            "boot": clean(record.entry.boot),
            "uniqueid": clean(leg.leg),
            "endpoint": clean(leg.endpoint),
            "queue": clean(leg.queue),
            "rang_at": leg.rang_at,
            "answered_at": leg.answered_at,
            "ended_at": leg.ended_at,
            "outcome": leg.outcome.value,
            "rang": leg.rang,
            "user_id": _who_sat_at(record, leg.endpoint, known),
        }
        for leg in record.entry.legs
    ]


def _transfer_values(call_id: int, record: CallRecordToKeep) -> list[Values]:
    return [
        {
            "call_id": call_id,
            "position": position,
            "origin": clean(transfer.origin),
            "target": clean(transfer.target),
            "kind": transfer.kind.value,
            "at": transfer.at,
        }
        for position, transfer in enumerate(record.entry.transfers)
    ]


def _receipt_values(call_id: int, record: CallRecordToKeep, known: _Known) -> list[Values]:
    return [
        {
            "call_id": call_id,
            "position": position,
            "user_id": known.user(painted.agent),
            "endpoint": clean(painted.endpoint),
            "sent_at": painted.sent_at,
            "received_at": painted.received_at,
            "painted_at": painted.painted_at,
            "seen_at": painted.seen_at,
            "before_pickup": painted.before_pickup,
        }
        for position, painted in enumerate(record.painted)
    ]


async def _upsert(
    connection: AsyncConnection,
    kind: Kind,
    table: Table,
    key: tuple[str, ...],
    rows: list[Values],
) -> None:
    if not rows:
        return
    statement = insert_or_update(kind, table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    await connection.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_=changed), rows
    )


async def _adopt_notes(connection: AsyncConnection, kind: Kind, ids: dict[Key, int]) -> None:
    """Notes written while the call went on find their call."""
    name = (call_notes.c.pbx, call_notes.c.linkedid)
    waiting = await connection.execute(
        select(call_notes)
        .where(
            call_notes.c.call_id.is_(None),
            tuple_(*name).in_([(pbx, linkedid) for pbx, _, linkedid in ids]),
        )
        .order_by(call_notes.c.changed_at)
    )
    by_name = {(pbx, linkedid): call_id for (pbx, _, linkedid), call_id in ids.items()}
    for note in waiting.all():
        call_id = (
            by_name.get((note.pbx, note.linkedid))
            if note.boot is None
            else ids.get((note.pbx, note.boot, note.linkedid))
        )
        if call_id is None:
            continue
        await connection.execute(delete(call_notes).where(call_notes.c.id == note.id))
        values = note._asdict() | {"call_id": call_id}
        del values["id"]
        await _upsert(connection, kind, call_notes, ("call_id", "user_id"), [values])


async def _write_note(connection: AsyncConnection, kind: Kind, note: NoteToKeep) -> None:
    known = await connection.execute(select(users.c.id).where(users.c.id == note.agent))
    values: Values = {
        "pbx": clean(note.pbx),
        "boot": None if note.boot is None else clean(note.boot),
        "linkedid": clean(note.call),
        "user_id": known.scalar(),
        "text": clean(note.text),
        "changed_at": note.at,
    }
    call_id = await _call_of(connection, values)
    if call_id is not None:
        row = values | {"call_id": call_id}
        await _upsert(connection, kind, call_notes, ("call_id", "user_id"), [row])
        return
    mine = (
        call_notes.c.call_id.is_(None),
        call_notes.c.pbx == values["pbx"],
        call_notes.c.linkedid == values["linkedid"],
        call_notes.c.boot.is_not_distinct_from(values["boot"]),
        call_notes.c.user_id == values["user_id"],
    )
    changed = await connection.execute(
        update(call_notes).where(*mine).values(**values).returning(call_notes.c.id)
    )
    if changed.first() is None:
        await connection.execute(insert(call_notes).values(**values))


async def _call_of(connection: AsyncConnection, note: Values) -> int | None:
    statement = select(calls.c.id).where(
        calls.c.pbx == note["pbx"], calls.c.linkedid == note["linkedid"]
    )
    if note["boot"] is not None:
        statement = statement.where(calls.c.boot == note["boot"])
    found: int | None = (
        await connection.execute(statement.order_by(calls.c.arrived_at.desc()).limit(1))
    ).scalar()
    return found
