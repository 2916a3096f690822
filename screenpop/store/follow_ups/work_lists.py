"""Reads the work lists by page and changes their rows.

Everything raises ``WorkListRefusedError``. A row whose customer was talked to since it was listed
is on no list, and neither is one whose customer has a follow-up due: that is on the list of
promises.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId
from screenpop.follow_ups.work_list import MIN_TALK_S, AwayReason, WorkKind
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.listed_customers import ListedCustomer, load_listed_customers
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import follow_ups
from screenpop.store.schema.tables import calls, customers
from screenpop.store.schema.work_list_tables import work_list, work_list_marks

PAGE = 50
MAX_COUNTED = 999
_NEVER = date(9999, 12, 31)


class RowState(StrEnum):
    OPEN = "open"
    DONE = "done"
    SNOOZED = "snoozed"
    NEVER = "never"
    """Not again on this list."""


class WorkListProblem(StrEnum):
    UNKNOWN_ROW = "unknown_row"
    """The customer is on no list any more."""
    TAKEN_BY_OTHER = "taken_by_other"
    """The row is another user's."""
    ROW_CLOSED = "row_closed"
    """Another user has done it meanwhile."""
    UNKNOWN_USER = "unknown_user"
    UNTIL_IN_PAST = "until_in_past"


class WorkListRefusedError(Exception):
    """A change of a row is refused; ``name``: the user who has it or has done it, or empty."""

    def __init__(self, code: WorkListProblem, name: str = "") -> None:
        super().__init__(code.value)
        self.code, self.name = code, name


