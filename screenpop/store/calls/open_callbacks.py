"""Open callbacks in SQL: the one definition behind the desk's missed calls and ``/callbacks``.

A callback is one person with all attempts that were missed since the last talk. A person is a
customer, also over several numbers, or a number of no single customer; each call with a hidden
number is a callback of its own. An attempt is settled by a later talk of ``MIN_TALK_S`` seconds in
either direction, or by a row of ``missed_calls_done``; nothing leaves by age, by number, or with a
restart.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Double,
    FromClause,
    Integer,
    Select,
    SelectBase,
    Text,
    and_,
    case,
    exists,
    func,
    literal,
    literal_column,
    or_,
    over,
    select,
    union,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.calls.events import Disposition
from screenpop.follow_ups.work_list import MIN_TALK_S
from screenpop.store.calls.access import Value, is_missed, is_unanswered_transfer, may_open
from screenpop.store.calls.batch_sql import IN_PROGRESS
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import callbacks_taken, missed_calls_done
from screenpop.store.schema.tables import calls, customer_phones, customers, meta
from screenpop.telephony.caller_id import CallerIdKind

SINCE_KEY = "missed_calls_since"
"""Key in ``meta``: missed calls before this time are not listed; absent: all are."""
LONGEST_TALK_S = 24 * 3600.0
"""Calls in progress that arrived earlier are not looked for."""

_LISTED_SINCE = select(meta.c.value).where(meta.c.key == SINCE_KEY)
# Literal text: SQLite takes a partial index only when the query repeats its condition.
TALKED_S = literal_column(str(MIN_TALK_S), Double)


async def listed_since(connection: AsyncConnection) -> float:
    """Return the time before which missed calls are not listed."""
    return await connection.run_sync(load_listed_since)


def load_listed_since(connection: Connection) -> float:
    """As ``listed_since``."""
    found = connection.scalar(_LISTED_SINCE)
    return float(found) if found else 0.0


def open_attempts(
    since_ts: Value[float],
    now: Value[float],
    user: Value[UserId] | None = None,
    among: SelectBase | None = None,
) -> Select[Any]:
    """Select the open attempts of all callbacks; ``among``: as in ``missed_attempts``.

    Takes milliseconds to build: keep a statement that is often needed, with bound parameters.

    Columns: ``id``, ``arrived_at``, ``caller_key`` (equal for the attempts of one callback),
    ``person_id`` (the customer), ``place`` (1 is the newest of its callback), ``times``,
    ``first_at``, ``first_id``, ``taken_by_id`` and ``taken_at``. With ``user`` also ``is_own``: 1
    for callbacks of which an attempt rang at the user's phone or at the phone of no user.
    """
    attempts = _attempt_cte(since_ts, user, among)
    settled = or_(_is_settled(attempts), _is_talking(attempts, now))
    key = attempts.c.caller_key
    newest_first = (attempts.c.arrived_at.desc(), attempts.c.id.desc())

    def in_callback(value: Any) -> ColumnElement[Any]:
        # One window for all: the database sorts once.
        return over(value, partition_by=key, order_by=newest_first, rows=(None, None))

    columns = [
        attempts.c.id,
        attempts.c.arrived_at,
        key,
        attempts.c.person_id,
        in_callback(func.row_number()).label("place"),
        in_callback(func.count()).label("times"),
        in_callback(func.last_value(attempts.c.arrived_at)).label("first_at"),
        in_callback(func.last_value(attempts.c.id)).label("first_id"),
    ]
    if user is not None:
        columns.append(in_callback(func.max(attempts.c.is_own)).label("is_own"))
    found = select(*columns).where(~settled).cte("open_attempt").prefix_with("MATERIALIZED")
    taken = _taken(found).subquery("taken")
    is_first = and_(taken.c.caller_key == found.c.caller_key, taken.c.place == 1)
    return select(
        found, taken.c.user_id.label("taken_by_id"), taken.c.taken_at.label("taken_at")
    ).select_from(found.outerjoin(taken, is_first))


def open_callers(since_ts: Value[float], now: Value[float]) -> tuple[CTE, Select[Any], Select[Any]]:
    """Return the open attempts, one row a callback of them, and who has taken which callback.

    For all callbacks at once: reads them by sets, not one after the other, and sorts none. Columns
    of the attempts: ``id``, ``arrived_at``, ``caller_key``, ``person_id``; of the callbacks:
    ``caller_key``, ``person_id``, ``times``, ``first_at`` and ``tie``, a number of its own; of the
    claims: as ``_taken``.
    """
    attempts = _attempt_cte(since_ts, None, None)
    # Few calls are in progress: their people are found once, and only these are looked at again.
    by_number, by_person = _people_talking(now)
    may_talk = or_(attempts.c.e164.in_(by_number), attempts.c.person_id.in_(by_person))
    settled = or_(_is_settled(attempts), and_(may_talk, _is_talking(attempts, now)))
    columns = (attempts.c.id, attempts.c.arrived_at, attempts.c.caller_key, attempts.c.person_id)
    found = select(*columns).where(~settled).cte("open_attempt").prefix_with("MATERIALIZED")
    callers = select(
        found.c.caller_key,
        func.max(found.c.person_id).label("person_id"),
        func.count().label("times"),
        func.min(found.c.arrived_at).label("first_at"),
        func.min(found.c.id).label("tie"),
    ).group_by(found.c.caller_key)
    return found, callers, _taken(found)


def _attempt_cte(
    since_ts: Value[float], user: Value[UserId] | None, among: SelectBase | None
) -> CTE:
    # Materialized: else each condition on it would compute the person again.
    return missed_attempts(since_ts, user, among).cte("attempt").prefix_with("MATERIALIZED")


def _is_settled(attempts: FromClause) -> ColumnElement[bool]:
    """True if a user has closed the attempt, or a talk that has ended followed it."""
    return or_(
        exists().where(missed_calls_done.c.call_id == attempts.c.id),
        talk_time_by_number(attempts).is_not(None),
        talk_time_by_customer(attempts).is_not(None),
        *(time.is_not(None) for time in talk_times_by_raw(attempts)),
    )


def _people_talking(now: Value[float]) -> tuple[Select[Any], Select[Any]]:
    """Select numbers and customers of the calls in progress."""

    def other_side(name: str, column: str) -> Select[Any]:
        live = calls.alias(name)
        return select(live.c[column]).where(
            live.c.arrived_at >= now - LONGEST_TALK_S,
            live.c.disposition == IN_PROGRESS,
            live.c[column].is_not(None),
        )

    return other_side("talking_number", "e164"), other_side("talking_customer", "customer_id")


def _taken(attempts: FromClause) -> Select[Any]:
    """Select the claims on these attempts; ``place`` 1 is the first made on its callback."""
    order = (callbacks_taken.c.taken_at, callbacks_taken.c.call_id)
    return (
        select(
            attempts.c.caller_key,
            callbacks_taken.c.user_id,
            callbacks_taken.c.taken_at,
            func.row_number()
            .over(partition_by=attempts.c.caller_key, order_by=order)
            .label("place"),
        )
        .select_from(
            attempts.join(callbacks_taken, callbacks_taken.c.call_id == attempts.c.id).join(
                users, users.c.id == callbacks_taken.c.user_id
            )
        )
        .where(users.c.active)
    )


def missed_attempts(
    since_ts: Value[float],
    user: Value[UserId] | None = None,
    among: SelectBase | None = None,
) -> Select[Any]:
    """Select missed attempts, settled ones too, with ``caller_key`` and ``person_id``.

    ``talks_from``: later talks settle it. ``among``: ids of calls, to look at no others.
    """
    # Two lists rather than OR: each finds its rows by an index of its own.
    lists = [
        select(calls.c.id).where(condition, calls.c.arrived_at >= since_ts).correlate(None)
        for condition in (is_missed(), is_unanswered_transfer(None))
    ]
    if among is not None:
        lists = [one.where(calls.c.id.in_(among)) for one in lists]
    answered = calls.c.disposition == Disposition.ANSWERED.value
    person = func.coalesce(calls.c.customer_id, _only_customer_of_number()).label("person_id")
    columns = [
        calls.c.id,
        calls.c.arrived_at,
        calls.c.e164,
        calls.c.caller_raw,
        _is_hidden().label("is_hidden"),
        case((answered, calls.c.ended_at), else_=calls.c.arrived_at).label("talks_from"),
        person,
    ]
    if user is not None:
        own = [
            select(calls.c.id).where(condition, calls.c.arrived_at >= since_ts).correlate(None)
            for condition in (and_(is_missed(), may_open(user)), is_unanswered_transfer(user))
        ]
        is_own = case((calls.c.id.in_(union_all(*own)), 1), else_=0)
        columns.append(is_own.cast(Integer).label("is_own"))
    chosen = select(*columns).where(calls.c.id.in_(union_all(*lists)))
    # Materialized: else the key would compute the person two more times.
    each = chosen.cte("each").prefix_with("MATERIALIZED")
    return select(each, _caller_key(each).label("caller_key"))


def attempts_of_same_people(call_ids: Collection[int] | SelectBase) -> SelectBase:
    """Select ids of calls, among them all attempts of the people on the other side of these calls.

    So the callbacks of a few calls are found without looking at all others.
    """
    chosen, other = calls.alias("chosen"), calls.alias("other")
    of_other, of_chosen = customer_phones.alias("of_other"), customer_phones.alias("of_chosen")
    given = chosen.c.id.in_(call_ids)
    ids = select(other.c.id)
    same_number = of_other.c.e164 == other.c.e164
    by_number = of_chosen.c.e164 == chosen.c.e164
    return union(
        ids.where(other.c.id.in_(call_ids)),
        ids.join(chosen, other.c.e164 == chosen.c.e164).where(given),
        ids.join(chosen, other.c.customer_id == chosen.c.customer_id).where(given),
        ids.join(of_other, same_number)
        .join(chosen, chosen.c.customer_id == of_other.c.customer_id)
        .where(given),
        ids.join(of_chosen, of_chosen.c.customer_id == other.c.customer_id)
        .join(chosen, by_number)
        .where(given),
        ids.join(of_other, same_number)
        .join(of_chosen, of_chosen.c.customer_id == of_other.c.customer_id)
        .join(chosen, by_number)
        .where(given),
        *(
            ids.join(chosen, other.c.caller_raw == side).where(
                # Not IS NULL for the given calls: SQLite would begin with all calls without number.
                given,
                func.coalesce(chosen.c.e164, "") == "",
                other.c.e164.is_(None),
                side != "",
            )
            for side in (chosen.c.caller_raw, chosen.c.called)
        ),
    )


def talk_time_by_number(attempt: FromClause) -> ColumnElement[float]:
    """Return when the first later talk with the attempt's number began; NULL for none."""
    later = calls.alias("by_number")
    return _first_talk(later, attempt, later.c.e164 == attempt.c.e164)


