"""Erasure of people: all personal data is deleted, calls stay as figures.

Data on other customers is theirs: a number that another customer has too stays with that customer,
with the calls that are linked to that customer. What others' files say of the person is replaced
before the person is deleted, so that an erasure that was interrupted can be repeated. There is no
undo, and the log does not name the person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.common.search_normalization import fold
from screenpop.common.text import last_nine
from screenpop.customers.models import CustomerId
from screenpop.store.attachments.cleanup import release_files, remove_released_files
from screenpop.store.customers.queries import CustomerRefusedError
from screenpop.store.engine.database import Database
from screenpop.store.engine.secure_delete import enable_secure_delete, purge_deleted_data
from screenpop.store.imports.undo import remove_empty_groups
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.privacy.mention_keys import mention_keys
from screenpop.store.privacy.mentions import LikelyMention, remove_mentions, still_there
from screenpop.store.privacy.records import log_privacy_action
from screenpop.store.schema.customer_tables import customer_merges, trip_travellers
from screenpop.store.schema.tables import (
    call_notes,
    call_traces,
    calls,
    customer_phones,
    customers,
    import_changes,
    legs,
    receipts,
    transfers,
    trips,
    watched_rows,
)
from screenpop.store.schema.webhook_tables import webhook_deliveries
from screenpop.store.search.columns import number_as_digits, search_text
from screenpop.store.search.match_index import forget_matches
from screenpop.store.search.similar_words import forget_words
from screenpop.store.vouchers.rows import forget_holder

_SLICE = 500
_FEWEST_DIGITS = 7
"""Digits of an outside number; shorter ones are our own phones."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased; all that is kept of it."""

    files: int
    """The customers and those that were merged into them."""
    numbers: int
    trips: int
    calls: int
    """Calls that stay as figures, without number and name."""
    attachments: int = 0
    """Attached files."""
    mentions: int = 0
    """Places in data of others where the person was replaced by a neutral word."""
    likely: tuple[LikelyMention, ...] = ()
    """Places that may mean the person, unchanged; at most ``mentions.MOST_LIKELY``."""

    @property
    def figures(self) -> dict[str, int]:
        """How much, as it is recorded."""
        return {
            one.name: number
            for one in fields(self)
            if isinstance(number := getattr(self, one.name), int)
        }


@dataclass(frozen=True, slots=True)
class _ErasedPeople:
    ids: tuple[int, ...]
    names: tuple[str, ...]
    """Folded."""
    own: frozenset[tuple[str | None, str | None]]
    """E.164 and last nine digits of numbers that no customer outside the group has."""
    shared: frozenset[str]
    """E.164 of numbers that other customers have too."""
    groups: frozenset[int]


async def erase_customer(
    database: Database, customer_id: CustomerId, *, user_id: UserId | None, now: float
) -> Erased:
    """Erase a customer; return the counts.

    Raises ``CustomerRefusedError``: ``unknown_customer``, ``merged_away`` (erase the customer that
    it was merged into).
    """
    return await _erase(database, [int(customer_id)], "erased", user_id, now)


async def erase_inactive(
    database: Database, ids: Sequence[CustomerId], only_if: ColumnElement[bool], now: float
) -> Erased:
    """Erase some customers at once, in the same way and with one reading of all texts.

    ``only_if``: a condition on ``customers``, which each of them still meets when it is erased;
    others of ``ids`` stay. A few at once: calls are searched while the database is locked.
    """
    return await _erase(database, ids, "retention", None, now, only_if)


async def _erase(
    database: Database,
    ids: Sequence[int],
    what: str,
    user_id: UserId | None,
    now: float,
    only_if: ColumnElement[bool] | None = None,
) -> Erased:
    """Erase customers as one group: what only they have goes. ``what``: the record's code."""
    async with database.reading() as connection:
        person = await _people(connection, await _still(connection, ids, only_if))
    if not person.ids:
        return Erased(0, 0, 0, 0)
    keys = await mention_keys(database, person.ids, [e164 for e164, _ in person.own if e164])
    mentioned = await remove_mentions(database, person.ids, keys)
    async with database.writing() as connection:
        await enable_secure_delete(connection, database.kind)
        person = await _people(connection, await _still(connection, ids, only_if))
        theirs = await _calls_of(connection, person)
        await _clear_calls(connection, theirs)
        await _clear_shared_calls(connection, person)
        await _clear_deliveries(connection, person)
        attached = await release_files(connection, person.ids, now)
        gone = await _delete(connection, person, now)
        await remove_empty_groups(connection, set(person.groups))
        likely = await still_there(connection, mentioned.likely)
        counts = (len(person.ids), gone["customer_phones"], gone["trips"], len(theirs), attached)
        erased = Erased(*counts, mentioned.replaced, likely)
        await log_privacy_action(connection, what, erased.figures, user_id=user_id, now=now)
    await remove_released_files(database)
    await purge_deleted_data(database)
    return erased