@dataclass(frozen=True, slots=True)
class WorkCursor:
    position: int
    customer_id: int


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """``users``: rows of these users, None among them for rows of no user; empty: of all."""

    kind: WorkKind
    users: tuple[UserId | None, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedRow:
    customer: ListedCustomer
    kind: WorkKind
    params: dict[str, Any]
    trips: int
    worth: int
    currency: str
    assigned_to: UserId | None
    assigned_name: str


@dataclass(frozen=True, slots=True)
class WorkPage:
    rows: tuple[ListedRow, ...]
    after: WorkCursor | None


async def list_work(
    database: Database,
    chosen: WorkFilter,
    today: date,
    *,
    after: WorkCursor | None = None,
    limit: int = PAGE,
) -> WorkPage:
    """Return one page of a list, by rank. Waits for calls that are queued for the log."""
    await database.log.flush()
    statement = (
        select(work_list, users.c.display_name)
        .select_from(work_list.outerjoin(users, users.c.id == work_list.c.assigned_to_id))
        .where(work_list.c.kind == chosen.kind.value, _is_listed(today), _of_users(chosen))
        .order_by(work_list.c.position.desc(), work_list.c.customer_id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        same = work_list.c.position == after.position
        statement = statement.where(
            work_list.c.position <= after.position,
            or_(~same, work_list.c.customer_id < after.customer_id),
        )
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
        people = await load_listed_customers(connection, [row.customer_id for row in rows])
    listed = tuple(_row(row, people[row.customer_id]) for row in rows[:limit])
    last = rows[limit - 1] if len(rows) > limit else None
    return WorkPage(listed, None if last is None else WorkCursor(last.position, last.customer_id))


async def find_listed(connection: AsyncConnection, customer_id: CustomerId, today: date) -> Any:
    """Return the row of a customer who is on a list, with ``kind`` and ``params``; else None."""
    statement = select(work_list).where(work_list.c.customer_id == customer_id, _is_listed(today))
    return (await connection.execute(statement)).first()


async def count_work(
    database: Database,
    kinds: Sequence[WorkKind],
    owners: tuple[UserId | None, ...],
    today: date,
) -> dict[WorkKind, int]:
    """Return how many rows each list has; ``MAX_COUNTED`` also for more."""
    if not kinds:
        return {}
    columns = []
    for kind in kinds:
        some = (
            select(work_list.c.customer_id)
            .where(
                work_list.c.kind == kind.value,
                _is_listed(today),
                _of_users(WorkFilter(kind, owners)),
            )
            .limit(MAX_COUNTED)
            .subquery()
        )
        counted = select(func.count()).select_from(some).scalar_subquery()
        columns.append(counted.label(kind.value))
    async with database.reading() as connection:
        row = (await connection.execute(select(*columns))).one()
    return dict(zip(kinds, row, strict=True))


async def still_listed(
    database: Database, ids: Sequence[int], today: date
) -> dict[int, tuple[UserId | None, str]]:
    """Return which of these customers are still on a list, and whose rows they are."""
    await database.log.flush()
    statement = (
        select(work_list.c.customer_id, work_list.c.assigned_to_id, users.c.display_name)
        .select_from(work_list.outerjoin(users, users.c.id == work_list.c.assigned_to_id))
        .where(work_list.c.customer_id.in_(ids), _is_listed(today))
    )
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
    return {row.customer_id: (_user(row.assigned_to_id), row.display_name or "") for row in rows}


async def act_on_row(
    database: Database,
    customer_id: CustomerId,
    state: RowState,
    *,
    user_id: UserId,
    now: float,
    today: date,
    until: date | None = None,
    away_reason: AwayReason | None = None,
    may_act_for_others: bool = False,
) -> None:
    """Mark a row as done, snoozed until a day, or never to be listed again."""
    if state is RowState.SNOOZED and (until is None or until <= today):
        raise WorkListRefusedError(WorkListProblem.UNTIL_IN_PAST)
    async with database.writing() as connection:
        row = await _open_row(connection, customer_id)
        _check_owner(row, user_id, may_act_for_others)
        snoozed = state is RowState.SNOOZED and until is not None
        mark = {
            "customer_id": customer_id,
            "kind": "" if snoozed else row.kind,
            "subject": row.subject if _is_of_occasion(state, row.kind) else "",
            "until": until if snoozed else _NEVER,
            "state": state.value,
            "away_reason": away_reason.value if away_reason is not None else "",
            "made_by_id": actor_id(user_id),
            "made_at": now,
        }
        await connection.execute(insert(work_list_marks).values(**mark))
        await connection.execute(
            update(work_list)
            .where(work_list.c.customer_id == customer_id)
            .values(state=state.value, acted_by_id=actor_id(user_id), acted_at=now, listed_on=today)
        )


def _is_of_occasion(state: RowState, kind: str) -> bool:
    """Return whether a mark is for this occasion only; each call list is one of its own."""
    is_call_list = kind == WorkKind.CALL_LIST.value
    return state is RowState.DONE or (state is RowState.NEVER and is_call_list)


async def undo_act(database: Database, customer_id: CustomerId, *, user_id: UserId) -> None:
    """Undo the user's own ``act_on_row`` while the row is kept, so on the same day."""
    async with database.writing() as connection:
        row = await _row_of(connection, customer_id)
        if row is None or row.state == RowState.OPEN.value:
            raise WorkListRefusedError(WorkListProblem.UNKNOWN_ROW)
        if row.acted_by_id != actor_id(user_id):
            raise WorkListRefusedError(WorkListProblem.ROW_CLOSED, row.actor_name or "")
        await connection.execute(
            delete(work_list_marks).where(
                work_list_marks.c.customer_id == customer_id,
                work_list_marks.c.made_at == row.acted_at,
            )
        )
        await connection.execute(
            update(work_list)
            .where(work_list.c.customer_id == customer_id)
            .values(state=RowState.OPEN.value, acted_by_id=None, acted_at=None)
        )


async def assign_rows(
    database: Database,
    ids: Sequence[int],
    assigned_to: UserId | None,
    *,
    user_id: UserId,
    may_act_for_others: bool,
) -> int:
    """Give rows to a user, None for no one; return how many. A user without the right takes and
    returns only own rows and rows of no user."""
    async with database.writing() as connection:
        if assigned_to is not None:
            await _check_user(connection, assigned_to)
        allowed = work_list.c.customer_id.in_(ids) & (work_list.c.state == RowState.OPEN.value)
        if not may_act_for_others:
            if assigned_to not in (None, user_id):
                raise WorkListRefusedError(WorkListProblem.TAKEN_BY_OTHER)
            for customer_id in ids:
                _check_owner(await _open_row(connection, CustomerId(customer_id)), user_id, False)
        done = await connection.execute(
            update(work_list).where(allowed).values(assigned_to_id=actor_id(assigned_to))
        )
        return done.rowcount


async def share_out(
    database: Database, kind: WorkKind, user_ids: Sequence[UserId], today: date
) -> int:
    """Share the rows of no user of a list among these users in turn; return how many."""
    if not user_ids:
        raise WorkListRefusedError(WorkListProblem.UNKNOWN_USER)
    async with database.writing() as connection:
        for user_id in user_ids:
            await _check_user(connection, user_id)
        rows = await connection.execute(
            select(work_list.c.customer_id)
            .where(
                work_list.c.kind == kind.value,
                _is_listed(today),
                work_list.c.assigned_to_id.is_(None),
            )
            .order_by(work_list.c.position.desc(), work_list.c.customer_id.desc())
        )
        ids = rows.scalars().all()
        for place, user_id in enumerate(user_ids):
            theirs = ids[place :: len(user_ids)]
            for start in range(0, len(theirs), PAGE * 10):
                some = theirs[start : start + PAGE * 10]
                await connection.execute(
                    update(work_list)
                    .where(work_list.c.customer_id.in_(some))
                    .values(assigned_to_id=actor_id(user_id))
                )
        return len(ids)


def _is_listed(today: date) -> ColumnElement[bool]:
    """Return the condition of a row that is on its list.

    Scalars, not EXISTS: PostgreSQL would join with the talks of all customers, and rows beyond
    those that are wanted.
    """
    merged = select(customers.c.merged_into_id).where(customers.c.id == work_list.c.customer_id)
    reached = select(calls.c.id).where(
        calls.c.customer_id == work_list.c.customer_id,
        calls.c.arrived_at >= work_list.c.listed_at,
        calls.c.talk_s >= MIN_TALK_S,
    )
    promised = select(follow_ups.c.id).where(
        follow_ups.c.customer_id == work_list.c.customer_id,
        follow_ups.c.state == "open",
        func.coalesce(follow_ups.c.snoozed_until, follow_ups.c.due) <= today,
    )
    off_list = (
        one.limit(1).correlate(work_list).scalar_subquery() for one in (merged, reached, promised)
    )
    return and_(work_list.c.state == RowState.OPEN.value, *(one.is_(None) for one in off_list))


def _of_users(chosen: WorkFilter) -> ColumnElement[bool]:
    if not chosen.users:
        return and_(True)
    ids = [user for user in chosen.users if user is not None]
    own = work_list.c.assigned_to_id.in_(ids)
    return or_(own, work_list.c.assigned_to_id.is_(None)) if None in chosen.users else own


def _row(row: Any, customer: ListedCustomer) -> ListedRow:
    return ListedRow(
        customer,
        WorkKind(row.kind),
        dict(row.params),
        row.trips,
        row.worth,
        row.currency,
        _user(row.assigned_to_id),
        row.display_name or "",
    )


def _user(user_id: int | None) -> UserId | None:
    return None if user_id is None else UserId(user_id)


async def _row_of(connection: AsyncConnection, customer_id: CustomerId) -> Any:
    actor = users.alias("actor")
    statement = (
        select(work_list, users.c.display_name, actor.c.display_name.label("actor_name"))
        .select_from(
            work_list.outerjoin(users, users.c.id == work_list.c.assigned_to_id).outerjoin(
                actor, actor.c.id == work_list.c.acted_by_id
            )
        )
        .where(work_list.c.customer_id == customer_id)
    )
    return (await connection.execute(statement)).first()


async def _open_row(connection: AsyncConnection, customer_id: CustomerId) -> Any:
    row = await _row_of(connection, customer_id)
    if row is None:
        raise WorkListRefusedError(WorkListProblem.UNKNOWN_ROW)
    if row.state != RowState.OPEN.value:
        raise WorkListRefusedError(WorkListProblem.ROW_CLOSED, row.actor_name or "")
    return row


def _check_owner(row: Any, user_id: UserId, may_act_for_others: bool) -> None:
    if may_act_for_others or row.assigned_to_id in (None, user_id):
        return
    raise WorkListRefusedError(WorkListProblem.TAKEN_BY_OTHER, row.display_name or "")


async def _check_user(connection: AsyncConnection, user_id: UserId) -> None:
    found = await connection.scalar(
        select(users.c.id).where(
            users.c.id == user_id, users.c.active, users.c.deleted_at.is_(None)
        )
    )
    if found is None:
        raise WorkListRefusedError(WorkListProblem.UNKNOWN_USER)
