"""Reads what became of offers: first shown or withheld, answers, and bookings after it."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, distinct, func, select

from screenpop.offers.acceptance import Answered
from screenpop.offers.office_offer import OfferId, offer_of, suggestion_id
from screenpop.offers.outcomes import SHOWN, WITHHELD, OfferOutcome
from screenpop.store.engine.database import Database
from screenpop.store.schema.customer_tables import offer_answers
from screenpop.store.schema.tables import customers, import_batches, trips
from screenpop.store.schema.trip_board_tables import trip_progress
from screenpop.store.segments.found import Wanted, segment_statement
from screenpop.store.trip_board.progress import NOT_BOOKED

_SLICE = 500
_OFFICE: tuple[ColumnElement[bool], ...] = (
    offer_answers.c.offer >= "offer:",
    offer_answers.c.offer < "offer;",
)
"""A range, so that the index is used: ids begin with the prefix and a colon."""


@dataclass(frozen=True, slots=True)
class OutcomeFilter:
    """``first`` to ``last``: days on which a customer was first concerned, both included."""

    first: date
    last: date
    within_days: int
    """A booking counts from the first call to so many days after it."""
    today: date
    zone: tzinfo
    offers: Collection[int] | None = None
    """The ids of some offers; None: all."""


async def load_outcomes(database: Database, wanted: OutcomeFilter) -> list[OfferOutcome]:
    """Return the outcomes by offer and customer."""

    def read(connection: Connection) -> list[OfferOutcome]:
        rows = connection.execute(_rows(wanted)).all()
        people = sorted({row.customer_id for row in rows})
        booked = _bookings(connection, people, wanted.zone)
        pairs = groupby(rows, key=lambda row: (row.offer, row.customer_id))
        return [_outcome(list(some), booked, wanted) for _, some in pairs]

    return await database.read(read)


def _rows(wanted: OutcomeFilter) -> Select[Any]:
    """Return all calls of each customer whom an offer first concerned in the period."""
    begins = datetime.combine(wanted.first, time(), wanted.zone).timestamp()
    ends = datetime.combine(wanted.last + timedelta(1), time(), wanted.zone).timestamp()
    of_offer = _OFFICE
    if wanted.offers is not None:
        ids = [suggestion_id(OfferId(one)) for one in wanted.offers]
        of_offer = (offer_answers.c.offer.in_(ids),)
    first = func.min(offer_answers.c.at)
    concerned = (
        select(offer_answers.c.offer, offer_answers.c.customer_id)
        .where(*of_offer, offer_answers.c.at < ends)
        .group_by(offer_answers.c.offer, offer_answers.c.customer_id)
        .having(first >= begins)
        .subquery()
    )
    own = offer_answers.c
    return (
        select(own.id, own.offer, own.customer_id, own.answer, own.why, own.agent, own.call_id)
        .add_columns(own.at)
        .join(
            concerned,
            (concerned.c.offer == own.offer) & (concerned.c.customer_id == own.customer_id),
        )
        .where(own.at < ends)
        .order_by(own.offer, own.customer_id, own.at, own.id)
    )


def _bookings(
    connection: Connection, people: Sequence[int], zone: tzinfo
) -> dict[int, list[tuple[date, date | None]]]:
    """Return the days on which customers booked, and on which they leave."""
    booked_at = func.coalesce(trip_progress.c.booked, import_batches.c.imported_at)
    found: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    for start in range(0, len(people), _SLICE):
        rows = connection.execute(
            select(trips.c.customer_id, trips.c.departs, booked_at.label("booked_at"))
            .select_from(
                trips.outerjoin(trip_progress, trip_progress.c.trip_id == trips.c.id).outerjoin(
                    import_batches, import_batches.c.id == trips.c.import_batch_id
                )
            )
            .where(
                trips.c.customer_id.in_(people[start : start + _SLICE]),
                trips.c.status.not_in(NOT_BOOKED),
                booked_at.is_not(None),
            )
        )
        for row in rows:
            day = datetime.fromtimestamp(row.booked_at, zone).date()
            found[row.customer_id].append((day, row.departs))
    return found


def _outcome(
    rows: Sequence[Any],
    booked: dict[int, list[tuple[date, date | None]]],
    wanted: OutcomeFilter,
) -> OfferOutcome:
    first, answers = rows[0], [row for row in rows if row.answer not in {SHOWN, WITHHELD}]
    day = _day(first.at, wanted.zone)
    ends = day + timedelta(wanted.within_days)
    days = [
        booked_on
        for booked_on, departs in booked.get(first.customer_id, ())
        # A past trip that is only entered now is no booking.
        if day <= booked_on <= ends and (departs is None or departs >= day)
    ]
    last = answers[-1] if answers else None
    return OfferOutcome(
        offer=first.offer,
        customer_id=first.customer_id,
        is_withheld=first.answer == WITHHELD,
        first_day=day,
        calls=len({row.call_id or -row.id for row in rows if row.answer != WITHHELD})
        or len({row.call_id or -row.id for row in rows}),
        answer=last.answer if last else "",
        why=last.why if last else "",
        agent=last.agent if last else "",
        answered_on=_day(last.at, wanted.zone) if last else None,
        booked_on=min(days, default=None),
        is_counted=ends < wanted.today,
    )


def _day(at: float, zone: tzinfo) -> date:
    return datetime.fromtimestamp(at, zone).date()


async def count_answered(
    database: Database, since: float, among: Wanted | None = None
) -> dict[tuple[int, str], Answered]:
    """Return the calls on which each offer was suggested and accepted, by offer and tier.

    ``among``: only those of customers who meet the condition of a segment today.
    """
    call = func.coalesce(offer_answers.c.call_id, -offer_answers.c.id)
    statement = (
        select(
            offer_answers.c.offer,
            customers.c.tier,
            func.count(distinct(call)).label("calls"),
            func.count(distinct(case((offer_answers.c.answer == "accepted", call)))).label("yes"),
        )
        .join(customers, customers.c.id == offer_answers.c.customer_id)
        .where(*_OFFICE, offer_answers.c.answer != WITHHELD, offer_answers.c.at >= since)
        .group_by(offer_answers.c.offer, customers.c.tier)
    )

    def read(connection: Connection) -> dict[tuple[int, str], Answered]:
        wanted = statement
        if among is not None:
            found = segment_statement(connection, database.kind, among)
            wanted = wanted.where(offer_answers.c.customer_id.in_(found))
        return dict(_answered(connection.execute(wanted).all()))

    return await database.read(read)


def _answered(rows: Sequence[Any]) -> Iterator[tuple[tuple[int, str], Answered]]:
    for row in rows:
        number = offer_of(row.offer)
        if number is not None:
            yield (int(number), row.tier), Answered(row.calls, row.yes)
