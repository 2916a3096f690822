"""Which customers were sent by which: read from the files, so always as it is now."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from screenpop.customers.models import CustomerId
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import customers
from screenpop.store.schema.value_tables import customer_values

MOST_SENDERS = 100
MOST_SENT = 50
"""Customers that are listed of one sender; the others are counted."""


@dataclass(frozen=True, slots=True)
class SentCustomer:
    id: CustomerId
    trips: int
    """That have begun, as scored last."""
    stage: str
    """As ``loyalty.stages.Stage``; empty before the first run."""


@dataclass(frozen=True, slots=True)
class Sender:
    id: CustomerId
    count: int
    """All that they sent."""
    sent: tuple[SentCustomer, ...]
    """At most ``MOST_SENT``, the newest first."""


async def list_senders(database: Database, by: CustomerId | None = None) -> Sequence[Sender]:
    """Return the customers who sent others, those who sent most first, at most ``MOST_SENDERS``.

    ``by``: only this customer.
    """

    def read(connection: Connection) -> Sequence[Sender]:
        sender, number = customers.c.referred_by_id, func.count().label("number")
        counted = (
            select(sender, number)
            .where(sender.is_not(None), customers.c.merged_into_id.is_(None))
            .group_by(sender)
            .order_by(number.desc(), sender)
            .limit(MOST_SENDERS)
        )
        if by is not None:
            counted = counted.where(sender == by)
        counts = {row[0]: row.number for row in connection.execute(counted)}
        place = func.row_number().over(partition_by=sender, order_by=customers.c.id.desc())
        newest = (
            select(customers.c.id, sender.label("sender"), place.label("place"))
            .where(sender.in_(list(counts)), customers.c.merged_into_id.is_(None))
            .subquery()
        )
        rows = connection.execute(
            select(newest.c.id, newest.c.sender, customer_values.c.trips, customer_values.c.stage)
            .select_from(
                newest.outerjoin(customer_values, customer_values.c.customer_id == newest.c.id)
            )
            .where(newest.c.place <= MOST_SENT)
            .order_by(newest.c.id.desc())
        )
        sent: dict[int, list[SentCustomer]] = defaultdict(list)
        for row in rows:
            one = SentCustomer(CustomerId(row.id), row.trips or 0, row.stage or "")
            sent[row.sender].append(one)
        return [Sender(CustomerId(one), counts[one], tuple(sent[one])) for one in counts]

    return await database.read(read)
