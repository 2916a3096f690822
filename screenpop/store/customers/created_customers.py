"""Undo of a customer that was created on a call by mistake.

Only as long as nothing but that call refers to the customer; afterwards only an erasure deletes it.
"""

from typing import Any

from sqlalchemy import Column, Table, and_, delete, not_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.calls.call_state import CallKey
from screenpop.customers.models import CustomerId
from screenpop.offers.outcomes import SHOWN, WITHHELD
from screenpop.store.customers.queries import CustomerRefusedError
from screenpop.store.engine.database import Database
from screenpop.store.schema.customer_tables import (
    all_tables,
    asked_facts,
    customer_changes,
    customer_looks,
    offer_answers,
)
from screenpop.store.schema.list_order_tables import last_contacts, name_orders
from screenpop.store.schema.match_tables import match_keys
from screenpop.store.schema.retention_tables import deleted_calls
from screenpop.store.schema.tables import calls, customer_phones, customers
from screenpop.store.schema.work_list_tables import work_list
from screenpop.store.search.match_index import forget_matches, lock_groups
from screenpop.store.search.similar_words import forget_words

_CREATED_WITH = (
    *(customer_phones, customer_looks, work_list, asked_facts, match_keys),
    *(name_orders, last_contacts, deleted_calls),
)
"""Tables whose rows are no use of the customer; a changed number changes ``changed_at``."""


async def delete_created(
    database: Database, customer_id: CustomerId, created_at: float, call: CallKey
) -> None:
    """Delete a customer who was created on ``call``; calls and their notes stay, without customer.

    Raises ``CustomerRefusedError``: ``unknown_customer``, ``customer_used`` (changed or used since
    ``created_at``).
    """
    async with database.writing() as connection:
        await lock_groups(connection)  # before the row, as its other writers do
        found = await connection.execute(
            select(customers.c.changed_at, customers.c.merged_into_id)
            .where(customers.c.id == customer_id)
            .with_for_update()
        )
        row = found.first()
        if row is None:
            raise CustomerRefusedError(
                "unknown_customer", f"There is no customer number {customer_id}."
            )
        changed = row.changed_at != created_at or row.merged_into_id is not None
        if changed or await _is_used(connection, customer_id, created_at, call):
            raise CustomerRefusedError(
                "customer_used",
                f"Customer number {customer_id} was changed or used since, so it stays.",
            )
        await forget_matches(connection, [customer_id])
        words = await connection.scalar(
            delete(customers).where(customers.c.id == customer_id).returning(customers.c.folded)
        )
        await forget_words(connection, [words or ""])


async def _is_used(
    connection: AsyncConnection, customer_id: CustomerId, created_at: float, call: CallKey
) -> bool:
    """Return whether any other row refers to the customer."""
    for table, column in _references():
        rows = select(column).where(column == customer_id)
        if table is calls:
            rows = rows.where(calls.c.arrived_at > created_at, not_(_is_call(call)))
        elif table is customer_changes:
            rows = rows.where(customer_changes.c.what != "created")
        elif table is offer_answers:
            # That an offer was shown on the card is no use of the customer; an answer to it is.
            rows = rows.where(offer_answers.c.answer.not_in((SHOWN, WITHHELD)))
        if (await connection.execute(rows.limit(1))).first() is not None:
            return True
    return False


def _references() -> list[tuple[Table, Column[Any]]]:
    """Return every column that points to a customer, also those of tables yet to come."""
    return [
        (table, column)
        for table in all_tables.sorted_tables
        if table not in _CREATED_WITH
        for column in table.columns
        if any(key.column.table is customers for key in column.foreign_keys)
    ]


def _is_call(call: CallKey) -> Any:
    pbx, boot, linkedid = call
    return and_(calls.c.pbx == pbx, calls.c.boot == boot, calls.c.linkedid == linkedid)