async def _still(
    connection: AsyncConnection, ids: Sequence[int], only_if: ColumnElement[bool] | None
) -> list[int]:
    if only_if is None:
        return list(ids)
    found = await connection.execute(select(customers.c.id).where(customers.c.id.in_(ids), only_if))
    return sorted(found.scalars())


async def confirmation_names(database: Database, customer_id: CustomerId) -> tuple[str, ...]:
    """Return what may be typed to confirm: the name in any of its scripts.

    A customer without a name is confirmed by number. Empty when there is no such customer.
    """
    async with database.reading() as connection:
        row = (
            await connection.execute(select(customers.c.names).where(customers.c.id == customer_id))
        ).first()
    if row is None:
        return ()
    full = [name.full for name in names_from_json(row.names).values() if name.full]
    return tuple(full) or (str(customer_id),)


def is_confirmation_name(typed: str, names: Iterable[str]) -> bool:
    return bool(typed.strip()) and fold(typed) in {fold(name) for name in names}


async def _people(connection: AsyncConnection, wanted: Sequence[int]) -> _ErasedPeople:
    rows = await _files(connection, wanted)
    if missing := set(wanted) - {row.id for row in rows}:
        raise CustomerRefusedError(
            "unknown_customer", f"There is no customer number {min(missing)}."
        )
    for row in rows:
        if row.merged_into_id is not None:
            raise CustomerRefusedError(
                "merged_away",
                f"This file was merged into number {row.merged_into_id}; erase that one.",
            )
    ids = list(wanted)
    while found := await _merged_into(connection, ids):
        ids += found
    rows = await _files(connection, ids)
    names = {fold(name.full) for row in rows for name in names_from_json(row.names).values()}
    groups = {row.household_id for row in rows} | {row.company_id for row in rows}
    own, shared = await _numbers(connection, ids)
    return _ErasedPeople(
        tuple(ids), tuple(filter(None, names)), own, shared, frozenset(groups - {None})
    )


async def _files(connection: AsyncConnection, ids: Sequence[int]) -> Sequence[Any]:
    return (await connection.execute(select(customers).where(customers.c.id.in_(ids)))).all()


async def _merged_into(connection: AsyncConnection, ids: Sequence[int]) -> Sequence[int]:
    found = await connection.execute(
        select(customers.c.id).where(
            customers.c.merged_into_id.in_(ids), customers.c.id.not_in(ids)
        )
    )
    return found.scalars().all()


async def _numbers(
    connection: AsyncConnection, ids: Sequence[int]
) -> tuple[frozenset[tuple[str | None, str | None]], frozenset[str]]:
    """Return own and shared numbers, also former ones from stored undo data."""
    phones = customer_phones.c
    rows = await connection.execute(
        select(phones.raw, phones.e164).where(phones.customer_id.in_(ids))
    )
    numbers = {(row.raw, row.e164) for row in rows}
    merges = await connection.execute(
        select(customer_merges.c.moved).where(
            or_(customer_merges.c.kept_id.in_(ids), customer_merges.c.gone_id.in_(ids))
        )
    )
    numbers |= {(one["raw"], one["e164"]) for (moved,) in merges for one in moved["dropped"]}
    sheets = await connection.execute(
        select(import_changes.c.changes).where(import_changes.c.customer_id.in_(ids))
    )
    gone = [one for (kept,) in sheets for one in kept.get("gone_phones", ())]
    numbers |= {(one["raw"], one["e164"]) for one in gone}
    others = await connection.execute(
        select(phones.e164).where(
            phones.e164.in_([e164 for _, e164 in numbers if e164]), phones.customer_id.not_in(ids)
        )
    )
    shared = frozenset(others.scalars())
    own = {(e164, last_nine(e164 or raw)) for raw, e164 in numbers if e164 not in shared}
    return frozenset(own), shared


async def _calls_of(connection: AsyncConnection, person: _ErasedPeople) -> list[int]:
    """Return the calls linked to the person, and those of numbers that no other customer has.

    Includes calls that we made, and those whose number could not be parsed.
    """
    theirs: list[ColumnElement[bool]] = [calls.c.customer_id.in_(person.ids)]
    unassigned_or_own = or_(calls.c.customer_id.is_(None), calls.c.customer_id.in_(person.ids))
    for e164, digits in person.own:
        if digits is not None:
            unread = calls.c.e164.is_(None) if e164 else true()
            mentioned = and_(unread, calls.c.folded.contains(digits, autoescape=True))
            dialled = calls.c.called.endswith(digits, autoescape=True)
            theirs.append(and_(or_(mentioned, dialled), unassigned_or_own))
        if e164 is not None:
            theirs.append(and_(calls.c.e164 == e164, unassigned_or_own))
    found = await connection.execute(select(calls.c.id).where(or_(*theirs)))
    return list(found.scalars())


