"""The customers that an offer fits on a day, found by the database; agrees with the cards.

A customer with an open complaint or refund, without consent to offers, or in the quiet time after a
no is not among them, as on a card. The line and the queue of a call are not looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_

from screenpop.conditions.tree import Compare, Op
from screenpop.offers.matching import Known
from screenpop.offers.office_offer import OfficeOffer, suggestion_id
from screenpop.offers.spoken_reasons import destination_for, reason_for
from screenpop.offers.suggestion import Reason
from screenpop.store.engine.database import Database
from screenpop.store.engine.url import Kind
from screenpop.store.schema.tables import cases, customers
from screenpop.store.segments.facts import load_facts
from screenpop.store.segments.found import Wanted, segment_statement

_ALL_CUSTOMERS = Compare("trip_count", Op.AT_LEAST, 0)
MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class FittingCustomer:
    customer_id: int
    reason: Reason
    tier: str = ""
    destination: str = ""
    """The place that the words name; empty for none."""


async def count_fitting(
    database: Database, offers: Sequence[OfficeOffer], today: date, zone: tzinfo
) -> dict[int, int]:
    """Return how many customers each offer fits, by its id."""

    def read(connection: Connection) -> dict[int, int]:
        return {
            one.id: int(
                connection.execute(
                    _statement(connection, database.kind, one, today, zone).with_only_columns(
                        func.count()
                    )
                ).scalar_one()
            )
            for one in offers
        }

    return await database.read(read)


async def list_fitting(
    database: Database, offer: OfficeOffer, today: date, zone: tzinfo, most: int = MOST_LISTED
) -> tuple[FittingCustomer, ...]:
    """Return the customers that an offer fits, newest first, each with the reason."""

    def read(connection: Connection) -> tuple[FittingCustomer, ...]:
        statement = _statement(connection, database.kind, offer, today, zone)
        ids = (
            connection.execute(statement.order_by(customers.c.id.desc()).limit(most))
            .scalars()
            .all()
        )
        facts = load_facts(connection, ids, zone)
        return tuple(
            FittingCustomer(
                number,
                reason_for(offer, known := Known(facts[number], today)),
                facts[number].tier,
                destination_for(offer, known),
            )
            for number in ids
        )

    return await database.read(read)


def _statement(
    connection: Connection, kind: Kind, offer: OfficeOffer, today: date, zone: tzinfo
) -> Select[Any]:
    condition = offer.terms.condition or _ALL_CUSTOMERS
    found = segment_statement(connection, kind, Wanted(condition, today, zone))
    quiet_until = _quiet_until(kind, offer)
    complains = exists().where(
        cases.c.customer_id == customers.c.id,
        cases.c.kind.in_(("complaint", "refund")),
        cases.c.state != "closed",
    )
    return found.where(
        or_(customers.c.marketing_consent.is_(None), customers.c.marketing_consent.is_(True)),
        ~complains,
        or_(quiet_until.is_(None), quiet_until <= today.isoformat()),
    )


def _quiet_until(kind: Kind, offer: OfficeOffer) -> ColumnElement[Any]:
    """Return the day from which a declined offer is suggested again, as ISO text."""
    name = suggestion_id(offer.id)
    if kind == "sqlite":
        return func.json_extract(customers.c.quiet_offers, f'$."{name}"')
    return func.json_extract_path_text(customers.c.quiet_offers, name)
