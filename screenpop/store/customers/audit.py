"""Who changed what on a customer's file, and who looked at it."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId
from screenpop.store.engine.database import Database
from screenpop.store.schema.customer_tables import customer_changes, customer_looks

SAME_VIEW_S = 15 * 60
"""Somebody who comes back within this time is still looking."""

Changes = Mapping[str, tuple[object, object]]


def actor_id(by: UserId | None) -> UserId | None:
    """Who did it, as a row can point to; the command line is nobody's row."""
    return by or None


async def log_change(
    connection: AsyncConnection,
    who: CustomerId,
    what: str,
    changes: Changes,
    *,
    by: UserId | None,
    now: float,
) -> None:
    kept = {
        field: [_plain(before), _plain(after)]
        for field, (before, after) in changes.items()
        if before != after
    }
    if not kept and changes:
        return
    await connection.execute(
        insert(customer_changes).values(
            customer_id=who, user_id=actor_id(by), at=now, what=what, changes=kept
        )
    )


def log_view(database: Database, who: CustomerId, by: UserId, now: float) -> None:
    """Note later that a user looked at a customer; reading a page waits for no write.

    The command line looks at everything and is not noted.
    """
    if actor_id(by) is None:
        return

    async def write(connection: AsyncConnection) -> None:
        last = (
            await connection.execute(
                select(customer_looks.c.id)
                .where(
                    customer_looks.c.customer_id == who,
                    customer_looks.c.user_id == by,
                    customer_looks.c.last_at > now - SAME_VIEW_S,
                )
                .order_by(customer_looks.c.last_at.desc())
                .limit(1)
            )
        ).scalar()
        if last is None:
            await connection.execute(
                insert(customer_looks).values(
                    customer_id=who, user_id=by, first_at=now, last_at=now
                )
            )
            return
        await connection.execute(
            update(customer_looks)
            .where(customer_looks.c.id == last)
            .values(last_at=now, times=customer_looks.c.times + 1)
        )

    _ = database.later.add(write)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
