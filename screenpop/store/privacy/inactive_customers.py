"""Customers without any contact for years: which may be erased, and by what each was last heard of.

A customer with an open case or follow-up, an amount that is owed, a payment that is due, a voucher
that can be redeemed or points is never one of them; a trip or a payment of a coming day is contact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    FromClause,
    Select,
    and_,
    exists,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.models import CaseState, CustomerId, TripStatus
from screenpop.customers.payments import PaymentState
from screenpop.customers.retention import ContactKind, ContactLimit
from screenpop.follow_ups.models import FollowUpState
from screenpop.store.engine.database import Database
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.points.ledger import points_of
from screenpop.store.privacy.erasure import erase_inactive
from screenpop.store.schema.customer_tables import (
    customer_changes,
    follow_ups,
    offer_answers,
    trip_travellers,
)
from screenpop.store.schema.payment_tables import trip_payments
from screenpop.store.schema.point_tables import point_entries
from screenpop.store.schema.retention_tables import deleted_calls
from screenpop.store.schema.tables import calls, cases, customer_phones, customers, trips
from screenpop.store.schema.voucher_tables import vouchers
from screenpop.store.schema.work_list_tables import customer_messages

_ALWAYS = true()


@dataclass(frozen=True, slots=True)
class _Source:
    """Rows about customers, each with times or days of contact."""

    kind: ContactKind
    table: FromClause
    customer: Column[int]
    columns: tuple[Column[float] | Column[date], ...]
    only: ColumnElement[bool] = _ALWAYS


_SOURCES = (
    _Source(ContactKind.CALL, calls, calls.c.customer_id, (calls.c.arrived_at,)),
    _Source(
        # Calls that name no customer, as those of a number that several have.
        ContactKind.CALL,
        customer_phones.join(calls, calls.c.e164 == customer_phones.c.e164),
        customer_phones.c.customer_id,
        (calls.c.arrived_at,),
    ),
    _Source(
        ContactKind.CALL, deleted_calls, deleted_calls.c.customer_id, (deleted_calls.c.last_at,)
    ),
    _Source(ContactKind.TRIP, trips, trips.c.customer_id, (trips.c.departs, trips.c.returns)),
    _Source(
        ContactKind.TRIP,
        trip_travellers.join(trips, trips.c.id == trip_travellers.c.trip_id),
        trip_travellers.c.customer_id,
        (trips.c.departs, trips.c.returns),
    ),
    _Source(
        ContactKind.PAYMENT,
        trip_payments.join(trips, trips.c.id == trip_payments.c.trip_id),
        trips.c.customer_id,
        (
            trip_payments.c.due,
            trip_payments.c.made_on,
            trip_payments.c.paid_on,
            trip_payments.c.returned_on,
        ),
    ),
    _Source(
        ContactKind.FOLLOW_UP,
        follow_ups,
        follow_ups.c.customer_id,
        (follow_ups.c.made_at, follow_ups.c.closed_at, follow_ups.c.due),
    ),
    _Source(ContactKind.CASE, cases, cases.c.customer_id, (cases.c.opened, cases.c.closed)),
    _Source(
        ContactKind.MESSAGE,
        customer_messages,
        customer_messages.c.customer_id,
        (customer_messages.c.made_at,),
    ),
    _Source(ContactKind.OFFER, offer_answers, offer_answers.c.customer_id, (offer_answers.c.at,)),
    _Source(
        ContactKind.VOUCHER,
        vouchers,
        vouchers.c.customer_id,
        (vouchers.c.issued_at, vouchers.c.redeemed_at),
    ),
    _Source(
        ContactKind.POINTS,
        point_entries,
        point_entries.c.customer_id,
        (point_entries.c.at,),
        point_entries.c.user_id.is_not(None),  # The others are made by the server itself.
    ),
    _Source(
        ContactKind.CHANGE,
        customer_changes,
        customer_changes.c.customer_id,
        (customer_changes.c.at,),
        customer_changes.c.user_id.is_not(None),
    ),
)


@dataclass(frozen=True, slots=True)
class InactiveCustomer:
    """A customer who may be erased."""

    id: CustomerId
    name: str
    """Empty for a customer without a name."""
    kind: ContactKind
    """What they were last heard of by."""
    day: date
    """When, as a day of the office."""


def is_inactive(limit: ContactLimit) -> ColumnElement[bool]:
    """Return the condition on ``customers`` that nothing of them is as new as the limit."""
    heard_of = [
        exists(
            select(source.customer)
            .select_from(source.table)
            .where(source.customer == customers.c.id, source.only, _is_new(source, limit))
            .correlate(customers)
        )
        for source in _SOURCES
    ]
    return and_(
        customers.c.merged_into_id.is_(None),
        not_(_is_new_file(limit)),
        *map(not_, heard_of),
        *map(not_, _holds(limit.today)),
    )


async def count_inactive(database: Database, limit: ContactLimit) -> int:
    """Return how many customers may be erased. Looks at every customer."""
    statement = select(func.count()).select_from(customers).where(is_inactive(limit))
    async with database.reading() as connection:
        return int((await connection.execute(statement)).scalar_one())


async def inactive_ids(database: Database, limit: ContactLimit, most: int) -> list[CustomerId]:
    """Return the first ``most`` customers who may be erased, by number."""
    async with database.reading() as connection:
        rows = await connection.execute(_page(limit, 0, most))
        return [CustomerId(row.id) for row in rows]


async def list_inactive(
    database: Database, limit: ContactLimit, zone: ZoneInfo, *, most: int, after: int = 0
) -> tuple[InactiveCustomer, ...]:
    """Return customers who may be erased and what each was last heard of by.

    ``after``: the number after which the list goes on.
    """
    async with database.reading() as connection:
        rows = (await connection.execute(_page(limit, after, most))).all()
        last = await _last_contacts(connection, [row.id for row in rows], zone)
    found = []
    for row in rows:
        made = (datetime.fromtimestamp(row.created_at, zone).date(), ContactKind.CREATED)
        if row.customer_since is not None:
            made = (row.customer_since, ContactKind.CREATED)
        day, kind = last.get(row.id, made)
        names = names_from_json(row.names).values()
        name = next((one.full for one in names if one.full), "")
        found.append(InactiveCustomer(CustomerId(row.id), name, kind, day))
    return tuple(found)


def _page(limit: ContactLimit, after: int, most: int) -> Select[Any]:
    return (
        select(
            customers.c.id, customers.c.names, customers.c.created_at, customers.c.customer_since
        )
        .where(customers.c.id > after, is_inactive(limit))
        .order_by(customers.c.id)
        .limit(most)
    )


def _is_new(source: _Source, limit: ContactLimit) -> ColumnElement[bool]:
    return or_(
        *(
            column >= (limit.day if isinstance(column.type, Date) else limit.at)
            for column in source.columns
        )
    )


def _is_new_file(limit: ContactLimit) -> ColumnElement[bool]:
    """Return whether the file itself is new.

    An import makes files of old customers: what is in them counts, if it has a day.
    """
    dated = exists(
        select(trips.c.id)
        .where(
            trips.c.customer_id == customers.c.id,
            or_(trips.c.departs.is_not(None), trips.c.returns.is_not(None)),
        )
        .correlate(customers)
    )
    is_of_import = customers.c.import_batch_id.is_not(None)
    has_day = or_(customers.c.customer_since.is_not(None), dated)
    return or_(
        and_(customers.c.created_at >= limit.at, not_(and_(is_of_import, has_day))),
        # NULL would make the whole condition NULL.
        func.coalesce(customers.c.customer_since >= limit.day, False),
    )


def _holds(today: date) -> tuple[ColumnElement[bool], ...]:
    """Return why a customer stays, however old all contact is."""
    # A trip that was imported with a price alone does not show that it was not paid.
    is_part_paid = and_(
        trips.c.status != TripStatus.CANCELLED.value,
        trips.c.paid < trips.c.price,
        or_(trips.c.paid > 0, trips.c.payments.is_not(None)),
    )
    is_open_voucher = and_(
        vouchers.c.redeemed_at.is_(None),
        vouchers.c.cancelled_at.is_(None),
        or_(vouchers.c.valid_to.is_(None), vouchers.c.valid_to >= today),
    )
    return (
        customers.c.balance != 0,
        _has(cases.c.customer_id, cases.c.state != CaseState.CLOSED.value),
        _has(follow_ups.c.customer_id, follow_ups.c.state == FollowUpState.OPEN.value),
        _has(vouchers.c.customer_id, is_open_voucher),
        _has(trips.c.customer_id, is_part_paid),
        exists(
            select(trips.c.id)
            .select_from(trips.join(trip_payments, trip_payments.c.trip_id == trips.c.id))
            .where(
                trips.c.customer_id == customers.c.id,
                trip_payments.c.state == PaymentState.DUE.value,
            )
            .correlate(customers)
        ),
        func.coalesce(points_of(customers.c.id).scalar_subquery(), 0) > 0,
    )


def _has(customer: Column[int], condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(
        select(customer).where(customer == customers.c.id, condition).correlate(customers)
    )


async def _last_contacts(
    connection: AsyncConnection, ids: Sequence[int], zone: ZoneInfo
) -> dict[int, tuple[date, ContactKind]]:
    """Return the newest contact of each customer; nothing for one without any."""
    newest: dict[int, tuple[date, ContactKind]] = {}
    for source in _SOURCES:
        rows = await connection.execute(
            select(source.customer.label("customer"), *map(func.max, source.columns))
            .select_from(source.table)
            .where(source.customer.in_(ids), source.only)
            .group_by(source.customer)
        )
        for customer, *values in rows:
            for value in values:
                if value is None:
                    continue
                day = value if isinstance(value, date) else _day(value, zone)
                if customer not in newest or day > newest[customer][0]:
                    newest[customer] = (day, source.kind)
    return newest


def _day(at: float, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at, zone).date()


async def erase_some_inactive(
    database: Database, limit: ContactLimit, most: int, now: float
) -> int:
    """Erase the first ``most`` customers who may be erased; return how many files were erased.

    0: none is left. A customer who is heard of meanwhile stays.
    """
    ids = await inactive_ids(database, limit, most)
    if not ids:
        return 0
    erased = await erase_inactive(database, ids, is_inactive(limit), now)
    return erased.files
