"""The board of trips in the demo: owners, days in the state, ticked items, trips under way."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.models import TripStatus
from screenpop.store.schema.tables import trips
from screenpop.store.schema.trip_board_tables import trip_progress
from screenpop.store.trip_board.progress import NOT_BOOKED

DAY_S = 24 * 3600
_SLICE = 500
_OPEN = (TripStatus.ASKED.value, TripStatus.BOOKED.value, TripStatus.TICKETED.value)
_TICKED: tuple[list[str], ...] = (
    [],
    ["seats"],
    ["passport", "seats"],
    ["passport", "seats", "voucher"],
)


async def seed_trip_board(
    connection: AsyncConnection, agents: Sequence[UserId], today: date, now: float
) -> None:
    """Quote a third of the asked trips, begin those whose day has come, and give all to agents."""
    found = await connection.execute(
        select(trips.c.id, trips.c.status, trips.c.departs, trips.c.returns)
        .where(trips.c.status.in_(_OPEN))
        .order_by(trips.c.id)
    )
    rows = []
    for place, row in enumerate(found.all()):
        status = row.status
        if status == TripStatus.ASKED and place % 3 == 0:
            status = TripStatus.QUOTED.value
        elif _is_under_way(row.departs, row.returns, today) and place % 2 == 0:
            status = TripStatus.TRAVELLING.value
        if status != row.status:
            await connection.execute(
                update(trips).where(trips.c.id == row.id).values(status=status)
            )
        owners = [*agents, None]
        rows.append(
            {
                "trip_id": row.id,
                "owner_id": owners[place % len(owners)],
                "ticked": _TICKED[place % len(_TICKED)],
                "since": now - (place % 11) * DAY_S,
                "booked": None if status in NOT_BOOKED else now - (place % 40) * DAY_S,
                "version": 1,
            }
        )
    for start in range(0, len(rows), _SLICE):
        await connection.execute(insert(trip_progress), rows[start : start + _SLICE])


def _is_under_way(departs: date | None, returns: date | None, today: date) -> bool:
    last = returns or (departs + timedelta(days=1) if departs else None)
    return departs is not None and last is not None and departs <= today <= last
