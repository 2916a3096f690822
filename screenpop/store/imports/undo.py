"""Undo of a whole import.

Customers it created are deleted, what it added to others is removed. What users have changed since
is reported and kept, unless the undo is forced. It works some hundred at a time, and can be called
again after an interruption.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.models import CustomerId
from screenpop.store.attachments.cleanup import release_files, remove_released_files
from screenpop.store.customers.trip_rows import trip_was_changed
from screenpop.store.engine.database import Database
from screenpop.store.imports.restore import (
    KeptCustomer,
    edited_cases,
    names_of_people,
    restore_changes,
)
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.schema.customer_tables import (
    customer_changes,
    customer_merges,
    follow_ups,
    trip_travellers,
)
from screenpop.store.schema.tables import cases, customers, households, import_batches, trips
from screenpop.store.search.match_index import forget_matches
from screenpop.store.search.similar_words import forget_words

_SLICE = 500
OUR_CHANGES = ("imported", "import_undone", "document_numbers_shown", "attachment_opened")
"""Entries of the audit log that are no change by a user."""


class NoSuchBatchError(LookupError):
    """There is no import with this id, or it was undone before."""


@dataclass(frozen=True, slots=True)
class UndoResult:
    gone: int
    """Number of deleted customers, with their phones, trips and cases."""
    restored: int
    """Number of customers restored to their state before the import."""
    kept: tuple[KeptCustomer, ...]


async def undo_import(
    database: Database, batch: int, now: float, *, force: bool = False
) -> UndoResult:
    """Undo a batch; calls stay, without a customer. Raises ``NoSuchBatchError``.

    What is kept can be removed later with ``force``: the batch counts as undone only when nothing
    of it is left.
    """
    await _begin(database, batch)
    kept = [] if force else await _changed_since(database, batch)
    gone = await _take_out(database, batch, {one.customer for one in kept}, now)
    restored, half = await restore_changes(database, batch, now, force=force)
    kept += half
    async with database.writing() as connection:
        values = {"state": "partly_undone"} if kept else {"state": "undone", "undone_at": now}
        await connection.execute(
            update(import_batches).where(import_batches.c.id == batch).values(**values)
        )
    return UndoResult(gone, restored, tuple(kept))


async def remove_failed_batch(database: Database, batch: int) -> None:
    """Delete everything of an import that failed, and its batch."""
    await _take_out(database, batch, set(), time.time())
    await restore_changes(database, batch, 0.0, force=True)
    async with database.writing() as connection:
        await connection.execute(delete(import_batches).where(import_batches.c.id == batch))


async def _begin(database: Database, batch: int) -> None:
    async with database.writing() as connection:
        found = await connection.execute(
            update(import_batches)
            .where(import_batches.c.id == batch, import_batches.c.undone_at.is_(None))
            .values(state="undoing")
            .returning(import_batches.c.id)
        )
        if found.first() is None:
            raise NoSuchBatchError(
                f"There is no import with the number {batch}, or it was undone before."
            )


async def _changed_since(database: Database, batch: int) -> list[KeptCustomer]:
    mine = customers.c.import_batch_id == batch
    of_mine = select(customers.c.id).where(mine)
    why: dict[int, list[str]] = {}
    async with database.reading() as connection:
        for code, statement in (
            ("edited", select(customers.c.id).where(mine, _is_edited())),
            ("merged", select(customers.c.id).where(mine, _is_merged())),
            ("follow_up", select(customers.c.id).where(mine, _has_follow_up())),
        ):
            for customer_id in (await connection.execute(statement.distinct())).scalars():
                why.setdefault(customer_id, []).append(code)
        theirs = cases.c.customer_id.in_(of_mine)
        for customer_id in set((await edited_cases(connection, theirs)).values()):
            why.setdefault(customer_id, []).append("case")
        for customer_id in await _with_other_trips(connection, batch):
            why.setdefault(customer_id, []).append("trip")
        names = await names_of_people(connection, list(why))
    return [
        KeptCustomer(CustomerId(customer_id), names[customer_id], tuple(codes))
        for customer_id, codes in why.items()
    ]


def _is_edited() -> Any:
    noted = exists().where(
        customer_changes.c.customer_id == customers.c.id,
        customer_changes.c.what.not_in(OUR_CHANGES),
    )
    return or_(customers.c.changed_at != customers.c.created_at, noted)


def _is_merged() -> Any:
    other = exists().where(
        customer_merges.c.kept_id == customers.c.id, customer_merges.c.undone_at.is_(None)
    )
    return or_(customers.c.merged_into_id.is_not(None), other)


def _has_follow_up() -> Any:
    return exists().where(follow_ups.c.customer_id == customers.c.id)


async def _with_other_trips(connection: AsyncConnection, batch: int) -> set[int]:
    """Return customers of the batch with a trip that differs from what the batch wrote."""
    rows = await connection.execute(
        select(trips)
        .join(customers, customers.c.id == trips.c.customer_id)
        .where(customers.c.import_batch_id == batch)
    )
    return {
        row.customer_id for row in rows if row.import_batch_id != batch or trip_was_changed(row)
    }


async def _take_out(database: Database, batch: int, kept: set[CustomerId], now: float) -> int:
    gone, last = 0, 0
    words = set[str]()
    while True:
        async with database.writing() as connection:
            rows = await connection.execute(
                select(
                    customers.c.id,
                    customers.c.household_id,
                    customers.c.company_id,
                    customers.c.folded,
                )
                .where(customers.c.import_batch_id == batch, customers.c.id > last)
                .order_by(customers.c.id)
                .limit(_SLICE)
            )
            found = rows.all()
            if not found:
                break
            last = found[-1].id
            going = [row.id for row in found if row.id not in kept]
            await _keep_as_names(connection, going)
            await release_files(connection, going, now)
            await forget_matches(connection, going)
            await connection.execute(delete(customers).where(customers.c.id.in_(going)))
            groups = {row.household_id for row in found} | {row.company_id for row in found}
            await remove_empty_groups(connection, groups - {None})
            gone += len(going)
            words.update(*(row.folded.split() for row in found))
    await remove_released_files(database)
    await _forget(database, sorted(words))
    return gone


async def _forget(database: Database, words: Sequence[str]) -> None:
    for start in range(0, len(words), _SLICE):
        async with database.writing() as connection:
            await forget_words(connection, words[start : start + _SLICE])


async def _keep_as_names(connection: AsyncConnection, going: list[int]) -> None:
    """Keep customers who will be deleted as names on the trips of others."""
    rows = await connection.execute(
        select(trip_travellers.c.id, customers.c.names)
        .select_from(
            trip_travellers.join(customers, customers.c.id == trip_travellers.c.customer_id).join(
                trips, trips.c.id == trip_travellers.c.trip_id
            )
        )
        .where(trip_travellers.c.customer_id.in_(going), trips.c.customer_id.not_in(going))
    )
    for row in rows.all():
        name = next((one.full for one in names_from_json(row.names).values()), "")
        await connection.execute(
            update(trip_travellers).where(trip_travellers.c.id == row.id).values(name=name)
        )


async def remove_empty_groups(connection: AsyncConnection, groups: set[int]) -> None:
    """Delete households and companies that have no members left."""
    belongs = exists().where(
        or_(customers.c.household_id == households.c.id, customers.c.company_id == households.c.id)
    )
    if groups:
        await connection.execute(delete(households).where(households.c.id.in_(groups), ~belongs))
