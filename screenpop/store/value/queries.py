"""Values and runs as pages, cards and the next run read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from screenpop.customers.models import CustomerId, Tier
from screenpop.loyalty.own_rhythm import Rhythm, RhythmKind
from screenpop.loyalty.stages import Stage
from screenpop.loyalty.tiers import NextTier
from screenpop.loyalty.value import ChanceReason, ChanceWord, CustomerValue, ValueRun
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import customers, meta
from screenpop.store.schema.value_tables import customer_values, value_runs
from screenpop.store.value.rows import SCORED_KEY


async def is_scored_for(database: Database, today: date) -> bool:
    """Return whether all customers were scored on this day."""
    async with database.reading() as connection:
        day = await connection.scalar(select(meta.c.value).where(meta.c.key == SCORED_KEY))
    return day == today.isoformat()


async def has_customers(database: Database) -> bool:
    async with database.reading() as connection:
        return await connection.scalar(select(customers.c.id).limit(1)) is not None


def card_value_of(customer: ColumnElement[Any]) -> Select[Any]:
    """Select what a card shows of a customer's value, as JSON."""
    return select(customer_values.c.card).where(customer_values.c.customer_id == customer)


async def load_value(database: Database, customer_id: CustomerId) -> CustomerValue | None:
    """Return the value of a customer; None before the first run."""
    statement = select(customer_values).where(customer_values.c.customer_id == customer_id)
    async with database.reading() as connection:
        row = (await connection.execute(statement)).first()
    return None if row is None else _value(row)


def _value(row: Any) -> CustomerValue:
    rhythm = None
    if row.rhythm:
        rhythm = Rhythm(
            RhythmKind(row.rhythm),
            row.rhythm_months,
            row.last_trip,
            row.due,
            row.lapsed_from,
            row.trips,
        )
    following = NextTier(Tier(row.next_tier), row.next_tier_trips) if row.next_tier else None
    return CustomerValue(
        CustomerId(row.customer_id),
        row.scored_on,
        *(row.trips, row.first_trip, row.last_trip),
        *(row.spend, row.margin, row.currency),
        rhythm,
        Stage(row.stage),
        Tier(row.earned_tier),
        following,
        *(row.percentile, row.is_top),
        *(row.chance, ChanceWord(row.chance_word)),
        tuple(ChanceReason(code, raises) for code, raises in row.reasons),
        row.referred,
    )


async def list_stage(database: Database, stage: Stage, most: int) -> list[CustomerValue]:
    """Return customers of a stage, those who bring most first."""
    statement = (
        select(customer_values)
        .where(customer_values.c.stage == stage.value)
        .order_by(
            customer_values.c.percentile.asc().nulls_last(),
            customer_values.c.chance.desc().nulls_last(),
            customer_values.c.customer_id,
        )
        .limit(most)
    )
    async with database.reading() as connection:
        return [_value(row) for row in await connection.execute(statement)]


async def load_runs(database: Database, most: int = 10) -> Sequence[ValueRun]:
    """Return the last runs over all customers, the newest first."""
    columns = [column for column in value_runs.c if column.name != "model"]
    statement = select(*columns).order_by(value_runs.c.id.desc()).limit(most)
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
    return [ValueRun(row.at, row.day, row.took_s, row.customers, row.report) for row in rows]


@dataclass(frozen=True, slots=True)
class StoredModel:
    day: date
    model: dict[str, Any]


async def load_model(database: Database) -> StoredModel | None:
    """Return what the last run over all customers fitted; None before it."""
    statement = (
        select(value_runs.c.day, value_runs.c.model).order_by(value_runs.c.id.desc()).limit(1)
    )
    async with database.reading() as connection:
        row = (await connection.execute(statement)).first()
    return None if row is None else StoredModel(row.day, row.model)


async def count_stages(database: Database) -> dict[Stage, int]:
    """Return the number of customers of each stage, as scored last."""
    statement = select(customer_values.c.stage, func.count()).group_by(customer_values.c.stage)
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
    found = {row[0]: row[1] for row in rows}
    return {stage: found.get(stage.value, 0) for stage in Stage}