def talk_time_by_customer(attempt: FromClause) -> ColumnElement[float]:
    later = calls.alias("by_customer")
    return _first_talk(later, attempt, later.c.customer_id == attempt.c.person_id)


def talk_times_by_raw(attempt: FromClause) -> tuple[ColumnElement[float], ColumnElement[float]]:
    """Return the same for a number that is not a whole one, calling and called."""

    def first(name: str, column: str) -> ColumnElement[float]:
        later = calls.alias(name)
        return _first_talk(
            later,
            attempt,
            and_(
                later.c[column] == attempt.c.caller_raw,
                later.c.e164.is_(None),
                attempt.c.e164.is_(None),
                attempt.c.caller_raw != "",
                ~attempt.c.is_hidden,
            ),
        )

    return first("by_raw", "caller_raw"), first("by_called", "called")


def earliest(*times: ColumnElement[float]) -> ColumnElement[float]:
    """Return the smallest of these that is not NULL; NULL for none."""
    least = times[0]
    for time in times[1:]:
        least = case(
            (time.is_(None), least), (least.is_(None), time), (least < time, least), else_=time
        )
    return least


def _first_talk(
    later: FromClause, attempt: FromClause, condition: ColumnElement[bool]
) -> ColumnElement[float]:
    return (
        select(func.min(later.c.answered_at))
        .where(
            condition,
            later.c.talk_s >= TALKED_S,
            later.c.answered_at > attempt.c.talks_from,
        )
        .correlate(attempt)
        .scalar_subquery()
    )


