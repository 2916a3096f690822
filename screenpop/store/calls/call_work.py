"""Implements the port ``service.call_work.CallWork``."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.departments import Section
from screenpop.calls.purposes import PurposeId
from screenpop.follow_ups.json_view import follow_up_view
from screenpop.follow_ups.models import (
    FollowUpId,
    FollowUpProblem,
    FollowUpRefusedError,
    FollowUpState,
    NewFollowUp,
)
from screenpop.service.call_work import CallWorkError, Result, WorkPlace
from screenpop.store.calls.call_labels import (
    find_call_id,
    label_of_call,
    set_call_case,
    set_call_purpose,
)
from screenpop.store.calls.purposes import load_purposes
from screenpop.store.customers.trips_edit import add_case_in
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.changes import (
    cancel_offer_follow_ups,
    close_follow_up,
    insert_follow_up,
    insert_follow_up_in,
    reopen_follow_up_in,
)
from screenpop.store.follow_ups.queries import follow_ups_of_customers
from screenpop.store.schema.customer_tables import follow_ups
from screenpop.store.schema.tables import users

_LOG_WAIT_S = 3.0


class StoredCallWork:
    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    async def load(self, place: WorkPlace) -> Result:
        async with self._database.reading() as connection:
            call_id = await find_call_id(connection, place.call)
            label = None if call_id is None else await label_of_call(connection, call_id)
            purposes = await load_purposes(connection)
            chosen = None if label is None else label.purpose_id
            return {
                "today": place.today.isoformat(),
                "user": place.user_id,
                "purposes": [
                    {"id": one.id, "names": dict(one.names), "opens_case": one.opens_case}
                    for one in purposes
                    if one.active or one.id == chosen
                ],
                "purpose": chosen,
                "case": None if label is None else label.case_id,
                "follow_ups": await _open_follow_ups(connection, place),
                "colleagues": await _colleagues(connection),
            }

    async def make_follow_up(self, place: WorkPlace, new: NewFollowUp) -> Result:
        made = await insert_follow_up(
            self._database, new, today=place.today, now=self._clock(), call=place.call
        )
        return {"follow_up": follow_up_view(made)}

    async def cancel_follow_up(self, place: WorkPlace, follow_up: FollowUpId) -> Result:
        """Cancel a follow-up that this user made or has to keep."""
        async with self._database.reading() as connection:
            row = (
                await connection.execute(
                    select(follow_ups.c.made_by_id, follow_ups.c.assigned_to_id).where(
                        follow_ups.c.id == follow_up,
                        follow_ups.c.customer_id == place.customer_id,
                    )
                )
            ).first()
        if row is None or place.user_id not in {row.made_by_id, row.assigned_to_id}:
            raise FollowUpRefusedError(FollowUpProblem.UNKNOWN_FOLLOW_UP)
        closed = await close_follow_up(
            self._database,
            follow_up,
            user_id=place.user_id,
            now=self._clock(),
            state=FollowUpState.CANCELLED,
        )
        return {"follow_up": follow_up_view(closed)}

    async def set_purpose(self, place: WorkPlace, purpose: PurposeId | None) -> Result:
        await self._wait_for_call()
        async with self._database.writing() as connection:
            call_id = await _saved_call(connection, place)
            is_known = await set_call_purpose(
                connection,
                self._database.kind,
                call_id,
                purpose,
                user_id=place.user_id,
                now=self._clock(),
            )
        if not is_known:
            raise CallWorkError("unknown_purpose")
        return {"purpose": purpose}

    async def open_case(self, place: WorkPlace, subject: str) -> Result:
        """Open one case a call; a repeated request returns the first."""
        customer_id = place.customer_id
        if customer_id is None:
            raise FollowUpRefusedError(FollowUpProblem.UNKNOWN_CUSTOMER)
        await self._wait_for_call()
        async with self._database.writing() as connection:
            call_id = await _saved_call(connection, place)
            label = await label_of_call(connection, call_id)
            if label is not None and label.case_id is not None:
                return {"case": label.case_id}
            fields = {
                "kind": "complaint",
                "state": "open",
                "subject": subject,
                "opened": place.today,
            }
            case = await add_case_in(
                connection, customer_id, fields, user_id=place.user_id, now=self._clock()
            )
            await set_call_case(connection, self._database.kind, call_id, case)
        return {"case": case}

    async def answer_offer(self, place: WorkPlace, later: NewFollowUp, answer: str) -> Result:
        await self._wait_for_call()
        now = self._clock()
        async with self._database.writing() as connection:
            if answer != "later":
                await cancel_offer_follow_ups(
                    connection, later.customer_id, later.offer, user_id=place.user_id, now=now
                )
                return {}
            made = await insert_follow_up_in(
                connection, later, today=place.today, now=now, call=place.call
            )
            if made.state is FollowUpState.CANCELLED:  # the answer was changed, and changed back
                made = await reopen_follow_up_in(connection, made.id)
        return {"follow_up": follow_up_view(made)}

    async def _wait_for_call(self) -> None:
        """Wait until the row of a call in progress is written."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOG_WAIT_S):
                await self._database.log.flush()


async def _open_follow_ups(connection: AsyncConnection, place: WorkPlace) -> list[object]:
    """Return the customer's open follow-ups, as far as the department sees calls."""
    if place.customer_id is None or Section.CALLS not in place.sections:
        return []
    found = await follow_ups_of_customers(connection, [place.customer_id], only_open=True)
    return [follow_up_view(one) for one in found]


async def _colleagues(connection: AsyncConnection) -> list[object]:
    rows = await connection.execute(
        select(users.c.id, users.c.display_name)
        .where(users.c.active, users.c.deleted_at.is_(None))
        .order_by(users.c.display_name, users.c.id)
    )
    return [{"id": row.id, "name": row.display_name} for row in rows]


async def _saved_call(connection: AsyncConnection, place: WorkPlace) -> int:
    call_id = await find_call_id(connection, place.call)
    if call_id is None:
        raise CallWorkError("call_not_saved")
    return call_id
