"""Audit log: changes of customers, and views of their pages."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.consent import Consents, consents_to_json
from screenpop.customers.models import CustomerId
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import free_json
from screenpop.store.schema.customer_tables import customer_changes, customer_looks

SAME_VIEW_S = 15 * 60
"""Seconds within which a repeated view of the same customer counts as one."""

Changes = Mapping[str, tuple[object, object]]


def actor_id(user_id: UserId | None) -> UserId | None:
    """Return the user id for a row; None for the command line, which is no user."""
    return user_id or None


async def log_change(
    connection: AsyncConnection,
    customer_id: CustomerId,
    what: str,
    changes: Changes,
    *,
    user_id: UserId | None,
    now: float,
) -> None:
    kept = {
        field: [free_json(_plain(before)), free_json(_plain(after))]
        for field, (before, after) in changes.items()
        if before != after
    }
    if not kept and changes:
        return
    await connection.execute(
        insert(customer_changes).values(
            customer_id=customer_id, user_id=actor_id(user_id), at=now, what=what, changes=kept
        )
    )


def consent_changes(before: Consents, after: Consents) -> tuple[object, object]:
    """Return the channels that differ, before and after, for ``log_change``."""
    old, new = consents_to_json(before), consents_to_json(after)
    return (
        {channel: one for channel, one in old.items() if new.get(channel) != one},
        {channel: one for channel, one in new.items() if old.get(channel) != one},
    )


def log_view(database: Database, customer_id: CustomerId, user_id: UserId, now: float) -> None:
    """Queue a record that a user viewed a customer; reading a page waits for no write.

    Views by the command line are not recorded.
    """
    if actor_id(user_id) is None:
        return

    def write(connection: Connection) -> None:
        last = connection.scalar(
            select(customer_looks.c.id)
            .where(
                customer_looks.c.customer_id == customer_id,
                customer_looks.c.user_id == user_id,
                customer_looks.c.last_at > now - SAME_VIEW_S,
                customer_looks.c.last_at <= now,  # else by a clock that was ahead
            )
            .order_by(customer_looks.c.last_at.desc())
            .limit(1)
        )
        if last is None:
            connection.execute(
                insert(customer_looks).values(
                    customer_id=customer_id, user_id=user_id, first_at=now, last_at=now
                )
            )
            return
        connection.execute(
            update(customer_looks)
            .where(customer_looks.c.id == last)
            .values(last_at=now, times=customer_looks.c.times + 1)
        )

    _ = database.later.add(write)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
