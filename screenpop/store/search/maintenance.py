"""Maintenance of search words and numbers: count outdated rows and rewrite them."""

import phonenumbers
from sqlalchemy import func, select

from screenpop.customers.draft import PhoneDraft
from screenpop.store.engine.database import Database
from screenpop.store.schema.customer_tables import customers_to_find
from screenpop.store.schema.match_tables import customers_to_match
from screenpop.store.schema.tables import customer_phones, customers
from screenpop.store.search.fts_index import index_new_customers
from screenpop.store.search.match_index import is_matched_by_other_version, match_waiting
from screenpop.store.search.reindex import reindex_if_outdated, reindexed_until
from screenpop.store.search.renumber import renumber_if_outdated, renumbered_until
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_numbers import resolve


async def count_outdated(database: Database, plan: NumberPlan, most: int) -> int:
    """Return how many rows are stored in the form of another version, or wait for the index.

    Counts up to ``most`` of each kind. ``plan`` is the number plan of this office.
    """
    folded = await reindexed_until(database)
    read = await renumbered_until(database, _version(plan))
    waiting = [select(customers_to_find.c.id)]
    if folded is not None:
        waiting.append(select(customers.c.id).where(customers.c.id > folded))
    if read is not None:
        waiting.append(select(customer_phones.c.id).where(customer_phones.c.id > read))
    count = 0
    async with database.reading() as connection:
        if await is_matched_by_other_version(connection):
            waiting.append(select(customers.c.id))
        else:
            waiting.append(select(customers_to_match.c.id))
        for rows in waiting:
            some = rows.limit(most).subquery()
            count += (await connection.execute(select(func.count()).select_from(some))).scalar_one()
    return count


async def bring_up_to_date(database: Database, plan: NumberPlan) -> None:
    """Rewrite outdated rows, some hundred at a time.

    Can be interrupted at any moment and continues where it stopped. With many rows it keeps a
    processor core busy for long.
    """

    def understand(raw: str) -> PhoneDraft:
        read = resolve(raw, plan=plan)
        e164 = read.e164 if read.kind is CallerIdKind.NUMBER else None
        return PhoneDraft(raw, e164, read.last_nine)

    await reindex_if_outdated(database)
    await renumber_if_outdated(database, _version(plan), understand)
    while await index_new_customers(database):
        pass
    while await match_waiting(database):
        pass


_READING = 2
"""Increment when ``resolve`` reads stored numbers differently: the next start reads all again."""


def _version(plan: NumberPlan) -> str:
    # The plan too: with another country the same digits are another number.
    return f"{phonenumbers.__version__} {_READING} {plan.region} {plan.area_code}"
