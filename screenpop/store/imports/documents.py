"""Travel documents that a sheet adds to existing customers, and their undo."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.documents import DocumentDraft
from screenpop.customers.models import CustomerId
from screenpop.store.customers.documents import document_values
from screenpop.store.customers.trip_rows import to_json_value
from screenpop.store.engine.document_key import DocumentKey
from screenpop.store.schema.customer_tables import customer_documents

Changes = dict[str, Any]
_DAYS = frozenset({"valid_from", "expires"})
_KEPT = ("created_at",)


async def write_documents(
    connection: AsyncConnection,
    customer_id: CustomerId,
    before: Sequence[DocumentDraft],
    after: Sequence[DocumentDraft],
    key: DocumentKey | None,
    now: float,
) -> tuple[list[int], dict[str, Changes]]:
    """Write the documents that a sheet adds or completes; ``after`` begins with those of before.

    Returns the ids of new rows, and of completed rows their earlier columns (numbers sealed) with
    the new ``changed_at``, for an undo.
    """
    rows = (
        await connection.execute(
            select(customer_documents)
            .where(customer_documents.c.customer_id == customer_id)
            .order_by(customer_documents.c.id)
        )
    ).all()
    completed: dict[str, Changes] = {}
    for row, old, new in zip(rows, before, after, strict=False):
        if old == new:
            continue
        values = document_values(new, key, now)
        for name in _KEPT:
            del values[name]
        await connection.execute(
            update(customer_documents).where(customer_documents.c.id == row.id).values(**values)
        )
        earlier = {name: to_json_value(getattr(row, name)) for name in values}
        completed[str(row.id)] = {"before": earlier, "changed_at": now}
    added = []
    for one in after[len(before) :]:
        done = await connection.execute(
            insert(customer_documents)
            .values(customer_id=customer_id, **document_values(one, key, now))
            .returning(customer_documents.c.id)
        )
        added.append(int(done.scalar_one()))
    return added, completed


async def take_documents(
    connection: AsyncConnection, documents: Sequence[int], *, force: bool
) -> list[int]:
    """Remove imported documents; return those that stay because they were changed since."""
    changed = select(customer_documents.c.id).where(
        customer_documents.c.id.in_(documents),
        customer_documents.c.changed_at != customer_documents.c.created_at,
    )
    left = [] if force else list((await connection.execute(changed)).scalars())
    gone = [one for one in documents if one not in left]
    await connection.execute(delete(customer_documents).where(customer_documents.c.id.in_(gone)))
    return left


async def restore_documents(
    connection: AsyncConnection, completed: Mapping[str, Changes], *, force: bool
) -> dict[str, Changes]:
    """Restore completed documents; return those that stay because they were changed since."""
    left: dict[str, Changes] = {}
    for document, kept in completed.items():
        found = await connection.execute(
            select(customer_documents.c.changed_at).where(customer_documents.c.id == int(document))
        )
        changed_at = found.scalar()
        if changed_at is None:
            continue
        if not force and changed_at != kept["changed_at"]:
            left[document] = kept
            continue
        values = {name: _read(name, value) for name, value in kept["before"].items()}
        await connection.execute(
            update(customer_documents)
            .where(customer_documents.c.id == int(document))
            .values(**values)
        )
    return left


def _read(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in _DAYS and value else value
