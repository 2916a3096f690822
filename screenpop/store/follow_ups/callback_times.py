"""How long callers waited for their callback: from the first missed attempt to the talk."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import SelectBase, exists, func, select

from screenpop.customers.models import CustomerId
from screenpop.follow_ups.work_list import MIN_TALK_S
from screenpop.store.calls.open_callbacks import (
    LONGEST_TALK_S,
    attempts_of_same_people,
    earliest,
    listed_since,
    missed_attempts,
    talk_time_by_customer,
    talk_time_by_number,
    talk_times_by_raw,
)
from screenpop.store.engine.database import Database
from screenpop.store.schema.customer_tables import missed_calls_done
from screenpop.store.schema.tables import calls


@dataclass(frozen=True, slots=True)
class CallbackTime:
    """A callback that a talk closed. Times are seconds since 1970 (UTC)."""

    first_id: int
    """The first missed attempt, by its id in the call log."""
    customer: CustomerId | None
    first_at: float
    reached_at: float
    attempts: int

    @property
    def seconds(self) -> float:
        return self.reached_at - self.first_at


async def list_callback_times(
    database: Database, since_ts: float, until_ts: float
) -> tuple[CallbackTime, ...]:
    """Return the callbacks that a talk closed in this time, in the order of the talks.

    A talk counts at its answer. Attempts that a user had marked as done before do not count.
    """
    await database.log.flush()
    async with database.reading() as connection:
        listed_ts = await listed_since(connection)
        attempts = missed_attempts(listed_ts, among=_attempts_of_talkers(since_ts, until_ts))
        attempt = attempts.cte("attempt").prefix_with("MATERIALIZED")
        calling, called = talk_times_by_raw(attempt)
        times = select(
            attempt.c.id,
            attempt.c.arrived_at,
            attempt.c.caller_key,
            attempt.c.person_id,
            talk_time_by_number(attempt).label("number_at"),
            talk_time_by_customer(attempt).label("customer_at"),
            calling.label("calling_at"),
            called.label("called_at"),
        ).cte("times")
        reached_at = earliest(
            times.c.number_at, times.c.customer_at, times.c.calling_at, times.c.called_at
        )
        was_done = exists().where(
            missed_calls_done.c.call_id == times.c.id, missed_calls_done.c.done_at < reached_at
        )
        statement = (
            select(
                func.min(times.c.id).label("first_id"),
                func.max(times.c.person_id).label("person_id"),
                func.min(times.c.arrived_at).label("first_at"),
                func.count().label("attempts"),
                reached_at.label("reached_at"),
            )
            .where(reached_at >= since_ts, reached_at < until_ts, ~was_done)
            .group_by(times.c.caller_key, reached_at)
            .order_by(reached_at, func.min(times.c.id))
        )
        rows = (await connection.execute(statement)).all()
    return tuple(_time(row) for row in rows)


def _attempts_of_talkers(since_ts: float, until_ts: float) -> SelectBase:
    """Select ids of calls, among them the attempts of all who were talked to in this time."""
    talks = select(calls.c.id).where(
        calls.c.arrived_at >= since_ts - LONGEST_TALK_S,
        calls.c.arrived_at < until_ts,
        calls.c.answered_at >= since_ts,
        calls.c.answered_at < until_ts,
        calls.c.talk_s >= MIN_TALK_S,
    )
    return attempts_of_same_people(talks)


def _time(row: Any) -> CallbackTime:
    person = None if row.person_id is None else CustomerId(row.person_id)
    return CallbackTime(row.first_id, person, row.first_at, row.reached_at, row.attempts)
