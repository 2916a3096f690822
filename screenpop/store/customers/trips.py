"""Trips with their travellers, and cases with their history, for a customer's page."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.detail import CaseDetail, CaseStep, Traveller, TripDetail
from screenpop.customers.models import CustomerId
from screenpop.customers.own_values import own_from_json
from screenpop.store.customers.payment_rows import payments_of_trips
from screenpop.store.customers.refs import load_customer_refs
from screenpop.store.lookup import lookup_sql as hot
from screenpop.store.lookup.lookup_rows import Row, case_from_row, trip_from_row
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import case_steps, trip_travellers
from screenpop.store.schema.tables import cases, trips

_TRIPS_SHOWN = 200


def row_to_plain(row: Sequence[Any]) -> Row:
    """Return a row as the caller lookup gives it: days as ISO text."""
    return [value.isoformat() if isinstance(value, date) else value for value in row]


async def load_trips(
    connection: AsyncConnection, customer_id: CustomerId
) -> tuple[TripDetail, ...]:
    """Return the trips they booked and those they travelled on, newest first."""
    travelled = select(trip_travellers.c.trip_id).where(
        trip_travellers.c.customer_id == customer_id
    )
    return await _trips(
        connection, or_(trips.c.customer_id == customer_id, trips.c.id.in_(travelled))
    )


async def load_cases(
    connection: AsyncConnection, customer_id: CustomerId
) -> tuple[CaseDetail, ...]:
    return await _cases(connection, cases.c.customer_id == customer_id)


async def _trips(connection: AsyncConnection, condition: Any) -> tuple[TripDetail, ...]:
    more = (
        trips.c.customer_id,
        trips.c.supplier,
        trips.c.margin,
        trips.c.feedback_asked,
        trips.c.feedback,
        trips.c.own,
    )
    rows = (
        await connection.execute(
            select(*hot.TRIP_COLUMNS, *more)
            .where(condition)
            .order_by(trips.c.departs.desc().nulls_first(), trips.c.id.desc())
            .limit(_TRIPS_SHOWN)
        )
    ).all()
    going = (
        await connection.execute(
            select(trip_travellers)
            .where(trip_travellers.c.trip_id.in_([row.id for row in rows]))
            .order_by(trip_travellers.c.id)
        )
    ).all()
    payments = await payments_of_trips(connection, [row.id for row in rows if row.payments])
    people = await load_customer_refs(
        connection, [*(row.customer_id for row in rows), *(one.customer_id for one in going)]
    )
    with_file = {
        row.id: [
            Traveller(one.id, people.get(one.customer_id), one.name, one.child)
            for one in going
            if one.trip_id == row.id
        ]
        for row in rows
    }
    return tuple(
        TripDetail(
            trip_from_row(row_to_plain(row[: len(hot.TRIP_COLUMNS)])),
            people[row.customer_id],
            tuple(with_file[row.id]),
            row.supplier,
            row.margin,
            row.feedback_asked,
            row.feedback,
            payments.get(row.id, ()),
            own_from_json(row.own),
        )
        for row in rows
    )


async def _cases(connection: AsyncConnection, condition: Any) -> tuple[CaseDetail, ...]:
    rows = (
        await connection.execute(
            select(*hot.CASE_COLUMNS, cases.c.closed).where(condition).order_by(cases.c.id.desc())
        )
    ).all()
    steps = await connection.execute(
        select(case_steps, users.c.display_name)
        .select_from(case_steps.outerjoin(users, users.c.id == case_steps.c.user_id))
        .where(case_steps.c.case_id.in_([row.id for row in rows]))
        .order_by(case_steps.c.at.desc(), case_steps.c.id.desc())
    )
    steps_by_case: dict[int, list[CaseStep]] = {}
    for step in steps:
        steps_by_case.setdefault(step.case_id, []).append(_step(step))
    return tuple(
        CaseDetail(
            case_from_row(row_to_plain(row[: len(hot.CASE_COLUMNS)])),
            row.closed,
            _steps(steps_by_case.get(row.id, ())),
        )
        for row in rows
    )


def _step(row: Any) -> CaseStep:
    return CaseStep(row.at, row.display_name or "", row.what, row.text, row.due)


def _steps(steps: Iterable[CaseStep]) -> tuple[CaseStep, ...]:
    return tuple(steps)