async def _clear_answered_by(connection: AsyncConnection, theirs: Sequence[int]) -> None:
    """Keep our own phones, which are short; remove outside numbers."""
    rows = await connection.execute(
        select(calls.c.id, calls.c.answered_by).where(calls.c.id.in_(theirs))
    )
    for call, answered_by in rows.all():
        ours = [phone for phone in answered_by if len(phone) < _FEWEST_DIGITS]
        if ours != answered_by:
            await connection.execute(
                update(calls).where(calls.c.id == call).values(answered_by=ours)
            )


async def _clear_calls(connection: AsyncConnection, theirs: Sequence[int]) -> None:
    for start in range(0, len(theirs), _SLICE):
        part = theirs[start : start + _SLICE]
        for table in (call_traces, receipts, call_notes):
            await connection.execute(delete(table).where(table.c.call_id.in_(part)))
        for table, column in (
            (transfers, transfers.c.origin),
            (transfers, transfers.c.target),
            (legs, legs.c.endpoint),
            (legs, legs.c.dialled),
            (legs, legs.c.stopped_by),
        ):
            await connection.execute(
                update(table)
                .where(table.c.call_id.in_(part), func.length(column) >= _FEWEST_DIGITS)
                .values({column.name: ""})
            )
        await _clear_answered_by(connection, part)
        await connection.execute(
            update(calls)
            .where(calls.c.id.in_(part), func.length(calls.c.called) >= _FEWEST_DIGITS)
            .values(called="")
        )
        await connection.execute(
            update(calls)
            .where(calls.c.id.in_(part))
            .values(
                caller_raw="",
                caller_name="",
                folded="",
                e164=None,
                caller_kind="unknown",
                customer_id=None,
            )
        )


async def _clear_shared_calls(connection: AsyncConnection, person: _ErasedPeople) -> None:
    """Clear calls of a shared number: the number stays; the name and the agent's choice go."""
    rows = await connection.execute(
        select(
            calls.c.id, calls.c.caller_raw, calls.c.caller_name, calls.c.e164, call_traces.c.steps
        )
        .select_from(calls.outerjoin(call_traces, call_traces.c.call_id == calls.c.id))
        .where(calls.c.e164.in_(person.shared))
    )
    for row in rows.all():
        if any(name in fold(row.caller_name) for name in person.names):
            folded = search_text([], [number_as_digits(row.caller_raw, row.e164)])
            await connection.execute(
                update(calls).where(calls.c.id == row.id).values(caller_name="", folded=folded)
            )
        steps = [step for step in row.steps or () if step.get("customer") not in person.ids]
        if steps != (row.steps or []):
            await connection.execute(
                update(call_traces).where(call_traces.c.call_id == row.id).values(steps=steps)
            )


async def _clear_deliveries(connection: AsyncConnection, person: _ErasedPeople) -> None:
    """Delete what waits for other programs: by customer and by own numbers."""
    d = webhook_deliveries
    about: list[ColumnElement[bool]] = [d.c.customer_id.in_(person.ids)]
    unassigned = d.c.customer_id.is_(None)
    for e164, digits in person.own:
        if e164 is not None:
            about.append(and_(d.c.number == e164, unassigned))
        elif digits is not None:
            about.append(and_(d.c.number.endswith(digits, autoescape=True), unassigned))
    await connection.execute(delete(d).where(or_(*about)))


async def _delete(connection: AsyncConnection, person: _ErasedPeople, now: float) -> dict[str, int]:
    """Delete the customer; dependent rows go by foreign keys. Return counts."""
    gone = {
        table.name: await _count(connection, table, person.ids)
        for table in (customer_phones, trips)
    }
    await connection.execute(
        update(watched_rows)
        .where(watched_rows.c.customer_id.in_(person.ids))
        .values(draft=None, customer_id=None)
    )
    await connection.execute(
        delete(trip_travellers).where(trip_travellers.c.customer_id.in_(person.ids))
    )
    await forget_holder(connection, person.ids, now=now)
    await forget_matches(connection, person.ids)
    words = [row.folded for row in await _files(connection, person.ids)]
    # Merged customers first: after it they would reference a deleted row.
    for customer_id in reversed(person.ids):
        await connection.execute(delete(customers).where(customers.c.id == customer_id))
    await forget_words(connection, words)
    return gone


async def _count(connection: AsyncConnection, table: Table, ids: Sequence[int]) -> int:
    found = await connection.execute(
        select(func.count()).select_from(table).where(table.c.customer_id.in_(ids))
    )
    return int(found.scalar_one())
