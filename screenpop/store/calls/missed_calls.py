"""The desk's missed calls: the open callbacks that one user answers for, newest call first.

The rows are those of ``open_callbacks``, so the desk and ``/callbacks`` show one truth. A user
answers for callbacks of which an attempt rang at the user's phone or at the phone of no user. A
caller who was transferred and whom the target did not answer is missed by the target, although
another agent had talked to them before.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    Connection,
    Double,
    Integer,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.store.calls.access import may_open
from screenpop.store.calls.call_page import CallCursor
from screenpop.store.calls.open_callbacks import load_listed_since, open_attempts
from screenpop.store.calls.queries import LoggedCall, load_calls
from screenpop.store.calls.taken_callbacks import (
    Taken,
    check_not_taken,
    find_callback,
    load_taken_names,
)
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.constants import with_constants_in_text
from screenpop.store.engine.database import Database
from screenpop.store.schema.customer_tables import callbacks_taken, missed_calls_done
from screenpop.store.schema.tables import calls

PAGE = 50
MOST_DONE_SHOWN = 5
DONE_SHOWN_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class MissedCaller:
    """One caller to call back: the newest missed call, how many there were, and since when."""

    call: LoggedCall
    times: int
    first_at: float
    taken: Taken | None = None


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

    def read(connection: Connection) -> MissedPage:
        return _missed_page(connection, user, now, after, limit)

    return await database.read(read)


def _missed_page(
    connection: Connection, user: UserId, now: float, after: CallCursor | None, limit: int
) -> MissedPage:
    statements = _statements()
    values = {"since_ts": load_listed_since(connection), "now": now, "user": user}
    page = {**values, "most": limit + 1}
    if after is not None:
        page |= {"before": after.value, "before_id": after.id}
    newest = statements.first if after is None else statements.next
    found = connection.execute(newest, page).all()
    if after is None:
        total = found[0].total if found else 0
    else:
        total = connection.scalar(statements.total, values) or 0
    done = connection.execute(
        statements.done, {"user": user, "done_since": now - DONE_SHOWN_S}
    ).all()
    ids = [row.id for row in found[:limit]] + [row.with_call_id for row in done]
    by_id = load_calls(connection, ids)
    taken = load_taken_names(connection, found)
    callers = tuple(
        MissedCaller(by_id[row.id], row.times, row.first_at, taken.get(row.id))
        for row in found[:limit]
        if row.id in by_id
    )
    last = found[limit - 1] if len(found) > limit else None
    return MissedPage(
        callers,
        total,
        None if last is None else CallCursor(last.arrived_at, last.id),
        tuple(
            DoneCaller(by_id[row.with_call_id], row.done_at)
            for row in done
            if row.with_call_id in by_id
        ),
    )


async def mark_caller_done(
    database: Database,
    call_id: int,
    user: UserId,
    now: float,
    *,
    only_own: bool = True,
    may_act_for_others: bool = False,
) -> int:
    """Mark the attempts of this call's callback up to this call as done; return how many.

    Zero when there is nothing to do: an unknown call, one not missed or settled, or, with
    ``only_own``, one of another user. Raises ``CallbackRefusedError`` if another user has taken it,
    unless ``may_act_for_others``.
    """
    async with database.writing() as connection:
        found = await find_callback(connection, call_id, now, user if only_own else None)
        if found is None:
            return 0
        if not may_act_for_others:
            await check_not_taken(connection, found, user)
        return await _settle(connection, found.up_to(call_id), call_id, user, now)


async def _settle(
    connection: AsyncConnection, ids: list[int], call_id: int, user: UserId, now: float
) -> int:
    marks = [
        {"call_id": one, "with_call_id": call_id, "user_id": actor_id(user), "done_at": now}
        for one in ids
    ]
    await connection.execute(insert(missed_calls_done), marks)
    await connection.execute(delete(callbacks_taken).where(callbacks_taken.c.call_id.in_(ids)))
    return len(marks)


async def undo_caller_done(database: Database, call_id: int, user: UserId) -> int:
    """Undo the mark made with this call; return how many calls are listed again."""
    by_user = exists().where(
        missed_calls_done.c.with_call_id == calls.c.id,
        missed_calls_done.c.user_id == actor_id(user),
    )
    async with database.writing() as connection:
        allowed = await connection.scalar(
            select(calls.c.id).where(calls.c.id == call_id, or_(may_open(user), by_user))
        )
        if allowed is None:
            return 0
        gone = await connection.execute(
            delete(missed_calls_done)
            .where(missed_calls_done.c.with_call_id == call_id)
            .returning(missed_calls_done.c.call_id)
        )
        return len(gone.all())


class _Statements(NamedTuple):
    first: Select[Any]
    """The first page, with the number of callers on all pages as ``total``."""
    next: Select[Any]
    """A page after the call of the parameters ``before`` and ``before_id``."""
    total: Select[Any]
    done: Select[Any]


@cache
def _statements() -> _Statements:
    """Return the statements of a page; building them takes longer than executing them."""
    user = bindparam("user", type_=Integer)
    since_ts, now = bindparam("since_ts", type_=Double), bindparam("now", type_=Double)
    rows = open_attempts(since_ts, now, user).subquery("missed")
    newest = select(rows).where(rows.c.place == 1, rows.c.is_own == 1)
    total = select(func.count()).select_from(newest.subquery("each"))
    # Counted in the same read: each of the two takes a walk over all attempts.
    first = newest.add_columns(func.count().over().label("total"))
    first, newest = (
        one.order_by(rows.c.arrived_at.desc(), rows.c.id.desc()).limit(
            bindparam("most", type_=Integer)
        )
        for one in (first, newest)
    )
    before, before_id = bindparam("before", type_=Double), bindparam("before_id", type_=Integer)
    following = newest.where(
        or_(
            rows.c.arrived_at < before,
            and_(rows.c.arrived_at == before, rows.c.id < before_id),
        )
    )
    statements = (first, following, total, _done_by(user))
    return _Statements(*map(with_constants_in_text, statements))


def _done_by(user: BindParameter[Any]) -> Select[Any]:
    """Select what this user marked as done since ``done_since``, each caller once."""
    return (
        select(
            missed_calls_done.c.with_call_id,
            func.max(missed_calls_done.c.done_at).label("done_at"),
        )
        .where(
            missed_calls_done.c.user_id == user,
            missed_calls_done.c.done_at >= bindparam("done_since", type_=Double),
        )
        .group_by(missed_calls_done.c.with_call_id)
        .order_by(func.max(missed_calls_done.c.done_at).desc())
        .limit(MOST_DONE_SHOWN)
    )
