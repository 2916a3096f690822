"""Missed calls that were not called back yet, one row a caller.

A caller who was transferred and whom the target did not answer is missed by the target, although
another agent had talked to them before.

A missed call is settled when an agent talked to the caller afterwards, in either direction, or
when an agent marked it as done. Both are read from the call log and from ``missed_calls_done``, so
nothing leaves the list by age, by number, or with a restart.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.calls.events import Disposition
from screenpop.store.calls.access import is_missed, is_unanswered_transfer, may_open
from screenpop.store.calls.queries import CallCursor, LoggedCall, logged_calls
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.database import Database
from screenpop.store.schema.customer_tables import missed_calls_done
from screenpop.store.schema.tables import calls, meta
from screenpop.telephony.caller_id import CallerIdKind

PAGE = 50
MOST_DONE_SHOWN = 5
DONE_SHOWN_S = 24 * 3600
SINCE_KEY = "missed_calls_since"
"""Key in ``meta``: missed calls before this time are not listed; absent: all are."""

_later = calls.alias("later")


@dataclass(frozen=True, slots=True)
class MissedCaller:
    """One caller to call back: the newest missed call, how many there were, and since when."""

    call: LoggedCall
    times: int
    first_at: float


@dataclass(frozen=True, slots=True)
class DoneCaller:
    """One caller whom this user has marked as done."""

    call: LoggedCall
    done_at: float


@dataclass(frozen=True, slots=True)
class MissedPage:
    callers: tuple[MissedCaller, ...]
    """Newest call first."""
    total: int
    """Number of callers on all pages."""
    after: CallCursor | None
    """Where the next page begins; None on the last page."""
    done: tuple[DoneCaller, ...]


async def list_missed_callers(
    database: Database,
    user: UserId,
    now: float,
    *,
    after: CallCursor | None = None,
    limit: int = PAGE,
) -> MissedPage:
    """Return one page of the callers this user answers for.

    These are callers whose call rang at the user's phone or at the phone of no user. Waits for
    calls that are queued for the log.
    """
    await database.log.flush()
    async with database.reading() as connection:
        rows = _open_calls(await _since(connection), user).subquery("missed")
        newest = select(rows).where(rows.c.place == 1)
        total = await connection.scalar(select(func.count()).select_from(newest.subquery("each")))
        if after is not None:
            newest = newest.where(
                or_(
                    rows.c.arrived_at < after.arrived_at,
                    and_(rows.c.arrived_at == after.arrived_at, rows.c.id < after.id),
                )
            )
        newest = newest.order_by(rows.c.arrived_at.desc(), rows.c.id.desc()).limit(limit + 1)
        found = (await connection.execute(newest)).all()
        done = (await connection.execute(_done_by(user, now - DONE_SHOWN_S))).all()
        ids = [row.id for row in found[:limit]] + [row.with_call_id for row in done]
        by_id = await logged_calls(connection, ids)
    callers = tuple(
        MissedCaller(by_id[row.id], row.times, row.first_at)
        for row in found[:limit]
        if row.id in by_id
    )
    last = found[limit - 1] if len(found) > limit else None
    return MissedPage(
        callers,
        total or 0,
        None if last is None else CallCursor(last.arrived_at, last.id),
        tuple(
            DoneCaller(by_id[row.with_call_id], row.done_at)
            for row in done
            if row.with_call_id in by_id
        ),
    )


async def mark_caller_done(database: Database, call_id: int, user: UserId, now: float) -> int:
    """Mark the missed calls of this call's caller up to this call as done; return how many.

    Zero when there is nothing to do: an unknown call, one not missed, or one of another user.
    """
    async with database.writing() as connection:
        rows = _open_calls(await _since(connection), user).subquery("missed")
        chosen = (
            await connection.execute(
                select(rows.c.caller_key, rows.c.arrived_at).where(rows.c.id == call_id)
            )
        ).first()
        if chosen is None:
            return 0
        theirs = await connection.execute(
            select(rows.c.id).where(
                rows.c.caller_key == chosen.caller_key, rows.c.arrived_at <= chosen.arrived_at
            )
        )
        marks = [
            {"call_id": one, "with_call_id": call_id, "user_id": actor_id(user), "done_at": now}
            for one in theirs.scalars()
        ]
        await connection.execute(insert(missed_calls_done), marks)
        return len(marks)


async def undo_caller_done(database: Database, call_id: int, user: UserId) -> int:
    """Undo the mark made with this call; return how many calls are listed again."""
    async with database.writing() as connection:
        allowed = await connection.scalar(
            select(calls.c.id).where(calls.c.id == call_id, may_open(user))
        )
        if allowed is None:
            return 0
        gone = await connection.execute(
            delete(missed_calls_done)
            .where(missed_calls_done.c.with_call_id == call_id)
            .returning(missed_calls_done.c.call_id)
        )
        return len(gone.all())


def _open_calls(since_ts: float, user: UserId) -> Select[Any]:
    """Select missed calls that are not settled. ``place`` 1 is the newest of its caller."""
    key = _caller_key().label("caller_key")
    newest_first = (calls.c.arrived_at.desc(), calls.c.id.desc())
    # Two lists rather than OR: each finds its rows by an index of its own.
    missed = union_all(
        select(calls.c.id)
        .where(is_missed(), calls.c.arrived_at >= since_ts, may_open(user))
        .correlate(None),
        select(calls.c.id)
        .where(calls.c.arrived_at >= since_ts, is_unanswered_transfer(user))
        .correlate(None),
    )
    return select(
        calls.c.id,
        calls.c.arrived_at,
        key,
        func.row_number().over(partition_by=key, order_by=newest_first).label("place"),
        func.count().over(partition_by=key).label("times"),
        func.min(calls.c.arrived_at).over(partition_by=key).label("first_at"),
    ).where(
        calls.c.id.in_(missed),
        ~exists().where(missed_calls_done.c.call_id == calls.c.id),
        ~_talked_later(),
    )


def _caller_key() -> ColumnElement[str]:
    """Return the customer, else the number; each call with a hidden number has a key of its own."""
    hidden = or_(calls.c.withheld, calls.c.caller_kind == CallerIdKind.WITHHELD.value)
    return case(
        (calls.c.customer_id.is_not(None), "customer " + calls.c.customer_id.cast(Text)),
        (hidden, "call " + calls.c.id.cast(Text)),
        (calls.c.e164.is_not(None), "number " + calls.c.e164),
        (calls.c.caller_raw != "", "raw " + calls.c.caller_raw),
        else_="call " + calls.c.id.cast(Text),
    )


def _talked_later() -> ColumnElement[bool]:
    """True when a call of the same number or customer was answered after this one arrived."""

    def talked(condition: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists(
            select(_later.c.id).where(
                condition,
                _later.c.id != calls.c.id,
                _later.c.disposition == Disposition.ANSWERED.value,
                _later.c.answered_at > calls.c.arrived_at,
            )
        )

    return or_(
        talked(_later.c.e164 == calls.c.e164),
        talked(_later.c.customer_id == calls.c.customer_id),
        and_(
            calls.c.e164.is_(None),
            calls.c.caller_raw != "",
            ~calls.c.withheld,
            talked(
                and_(
                    _later.c.arrived_at >= calls.c.arrived_at,
                    _later.c.e164.is_(None),
                    or_(
                        _later.c.caller_raw == calls.c.caller_raw,
                        _later.c.called == calls.c.caller_raw,
                    ),
                )
            ),
        ),
    )


async def _since(connection: AsyncConnection) -> float:
    found = await connection.scalar(select(meta.c.value).where(meta.c.key == SINCE_KEY))
    return float(found) if found else 0.0


def _done_by(user: UserId, since_ts: float) -> Select[Any]:
    """Select what this user marked as done last, each caller once."""
    return (
        select(
            missed_calls_done.c.with_call_id,
            func.max(missed_calls_done.c.done_at).label("done_at"),
        )
        .where(
            missed_calls_done.c.user_id == user,
            missed_calls_done.c.done_at >= since_ts,
        )
        .group_by(missed_calls_done.c.with_call_id)
        .order_by(func.max(missed_calls_done.c.done_at).desc())
        .limit(MOST_DONE_SHOWN)
    )
