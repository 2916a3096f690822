"""Permission to open calls of the log, for users who may not see all of them."""

from collections.abc import Collection
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import BindParameter, ColumnElement, and_, or_, select, text

from screenpop.accounts.users import UserId
from screenpop.calls.events import Direction, Disposition
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.tables import calls, legs, receipts, transfers

V = TypeVar("V")
Value: TypeAlias = V | BindParameter[Any]
"""A value of a statement, or a parameter that gets its value when the statement is executed."""

# Literal text: SQLite takes a partial index only when the query repeats its condition.
_MISSED = text("calls.direction = 'inbound' AND calls.disposition <> 'answered'")
_ANSWERED_INBOUND = and_(
    calls.c.direction == Direction.INBOUND.value,
    calls.c.disposition == Disposition.ANSWERED.value,
)
_ENDED_UNANSWERED = [one.value for one in Disposition if one is not Disposition.ANSWERED]


def is_missed() -> ColumnElement[bool]:
    """True for inbound calls that ended without a conversation with the caller."""
    return and_(_MISSED, calls.c.disposition.in_(_ENDED_UNANSWERED))


def is_unanswered_transfer(user: Value[UserId] | None) -> ColumnElement[bool]:
    """True for transferred calls from outside whose last leg, the user's, was unanswered.

    The leg of an inactive user, or of no user, is for all whom the call belongs to. Without
    ``user``: the leg of any user.
    """
    rung, talked = legs.alias("rung"), legs.alias("talked")
    talks_after = (
        select(talked.c.id)
        .where(
            talked.c.call_id == rung.c.call_id,
            talked.c.answered_at.is_not(None),
            # Answered after the leg began, or still talking when it stopped (a consultation).
            or_(talked.c.answered_at >= rung.c.rang_at, talked.c.ended_at > rung.c.ended_at),
        )
        .exists()
    )
    active = select(users.c.id).where(users.c.id == rung.c.user_id, users.c.active).exists()
    in_vain = and_(rung.c.answered_at.is_(None), ~talks_after)
    if user is None:
        # From the transfers, which are few: SQLite would else read all legs.
        is_missed_leg = select(rung.c.id).where(rung.c.call_id == transfers.c.call_id, in_vain)
        missed_calls = select(transfers.c.call_id).where(is_missed_leg.exists()).correlate(None)
        return and_(_ANSWERED_INBOUND, calls.c.id.in_(missed_calls))
    unanswered = (
        select(rung.c.call_id)
        .select_from(
            transfers.join(rung, rung.c.call_id == transfers.c.call_id).join(
                calls, calls.c.id == rung.c.call_id
            )
        )
        .where(
            in_vain,
            or_(rung.c.user_id == user, and_(~active, belongs_to(user))),
        )
        .correlate(None)
    )
    return and_(_ANSWERED_INBOUND, calls.c.id.in_(unanswered))


def belongs_to(user: Value[UserId]) -> ColumnElement[bool]:
    """True for calls that rang at the user's phone, whose card they had, or where they spoke."""
    return or_(
        calls.c.agent_id == user,
        select(legs.c.id).where(legs.c.call_id == calls.c.id, legs.c.user_id == user).exists(),
        select(receipts.c.call_id)
        .where(receipts.c.call_id == calls.c.id, receipts.c.user_id == user)
        .exists(),
    )


def rang_at_no_user() -> ColumnElement[bool]:
    """True for calls that rang at the phone of no active user: every user answers for them.

    A call that was still in progress when the program ended has no legs, but its cards.
    """
    rang_at, card_of = (
        select(table.c.call_id)
        .select_from(table.join(users, users.c.id == table.c.user_id))
        .where(table.c.call_id == calls.c.id, users.c.active)
        for table in (legs, receipts)
    )
    return and_(~rang_at.exists(), ~card_of.exists())


def may_open(user: Value[UserId]) -> ColumnElement[bool]:
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
