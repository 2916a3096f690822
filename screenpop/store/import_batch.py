"""A sheet of customers goes in as one batch, and can come out again as one."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update

from screenpop.customers.draft import CustomerDraft
from screenpop.store.customer_rows import write_drafts
from screenpop.store.database import Database
from screenpop.store.tables import customer_phones, customers, import_batches


class NoSuchBatchError(LookupError):
    """There is no import with this number, or it was undone before."""


async def import_customers(
    database: Database,
    drafts: Sequence[CustomerDraft],
    *,
    filename: str,
    now: float,
    refused: int = 0,
) -> int:
    """Write all drafts in one transaction, or none; gives the number of the batch.

    ``refused`` is how many rows of the sheet were left out, for the record.
    """
    async with database.writing() as connection:
        row = await connection.execute(
            insert(import_batches)
            .values(filename=filename, imported_at=now, rows_in=len(drafts), rows_refused=refused)
            .returning(import_batches.c.id)
        )
        batch: int = row.scalar_one()
        await write_drafts(connection, database.kind, drafts, now=now, import_batch=batch)
    return batch


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


async def numbers_on_file(database: Database, numbers: Sequence[str]) -> frozenset[str]:
    """Which of these E.164 numbers a customer has already, for a word before importing."""
    found: set[str] = set()
    async with database.reading() as connection:
        for start in range(0, len(numbers), 500):
            part = numbers[start : start + 500]
            rows = await connection.execute(
                select(customer_phones.c.e164).where(customer_phones.c.e164.in_(part)).distinct()
            )
            found.update(rows.scalars())
    return frozenset(found)
