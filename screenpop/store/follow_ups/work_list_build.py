"""Chooses the list of each customer and stores it, some hundred customers at a time.

Runs for all customers once a day, and in between for those that changed (``customers.changed_at``).
A row on which an agent acted today, or whose customer was reached, stays as it is until tomorrow,
so that no customer is listed twice a day.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.consent import stored_consents
from screenpop.customers.document_days import DocumentDays
from screenpop.customers.models import CaseKind, CaseState, CustomerId, Tier, Trip
from screenpop.follow_ups.call_lists import CallListEntry
from screenpop.follow_ups.work_list import (
    MIN_TALK_S,
    Candidate,
    Lapse,
    ListedCase,
    Mark,
    WorkRow,
    choose_row,
)
from screenpop.loyalty.own_rhythm import own_rhythm
from screenpop.store.customers.trips import row_to_plain
from screenpop.store.engine.database import Database
from screenpop.store.lookup import lookup_sql as hot
from screenpop.store.lookup.lookup_rows import document_from_row, travelled_from, trip_from_row
from screenpop.store.schema.customer_tables import customer_documents, trip_travellers
from screenpop.store.schema.segment_tables import segments
from screenpop.store.schema.tables import calls, cases, customers, meta, trips
from screenpop.store.schema.work_list_tables import (
    call_list_customers,
    call_lists,
    work_list,
    work_list_marks,
)
from screenpop.store.segments.rhythms import changed_rhythms, store_rhythms

SLICE = 1_000
"""Customers whose lists are chosen in one turn of a full run."""
BUILT_KEY = "work_list_built"
"""Key in ``meta``: the day of the last full run, and until when changes are included."""
_TIERS = {tier.value: tier for tier in Tier}
_OPEN = "open"
Among = Callable[[ColumnElement[int]], ColumnElement[bool]]
"""Returns a condition: the column holds one of the customers that are listed again."""
_FACTS = tuple(
    customers.c[name]
    for name in (
        *("id", "merged_into_id", "owner_id", "birthday", "anniversary", "tier", "vip"),
        *("balance", "currency", "consents", "marketing_consent"),
    )
)
"""Columns of a customer that decide on the list."""


async def is_built_for(database: Database, today: date) -> bool:
    """Return whether the lists of this day are complete."""
    async with database.reading() as connection:
        built = await connection.scalar(select(meta.c.value).where(meta.c.key == BUILT_KEY))
    return built == today.isoformat()


async def changed_customers(
    database: Database, since: float, most: int, until: float | None = None
) -> list[int]:
    """Return customers changed at or after a moment, and not after ``until``, the first changed
    first."""
    conditions = [customers.c.changed_at >= since]
    if until is not None:
        conditions.append(customers.c.changed_at <= until)
    statement = (
        select(customers.c.id)
        .where(*conditions)
        .order_by(customers.c.changed_at, customers.c.id)
        .limit(most)
    )
    async with database.reading() as connection:
        return list((await connection.execute(statement)).scalars())


async def build_work_list(database: Database, zone: tzinfo, now: float) -> None:
    """Choose the lists of all customers for the day; can be interrupted and begins again."""
    today = datetime.fromtimestamp(now, zone).date()
    last = 0
    while True:
        async with database.reading() as connection:
            ids = (
                await connection.execute(
                    select(customers.c.id)
                    .where(customers.c.id > last)
                    .order_by(customers.c.id)
                    .limit(SLICE)
                )
            ).scalars()
            chunk = list(ids)
        if not chunk:
            break
        # A range instead of a thousand ids: the database plans each statement once.
        first, last = chunk[0], chunk[-1]
        await _list_again(database, chunk, _between(first, last), zone, now)
    async with database.writing() as connection:
        await connection.execute(delete(meta).where(meta.c.key == BUILT_KEY))
        await connection.execute(insert(meta).values(key=BUILT_KEY, value=today.isoformat()))


async def list_customers_again(
    database: Database, ids: Sequence[int], zone: tzinfo, now: float
) -> None:
    """Choose the lists of these customers again."""
    await _list_again(database, ids, lambda column: column.in_(ids), zone, now)


def _between(first: int, last: int) -> Among:
    return lambda column: column.between(first, last)


async def _list_again(
    database: Database, ids: Sequence[int], among: Among, zone: tzinfo, now: float
) -> None:
    today = datetime.fromtimestamp(now, zone).date()
    async with database.reading() as connection:
        people = (await connection.execute(select(*_FACTS).where(among(customers.c.id)))).all()
        candidates = await _candidates(connection, people, among, zone)
        listed = select(work_list).where(among(work_list.c.customer_id))
        before = {row.customer_id: row for row in await connection.execute(listed)}
        rhythms = await changed_rhythms(connection, ids, candidates, among)
    owners = {row.id: row.owner_id for row in people}
    chosen = {one.customer_id: choose_row(one, today) for one in candidates}
    removed: list[int] = []
    added: list[dict[str, Any]] = []
    changed: list[tuple[int, dict[str, Any]]] = []
    for customer_id in ids:
        row, old = chosen.get(CustomerId(customer_id)), before.get(customer_id)
        if old is not None and old.state != _OPEN and old.listed_on >= today:
            continue
        if row is None:
            if old is not None:
                removed.append(customer_id)
        elif old is not None and _is_same(old, row):
            if _values(row) != {name: getattr(old, name) for name in _values(row)}:
                changed.append((customer_id, _values(row)))
        else:
            if old is not None:
                removed.append(customer_id)
            added.append(_new_row(customer_id, row, today, now, old, owners.get(customer_id)))
    await _store(database, today, removed, added, changed)
    await store_rhythms(database, rhythms)


def _is_same(old: Any, row: WorkRow) -> bool:
    """Return whether the row is open for the same occasion, so that it keeps its assignment."""
    return bool(old.state == _OPEN and old.kind == row.kind and old.subject == row.subject)


def _values(row: WorkRow) -> dict[str, Any]:
    return {
        "params": row.params,
        "position": row.rank,
        "trips": row.trips,
        "worth": row.worth,
        "currency": row.currency,
    }


def _new_row(
    customer_id: int, row: WorkRow, today: date, now: float, old: Any, owner: int | None
) -> dict[str, Any]:
    assigned = owner if old is None or old.assigned_to_id is None else old.assigned_to_id
    return {
        "customer_id": customer_id,
        "kind": row.kind.value,
        "subject": row.subject,
        "listed_on": today,
        "listed_at": now,
        "assigned_to_id": assigned,
        "state": _OPEN,
        **_values(row),
    }


async def _store(
    database: Database,
    today: date,
    removed: Sequence[int],
    added: Sequence[Mapping[str, Any]],
    changed: Sequence[tuple[int, Mapping[str, Any]]],
) -> None:
    if not (removed or added or changed):
        return
    wanted = [*removed, *(row["customer_id"] for row in added)]
    async with database.writing() as connection:
        await connection.execute(
            delete(work_list).where(
                work_list.c.customer_id.in_(wanted),
                or_(work_list.c.state == _OPEN, work_list.c.listed_on < today),
            )
        )
        # A customer erased meanwhile is not listed; a row acted on meanwhile stays.
        left = select(work_list.c.customer_id).where(work_list.c.customer_id.in_(wanted))
        free = await connection.execute(
            select(customers.c.id).where(customers.c.id.in_(wanted), customers.c.id.not_in(left))
        )
        still = set(free.scalars())
        rows = [dict(row) for row in added if row["customer_id"] in still]
        if rows:
            await connection.execute(insert(work_list), rows)
        for customer_id, values in changed:
            await connection.execute(
                update(work_list)
                .where(work_list.c.customer_id == customer_id, work_list.c.state == _OPEN)
                .values(**values)
            )


async def _candidates(
    connection: AsyncConnection, people: Sequence[Any], among: Among, zone: tzinfo
) -> list[Candidate]:
    journeys = await _trips(connection, among)
    own_cases = await _of_each(connection, cases, among)
    marks = await _of_each(connection, work_list_marks, among)
    papers = await _documents(connection, among)
    talks = await _last_talks(connection, among)
    referrals = await _referrals(connection, among, zone)
    called = await _call_lists(connection, among, zone)
    return [
        Candidate(
            CustomerId(row.id),
            birthday=row.birthday,
            anniversary=row.anniversary,
            tier=_TIERS.get(row.tier, Tier.NONE),
            vip=bool(row.vip),
            balance=row.balance,
            currency=row.currency,
            consents=stored_consents(row.consents, row.marketing_consent),
            trips=tuple(journeys[row.id]),
            cases=tuple(_case(case) for case in own_cases[row.id]),
            documents=tuple(papers[row.id]),
            lapse=_lapse(journeys[row.id]),
            last_talk=_local_day(talks.get(row.id), zone),
            referrals=tuple(referrals[row.id]),
            call_lists=tuple(called[row.id]),
            marks=tuple(Mark(one.kind, one.subject, one.until) for one in marks[row.id]),
        )
        for row in people
        if row.merged_into_id is None
    ]


async def _call_lists(
    connection: AsyncConnection, among: Among, zone: tzinfo
) -> dict[int, list[CallListEntry]]:
    rows = await connection.execute(
        select(
            call_list_customers.c.customer_id,
            call_lists.c.id,
            segments.c.name,
            call_lists.c.made_at,
        )
        .distinct()
        .select_from(
            call_list_customers.join(
                call_lists, call_lists.c.id == call_list_customers.c.call_list_id
            ).join(segments, segments.c.id == call_lists.c.segment_id)
        )
        .where(among(call_list_customers.c.customer_id))
        .order_by(call_lists.c.id)
    )
    kept: dict[int, list[CallListEntry]] = defaultdict(list)
    for row in rows:
        made = datetime.fromtimestamp(row.made_at, zone).date()
        kept[row.customer_id].append(CallListEntry(row.id, row.name, made))
    return kept


async def _documents(connection: AsyncConnection, among: Among) -> dict[int, list[DocumentDays]]:
    rows = await connection.execute(
        hot.documents_where(
            among(customer_documents.c.customer_id),
            (*hot.DOCUMENT_COLUMNS, customer_documents.c.customer_id),
        ).limit(None)
    )
    kept: dict[int, list[DocumentDays]] = defaultdict(list)
    for row in rows:
        kept[row.customer_id].append(document_from_row(row_to_plain(row[:-1])))
    return kept


def _lapse(theirs: Iterable[Trip]) -> Lapse | None:
    rhythm = own_rhythm(theirs)
    if rhythm is None:
        return None
    return Lapse(
        rhythm.kind.value, rhythm.interval_months, rhythm.last, rhythm.due, rhythm.lapsed_from
    )


def _case(row: Any) -> ListedCase:
    kinds = {one.value: one for one in CaseKind}
    states = {one.value: one for one in CaseState}
    return ListedCase(
        row.id,
        kinds.get(row.kind, CaseKind.QUESTION),
        states.get(row.state, CaseState.OPEN),
        row.subject,
        row.closed,
    )


def _local_day(at: float | None, zone: tzinfo) -> date | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).astimezone(zone).date()


async def last_talks(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, float]:
    """Return when each of these customers was last talked to for at least ten seconds."""
    return await _last_talks(connection, lambda column: column.in_(ids))


async def _last_talks(connection: AsyncConnection, among: Among) -> dict[int, float]:
    rows = await connection.execute(
        select(calls.c.customer_id, func.max(calls.c.arrived_at).label("at"))
        .where(among(calls.c.customer_id), calls.c.talk_s >= MIN_TALK_S)
        .group_by(calls.c.customer_id)
    )
    return {row.customer_id: row.at for row in rows}


async def _trips(connection: AsyncConnection, among: Among) -> dict[int, list[Trip]]:
    """Return trips booked, and those of others on which they travel, without a name."""
    width = len(hot.TRIP_COLUMNS)
    kept: dict[int, list[Trip]] = defaultdict(list)
    own = await connection.execute(
        select(*hot.TRIP_COLUMNS, trips.c.customer_id).where(among(trips.c.customer_id))
    )
    for row in own:
        kept[row.customer_id].append(trip_from_row(row_to_plain(row[:width])))
    travels = await connection.execute(
        select(
            *hot.TRAVELLED[:width],
            trips.c.customer_id,
            trip_travellers.c.customer_id.label("traveller"),
        )
        .select_from(trips.join(trip_travellers, trip_travellers.c.trip_id == trips.c.id))
        .where(
            among(trip_travellers.c.customer_id),
            trip_travellers.c.customer_id != trips.c.customer_id,
        )
    )
    for row in travels:
        buyer = [row.customer_id, "[]", "none", "unsaid"]
        kept[row.traveller].append(travelled_from([*row_to_plain(row[:width]), *buyer]))
    return kept


async def _referrals(
    connection: AsyncConnection, among: Among, zone: tzinfo
) -> dict[int, list[tuple[CustomerId, date]]]:
    rows = await connection.execute(
        select(customers.c.id, customers.c.referred_by_id, customers.c.created_at).where(
            among(customers.c.referred_by_id), customers.c.merged_into_id.is_(None)
        )
    )
    kept: dict[int, list[tuple[CustomerId, date]]] = defaultdict(list)
    for row in rows:
        since = _local_day(row.created_at, zone)
        if since is not None:
            kept[row.referred_by_id].append((CustomerId(row.id), since))
    return kept


async def _of_each(connection: AsyncConnection, table: Any, among: Among) -> dict[int, list[Any]]:
    kept: dict[int, list[Any]] = defaultdict(list)
    for row in await connection.execute(select(table).where(among(table.c.customer_id))):
        kept[row.customer_id].append(row)
    return kept
