"""Permission to open calls of the log, for users who may not see all of them."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, or_, select, text

from screenpop.accounts.users import UserId
from screenpop.calls.events import Disposition
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import calls, legs, receipts, users

# Literal text: SQLite takes a partial index only when the query repeats its condition.
_MISSED = text("calls.direction = 'inbound' AND calls.disposition <> 'answered'")
_ENDED_UNANSWERED = [one.value for one in Disposition if one is not Disposition.ANSWERED]


def is_missed() -> ColumnElement[bool]:
    """True for inbound calls that ended without anybody talking to the caller."""
    return and_(_MISSED, calls.c.disposition.in_(_ENDED_UNANSWERED))


def belongs_to(user: UserId) -> ColumnElement[bool]:
    """True for calls that rang at the user's phone, whose card they had, or where they spoke."""
    return or_(
        calls.c.agent_id == user,
        select(legs.c.id).where(legs.c.call_id == calls.c.id, legs.c.user_id == user).exists(),
        select(receipts.c.call_id)
        .where(receipts.c.call_id == calls.c.id, receipts.c.user_id == user)
        .exists(),
    )


def rang_at_no_user() -> ColumnElement[bool]:
    """True for calls that rang at the phone of no active user: every user answers for them."""
    rang_at = (
        select(legs.c.id)
        .select_from(legs.join(users, users.c.id == legs.c.user_id))
        .where(legs.c.call_id == calls.c.id, users.c.active)
    )
    return ~rang_at.exists()


def may_open(user: UserId) -> ColumnElement[bool]:
    """True for the user's own calls and for missed calls that rang at no user's phone."""
    return or_(belongs_to(user), and_(is_missed(), rang_at_no_user()))


async def openable_calls(
    database: Database, user: UserId, call_ids: Collection[int]
) -> frozenset[int]:
    """Return those of ``call_ids`` that the user may open without seeing all calls."""
    if not call_ids:
        return frozenset()
    statement = select(calls.c.id).where(calls.c.id.in_(call_ids), may_open(user))
    async with database.reading() as connection:
        return frozenset((await connection.execute(statement)).scalars())
