"""Puts back a number, travel document or attachment that was removed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId
from screenpop.store.customers.audit import log_change
from screenpop.store.customers.queries import CustomerRefusedError, touch_customer
from screenpop.store.customers.removed import (
    KEPT_S,
    REMOVED_TABLES,
    RemovedKind,
    removed_text,
)
from screenpop.store.engine.database import Database
from screenpop.store.schema.customer_tables import customer_documents, removed_items
from screenpop.store.schema.tables import customer_phones, trips
from screenpop.store.search.reindex import reindex_customers

_FIELDS: Mapping[RemovedKind, str] = {
    RemovedKind.PHONE: "number",
    RemovedKind.DOCUMENT: "document",
    RemovedKind.ATTACHMENT: "attachment",
}


async def put_back(
    database: Database,
    customer_id: CustomerId,
    item_id: int,
    kinds: Sequence[RemovedKind],
    *,
    user_id: UserId | None,
    now: float,
) -> RemovedKind:
    """Put back what was removed, if it is one of these kinds; return its kind.

    Raises ``CustomerRefusedError``: ``unknown_customer``, ``number_there``, ``document_there``.
    """
    async with database.writing() as connection:
        found = await connection.execute(
            select(removed_items).where(
                removed_items.c.id == item_id,
                removed_items.c.customer_id == customer_id,
                removed_items.c.kind.in_([one.value for one in kinds]),
                removed_items.c.at > now - KEPT_S,
            )
        )
        item = found.first()
        if item is None:
            raise CustomerRefusedError("unknown_customer", "This can no longer be put back.")
        kind = RemovedKind(item.kind)
        table = REMOVED_TABLES[kind]
        values = {name: _stored(table, name, value) for name, value in item.row.items()}
        await _check_free(connection, customer_id, kind, values)
        if kind is RemovedKind.ATTACHMENT:
            values["trip_id"] = await _trip(connection, values["trip_id"])
        await connection.execute(insert(table).values(customer_id=customer_id, **values))
        await connection.execute(delete(removed_items).where(removed_items.c.id == item_id))
        await touch_customer(connection, customer_id, now)
        if kind is RemovedKind.PHONE:
            await reindex_customers(connection, [customer_id])
        changes = {_FIELDS[kind]: (None, removed_text(item))}
        what = f"{_FIELDS[kind]}_added"
        await log_change(connection, customer_id, what, changes, user_id=user_id, now=now)
    return kind


def _stored(table: Table, name: str, value: Any) -> Any:
    is_day = isinstance(table.c[name].type, Date) and value is not None
    return date.fromisoformat(value) if is_day else value


async def _check_free(
    connection: AsyncConnection, customer_id: CustomerId, kind: RemovedKind, values: dict[str, Any]
) -> None:
    """Check that the same number or document was not added again meanwhile."""
    if kind is RemovedKind.ATTACHMENT:
        return
    if kind is RemovedKind.PHONE:
        code, is_known = "number_there", values["e164"] is not None
        same = customer_phones.c.e164 == values["e164"]
    else:
        code, is_known = "document_there", bool(values["number_mark"])
        same = (customer_documents.c.number_mark == values["number_mark"]) & (
            customer_documents.c.kind == values["kind"]
        )
    table = REMOVED_TABLES[kind]
    other = select(table.c.id).where(table.c.customer_id == customer_id, same)
    if is_known and (await connection.execute(other)).first() is not None:
        raise CustomerRefusedError(code, "It was added again meanwhile.")


async def _trip(connection: AsyncConnection, trip_id: int | None) -> int | None:
    found = await connection.execute(select(trips.c.id).where(trips.c.id == trip_id))
    return None if found.first() is None else trip_id
