"""A customer's points: the entries, and what a desk adds to them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId
from screenpop.loyalty.points import MOST_POINTS, PointEntry, PointKind
from screenpop.store.customers.audit import actor_id, log_change
from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.point_tables import point_entries
from screenpop.store.schema.tables import customers

MAX_REASON = 200


class PointRefusal(StrEnum):
    UNKNOWN_CUSTOMER = "unknown_customer"
    REASON_NEEDED = "points_reason_needed"
    NUMBER = "points_number"
    """Not from 1 to the most, or 0 for a correction."""
    TOO_FEW = "points_too_few"
    """More than the customer has."""
    KEY_USED = "points_key_used"


class PointsRefusedError(ValueError):
    def __init__(self, refusal: PointRefusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class LedgerLine:
    entry: PointEntry
    reason: str
    by: str
    at: float


async def load_ledger(database: Database, customer_id: CustomerId) -> list[LedgerLine]:
    """Return a customer's entries, the oldest first."""
    async with database.reading() as connection:
        return await _ledger(connection, customer_id)


async def add_entry(
    database: Database,
    customer_id: CustomerId,
    kind: PointKind,
    points: int,
    reason: str,
    *,
    today: date,
    user_id: UserId | None,
    now: float,
    key: str = "",
) -> int:
    """Spend or correct points; return the balance after it.

    ``kind``: ``SPENT`` with a positive number, or ``CORRECTED`` with one of any sign. A repeated
    ``key`` has no second effect. Raises ``PointsRefusedError``.
    """
    reason = " ".join(clean_for_database(reason).split())
    if not reason:
        raise PointsRefusedError(PointRefusal.REASON_NEEDED)
    least = 1 if kind is PointKind.SPENT else -MOST_POINTS
    if points == 0 or not least <= points <= MOST_POINTS:
        raise PointsRefusedError(PointRefusal.NUMBER)
    change = -points if kind is PointKind.SPENT else points
    entry_key = f"request:{key}" if (key := clean_for_database(key)) else None
    async with database.writing() as connection:
        # One change of a customer's points after the other, also between processes.
        kept = await connection.execute(
            select(customers.c.merged_into_id)
            .where(customers.c.id == customer_id)
            .with_for_update()
        )
        row = kept.first()
        if row is None or row.merged_into_id is not None:
            raise PointsRefusedError(PointRefusal.UNKNOWN_CUSTOMER)
        if entry_key is not None and await _was_added(
            connection, entry_key, (customer_id, kind.value, change)
        ):
            return await balance(connection, customer_id)
        if change < 0 and await balance(connection, customer_id) + change < 0:
            raise PointsRefusedError(PointRefusal.TOO_FEW)
        values = {
            "customer_id": customer_id,
            "kind": kind.value,
            "points": change,
            "reason": reason,
            "day": today,
            "entry_key": entry_key,
            "user_id": actor_id(user_id),
            "at": now,
        }
        if not await _insert(connection, values):
            raise PointsRefusedError(PointRefusal.KEY_USED)
        changes = {"points": (None, change), "reason": (None, reason)}
        what = f"points_{kind.value}"
        await log_change(connection, customer_id, what, changes, user_id=user_id, now=now)
        return await balance(connection, customer_id)


async def balance(connection: AsyncConnection, customer_id: int) -> int:
    """Return the sum of a customer's entries."""
    return int(await connection.scalar(points_of(literal(customer_id))) or 0)


def points_of(customer: ColumnElement[Any]) -> Select[Any]:
    """Select the sum of a customer's entries; null without entries."""
    total = cast(func.sum(point_entries.c.points), Integer)
    return select(total).where(point_entries.c.customer_id == customer)


async def _insert(connection: AsyncConnection, values: dict[str, Any]) -> bool:
    """Insert an entry; return False where its key is not new."""
    kind = connection.dialect.name
    table = insert_or_update("sqlite" if kind == "sqlite" else "postgresql", point_entries)
    done = await connection.execute(
        table.values(**values).on_conflict_do_nothing().returning(point_entries.c.id)
    )
    return done.first() is not None


async def _ledger(connection: AsyncConnection, customer_id: int) -> list[LedgerLine]:
    rows = await connection.execute(
        select(point_entries, func.coalesce(users.c.display_name, "").label("by"))
        .select_from(point_entries.outerjoin(users, users.c.id == point_entries.c.user_id))
        .where(point_entries.c.customer_id == customer_id)
        .order_by(point_entries.c.id)
    )
    return [LedgerLine(entry_of(row), row.reason, row.by, row.at) for row in rows]


def entry_of(row: Any) -> PointEntry:
    return PointEntry(
        id=row.id,
        kind=PointKind(row.kind),
        points=row.points,
        day=row.day,
        expires=row.expires,
        of_entry=row.of_entry,
    )


async def _was_added(connection: AsyncConnection, key: str, wanted: tuple[int, str, int]) -> bool:
    found = await connection.execute(
        select(point_entries.c.customer_id, point_entries.c.kind, point_entries.c.points).where(
            point_entries.c.entry_key == key
        )
    )
    row = found.first()
    if row is None:
        return False
    if tuple(row) != wanted:
        raise PointsRefusedError(PointRefusal.KEY_USED)
    return True
