"""Makes and ends call lists. Which of their customers are called decides ``follow_ups.work_list``:
by consents, open cases, the last talk and the other lists."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.follow_ups.call_lists import MAX_CALL_LIST, call_list_subject, check_size
from screenpop.follow_ups.work_list import WorkKind
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.work_list_build import list_customers_again
from screenpop.store.privacy.plain_rows import plain_value
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.segment_tables import segments
from screenpop.store.schema.work_list_tables import call_list_customers, call_lists, work_list
from screenpop.store.segments.found import Wanted
from screenpop.store.segments.selection import Selection, selected_ids

_SLICE = 200
"""Customers whose lists are chosen in one turn."""
_KIND = WorkKind.CALL_LIST.value


@dataclass(frozen=True, slots=True)
class CallList:
    id: int
    segment_id: int
    made_at: float
    made_by: str
    customers: int
    """When it was made, less those erased since."""
    waiting: int
    """Those who are on the list now, to be called."""
    done: int
    """Rows of today that users have closed."""


async def make_call_list(
    database: Database,
    segment_id: int,
    wanted: Wanted,
    *,
    zone: tzinfo,
    now: float,
    user_id: UserId | None,
) -> CallList:
    """Make the call list of a segment, or with the customers of now instead of those of before.

    ``wanted``: its condition. Raises ``CallListRefusedError``: none or too many are in it.
    """
    ids = await database.read(
        lambda connection: selected_ids(
            connection, database.kind, Selection(segment=wanted), most=MAX_CALL_LIST + 1
        )
    )
    check_size(len(ids))
    async with database.writing() as connection:
        number = await _number(connection, segment_id, user_id, now)
        before = await _members(connection, number)
        theirs = call_list_customers.c.call_list_id == number
        await connection.execute(delete(call_list_customers).where(theirs))
        rows = [{"call_list_id": number, "customer_id": one} for one in ids]
        await connection.execute(insert(call_list_customers), rows)
    await _list_again(database, {*before, *ids}, zone, now)
    return (await list_call_lists(database))[segment_id]


async def end_call_list(database: Database, segment_id: int, *, zone: tzinfo, now: float) -> bool:
    """End the call list of a segment: its customers are on other lists or none. Return whether
    there was one."""
    async with database.writing() as connection:
        found = select(call_lists.c.id).where(call_lists.c.segment_id == segment_id)
        number = await connection.scalar(found)
        if number is None:
            return False
        members = await _members(connection, number)
        await connection.execute(delete(call_lists).where(call_lists.c.id == number))
    await _list_again(database, members, zone, now)
    return True


async def list_call_lists(database: Database) -> dict[int, CallList]:
    """Return the call lists by the id of their segment."""
    return await database.read(_listed)


def _listed(connection: Connection) -> dict[int, CallList]:
    members = (
        select(call_list_customers.c.call_list_id, func.count().label("number"))
        .group_by(call_list_customers.c.call_list_id)
        .subquery()
    )
    rows = connection.execute(
        select(
            call_lists,
            func.coalesce(users.c.display_name, "").label("made_by"),
            func.coalesce(members.c.number, 0).label("customers"),
        ).select_from(
            call_lists.outerjoin(users, users.c.id == call_lists.c.made_by_id).outerjoin(
                members, members.c.call_list_id == call_lists.c.id
            )
        )
    ).all()
    if not rows:
        return {}
    counts: Counter[tuple[str, bool]] = Counter()
    for row in connection.execute(
        select(work_list.c.subject, work_list.c.state, func.count().label("number"))
        .where(work_list.c.kind == _KIND)
        .group_by(work_list.c.subject, work_list.c.state)
    ):
        counts[row.subject, row.state == "open"] += row.number
    return {
        row.segment_id: CallList(
            row.id,
            row.segment_id,
            row.made_at,
            row.made_by,
            row.customers,
            counts[call_list_subject(row.id), True],
            counts[call_list_subject(row.id), False],
        )
        for row in rows
    }


async def called_for(connection: AsyncConnection, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return ``segment`` and ``made_at`` of the call lists with these customers."""
    rows = await connection.execute(
        select(segments.c.name, call_lists.c.made_at)
        .select_from(
            call_list_customers.join(
                call_lists, call_lists.c.id == call_list_customers.c.call_list_id
            ).join(segments, segments.c.id == call_lists.c.segment_id)
        )
        .where(call_list_customers.c.customer_id.in_(ids))
        .order_by(call_list_customers.c.id)
    )
    return [{"segment": row.name, "made_at": plain_value("made_at", row.made_at)} for row in rows]


async def _number(
    connection: AsyncConnection, segment_id: int, user_id: UserId | None, now: float
) -> int:
    values = {"made_by_id": actor_id(user_id), "made_at": now}
    again = update(call_lists).where(call_lists.c.segment_id == segment_id).values(**values)
    known = (await connection.execute(again.returning(call_lists.c.id))).scalar()
    if known is not None:
        return int(known)
    added = insert(call_lists).values(segment_id=segment_id, **values)
    return int((await connection.execute(added.returning(call_lists.c.id))).scalar_one())


async def _members(connection: AsyncConnection, number: int) -> Sequence[int]:
    theirs = call_list_customers.c.call_list_id == number
    found = select(call_list_customers.c.customer_id).where(theirs)
    return (await connection.execute(found)).scalars().all()


async def _list_again(database: Database, ids: Iterable[int], zone: tzinfo, now: float) -> None:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _SLICE):
        await list_customers_again(database, ordered[start : start + _SLICE], zone, now)
