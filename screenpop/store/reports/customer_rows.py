"""Customers counted by tier, stage, year of coming and profit."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, func, or_, select

from screenpop.customers.models import Tier
from screenpop.loyalty.stages import FEW_LAPSED_DAYS, NEW_DAYS, Stage
from screenpop.reports.customers import (
    BestCustomers,
    ComingCustomers,
    CustomerGroups,
    TierCustomers,
)
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import customers, trips
from screenpop.store.schema.value_tables import customer_values
from screenpop.store.trip_board.progress import NOT_BOOKED

_GONE = (Stage.LAPSED.value, Stage.NONE.value)


async def customer_groups(database: Database, first: date, last: date) -> CustomerGroups:
    """Return counts of the customers as they are scored now; a period for what changed in it."""

    def read(connection: Connection) -> CustomerGroups:
        best, currency = _best(connection)
        return CustomerGroups(
            tiers=_tiers(connection, first, last),
            stages=_stages(connection),
            coming=_coming(connection),
            best=best,
            currency=currency,
            top=_count(connection, customer_values.c.is_top),
            lapsed=_lapsed(connection, first, last),
            won_back=_count(
                connection,
                customer_values.c.stage == Stage.WON_BACK.value,
                customer_values.c.last_trip.between(first, last),
            ),
        )

    return await database.read(read)


def _count(connection: Connection, *conditions: Any) -> int:
    statement = select(func.count()).select_from(customer_values).where(*conditions)
    return connection.scalar(statement) or 0


def _tiers(connection: Connection, first: date, last: date) -> list[TierCustomers]:
    counted = connection.execute(
        select(customers.c.tier, func.count())
        .where(customers.c.merged_into_id.is_(None))
        .group_by(customers.c.tier)
    )
    travelled = connection.execute(
        select(customers.c.tier, func.count(trips.c.customer_id.distinct()))
        .join(trips, trips.c.customer_id == customers.c.id)
        .where(
            trips.c.departs.between(first, last),
            trips.c.status.not_in(NOT_BOOKED),
            customers.c.merged_into_id.is_(None),
        )
        .group_by(customers.c.tier)
    )
    of_tier = {row[0]: row[1] for row in counted}
    went = {row[0]: row[1] for row in travelled}
    return [
        TierCustomers(tier.value, of_tier.get(tier.value, 0), went.get(tier.value, 0))
        for tier in reversed(Tier)
        if tier.value in of_tier
    ]


def _stages(connection: Connection) -> dict[str, int]:
    rows = connection.execute(
        select(customer_values.c.stage, func.count()).group_by(customer_values.c.stage)
    )
    found = {row[0]: row[1] for row in rows}
    return {stage.value: found[stage.value] for stage in Stage if found.get(stage.value)}


def _coming(connection: Connection) -> list[ComingCustomers]:
    stays = customer_values.c.stage.not_in(_GONE).label("stays")
    came_back = (customer_values.c.trips > 1).label("came_back")
    rows = connection.execute(
        select(customer_values.c.first_trip, stays, came_back, func.count().label("customers"))
        .where(customer_values.c.first_trip.is_not(None))
        .group_by(customer_values.c.first_trip, stays, came_back)
    )
    return [
        ComingCustomers(row.first_trip, bool(row.stays), bool(row.came_back), row.customers)
        for row in rows
    ]


def _best(connection: Connection) -> tuple[list[BestCustomers], str]:
    """Return customers by percentile, and the currency that most of them have."""
    values = customer_values.c
    rows = connection.execute(
        select(
            values.percentile,
            values.currency,
            func.count().label("customers"),
            func.sum(values.margin).label("margin"),
            func.sum(values.spend).label("spend"),
        )
        .where(values.percentile.is_not(None))
        .group_by(values.percentile, values.currency)
    ).all()
    if not rows:
        return [], ""
    people: Counter[str] = Counter()
    for row in rows:
        people[row.currency] += row.customers
    currency = people.most_common(1)[0][0]
    rows = [row for row in rows if row.currency == currency]
    # As the scoring does: by spend where no margins are known.
    has_margins = any(row.margin for row in rows)
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        sums[row.percentile][0] += row.customers
        sums[row.percentile][1] += int(row.margin if has_margins else row.spend)
    return [BestCustomers(percent, *both) for percent, both in sorted(sums.items())], currency


def _lapsed(connection: Connection, first: date, last: date) -> int:
    """Return how many customers lapsed in the period and are still lapsed."""
    values = customer_values.c
    rows = connection.execute(
        select(values.lapsed_from, values.first_trip, values.last_trip, values.trips).where(
            values.stage == Stage.LAPSED.value,
            values.last_trip.is_not(None),
            or_(values.lapsed_from.between(first, last), values.lapsed_from.is_(None)),
            values.last_trip <= last,
        )
    )
    return sum(first <= _lapsed_on(row) <= last for row in rows)


def _lapsed_on(row: Any) -> date:
    """Return the day from which ``loyalty.stages.stage_of`` calls a customer lapsed."""
    last: date = row.last_trip
    if row.lapsed_from is not None:
        found: date = row.lapsed_from
        return found
    if row.first_trip is None or row.first_trip == last:
        return last + timedelta(NEW_DAYS + 1)
    first: date = row.first_trip
    return last + max((last - first) * 2, timedelta(FEW_LAPSED_DAYS))
