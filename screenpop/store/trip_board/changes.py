"""Changes made on the board of trips, each on the version of the trip that its page had.

Raises ``CustomerRefusedError`` (``unknown_trip``) and ``TripChangedError``.
"""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId, TripStatus
from screenpop.customers.trip_board import CheckItem
from screenpop.store.customers.audit import log_change
from screenpop.store.customers.queries import CustomerRefusedError, touch_customer
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.tables import trips
from screenpop.store.schema.trip_board_tables import trip_progress
from screenpop.store.search.reindex import reindex_customers
from screenpop.store.trip_board.progress import note_booking, write_progress


class TripChangedError(Exception):
    """The trip was changed since its page was read; nothing was written."""


async def move_trip(
    database: Database,
    trip_id: int,
    to: TripStatus,
    *,
    version: int,
    user_id: UserId | None,
    now: float,
) -> None:
    """Move a trip to a column; a trip that is there already stays as it is."""
    async with database.writing() as connection:
        row = await _trip(connection, trip_id)
        if row.status == to.value:
            return
        await _write(connection, trip_id, version, {"since": now})
        await note_booking(connection, trip_id, to.value, now)
        await connection.execute(update(trips).where(trips.c.id == trip_id).values(status=to.value))
        await touch_customer(connection, row.customer_id, now)
        await reindex_customers(connection, [row.customer_id])
        changed = {"trip": ("", row.destination), "status": (row.status, to.value)}
        await log_change(
            connection,
            CustomerId(row.customer_id),
            "trip_edited",
            changed,
            user_id=user_id,
            now=now,
        )


async def tick_item(
    database: Database,
    trip_id: int,
    item: CheckItem,
    *,
    is_done: bool,
    version: int,
    user_id: UserId | None,
    now: float,
) -> None:
    """Tick an item of the checklist, or take the tick away."""
    async with database.writing() as connection:
        row = await _trip(connection, trip_id)
        before = set(row.ticked or ())
        after = before | {item.value} if is_done else before - {item.value}
        if after == before:
            return
        await _write(connection, trip_id, version, {"ticked": sorted(after)})
        await _keep_from_undo(connection, trip_id)
        await touch_customer(connection, row.customer_id, now)
        tick: tuple[object, object] = (None, "✓") if is_done else ("✓", None)
        changed = {"trip": ("", row.destination), f"check_{item}": tick}
        await log_change(
            connection,
            CustomerId(row.customer_id),
            "trip_edited",
            changed,
            user_id=user_id,
            now=now,
        )


async def set_owner(
    database: Database,
    trip_id: int,
    owner: UserId | None,
    *,
    version: int,
    user_id: UserId | None,
    now: float,
) -> None:
    """Give a trip to a user, or to none. Raises ``unknown_user`` as well."""
    async with database.writing() as connection:
        row = await _trip(connection, trip_id)
        name = None
        if owner is not None:
            name = await connection.scalar(
                select(users.c.display_name).where(
                    users.c.id == owner, users.c.deleted_at.is_(None), users.c.active
                )
            )
            if name is None:
                raise CustomerRefusedError("unknown_user", f"There is no user number {owner}.")
        if row.owner_id == owner:
            return
        await _write(connection, trip_id, version, {"owner_id": owner})
        await _keep_from_undo(connection, trip_id)
        await touch_customer(connection, row.customer_id, now)
        changed = {"trip": ("", row.destination), "trip_owner": (row.display_name, name)}
        await log_change(
            connection,
            CustomerId(row.customer_id),
            "trip_edited",
            changed,
            user_id=user_id,
            now=now,
        )


async def _trip(connection: AsyncConnection, trip_id: int) -> Any:
    found = await connection.execute(
        select(
            *(trips.c.customer_id, trips.c.destination, trips.c.status),
            *(trip_progress.c.ticked, trip_progress.c.owner_id, users.c.display_name),
        )
        .select_from(
            trips.outerjoin(trip_progress, trip_progress.c.trip_id == trips.c.id).outerjoin(
                users, users.c.id == trip_progress.c.owner_id
            )
        )
        .where(trips.c.id == trip_id)
    )
    row = found.first()
    if row is None:
        raise CustomerRefusedError("unknown_trip", f"There is no trip number {trip_id}.")
    return row


async def _write(
    connection: AsyncConnection, trip_id: int, version: int, values: dict[str, Any]
) -> None:
    if not await write_progress(connection, trip_id, version, values):
        raise TripChangedError


async def _keep_from_undo(connection: AsyncConnection, trip_id: int) -> None:
    """Let an undo of the import that brought the trip keep it: see ``trip_was_changed``."""
    await connection.execute(
        update(trips)
        .where(trips.c.id == trip_id, trips.c.import_batch_id.is_not(None))
        .values(as_imported="board")
    )
