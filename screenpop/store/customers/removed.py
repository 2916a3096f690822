"""Numbers, travel documents and attachments that were removed: kept for a day, to be put back.

What is encrypted stays encrypted; the file of an attachment stays in its folder. An erasure deletes
them with the customer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.database import Database
from screenpop.store.privacy.plain_rows import plain_value
from screenpop.store.schema.attachment_tables import customer_attachments
from screenpop.store.schema.customer_tables import customer_documents, removed_items
from screenpop.store.schema.tables import customer_phones

KEPT_S = 86_400.0
"""Seconds in which a removal can be undone."""


class RemovedKind(StrEnum):
    PHONE = "phone"
    DOCUMENT = "document"
    ATTACHMENT = "attachment"


REMOVED_TABLES: Mapping[RemovedKind, Table] = {
    RemovedKind.PHONE: customer_phones,
    RemovedKind.DOCUMENT: customer_documents,
    RemovedKind.ATTACHMENT: customer_attachments,
}


@dataclass(frozen=True, slots=True)
class RemovedItem:
    """``what``: the number as typed, or the kind of the document or attachment."""

    id: int
    kind: RemovedKind
    what: str
    at: float


async def keep_removed(
    connection: AsyncConnection, kind: RemovedKind, row: Any, user_id: UserId | None, now: float
) -> None:
    """Keep a row that is deleted in the same transaction."""
    values = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row._asdict().items()
        if name in REMOVED_TABLES[kind].c and name not in ("id", "customer_id")
    }
    await connection.execute(
        insert(removed_items).values(
            customer_id=row.customer_id,
            kind=kind.value,
            row=values,
            user_id=actor_id(user_id),
            at=now,
        )
    )


async def list_removed(
    database: Database, customer_id: CustomerId, now: float
) -> tuple[RemovedItem, ...]:
    """Return what can be put back, the last removal first."""
    statement = (
        select(removed_items)
        .where(removed_items.c.customer_id == customer_id, removed_items.c.at > now - KEPT_S)
        .order_by(removed_items.c.id.desc())
    )
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
    return tuple(
        RemovedItem(row.id, RemovedKind(row.kind), removed_text(row), row.at) for row in rows
    )


def removed_text(row: Any) -> str:
    """Return what a row of ``removed_items`` is: a number as stored, or the kind of a paper."""
    stored: Mapping[str, Any] = row.row
    if row.kind == RemovedKind.PHONE:
        return str(stored.get("e164") or stored["raw"])
    return str(stored["kind"])


async def removed_files(connection: AsyncConnection, customer_ids: Sequence[int]) -> list[str]:
    """Return the files of removed attachments of customers."""
    rows = await connection.execute(
        select(removed_items.c.row).where(
            removed_items.c.customer_id.in_(customer_ids),
            removed_items.c.kind == RemovedKind.ATTACHMENT.value,
        )
    )
    return [str(row["file"]) for row in rows.scalars()]


async def take_expired(connection: AsyncConnection, now: float) -> list[str]:
    """Delete what was removed more than a day ago; return the files that are now to be deleted."""
    gone = await connection.execute(
        delete(removed_items)
        .where(removed_items.c.at <= now - KEPT_S)
        .returning(removed_items.c.kind, removed_items.c.row)
    )
    return [str(one.row["file"]) for one in gone if one.kind == RemovedKind.ATTACHMENT.value]


async def removed_values(
    connection: AsyncConnection, customer_ids: Sequence[int]
) -> list[dict[str, Any]]:
    """Return ``kind``, ``what`` and ``at`` of what was removed, for the export of a person."""
    rows = await connection.execute(
        select(removed_items)
        .where(removed_items.c.customer_id.in_(customer_ids))
        .order_by(removed_items.c.id)
    )
    return [
        {"kind": row.kind, "what": removed_text(row), "at": plain_value("at", row.at)}
        for row in rows
    ]
