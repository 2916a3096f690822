"""Stored travellers of trips as drafts: to compare with a sheet, and to export."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.draft import TravellerDraft
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.schema.customer_tables import trip_travellers
from screenpop.store.schema.tables import customer_phones, customers

Travellers = tuple[TravellerDraft, ...]
_SLICE = 500


async def load_travellers(
    connection: AsyncConnection, trip_ids: Sequence[int]
) -> Mapping[int, Travellers]:
    """Return the travellers of each trip that has any; customers with all their numbers."""
    found: dict[int, Travellers] = {}
    for start in range(0, len(trip_ids), _SLICE):
        found |= await _load(connection, trip_ids[start : start + _SLICE])
    return found


async def _load(connection: AsyncConnection, trip_ids: Sequence[int]) -> dict[int, Travellers]:
    rows = (
        await connection.execute(
            select(trip_travellers, customers.c.names)
            .select_from(
                trip_travellers.outerjoin(
                    customers, customers.c.id == trip_travellers.c.customer_id
                )
            )
            .where(trip_travellers.c.trip_id.in_(trip_ids))
            .order_by(trip_travellers.c.id)
        )
    ).all()
    numbers = await _numbers(connection, {row.customer_id for row in rows} - {None})
    found: dict[int, list[TravellerDraft]] = defaultdict(list)
    for row in rows:
        found[row.trip_id].append(_traveller(row, numbers.get(row.customer_id, ())))
    return {trip: tuple(travellers) for trip, travellers in found.items()}


async def _numbers(connection: AsyncConnection, ids: set[int]) -> dict[int, tuple[str, ...]]:
    if not ids:
        return {}
    rows = await connection.execute(
        select(customer_phones.c.customer_id, customer_phones.c.e164)
        .where(customer_phones.c.customer_id.in_(ids), customer_phones.c.e164.is_not(None))
        .order_by(customer_phones.c.id)
    )
    found: dict[int, tuple[str, ...]] = {}
    for row in rows:
        found[row.customer_id] = (*found.get(row.customer_id, ()), row.e164)
    return found


def _traveller(row: Any, numbers: tuple[str, ...]) -> TravellerDraft:
    if row.customer_id is None:
        return TravellerDraft(row.name, child=row.child)
    first, *also = [name.full for name in names_from_json(row.names).values()] or [row.name]
    return TravellerDraft(first, numbers, row.customer_id, row.child, tuple(also))
