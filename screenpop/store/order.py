"""Whether all of the customers' file is kept as this program keeps it, and how to get there."""

import phonenumbers
from sqlalchemy import func, select

from screenpop.customers.draft import PhoneDraft
from screenpop.store.database import Database
from screenpop.store.indexing import index_new
from screenpop.store.people_tables import customers_to_find
from screenpop.store.refolding import folded_until, refold_if_older
from screenpop.store.renumbering import read_until, renumber_if_older
from screenpop.store.tables import customer_phones, customers
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.numbers import resolve
from screenpop.telephony.plan import NumberPlan


async def out_of_order(database: Database, plan: NumberPlan, most: int) -> int:
    """How many rows still are kept as another version of this program did, or wait to be found;
    counted up to ``most`` of each kind. ``plan`` is how this office's numbers are read."""
    folded = await folded_until(database)
    read = await read_until(database, _version(plan))
    waiting = [select(customers_to_find.c.id)]
    if folded is not None:
        waiting.append(select(customers.c.id).where(customers.c.id > folded))
    if read is not None:
        waiting.append(select(customer_phones.c.id).where(customer_phones.c.id > read))
    count = 0
    async with database.reading() as connection:
        for rows in waiting:
            some = rows.limit(most).subquery()
            count += (await connection.execute(select(func.count()).select_from(some))).scalar_one()
    return count


async def put_in_order(database: Database, plan: NumberPlan) -> None:
    """Write anew what is kept otherwise, some hundred rows at a time. It can be broken off at any
    moment and begins where it was. Where there is much it keeps a processor busy for long."""

    def understand(raw: str) -> PhoneDraft:
        read = resolve(raw, plan=plan)
        e164 = read.e164 if read.kind is CallerIdKind.NUMBER else None
        return PhoneDraft(raw, e164, read.last_nine)

    await refold_if_older(database)
    await renumber_if_older(database, _version(plan), understand)
    while await index_new(database):
        pass


_READING = 2
"""Counts on when ``resolve`` reads stored numbers otherwise: the next start reads all anew."""


def _version(plan: NumberPlan) -> str:
    # The plan too: another country makes other numbers of the same digits.
    return f"{phonenumbers.__version__} {_READING} {plan.region} {plan.area_code}"
