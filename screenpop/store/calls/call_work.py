"""Implements the port ``service.call_work.CallWork``."""

import asyncio
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.calls.labels import LabelId, LabelKind
from screenpop.customers.missing_facts import Fact, FactValue
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
    set_call_label,
)
from screenpop.store.calls.call_work_reader import CallWorkReader, load_colleagues
from screenpop.store.customers.asked_facts import decline_question, save_answer
from screenpop.store.customers.trips_edit import add_case_in
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.call_reason import load_call_reason
from screenpop.store.follow_ups.changes import (
    cancel_offer_follow_ups,
    close_follow_up,
    insert_follow_up,
    insert_follow_up_in,
    reopen_follow_up_in,
)
from screenpop.store.schema.customer_tables import follow_ups
from screenpop.store.vouchers.answers import answer_voucher

_LOG_WAIT_S = 3.0


class StoredCallWork:
    def __init__(
        self, database: Database, clock: Callable[[], float], *, are_stamps: bool = False
    ) -> None:
        self._database = database
        self._clock = clock
        self._reader = CallWorkReader(database, are_stamps=are_stamps)

    async def load(self, place: WorkPlace) -> Result:
        return await self._reader.load(place)

    async def load_reason(self, place: WorkPlace) -> Result:
        return await load_call_reason(self._database, place, self._clock())

    async def load_colleagues(self) -> Result:
        return await load_colleagues(self._database)

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

    async def set_label(self, place: WorkPlace, kind: LabelKind, label: LabelId | None) -> Result:
        _ = await self._wait_for_call()
        async with self._database.writing() as connection:
            call_id = await _saved_call(connection, place)
            is_known = await set_call_label(
                connection,
                self._database.kind,
                call_id,
                kind,
                label,
                user_id=place.user_id,
                now=self._clock(),
            )
        if not is_known:
            raise CallWorkError(f"unknown_{kind}")
        return {kind.value: label}

    async def open_case(self, place: WorkPlace, subject: str) -> Result:
        """Open one case a call; a repeated request returns the first."""
        customer_id = place.customer_id
        if customer_id is None:
            raise FollowUpRefusedError(FollowUpProblem.UNKNOWN_CUSTOMER)
        _ = await self._wait_for_call()
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

    async def wait_for_answers(self) -> None:
        if not await self._wait_for_call():
            raise CallWorkError("not_saved_yet")

    async def answer_offer(self, place: WorkPlace, later: NewFollowUp, answer: str) -> Result:
        now = self._clock()
        async with self._database.writing() as connection:
            given = await answer_voucher(connection, place, later, answer, now)
            if answer != "later":
                await cancel_offer_follow_ups(
                    connection, later.customer_id, later.offer, user_id=place.user_id, now=now
                )
                return given
            made = await insert_follow_up_in(
                connection, later, today=place.today, now=now, call=place.call
            )
            if made.state is FollowUpState.CANCELLED:  # the answer was changed, and changed back
                made = await reopen_follow_up_in(connection, made.id)
        return {"follow_up": follow_up_view(made)}

    async def save_fact(
        self, place: WorkPlace, fact: Fact, value: FactValue, *, is_shared: bool
    ) -> Result:
        now = self._clock()
        return await save_answer(self._database, place, fact, value, is_shared=is_shared, now=now)

    async def decline_fact(self, place: WorkPlace, fact: Fact) -> Result:
        return await decline_question(self._database, place, fact, self._clock())

    async def _wait_for_call(self) -> bool:
        """Wait for the row of a call in progress; return whether the log has written it."""
        try:
            async with asyncio.timeout(_LOG_WAIT_S):
                await self._database.log.flush()
        except TimeoutError:
            return False
        return True


async def _saved_call(connection: AsyncConnection, place: WorkPlace) -> int:
    call_id = await find_call_id(connection, place.call)
    if call_id is None:
        raise CallWorkError("call_not_saved")
    return call_id
