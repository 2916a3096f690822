"""Reads the board of trips, a page of each column at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

import orjson
from sqlalchemy import Select, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.models import PersonRef, TripStatus, VisaState
from screenpop.customers.trip_board import (
    COLUMNS,
    BoardRules,
    BoardTrip,
    CheckItem,
    StuckReason,
    stuck_reasons,
)
from screenpop.customers.trip_payments import due_cents, summary_from_json
from screenpop.store.customers.refs import load_customer_refs
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import customer_documents
from screenpop.store.schema.tables import import_batches, trips
from screenpop.store.schema.trip_board_tables import trip_progress

PAGE = 30
_SLICE = 200
"""Trips read at once while stuck ones are looked for."""
_MOST_SLICES = 10
MOST_COUNTED = 10_000
"""Trips of a column that are counted: years of trips that are back need no number."""
_STATUSES = {status.value: status for status in TripStatus}
_VISAS = {visa.value: visa for visa in VisaState}
_ITEMS = {item.value: item for item in CheckItem}


@dataclass(frozen=True, slots=True)
class ColumnCursor:
    departs: date | None
    id: int


@dataclass(frozen=True, slots=True)
class BoardFilter:
    today: date
    zone: tzinfo
    rules: BoardRules
    owner: UserId | None = None
    """Only trips of this owner; None: of all."""
    only_stuck: bool = False
    with_balance: bool = True
    """Whether an open balance makes a trip stuck."""


@dataclass(frozen=True, slots=True)
class BoardCard:
    id: int
    version: int
    buyer: PersonRef
    destination: str
    country: str
    people: int
    trip: BoardTrip
    owner: tuple[UserId, str] | None
    stuck: tuple[StuckReason, ...]


@dataclass(frozen=True, slots=True)
class BoardColumn:
    status: TripStatus
    cards: tuple[BoardCard, ...]
    after: ColumnCursor | None
    """Where the next page begins; None on the last page."""


async def load_board(
    database: Database, chosen: BoardFilter
) -> tuple[tuple[BoardColumn, ...], dict[TripStatus, int]]:
    """Return the first page of each column, and how many trips each has, at most one more than
    ``MOST_COUNTED``."""
    async with database.reading() as connection:
        columns = [await _column(connection, status, chosen, None) for status in COLUMNS]
        return tuple(columns), await _counts(connection, chosen)


async def load_column(
    database: Database, status: TripStatus, chosen: BoardFilter, after: ColumnCursor | None
) -> BoardColumn:
    async with database.reading() as connection:
        return await _column(connection, status, chosen, after)


async def load_card(database: Database, trip_id: int, chosen: BoardFilter) -> BoardCard | None:
    async with database.reading() as connection:
        rows = (await connection.execute(_select().where(trips.c.id == trip_id))).all()
        cards = await _cards(connection, rows, chosen)
        return cards[0] if cards else None


async def _counts(connection: AsyncConnection, chosen: BoardFilter) -> dict[TripStatus, int]:
    return {
        status: await connection.scalar(count_statement(status, chosen.owner)) or 0
        for status in COLUMNS
    }


def count_statement(status: TripStatus, owner: UserId | None) -> Select[Any]:
    """Select the number of trips of a column, at most one more than ``MOST_COUNTED``."""
    listed = _of_column(select(trips.c.id), status, owner)
    return select(func.count()).select_from(listed.limit(MOST_COUNTED + 1).subquery())


def _of_column(statement: Select[Any], status: TripStatus, owner: UserId | None) -> Select[Any]:
    """Return the statement for the trips of a column, of one owner or of all.

    The trips of an owner are read by the index of owners, and few: by the index of the column, all
    trips of all owners could be read for a page.
    """
    if owner is None:
        return statement.where(trips.c.status == status.value)
    owned = select(trip_progress.c.trip_id).where(trip_progress.c.owner_id == owner)
    return statement.where(trips.c.id.in_(owned), func.coalesce(trips.c.status, "") == status.value)


async def _column(
    connection: AsyncConnection,
    status: TripStatus,
    chosen: BoardFilter,
    after: ColumnCursor | None,
) -> BoardColumn:
    """Return a page: the earliest departure first, trips without one at the end; of those that are
    back the latest first."""
    if chosen.only_stuck and status is TripStatus.TRAVELLED:
        return BoardColumn(status, (), None)
    cards: list[BoardCard] = []
    limit = _SLICE if chosen.only_stuck else PAGE + 1
    for _ in range(_MOST_SLICES if chosen.only_stuck else 1):
        rows = await _slice(connection, status, chosen, after, limit)
        found = await _cards(connection, rows, chosen)
        cards += [card for card in found if card.stuck or not chosen.only_stuck]
        if len(rows) < limit or len(cards) > PAGE:
            has_more = len(cards) > PAGE
            break
        after = _cursor(found[-1])
    else:
        # The rest is looked through on the next page.
        return BoardColumn(status, tuple(cards[:PAGE]), after)
    page = tuple(cards[:PAGE])
    return BoardColumn(status, page, _cursor(page[-1]) if has_more else None)


def _cursor(card: BoardCard) -> ColumnCursor:
    return ColumnCursor(card.trip.departs, card.id)


async def _slice(
    connection: AsyncConnection,
    status: TripStatus,
    chosen: BoardFilter,
    after: ColumnCursor | None,
    limit: int,
) -> Sequence[Any]:
    """Return rows in the order of the column; dated ones and those without a day are two reads, so
    that both follow the index."""
    is_back = status is TripStatus.TRAVELLED
    base = _of_column(_select(), status, chosen.owner)
    if chosen.only_stuck:
        base = base.where(_may_be_stuck(status, chosen))
    rows: list[Any] = []
    if after is None or after.departs is not None:
        # Expressions of the day keep the index of the column out of the way.
        day = (
            trips.c.departs
            if chosen.owner is None
            else func.coalesce(trips.c.departs, trips.c.departs)
        )
        dated = base.where(trips.c.departs.is_not(None)).limit(limit)
        if after is not None:
            dated = dated.where(_beyond(after, is_back=is_back))
        order = (day.desc(), trips.c.id.desc()) if is_back else (day, trips.c.id)
        rows += (await connection.execute(dated.order_by(*order))).all()
    if len(rows) < limit:
        undated = base.where(trips.c.departs.is_(None)).limit(limit - len(rows))
        if after is not None and after.departs is None:
            undated = undated.where(trips.c.id < after.id)
        rows += (await connection.execute(undated.order_by(trips.c.id.desc()))).all()
    return rows


def _may_be_stuck(status: TripStatus, chosen: BoardFilter) -> Any:
    """Return a condition that every stuck trip of the column meets; the rules decide afterwards."""
    reasons = []
    most = chosen.rules.days_in_state.get(status)
    if most is not None:
        midnight = datetime.combine(chosen.today, time(), chosen.zone)
        reasons.append((midnight - timedelta(days=most)).timestamp() > _since())
    if status in {TripStatus.BOOKED, TripStatus.TICKETED}:
        reasons.append(trips.c.departs <= chosen.today + timedelta(days=chosen.rules.near_days))
    if status is TripStatus.TRAVELLING:
        reasons.append(trips.c.returns < chosen.today)
    return or_(false(), *reasons)


def _since() -> Any:
    """Return when a trip came into its state, as far as it is known."""
    return func.coalesce(trip_progress.c.since, import_batches.c.imported_at)


def _beyond(after: ColumnCursor, *, is_back: bool) -> Any:
    day, number = trips.c.departs, trips.c.id
    if is_back:
        return or_(day < after.departs, and_(day == after.departs, number < after.id))
    return or_(day > after.departs, and_(day == after.departs, number > after.id))


def _select() -> Select[Any]:
    return select(
        *(trips.c.id, trips.c.customer_id, trips.c.destination, trips.c.country, trips.c.status),
        *(trips.c.departs, trips.c.returns, trips.c.adults, trips.c.children, trips.c.visa),
        *(trips.c.price, trips.c.paid, trips.c.payments),
        *(trip_progress.c.owner_id, trip_progress.c.ticked, trip_progress.c.version),
        _since().label("since"),
        users.c.display_name,
    ).select_from(
        trips.outerjoin(trip_progress, trip_progress.c.trip_id == trips.c.id)
        .outerjoin(users, users.c.id == trip_progress.c.owner_id)
        .outerjoin(import_batches, import_batches.c.id == trips.c.import_batch_id)
    )


async def _cards(
    connection: AsyncConnection, rows: Sequence[Any], chosen: BoardFilter
) -> list[BoardCard]:
    people = await load_customer_refs(connection, [row.customer_id for row in rows])
    passports = await _passports(connection, [row.customer_id for row in rows])
    return [_card(row, people[row.customer_id], passports, chosen) for row in rows]


async def _passports(connection: AsyncConnection, people: Sequence[int]) -> dict[int, date]:
    if not people:
        return {}
    found = await connection.execute(
        select(
            customer_documents.c.customer_id, func.max(customer_documents.c.expires).label("last")
        )
        .where(
            customer_documents.c.customer_id.in_(set(people)),
            customer_documents.c.kind == "passport",
            customer_documents.c.expires.is_not(None),
        )
        .group_by(customer_documents.c.customer_id)
    )
    return {row.customer_id: row.last for row in found}


def _card(row: Any, buyer: PersonRef, passports: dict[int, date], chosen: BoardFilter) -> BoardCard:
    payments = summary_from_json(orjson.loads(row.payments)) if row.payments else None
    trip = BoardTrip(
        status=_STATUSES.get(row.status, TripStatus.ASKED),
        departs=row.departs,
        returns=row.returns,
        visa=_VISAS.get(row.visa, VisaState.NOT_NEEDED),
        due_cents=due_cents(row.price, row.paid, payments),
        passport_until=passports.get(row.customer_id),
        ticked=frozenset(_ITEMS[item] for item in row.ticked or () if item in _ITEMS),
        since=None if row.since is None else datetime.fromtimestamp(row.since, chosen.zone).date(),
    )
    return BoardCard(
        id=row.id,
        version=row.version or 0,
        buyer=buyer,
        destination=row.destination,
        country=row.country,
        people=row.adults + row.children,
        trip=trip,
        owner=None if row.owner_id is None else (UserId(row.owner_id), row.display_name),
        stuck=stuck_reasons(trip, chosen.rules, chosen.today, with_balance=chosen.with_balance),
    )
