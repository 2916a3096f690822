"""Making and changing follow-ups. Everything raises ``FollowUpRefusedError``."""

import asyncio
from contextlib import suppress
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.calls.call_state import CallKey
from screenpop.customers.models import CustomerId
from screenpop.follow_ups.due_days import check_due
from screenpop.follow_ups.models import (
    MAX_PROMISE_LENGTH,
    FollowUp,
    FollowUpId,
    FollowUpProblem,
    FollowUpRefusedError,
    FollowUpSource,
    FollowUpState,
    NewFollowUp,
)
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.follow_ups.queries import load_follow_up
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import follow_ups
from screenpop.store.schema.tables import calls, customers

_LOG_WAIT_S = 3.0
_MAX_MERGES = 100


async def insert_follow_up(
    database: Database,
    new: NewFollowUp,
    *,
    today: date,
    now: float,
    call: CallKey | int | None = None,
) -> FollowUp:
    """Insert a follow-up and return it; a repeated ``request_key`` returns the first one.

    ``call``: the call it was made on, by key or by row id; a call without a row is left out. A
    follow-up of a merged customer goes to the remaining one.
    """
    if isinstance(call, tuple):
        # The row of a call in progress is written a moment after its arrival.
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOG_WAIT_S):
                await database.log.flush()
    async with database.writing() as connection:
        return await insert_follow_up_in(connection, new, today=today, now=now, call=call)


async def insert_follow_up_in(
    connection: AsyncConnection,
    new: NewFollowUp,
    *,
    today: date,
    now: float,
    call: CallKey | int | None = None,
) -> FollowUp:
    """As ``insert_follow_up``, inside the transaction of ``connection``."""
    request_key = clean_for_database(new.request_key)
    if request_key:
        first = await connection.scalar(
            select(follow_ups.c.id).where(follow_ups.c.request_key == request_key)
        )
        if first is not None:
            return await load_follow_up(connection, FollowUpId(first))
    _refuse(check_due(new.due, today))
    promise = clean_for_database(new.promise).strip()
    if len(promise) > MAX_PROMISE_LENGTH:
        raise FollowUpRefusedError(FollowUpProblem.PROMISE_TOO_LONG)
    customer_id = await _remaining_customer(connection, new.customer_id)
    assigned_to = await _checked_user(connection, new.assigned_to)
    row = await connection.execute(
        insert(follow_ups)
        .values(
            customer_id=customer_id,
            call_id=await _call_id(connection, call),
            due=new.due,
            promise=promise,
            source=new.source.value,
            offer=clean_for_database(new.offer),
            state=FollowUpState.OPEN.value,
            assigned_to_id=assigned_to,
            made_by_id=actor_id(new.made_by),
            made_at=now,
            request_key=request_key or None,
        )
        .returning(follow_ups.c.id)
    )
    return await load_follow_up(connection, FollowUpId(row.scalar_one()))


async def close_follow_up(
    database: Database,
    follow_up_id: FollowUpId,
    *,
    user_id: UserId | None,
    now: float,
    state: FollowUpState = FollowUpState.DONE,
    only_for: UserId | None = None,
) -> FollowUp:
    """Mark a follow-up as done or cancelled; the same user's second request changes nothing.

    ``only_for``, here and below: refuse a follow-up of another user as ``UNKNOWN_FOLLOW_UP``.
    """
    async with database.writing() as connection:
        row = await _row(connection, follow_up_id, only_for)
        if row.state == state.value and row.closed_by_id == actor_id(user_id):
            return await load_follow_up(connection, follow_up_id)
        _refuse_closed(row)
        values = {"state": state.value, "closed_by_id": actor_id(user_id), "closed_at": now}
        return await _update(connection, follow_up_id, values)


async def reopen_follow_up(
    database: Database, follow_up_id: FollowUpId, *, only_for: UserId | None = None
) -> FollowUp:
    """Undo ``close_follow_up``."""
    async with database.writing() as connection:
        await _row(connection, follow_up_id, only_for)
        return await reopen_follow_up_in(connection, follow_up_id)


async def reopen_follow_up_in(connection: AsyncConnection, follow_up_id: FollowUpId) -> FollowUp:
    """As ``reopen_follow_up``, inside the transaction of ``connection``."""
    await _row(connection, follow_up_id)
    values = {"state": FollowUpState.OPEN.value, "closed_by_id": None, "closed_at": None}
    return await _update(connection, follow_up_id, values)


