"""Booked trips by day of departure, destination, product and currency."""

from datetime import date

from sqlalchemy import Connection, func, select

from screenpop.customers.place_names import place_name
from screenpop.reports.trips import BookedTrips
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import trips
from screenpop.store.trip_board.progress import NOT_BOOKED


async def booked_trips(
    database: Database, first: date, last: date, language: str
) -> list[BookedTrips]:
    """Return the trips that depart between two days, both inclusive.

    Trips that are only asked for, quoted or cancelled are left out. ``language``: of the
    destinations' names.
    """
    keys = (trips.c.departs, trips.c.destination, trips.c.product, trips.c.currency)
    statement = (
        select(
            *keys,
            func.count().label("trips"),
            func.sum(trips.c.adults + trips.c.children).label("passengers"),
            func.sum(trips.c.price).label("price"),
            func.sum(trips.c.margin).label("profit"),
        )
        .where(trips.c.departs.between(first, last), trips.c.status.not_in(NOT_BOOKED))
        .group_by(*keys)
        .order_by(*keys)
    )

    def read(connection: Connection) -> list[BookedTrips]:
        return [
            BookedTrips(
                row.departs,
                place_name(row.destination, language),
                row.product,
                row.currency,
                row.trips,
                int(row.passengers),
                int(row.price),
                int(row.profit),
            )
            for row in connection.execute(statement)
        ]

    return await database.read(read)
