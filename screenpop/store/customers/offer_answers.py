"""Customers' answers to offers: written with the call, kept when call and trace are deleted.

An offer without an answer is kept too, as ``SHOWN`` or, left out as control, as ``WITHHELD``.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.detail import OfferAnswer
from screenpop.customers.models import CustomerId
from screenpop.offers.office_offer import OfferTerms
from screenpop.offers.outcomes import SHOWN, WITHHELD
from screenpop.offers.quiet import quiet_until
from screenpop.service.ports import LoggedCall, OfferAnswerToKeep, OfferShownToKeep
from screenpop.store.engine.text import clean_for_database, to_json
from screenpop.store.offers.terms import load_offer_names, load_terms
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import offer_answers
from screenpop.store.schema.tables import calls, customers

MOST_LISTED = 50


def write_offer_answers(connection: Connection, records: Iterable[LoggedCall]) -> None:
    """Write the answers of these calls; they replace earlier ones of the same calls.

    A record without answers removes none: it may be an estimate after a restart. Answers of a
    customer erased since are not written.
    """
    for record in records:
        if not record.offer_answers and not record.offers_shown:
            continue
        entry = record.entry
        call = connection.execute(
            select(calls.c.id).where(
                calls.c.pbx == clean_for_database(entry.pbx),
                calls.c.boot == clean_for_database(entry.boot),
                calls.c.linkedid == clean_for_database(entry.call),
            )
        )
        call_id = call.scalar()
        if call_id is None:
            continue
        there = connection.execute(
            select(customers.c.id).where(
                customers.c.id.in_({one.customer for one in _kept(record)})
            )
        )
        known = set(there.scalars())
        seats = connection.execute(
            select(users.c.id).where(users.c.id.in_({one.agent for one in _kept(record)}))
        )
        agents = set(seats.scalars())
        connection.execute(delete(offer_answers).where(offer_answers.c.call_id == call_id))
        rows = [
            {
                **_values(one),
                "customer_id": one.customer,
                "offer": clean_for_database(one.offer),
                "call_id": call_id,
                "user_id": one.agent if one.agent in agents else None,
                "agent": clean_for_database(one.agent_name),
                "at": one.at,
            }
            for one in _kept(record)
            if one.customer in known
        ]
        if rows:
            connection.execute(insert(offer_answers), rows)
        for customer_id in known:
            answers = [one for one in record.offer_answers if one.customer == customer_id]
            if answers:
                _keep_quiet(connection, customer_id, answers)


def _kept(record: LoggedCall) -> Iterator[OfferAnswerToKeep | OfferShownToKeep]:
    yield from record.offer_answers
    yield from record.offers_shown


def _values(kept: OfferAnswerToKeep | OfferShownToKeep) -> dict[str, Any]:
    if isinstance(kept, OfferShownToKeep):
        return {"answer": WITHHELD if kept.is_withheld else SHOWN, "why": "", "reason": {}}
    return {
        "answer": clean_for_database(kept.answer),
        "why": clean_for_database(kept.why),
        "reason": orjson.loads(to_json(kept.reason)),
    }


def _keep_quiet(
    connection: Connection, customer_id: int, answers: Collection[OfferAnswerToKeep]
) -> None:
    """Note until when offers are not suggested: declined ones, and those accepted to their limit.

    Any other answer ends it.
    """
    stored = connection.scalar(
        select(customers.c.quiet_offers).where(customers.c.id == customer_id)
    )
    before = dict(stored or {})
    after = dict(before)
    terms = load_terms(connection, {one.offer for one in answers})
    for one in answers:
        offer = clean_for_database(one.offer)
        until = _quiet_until(connection, customer_id, one, terms.get(one.offer))
        if until is None:
            after.pop(offer, None)
        else:
            after[offer] = until.isoformat()
    if after != before:
        connection.execute(
            update(customers)
            .where(customers.c.id == customer_id)
            .values(quiet_offers=after or None)
        )


def _quiet_until(
    connection: Connection, customer_id: int, given: OfferAnswerToKeep, terms: OfferTerms | None
) -> date | None:
    """Return the first day on which the offer may be suggested again; None: it is not quiet."""
    if given.answer == "no":
        declined_on = datetime.fromtimestamp(given.at, UTC).date()
        find = quiet_until if terms is None else terms.quiet_until
        return find(given.why, declined_on)
    if given.answer != "accepted" or terms is None or terms.limit is None:
        return None
    accepted = select(func.count()).where(
        offer_answers.c.customer_id == customer_id,
        offer_answers.c.offer == clean_for_database(given.offer),
        offer_answers.c.answer == "accepted",
    )
    return date.max if (connection.scalar(accepted) or 0) >= terms.limit else None


async def offer_answers_of(
    connection: AsyncConnection, customer_id: CustomerId
) -> tuple[OfferAnswer, ...]:
    """Return a customer's answers to offers, newest first, without those that have no answer."""
    rows = await connection.execute(
        select(offer_answers)
        .where(
            offer_answers.c.customer_id == customer_id,
            offer_answers.c.answer.not_in((SHOWN, WITHHELD)),
        )
        .order_by(offer_answers.c.at.desc(), offer_answers.c.id.desc())
        .limit(MOST_LISTED)
    )
    given = rows.all()
    names = await load_offer_names(connection, {row.offer for row in given})
    return tuple(
        OfferAnswer(row.at, row.agent, row.offer, row.answer, row.why, names.get(row.offer, ""))
        for row in given
    )
