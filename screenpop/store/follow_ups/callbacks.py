"""The callbacks of the office by rank, as ``/callbacks`` shows them.

The rows are those of ``store.calls.open_callbacks``. The order is that of
``follow_ups.callbacks.rank_key``, in SQL, so that one page costs no reading of the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Select,
    Subquery,
    case,
    false,
    func,
    literal,
    or_,
    over,
    select,
    text,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.models import Tier, TripStatus
from screenpop.follow_ups.callbacks import (
    NO_TRIP,
    TIER_RANKS,
    VIP_RANK,
    AttemptKind,
    CallbackFacts,
    attempt_kind,
    last_day_soon,
)
from screenpop.store.calls.access import is_missed
from screenpop.store.calls.open_callbacks import (
    attempts_of_same_people,
    listed_since,
    open_attempts,
    open_callers,
)
from screenpop.store.calls.queries import LoggedCall, logged_calls
from screenpop.store.calls.taken_callbacks import Taken, taken_names
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.listed_customers import ListedCustomer, load_listed_customers
from screenpop.store.schema.customer_tables import follow_ups, trip_travellers
from screenpop.store.schema.tables import calls, customers, legs, trips

PAGE = 50
MOST_ATTEMPTS = 5
"""Attempts of one callback that are loaded, newest first."""
_TIERS = {tier.value: tier for tier in Tier}
# Literal text: SQLite takes a partial index only when the query repeats its condition.
_IS_OPEN = text("follow_ups.state = 'open'")
_FIXED = (TripStatus.BOOKED.value, TripStatus.TICKETED.value, TripStatus.TRAVELLING.value)


class Whose(StrEnum):
    ALL = "all"
    FREE = "free"
    """Taken by no other user."""
    MINE = "mine"


@dataclass(frozen=True, slots=True)
class CallbackCursor:
    """The rank of the last row of a page; the next page begins after it."""

    no_promise: int
    trip: date
    tier: int
    first_at: float
    id: int


@dataclass(frozen=True, slots=True)
class Attempt:
    call: LoggedCall
    kind: AttemptKind


@dataclass(frozen=True, slots=True)
class Callback:
    id: int
    """The oldest open attempt, by its id in the call log."""
    attempts: tuple[Attempt, ...]
    """The newest ``MOST_ATTEMPTS``, newest first."""
    times: int
    """Number of all attempts."""
    facts: CallbackFacts
    customer: ListedCustomer | None
    taken: Taken | None
    promise: str
    """What was promised, of the earliest promise that is due; or empty."""
    destination: str
    """Of the trip in ``facts``, or empty."""


@dataclass(frozen=True, slots=True)
class CallbackPage:
    rows: tuple[Callback, ...]
    total: int
    """Number of callbacks on all pages."""
    after: CallbackCursor | None


@dataclass(frozen=True, slots=True)
class CallbackState:
    """A callback that is still open."""

    newest_id: int
    times: int
    taken: Taken | None


async def list_callbacks(
    database: Database,
    now: float,
    today: date,
    *,
    user: UserId | None = None,
    whose: Whose = Whose.ALL,
    after: CallbackCursor | None = None,
    limit: int = PAGE,
) -> CallbackPage:
    """Return one page of the callbacks by rank. Waits for calls that are queued for the log.

    ``user``: for ``whose``.
    """
    await database.log.flush()
    async with database.reading() as connection:
        since_ts = await listed_since(connection)
        statement = _page_statement(since_ts, now, today, (user, whose), after, limit)
        rows = (await connection.execute(statement)).all()
        groups = _by_callback(rows)
        found = await _load(connection, groups[:limit])
    last = groups[limit - 1][0] if len(groups) > limit else None
    return CallbackPage(
        tuple(found),
        rows[0].total if rows else 0,
        None if last is None else _cursor(last),
    )


async def still_open(
    database: Database, call_ids: Sequence[int], now: float
) -> tuple[dict[int, CallbackState], float]:
    """Return which of these attempts are open, and when the newest missed call arrived (0: none).

    Cheap enough to be asked every second: it looks at the callers of these calls only.
    """
    await database.log.flush()
    async with database.reading() as connection:
        newest_at = await connection.scalar(select(func.max(calls.c.arrived_at)).where(is_missed()))
        if not call_ids:
            return {}, newest_at or 0.0
        since_ts = await listed_since(connection)
        rows = open_attempts(since_ts, now, among=attempts_of_same_people(call_ids)).subquery("o")
        newest = rows.alias("newest")
        statement = (
            select(rows, newest.c.id.label("newest_id"))
            .join(newest, (newest.c.caller_key == rows.c.caller_key) & (newest.c.place == 1))
            .where(rows.c.id.in_(call_ids))
        )
        found = (await connection.execute(statement)).all()
        taken = await taken_names(connection, found)
    states = {row.id: CallbackState(row.newest_id, row.times, taken.get(row.id)) for row in found}
    return states, newest_at or 0.0


def _page_statement(
    since_ts: float,
    now: float,
    today: date,
    of_user: tuple[UserId | None, Whose],
    after: CallbackCursor | None,
    limit: int,
) -> Select[Any]:
    """Select the attempts of one page, each with its callback; only these attempts are sorted."""
    attempts, each_caller, each_taken = open_callers(since_ts, now)
    caller, taken = each_caller.subquery("caller"), each_taken.subquery("taken")
    promised = _promises_due(today)
    # Not by sets: there are more travellers than callers.
    own, travels = _departures(caller.c.person_id, today)
    # Materialized: else each use of a value would compute it again.
    facts = (
        select(
            caller,
            promised.c.promise_due,
            own.label("own_departs"),
            travels.label("travels_depart"),
            customers.c.tier,
            customers.c.vip,
            taken.c.user_id.label("taken_by_id"),
            taken.c.taken_at,
        )
        .select_from(
            caller.outerjoin(customers, customers.c.id == caller.c.person_id)
            .outerjoin(promised, promised.c.customer_id == caller.c.person_id)
            .outerjoin(taken, (taken.c.caller_key == caller.c.caller_key) & (taken.c.place == 1))
        )
        .where(_is_of(taken.c.user_id, *of_user))
        .cte("facts")
        .prefix_with("MATERIALIZED")
    )
    departs = _earlier(facts.c.own_departs, facts.c.travels_depart)
    trip = case((departs <= today, literal(today, Date)), else_=departs)
    callers = select(
        facts,
        departs.label("departs"),
        case((facts.c.promise_due.is_(None), 1), else_=0).label("no_promise"),
        func.coalesce(trip, literal(NO_TRIP, Date)).label("trip"),
        (-_tier_rank(facts)).label("tier_order"),
        select(func.count()).select_from(facts).scalar_subquery().label("total"),
    ).cte("callers")
    order = (
        callers.c.no_promise,
        callers.c.trip,
        callers.c.tier_order,
        callers.c.first_at,
        callers.c.tie,
    )
    page = select(callers).order_by(*order).limit(limit + 1)
    if after is not None:
        place = (after.no_promise, after.trip, after.tier, after.first_at, after.id)
        page = page.where(tuple_(*order) > tuple_(*map(literal, place)))
    rows = page.cte("page").prefix_with("MATERIALIZED")
    newest_first = (attempts.c.arrived_at.desc(), attempts.c.id.desc())

    def in_callback(value: Any) -> ColumnElement[Any]:
        return over(
            value, partition_by=attempts.c.caller_key, order_by=newest_first, rows=(None, None)
        )

    each = (
        select(
            attempts.c.caller_key,
            attempts.c.id.label("attempt_id"),
            in_callback(func.row_number()).label("place"),
            in_callback(func.last_value(attempts.c.id)).label("first_id"),
        )
        .where(attempts.c.caller_key.in_(select(rows.c.caller_key)))
        .subquery("each_attempt")
    )
    return (
        select(rows, rows.c.tie.label("id"), each.c.attempt_id, each.c.first_id)
        .join(each, (each.c.caller_key == rows.c.caller_key) & (each.c.place <= MOST_ATTEMPTS))
        .order_by(*(rows.c[column.name] for column in order), each.c.place)
    )


def _is_of(taken_by: ColumnElement[int], user: UserId | None, whose: Whose) -> ColumnElement[bool]:
    if whose is Whose.ALL:
        return true()
    own = false() if user is None else taken_by == user
    return own if whose is Whose.MINE else or_(own, taken_by.is_(None))


def _listed_from() -> ColumnElement[date]:
    return func.coalesce(follow_ups.c.snoozed_until, follow_ups.c.due)


def _promises_due(today: date) -> Subquery:
    """Select the earliest promise that is due, of each customer who has one."""
    return (
        select(follow_ups.c.customer_id, func.min(_listed_from()).label("promise_due"))
        .where(_IS_OPEN, _listed_from() <= today)
        .group_by(follow_ups.c.customer_id)
        .subquery("promised")
    )


def _is_soon(today: date) -> ColumnElement[bool]:
    """True for trips under way, and for booked ones that depart soon, as in ``itinerary``."""
    return (
        trips.c.status.in_(_FIXED)
        & (trips.c.departs <= last_day_soon(today))
        & or_(trips.c.departs >= today, trips.c.returns >= today)
    )


def _departures(
    person: ColumnElement[int], today: date
) -> tuple[ColumnElement[date], ColumnElement[date]]:
    """Return the earliest departures of trips under way or soon: booked, and only travelled."""
    first = func.min(trips.c.departs)
    own = select(first).where(trips.c.customer_id == person, _is_soon(today))
    travels = (
        select(first)
        .join(trip_travellers, trip_travellers.c.trip_id == trips.c.id)
        .where(trip_travellers.c.customer_id == person, _is_soon(today))
    )
    return own.scalar_subquery(), travels.scalar_subquery()


def _earlier(first: ColumnElement[date], second: ColumnElement[date]) -> ColumnElement[date]:
    return case((second.is_(None), first), (first < second, first), else_=second)


def _tier_rank(facts: CTE) -> ColumnElement[int]:
    tier = case(*((facts.c.tier == tier.value, rank) for tier, rank in TIER_RANKS.items()), else_=0)
    return tier + case((facts.c.vip, VIP_RANK), else_=0)


def _by_callback(rows: Sequence[Any]) -> list[list[Any]]:
    groups: dict[str, list[Any]] = {}
    for row in rows:
        groups.setdefault(row.caller_key, []).append(row)
    return list(groups.values())


def _cursor(row: Any) -> CallbackCursor:
    return CallbackCursor(row.no_promise, row.trip, row.tier_order, row.first_at, row.tie)


async def _load(connection: AsyncConnection, groups: Sequence[list[Any]]) -> list[Callback]:
    ids = [row.attempt_id for group in groups for row in group]
    by_id = await logged_calls(connection, ids)
    dialled = set(
        (await connection.execute(select(legs.c.call_id).where(legs.c.call_id.in_(ids)))).scalars()
    )
    heads = [group[0] for group in groups]
    people = [row.person_id for row in heads if row.person_id is not None]
    known = await load_listed_customers(connection, people)
    promises = await _promises(connection, heads)
    places = await _destinations(connection, heads)
    taken = await taken_names(connection, heads)
    found: list[Callback] = []
    for group in groups:
        head = group[0]
        attempts = tuple(
            _attempt(by_id[row.attempt_id], row.attempt_id in dialled)
            for row in group
            if row.attempt_id in by_id
        )
        if attempts:
            found.append(
                Callback(
                    head.first_id,
                    attempts,
                    head.times,
                    _facts(head),
                    known.get(head.person_id),
                    taken.get(head.id),
                    promises.get(head.person_id, ""),
                    places.get(head.person_id, ""),
                )
            )
    return found


def _attempt(call: LoggedCall, dialled: bool) -> Attempt:
    kind = attempt_kind(call.disposition, dialled=dialled, queued=bool(call.queue))
    return Attempt(call, kind)


def _facts(row: Any) -> CallbackFacts:
    return CallbackFacts(
        row.first_at,
        row.promise_due,
        row.departs,
        _TIERS.get(row.tier, Tier.NONE),
        bool(row.vip),
    )


async def _promises(connection: AsyncConnection, heads: Sequence[Any]) -> Mapping[int, str]:
    due = {row.person_id: row.promise_due for row in heads if row.promise_due is not None}
    rows = await connection.execute(
        select(follow_ups.c.customer_id, follow_ups.c.promise, _listed_from().label("due"))
        .where(follow_ups.c.customer_id.in_(due), follow_ups.c.state == "open")
        .order_by(follow_ups.c.id.desc())
    )
    return {row.customer_id: row.promise for row in rows if row.due == due[row.customer_id]}


async def _destinations(connection: AsyncConnection, heads: Sequence[Any]) -> Mapping[int, str]:
    departs = {row.person_id: row.departs for row in heads if row.departs is not None}
    own = select(trips.c.customer_id.label("person_id"), trips.c.departs, trips.c.destination)
    travels = (
        select(trip_travellers.c.customer_id, trips.c.departs, trips.c.destination)
        .join(trips, trips.c.id == trip_travellers.c.trip_id)
        .where(trip_travellers.c.customer_id.in_(departs))
    )
    fixed = trips.c.status.in_(_FIXED)
    rows = await connection.execute(
        union_all(own.where(trips.c.customer_id.in_(departs), fixed), travels.where(fixed))
    )
    return {row.person_id: row.destination for row in rows if row.departs == departs[row.person_id]}
