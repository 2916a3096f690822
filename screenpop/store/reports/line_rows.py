"""Inbound calls by phone line, with the customers and bookings that came of them."""

from collections.abc import Callable, Collection
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Subquery, and_, func, select

from screenpop.accounts.users import UserId
from screenpop.calls.events import Direction, Disposition
from screenpop.reports.lines import BOOKED_DAYS, LineCalls
from screenpop.store.accounts.teams import visible_calls
from screenpop.store.engine.database import Database
from screenpop.store.reports.conditions import of_period
from screenpop.store.schema.tables import calls, customers, import_batches, trips
from screenpop.store.schema.trip_board_tables import trip_progress
from screenpop.store.trip_board.progress import NOT_BOOKED

_BOOKED_S = BOOKED_DAYS * 86_400.0


async def line_calls(
    database: Database,
    since: float,
    until: float,
    zone: tzinfo,
    name_of: Callable[[str, str], str],
    *,
    agents: Collection[UserId] | None,
    simulated: bool,
) -> list[LineCalls]:
    """Return the calls that arrived from ``since`` to before ``until``, by line.

    ``name_of``: the name of a PBX's dialled number. Waits for calls that are queued for the log.
    ``agents``: only calls that a supervisor of these sees; None: all.
    """
    await database.log.flush()
    inbound = [
        *of_period(since, until, simulated=simulated),
        calls.c.direction == Direction.INBOUND.value,
        *visible_calls(agents),
    ]
    answered = func.count().filter(calls.c.disposition == Disposition.ANSWERED.value)
    counted = (
        select(calls.c.pbx, calls.c.did, func.count().label("calls"), answered.label("answered"))
        .where(*inbound)
        .group_by(calls.c.pbx, calls.c.did)
    )
    first = (
        select(
            calls.c.customer_id,
            calls.c.pbx,
            calls.c.did,
            calls.c.arrived_at,
            func.row_number()
            .over(partition_by=calls.c.customer_id, order_by=(calls.c.arrived_at, calls.c.id))
            .label("place"),
        )
        .where(*inbound, calls.c.customer_id.is_not(None))
        .subquery("first_calls")
    )

    def read(connection: Connection) -> list[LineCalls]:
        lines: dict[str, LineCalls] = {}

        def line_of(row: Any) -> LineCalls:
            name = name_of(row.pbx, row.did)
            return lines.setdefault(name, LineCalls(name=name))

        for row in connection.execute(counted):
            line = line_of(row)
            line.calls += row.calls
            line.answered += row.answered
        created = select(first, customers.c.created_at).join(
            customers, customers.c.id == first.c.customer_id
        )
        for row in connection.execute(created.where(first.c.place == 1)):
            line = line_of(row)
            line.customers += 1
            line.new += row.created_at >= since
        _add_bookings(connection, first, zone, line_of)
        return list(lines.values())

    return await database.read(read)


def _add_bookings(
    connection: Connection, first: Subquery, zone: tzinfo, line_of: Callable[[Any], LineCalls]
) -> None:
    # As in the report of offers: an import counts on its day, if the trip begins later.
    booked_at = func.coalesce(trip_progress.c.booked, import_batches.c.imported_at)
    statement = (
        select(
            first,
            trips.c.departs,
            (trips.c.adults + trips.c.children).label("passengers"),
            trips.c.margin,
            trips.c.currency,
        )
        .select_from(
            first.join(trips, trips.c.customer_id == first.c.customer_id)
            .outerjoin(trip_progress, trip_progress.c.trip_id == trips.c.id)
            .outerjoin(import_batches, import_batches.c.id == trips.c.import_batch_id)
        )
        .where(
            first.c.place == 1,
            trips.c.status.not_in(NOT_BOOKED),
            and_(booked_at >= first.c.arrived_at, booked_at < first.c.arrived_at + _BOOKED_S),
        )
    )
    booked = set()
    for row in connection.execute(statement):
        if row.departs is not None:
            day = datetime.fromtimestamp(row.arrived_at, zone).date()
            if row.departs < day:
                continue
        line = line_of(row)
        line.bookings += 1
        line.passengers += row.passengers
        line.profit[row.currency] = line.profit.get(row.currency, 0) + row.margin
        if row.customer_id not in booked:
            booked.add(row.customer_id)
            line.booked += 1