async def snooze_follow_up(
    database: Database,
    follow_up_id: FollowUpId,
    until: date,
    *,
    today: date,
    only_for: UserId | None = None,
) -> FollowUp:
    """Take an open follow-up off the list until a day; its due day stays."""
    _refuse(check_due(until, today))
    async with database.writing() as connection:
        _refuse_closed(await _row(connection, follow_up_id, only_for))
        return await _update(connection, follow_up_id, {"snoozed_until": until})


async def reassign_follow_up(
    database: Database,
    follow_up_id: FollowUpId,
    assigned_to: UserId | None,
    *,
    only_for: UserId | None = None,
) -> FollowUp:
    """Give an open follow-up to another user; None: to any user."""
    async with database.writing() as connection:
        _refuse_closed(await _row(connection, follow_up_id, only_for))
        checked = await _checked_user(connection, assigned_to)
        return await _update(connection, follow_up_id, {"assigned_to_id": checked})


async def cancel_offer_follow_ups(
    connection: AsyncConnection,
    customer_id: CustomerId,
    offer: str,
    *,
    user_id: UserId | None,
    now: float,
) -> None:
    """Cancel what "later" has made for an offer that is answered differently now."""
    await connection.execute(
        update(follow_ups)
        .where(
            follow_ups.c.customer_id == customer_id,
            follow_ups.c.source == FollowUpSource.OFFER_LATER.value,
            follow_ups.c.offer == clean_for_database(offer),
            follow_ups.c.state == FollowUpState.OPEN.value,
        )
        .values(state=FollowUpState.CANCELLED.value, closed_by_id=actor_id(user_id), closed_at=now)
    )


async def _update(
    connection: AsyncConnection, follow_up_id: FollowUpId, values: dict[str, Any]
) -> FollowUp:
    await connection.execute(
        update(follow_ups).where(follow_ups.c.id == follow_up_id).values(**values)
    )
    return await load_follow_up(connection, follow_up_id)


async def _row(
    connection: AsyncConnection, follow_up_id: FollowUpId, only_for: UserId | None = None
) -> Any:
    statement = select(follow_ups).where(follow_ups.c.id == follow_up_id).with_for_update()
    row = (await connection.execute(statement)).first()
    if row is None or (only_for is not None and row.assigned_to_id not in {None, only_for}):
        raise FollowUpRefusedError(FollowUpProblem.UNKNOWN_FOLLOW_UP)
    return row


def _refuse(problem: FollowUpProblem | None) -> None:
    if problem is not None:
        raise FollowUpRefusedError(problem)


def _refuse_closed(row: Any) -> None:
    if row.state != FollowUpState.OPEN.value:
        raise FollowUpRefusedError(FollowUpProblem.FOLLOW_UP_CLOSED)


async def _remaining_customer(connection: AsyncConnection, customer_id: CustomerId) -> int:
    current = int(customer_id)
    for _ in range(_MAX_MERGES):
        row = (
            await connection.execute(
                select(customers.c.id, customers.c.merged_into_id).where(customers.c.id == current)
            )
        ).first()
        if row is None:
            break
        if row.merged_into_id is None:
            return current
        current = row.merged_into_id
    raise FollowUpRefusedError(FollowUpProblem.UNKNOWN_CUSTOMER)


async def _checked_user(connection: AsyncConnection, user_id: UserId | None) -> UserId | None:
    if actor_id(user_id) is None:
        return None
    found = await connection.scalar(
        select(users.c.id).where(
            users.c.id == user_id, users.c.deleted_at.is_(None), users.c.active
        )
    )
    if found is None:
        raise FollowUpRefusedError(FollowUpProblem.UNKNOWN_USER)
    return user_id


async def _call_id(connection: AsyncConnection, call: CallKey | int | None) -> int | None:
    if call is None:
        return None
    if isinstance(call, int):
        condition = calls.c.id == call
    else:
        pbx, boot, linkedid = map(clean_for_database, call)
        condition = (calls.c.pbx == pbx) & (calls.c.boot == boot) & (calls.c.linkedid == linkedid)
    found: int | None = await connection.scalar(select(calls.c.id).where(condition))
    return found
