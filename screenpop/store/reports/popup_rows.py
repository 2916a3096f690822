"""Answered inbound calls with the times of their cards, for the report "popup before pickup"."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from screenpop.calls.events import Direction, Disposition
from screenpop.reports.popup import AnsweredCall, CardTimes, Share
from screenpop.store.accounts.login_records import LoginOutcome
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import login_records
from screenpop.store.schema.tables import calls, legs, receipts
from screenpop.telephony.identifiers import FROM_QUEUE_LOG, SIMULATED

_Logins = Mapping[int, tuple[Sequence[float], Sequence[str]]]


async def answered_calls(
    database: Database,
    since: float,
    until: float,
    zone: tzinfo,
    *,
    simulated: bool,
    only: Sequence[ColumnElement[bool]] = (),
) -> tuple[AnsweredCall, ...]:
    """Return the calls that arrived from ``since`` to before ``until``, oldest first.

    Waits for calls that are queued for the log. ``simulated``: with calls of the simulator.
    ``only``: further conditions on ``calls``, as of ``accounts.teams.visible_calls``.
    """
    await database.log.flush()

    def read(connection: Connection) -> tuple[AnsweredCall, ...]:
        logins = _logins(connection, until)
        found: list[AnsweredCall] = []
        for row in connection.execute(_answers(since, until, only, simulated=simulated)):
            # The first row of a call is its first answer; others are later answers or cards.
            if not found or found[-1].call != row.id:
                found.append(_answered(row, logins, zone))
        return tuple(found)

    return await database.read(read)


async def count_popups(
    database: Database,
    since: float,
    until: float | None = None,
    *,
    simulated: bool,
    only: Sequence[ColumnElement[bool]] = (),
) -> Share:
    """Return how many inbound calls since a time were answered, and how many with the card before.

    ``until``: only those that arrived before it.
    Equals ``PopupSummary.total`` of the same calls. ``only``: as of ``answered_calls``.
    """
    await database.log.flush()
    before = func.count().filter(calls.c.before_pickup.is_(True))
    answered = (
        select(legs.c.id).where(legs.c.call_id == calls.c.id, legs.c.answered_at.is_not(None))
    ).exists()
    statement = select(func.count(), before).where(
        *_inbound(since, until, simulated=simulated), answered, *only
    )
    async with database.reading() as connection:
        row = (await connection.execute(statement)).one()
    return Share(row[0], row[1])


def _inbound(since: float, until: float | None, *, simulated: bool) -> list[ColumnElement[bool]]:
    conditions = [
        calls.c.arrived_at >= since,
        calls.c.direction == Direction.INBOUND.value,
        calls.c.disposition == Disposition.ANSWERED.value,
        calls.c.boot != FROM_QUEUE_LOG,
    ]
    if until is not None:
        conditions.append(calls.c.arrived_at < until)
    if not simulated:
        conditions.append(calls.c.pbx != SIMULATED)
    return conditions


def _answers(
    since: float, until: float, only: Sequence[ColumnElement[bool]], *, simulated: bool
) -> Select[Any]:
    of_card = and_(receipts.c.call_id == calls.c.id, receipts.c.user_id == legs.c.user_id)
    return (
        select(
            calls.c.id,
            calls.c.arrived_at,
            calls.c.queue,
            calls.c.before_pickup,
            legs.c.rang_at,
            legs.c.answered_at,
            legs.c.user_id,
            receipts.c.position,
            receipts.c.sent_at,
            receipts.c.received_at,
            receipts.c.painted_at,
            receipts.c.seen_at,
        )
        .join(legs, and_(legs.c.call_id == calls.c.id, legs.c.answered_at.is_not(None)))
        .outerjoin(receipts, of_card)
        .where(*_inbound(since, until, simulated=simulated), *only)
        .order_by(
            calls.c.arrived_at, calls.c.id, legs.c.answered_at, legs.c.id, receipts.c.position
        )
    )


def _answered(row: Any, logins: _Logins, zone: tzinfo) -> AnsweredCall:
    card = None
    if row.position is not None:
        card = CardTimes(
            sent_at=row.sent_at,
            received_at=row.received_at,
            painted_at=row.painted_at,
            seen_at=row.seen_at,
        )
    return AnsweredCall(
        call=row.id,
        arrived_at=row.arrived_at,
        rang_at=row.rang_at,
        answered_at=row.answered_at,
        agent=row.user_id,
        queue=row.queue,
        hour=datetime.fromtimestamp(row.arrived_at, zone).hour,
        browser=_browser(logins, row.user_id, row.rang_at),
        painted_before_pickup=row.before_pickup is True,
        card=card,
    )


def _logins(connection: Connection, until: float) -> _Logins:
    """Return the times and browsers of each user's successful logins, oldest first."""
    statement = (
        select(login_records.c.user_id, login_records.c.at, login_records.c.browser)
        .where(
            login_records.c.outcome == LoginOutcome.LOGGED_IN.value,
            login_records.c.user_id.is_not(None),
            login_records.c.at < until,
        )
        .order_by(login_records.c.at, login_records.c.id)
    )
    found: dict[int, tuple[list[float], list[str]]] = defaultdict(lambda: ([], []))
    for row in connection.execute(statement):
        times, browsers = found[row.user_id]
        times.append(row.at)
        browsers.append(row.browser)
    return found


def _browser(logins: _Logins, user: int | None, at: float) -> str:
    times, browsers = logins.get(user, ((), ())) if user is not None else ((), ())
    place = bisect_right(times, at)
    return browsers[place - 1] if place else ""
