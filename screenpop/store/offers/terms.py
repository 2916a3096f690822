"""The terms and names of offers that were suggested or answered, by the suggestion's id."""

from collections.abc import Collection
from functools import lru_cache

import orjson
from sqlalchemy import Connection, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.offers.offer_errors import OfferError
from screenpop.offers.offer_json import read_offer
from screenpop.offers.office_offer import OfferTerms, offer_of
from screenpop.store.schema.offer_tables import offers


def load_terms(connection: Connection, suggestions: Collection[str]) -> dict[str, OfferTerms]:
    """Return the terms of those suggestions that are offers of the office."""
    wanted = {number: one for one in suggestions if (number := offer_of(one)) is not None}
    if not wanted:
        return {}
    rows = connection.execute(select(offers).where(offers.c.id.in_(wanted)))
    terms = {wanted[row.id]: stored_terms(row.terms) for row in rows}
    return {one: found for one, found in terms.items() if found is not None}


async def load_offer_names(
    connection: AsyncConnection, suggestions: Collection[str]
) -> dict[str, str]:
    """Return the names of those suggestions that are offers of the office."""
    wanted = {number: one for one in suggestions if (number := offer_of(one)) is not None}
    if not wanted:
        return {}
    named = select(offers.c.id, offers.c.name).where(offers.c.id.in_(wanted))
    return {wanted[row.id]: row.name for row in await connection.execute(named)}


def stored_terms(stored: object) -> OfferTerms | None:
    """Return the terms of a stored offer; None for one that this version cannot read."""
    return _terms_of(orjson.dumps(stored))


@lru_cache(maxsize=1_000)
def _terms_of(stored: bytes) -> OfferTerms | None:
    """Read the terms once: all offers are looked at again every few seconds."""
    try:
        # Words of a language that was switched on later are asked for when the offer is edited.
        return read_offer(orjson.loads(stored), languages=())
    except OfferError:
        return None
