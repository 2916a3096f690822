"""The row of a trip on the board, written with the trip's state."""

from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.models import TripStatus
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.engine.url import Kind
from screenpop.store.schema.trip_board_tables import trip_progress

NOT_BOOKED = (TripStatus.ASKED.value, TripStatus.QUOTED.value, TripStatus.CANCELLED.value)


async def note_status(connection: AsyncConnection, trip_id: int, status: str, now: float) -> None:
    """Store that a trip came into a state now, whatever was known before."""
    statement = _insert(connection).values(trip_id=trip_id, ticked=[], since=now, version=1)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["trip_id"],
            set_={"since": now, "version": trip_progress.c.version + 1},
        )
    )
    await note_booking(connection, trip_id, status, now)


async def note_booking(connection: AsyncConnection, trip_id: int, status: str, now: float) -> None:
    """Store when a trip that has a row was booked; one cancelled is booked anew."""
    booked = None if status in NOT_BOOKED else func.coalesce(trip_progress.c.booked, now)
    await connection.execute(
        update(trip_progress).where(trip_progress.c.trip_id == trip_id).values(booked=booked)
    )


async def write_progress(
    connection: AsyncConnection, trip_id: int, version: int, values: dict[str, Any]
) -> bool:
    """Store values of a trip that is still at ``version``; return False if it is not.

    Version 0: the trip has no row yet.
    """
    first = {"trip_id": trip_id, "ticked": [], "version": 1} | values
    done = await connection.execute(
        _insert(connection)
        .values(**first)
        .on_conflict_do_update(
            index_elements=["trip_id"],
            set_=values | {"version": trip_progress.c.version + 1},
            where=trip_progress.c.version == version,
        )
        .returning(trip_progress.c.version)
    )
    written = done.scalar()
    return written is not None and (written == version + 1)


async def version_of(connection: AsyncConnection, trip_id: int) -> int:
    found = await connection.scalar(
        select(trip_progress.c.version).where(trip_progress.c.trip_id == trip_id)
    )
    return found or 0


def _insert(connection: AsyncConnection) -> Any:
    kind: Kind = "sqlite" if connection.dialect.name == "sqlite" else "postgresql"
    return insert_or_update(kind, trip_progress)
