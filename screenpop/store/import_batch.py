"""A sheet of customers goes in as one batch, and can come out again as one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.folding import fold
from screenpop.store.customer_rows import write_drafts
from screenpop.store.database import Database
from screenpop.store.record_rows import names_from
from screenpop.store.tables import customer_phones, customers, import_batches

_SLICE = 500

NumberAndName = tuple[str, str]


class NoSuchBatchError(LookupError):
    """There is no import with this number, or it was undone before."""


@dataclass(frozen=True, slots=True)
class ImportedBatch:
    id: int
    """For ``undo_import``."""
    added: int
    already_there: tuple[int, ...]
    """Places in the list of those who were left out: the same name with the same number is on
    file, or stood in the list before."""


async def import_customers(
    database: Database,
    drafts: Sequence[CustomerDraft],
    *,
    filename: str,
    now: float,
    refused: int = 0,
) -> ImportedBatch:
    """Write all drafts in one transaction, or none. The same sheet twice adds nobody twice.

    ``refused`` is how many rows of the sheet were left out before, for the record.
    """
    async with database.writing() as connection:
        known = await _on_file(connection, drafts)
        wanted, twice = _new_ones(drafts, known)
        row = await connection.execute(
            insert(import_batches)
            .values(
                filename=filename,
                imported_at=now,
                rows_in=len(wanted),
                rows_refused=refused + len(twice),
            )
            .returning(import_batches.c.id)
        )
        batch: int = row.scalar_one()
        await write_drafts(connection, database.kind, wanted, now=now, import_batch=batch)
    return ImportedBatch(batch, len(wanted), twice)


async def undo_import(database: Database, batch: int, now: float) -> int:
    """Take the customers of a batch out again, with their phones, trips and cases.

    Gives how many; their calls stay, without a name. Raises ``NoSuchBatchError``.
    """
    async with database.writing() as connection:
        found = await connection.execute(
            update(import_batches)
            .where(import_batches.c.id == batch, import_batches.c.undone_at.is_(None))
            .values(undone_at=now)
            .returning(import_batches.c.id)
        )
        if found.first() is None:
            raise NoSuchBatchError(
                f"There is no import with the number {batch}, or it was undone before."
            )
        gone = await connection.execute(
            delete(customers).where(customers.c.import_batch_id == batch).returning(customers.c.id)
        )
        return len(gone.all())


async def _on_file(
    connection: AsyncConnection, drafts: Iterable[CustomerDraft]
) -> set[NumberAndName]:
    numbers = sorted({phone.e164 for draft in drafts for phone in draft.phones if phone.e164})
    found: set[NumberAndName] = set()
    for start in range(0, len(numbers), _SLICE):
        rows = await connection.execute(
            select(customer_phones.c.e164, customers.c.names)
            .join(customers, customers.c.id == customer_phones.c.customer_id)
            .where(customer_phones.c.e164.in_(numbers[start : start + _SLICE]))
        )
        for row in rows:
            names = names_from(row.names).values()
            found.update((row.e164, fold(name.full)) for name in names)
    return found


def _new_ones(
    drafts: Sequence[CustomerDraft], known: set[NumberAndName]
) -> tuple[list[CustomerDraft], tuple[int, ...]]:
    """Who is to be written, and the places of those who are there already."""
    wanted: list[CustomerDraft] = []
    twice: list[int] = []
    for place, draft in enumerate(drafts):
        marks = {
            (phone.e164, fold(name.full))
            for phone in draft.phones
            if phone.e164
            for name in draft.names.values()
        }
        if marks & known:
            twice.append(place)
            continue
        known |= marks
        wanted.append(draft)
    return wanted, tuple(twice)