def _is_talking(attempt: FromClause, now: Value[float]) -> ColumnElement[bool]:
    """True while a call in progress has talked to the person for ``MIN_TALK_S`` seconds."""

    def talking(name: str, column: str, value: ColumnElement[Any]) -> ColumnElement[bool]:
        live = calls.alias(name)
        return (
            select(live.c.id)
            .where(
                live.c[column] == value,
                live.c.arrived_at >= now - LONGEST_TALK_S,
                live.c.disposition == IN_PROGRESS,
                live.c.answered_at > attempt.c.talks_from,
                live.c.answered_at <= now - MIN_TALK_S,
            )
            .correlate(attempt)
            .exists()
        )

    return or_(
        talking("live_number", "e164", attempt.c.e164),
        talking("live_customer", "customer_id", attempt.c.person_id),
    )


def _is_hidden() -> ColumnElement[bool]:
    return or_(calls.c.withheld, calls.c.caller_kind == CallerIdKind.WITHHELD.value)


def _only_customer_of_number() -> ColumnElement[int]:
    """Return the customer of the caller's number; NULL if it is of several, or hidden."""
    ids = customer_phones.c.customer_id
    return (
        select(case((func.count(ids.distinct()) == 1, func.min(ids))))
        .join(customers, customers.c.id == ids)
        .where(
            customer_phones.c.e164 == calls.c.e164,
            customers.c.merged_into_id.is_(None),
            ~_is_hidden(),
        )
        .correlate(calls)
        .scalar_subquery()
    )


def _caller_key(each: FromClause) -> ColumnElement[str]:
    """Return the customer, else the number; each call with a hidden number has a key of its own."""
    own = literal("call ") + each.c.id.cast(Text)
    return case(
        (each.c.person_id.is_not(None), literal("customer ") + each.c.person_id.cast(Text)),
        (each.c.is_hidden, own),
        (each.c.e164.is_not(None), literal("number ") + each.c.e164),
        (each.c.caller_raw != "", literal("raw ") + each.c.caller_raw),
        else_=own,
    )
