"""The offers that were on the cards of one call."""

from sqlalchemy import select

from screenpop.customers.detail import OfferAnswer
from screenpop.offers.outcomes import WITHHELD
from screenpop.store.engine.database import Database
from screenpop.store.offers.terms import load_offer_names
from screenpop.store.schema.customer_tables import offer_answers

MOST_LISTED = 50


async def offers_of_call(database: Database, call: int) -> tuple[OfferAnswer, ...]:
    """Return the offers on cards of a call, with their answer or ``shown``; oldest first."""
    async with database.reading() as connection:
        rows = await connection.execute(
            select(offer_answers)
            .where(offer_answers.c.call_id == call, offer_answers.c.answer != WITHHELD)
            .order_by(offer_answers.c.at, offer_answers.c.id)
            .limit(MOST_LISTED)
        )
        found = rows.all()
        names = await load_offer_names(connection, {row.offer for row in found})
    return tuple(
        OfferAnswer(row.at, row.agent, row.offer, row.answer, row.why, names.get(row.offer, ""))
        for row in found
    )
