"""Writes rows of values, and raises the tier of customers that earned a higher one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.models import Tier
from screenpop.loyalty.tiers import is_higher
from screenpop.loyalty.value import CustomerValue, ValueRun
from screenpop.store.engine.database import Database
from screenpop.store.schema.customer_tables import customer_changes
from screenpop.store.schema.tables import customers, meta
from screenpop.store.schema.value_tables import WITHOUT_VALUE, customer_values, value_runs

SCORED_KEY = "values_scored"
"""Key in ``meta``: the office's day of the last run over all customers."""
TIER_EARNED = "tier_earned"
"""What the audit log names a tier that was raised by the rules."""
_KEPT_RUNS = 60
_HUNDREDTH = 9 * 10**16
"""More than any spend; a hundred of it are a 64-bit number."""


@dataclass(frozen=True, slots=True)
class Share:
    """A customer's place among all, as of the last run over all customers."""

    percentile: int | None
    is_top: bool


async def write_values(database: Database, values: Sequence[CustomerValue], *, now: float) -> int:
    """Replace the rows of these customers; return how many tiers were raised.

    ``values``: in order of their ids, and all customers between the first and the last one that
    have a row.
    """
    if not values:
        return 0
    first, last = values[0].customer_id, values[-1].customer_id
    return await _write(
        database, values, customer_values.c.customer_id.between(first, last), now=now
    )


async def write_some_values(
    database: Database, ids: Sequence[int], values: Sequence[CustomerValue], *, now: float
) -> int:
    """Replace the rows of the customers ``ids``; those without a value have none afterwards."""
    return await _write(database, values, customer_values.c.customer_id.in_(ids), now=now)


async def _write(
    database: Database,
    values: Sequence[CustomerValue],
    replaced: ColumnElement[bool],
    *,
    now: float,
) -> int:
    async with database.writing() as connection:
        await connection.execute(delete(customer_values).where(replaced))
        if not values:
            return 0
        first, last = values[0].customer_id, values[-1].customer_id
        # A customer who was erased or merged meanwhile gets no row.
        found = await connection.execute(
            select(customers.c.id, customers.c.tier).where(
                customers.c.id.between(first, last), customers.c.merged_into_id.is_(None)
            )
        )
        tiers = {row.id: row.tier for row in found}
        rows = [_row(one) for one in values if one.customer_id in tiers]
        if rows:
            await connection.execute(insert(customer_values), rows)
        raised: dict[int, Tier] = {
            one.customer_id: one.earned_tier
            for one in values
            if one.customer_id in tiers
            and is_higher(one.earned_tier, _tier(tiers[one.customer_id]))
        }
        await _raise_tiers(connection, raised, tiers, now)
    return len(raised)


async def _raise_tiers(
    connection: AsyncConnection, raised: Mapping[int, Tier], before: Mapping[int, str], now: float
) -> None:
    """Store higher tiers with their history. A tier is never lowered here."""
    if not raised:
        return
    await connection.execute(
        update(customers)
        .where(customers.c.id == bindparam("key"))
        .values(tier=bindparam("earned"), changed_at=now),
        [{"key": key, "earned": tier.value} for key, tier in raised.items()],
    )
    await connection.execute(
        insert(customer_changes),
        [
            {
                "customer_id": key,
                "user_id": None,
                "at": now,
                "what": TIER_EARNED,
                "changes": {"tier": [before[key], tier.value]},
            }
            for key, tier in raised.items()
        ],
    )


def _tier(text: str) -> Tier:
    return Tier(text) if text in set(Tier) else Tier.NONE


def _row(value: CustomerValue) -> dict[str, Any]:
    rhythm, following = value.rhythm, value.next_tier
    return {
        "customer_id": value.customer_id,
        "scored_on": value.scored_on,
        "trips": value.trips,
        "first_trip": value.first_trip,
        "last_trip": value.last_trip,
        "spend": value.spend,
        "margin": value.margin,
        "currency": value.currency,
        "rhythm": "" if rhythm is None else rhythm.kind.value,
        "rhythm_months": 0 if rhythm is None else rhythm.interval_months,
        "due": None if rhythm is None else rhythm.due,
        "lapsed_from": None if rhythm is None else rhythm.lapsed_from,
        "stage": value.stage.value,
        "earned_tier": value.earned_tier.value,
        "next_tier": "" if following is None else following.tier.value,
        "next_tier_trips": 0 if following is None else following.trips,
        "percentile": value.percentile,
        "place": value_place(value.percentile, value.spend),
        "is_top": value.is_top,
        "chance": value.chance,
        "chance_word": value.chance_word.value,
        "reasons": [[one.code, one.raises] for one in value.reasons],
        "referred": value.referred,
        "card": orjson.dumps(card_view(value)).decode(),
    }


def value_place(percentile: int | None, spend: int) -> int:
    """Return the place of a customer in the order by value: the largest is the best."""
    if percentile is None:
        return WITHOUT_VALUE
    return min(max(spend, 0), _HUNDREDTH - 1) - percentile * _HUNDREDTH


def card_view(value: CustomerValue) -> dict[str, object]:
    """Return what a card shows: codes and days, worded by the page."""
    rhythm, following = value.rhythm, value.next_tier
    return {
        "stage": value.stage.value,
        "chance": value.chance_word.value,
        "rhythm": "" if rhythm is None else rhythm.kind.value,
        "due": None if rhythm is None else rhythm.due.isoformat(),
        "top": value.is_top,
        "sent": value.referred,
        "next_tier": None
        if following is None
        else {"tier": following.tier.value, "trips": following.trips},
    }


async def drop_unscored(database: Database, day: Any) -> None:
    """Delete rows that the run of this day did not write: of merged customers."""
    async with database.writing() as connection:
        await connection.execute(delete(customer_values).where(customer_values.c.scored_on < day))


async def save_run(database: Database, run: ValueRun, model: Mapping[str, object]) -> None:
    """Store a run over all customers and mark its day as done; the oldest runs are deleted."""
    async with database.writing() as connection:
        await connection.execute(
            insert(value_runs).values(
                at=run.at,
                day=run.day,
                took_s=run.took_s,
                customers=run.customers,
                report=dict(run.report),
                model=dict(model),
            )
        )
        kept = select(value_runs.c.id).order_by(value_runs.c.id.desc()).limit(_KEPT_RUNS)
        await connection.execute(delete(value_runs).where(value_runs.c.id.not_in(kept)))
        await connection.execute(delete(meta).where(meta.c.key == SCORED_KEY))
        await connection.execute(insert(meta).values(key=SCORED_KEY, value=run.day.isoformat()))


async def load_shares(database: Database, ids: Sequence[int]) -> dict[int, Share]:
    """Return the places of these customers as of the last run over all."""
    columns = (
        customer_values.c.customer_id,
        customer_values.c.percentile,
        customer_values.c.is_top,
    )
    async with database.reading() as connection:
        rows = await connection.execute(
            select(*columns).where(customer_values.c.customer_id.in_(ids))
        )
        return {row.customer_id: Share(row.percentile, row.is_top) for row in rows}
