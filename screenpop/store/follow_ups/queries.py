"""Reading follow-ups: one, those that are due, those of a customer and of a call."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId
from screenpop.follow_ups.models import (
    FollowUp,
    FollowUpId,
    FollowUpProblem,
    FollowUpRefusedError,
    FollowUpSource,
    FollowUpState,
)
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import follow_ups

MAX_LISTED = 500

_assigned = users.alias("assigned")
_maker = users.alias("maker")
_closer = users.alias("closer")


async def load_follow_up(connection: AsyncConnection, follow_up_id: FollowUpId) -> FollowUp:
    """Return one follow-up. Raises ``FollowUpRefusedError`` when there is none."""
    found = await load_follow_ups(connection, follow_ups.c.id == follow_up_id)
    if not found:
        raise FollowUpRefusedError(FollowUpProblem.UNKNOWN_FOLLOW_UP)
    return found[0]


async def list_due(
    database: Database,
    until: date,
    *,
    assigned_to: Sequence[UserId | None] = (),
    limit: int = MAX_LISTED,
) -> tuple[FollowUp, ...]:
    """Return open follow-ups that are due by a day, the longest due first.

    Of these users, None among them for those of no user; empty: of all. A snoozed one counts from
    the day until which it was snoozed.
    """
    async with database.reading() as connection:
        condition = is_due(until)
        if assigned_to:
            column = follow_ups.c.assigned_to_id
            owned = column.in_([user for user in assigned_to if user is not None])
            condition &= owned | column.is_(None) if None in assigned_to else owned
        return await load_follow_ups(connection, condition, limit=limit)


async def due_follow_up(
    connection: AsyncConnection, customer_id: CustomerId, until: date
) -> FollowUp | None:
    """Return the follow-up of a customer that has been due longest; None if none is due."""
    condition = is_due(until) & (follow_ups.c.customer_id == customer_id)
    return next(iter(await load_follow_ups(connection, condition, limit=1)), None)


async def count_due(database: Database, until: date, assigned_to: UserId) -> int:
    """Return how many open follow-ups of a user are due by a day."""
    statement = select(func.count()).where(
        is_due(until), follow_ups.c.assigned_to_id == assigned_to
    )
    async with database.reading() as connection:
        return (await connection.scalar(statement)) or 0


async def follow_ups_of_customers(
    connection: AsyncConnection, customer_ids: Iterable[CustomerId]
) -> tuple[FollowUp, ...]:
    """Return the follow-ups of these customers: the open ones first, by day."""
    return await load_follow_ups(connection, follow_ups.c.customer_id.in_(list(customer_ids)))


def open_follow_ups(connection: Connection, customer_id: CustomerId) -> tuple[FollowUp, ...]:
    """Return the open follow-ups of a customer by day."""
    statement = _selected().where(follow_ups.c.customer_id == customer_id, _is_open())
    return tuple(_follow_up(row) for row in connection.execute(statement.limit(MAX_LISTED)))


async def follow_ups_of_call(connection: AsyncConnection, call_id: int) -> tuple[FollowUp, ...]:
    """Return the follow-ups that were made on a call."""
    return await load_follow_ups(connection, follow_ups.c.call_id == call_id)


async def list_follow_ups(database: Database, customer_id: CustomerId) -> tuple[FollowUp, ...]:
    """Return the follow-ups of a customer: the open ones first, by day."""
    async with database.reading() as connection:
        return await follow_ups_of_customers(connection, [customer_id])


def _is_open() -> ColumnElement[bool]:
    return follow_ups.c.state == FollowUpState.OPEN.value


def is_due(until: date) -> ColumnElement[bool]:
    """True for open follow-ups that are due by a day."""
    return _is_open() & (listed_from() <= until)


def listed_from() -> ColumnElement[date]:
    """The day from which a follow-up is on the list of what is due."""
    return func.coalesce(follow_ups.c.snoozed_until, follow_ups.c.due)


async def load_follow_ups(
    connection: AsyncConnection, condition: ColumnElement[bool], *, limit: int = MAX_LISTED
) -> tuple[FollowUp, ...]:
    """Return follow-ups: the open ones first, the longest due first."""
    rows: Sequence[Any] = (
        await connection.execute(_selected().where(condition).limit(limit))
    ).all()
    return tuple(_follow_up(row) for row in rows)


def _selected() -> Select[Any]:
    return (
        select(
            follow_ups,
            _assigned.c.display_name.label("assigned_name"),
            _maker.c.display_name.label("made_by_name"),
            _closer.c.display_name.label("closed_by_name"),
        )
        .select_from(
            follow_ups.outerjoin(_assigned, _assigned.c.id == follow_ups.c.assigned_to_id)
            .outerjoin(_maker, _maker.c.id == follow_ups.c.made_by_id)
            .outerjoin(_closer, _closer.c.id == follow_ups.c.closed_by_id)
        )
        .order_by(follow_ups.c.state != FollowUpState.OPEN.value, listed_from(), follow_ups.c.id)
    )


def _follow_up(row: Any) -> FollowUp:
    return FollowUp(
        id=FollowUpId(row.id),
        customer_id=CustomerId(row.customer_id),
        call_id=row.call_id,
        due=row.due,
        snoozed_until=row.snoozed_until,
        promise=row.promise,
        source=FollowUpSource(row.source),
        offer=row.offer,
        state=FollowUpState(row.state),
        assigned_to=_user(row.assigned_to_id),
        assigned_name=row.assigned_name or "",
        made_by=_user(row.made_by_id),
        made_by_name=row.made_by_name or "",
        made_at=row.made_at,
        closed_by=_user(row.closed_by_id),
        closed_by_name=row.closed_by_name or "",
        closed_at=row.closed_at,
    )


def _user(user_id: int | None) -> UserId | None:
    return None if user_id is None else UserId(user_id)
