"""Customers' answers to offers: written with the call, kept when call and trace are deleted."""

from collections.abc import Iterable
from datetime import UTC, datetime

import orjson
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.detail import OfferAnswer
from screenpop.customers.models import CustomerId
from screenpop.offers.quiet import quiet_until
from screenpop.service.ports import LoggedCall, OfferAnswerToKeep
from screenpop.store.engine.text import clean_for_database, to_json
from screenpop.store.schema.customer_tables import offer_answers
from screenpop.store.schema.tables import calls, customers, users

SHOWN = 50


def write_offer_answers(connection: Connection, records: Iterable[LoggedCall]) -> None:
    """Write the answers of these calls; they replace earlier ones of the same calls.

    A record without answers removes none: it may be an estimate after a restart. Answers of a
    customer erased since are not written.
    """
    for record in records:
        if not record.offer_answers:
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
                customers.c.id.in_({one.customer for one in record.offer_answers})
            )
        )
        known = set(there.scalars())
        seats = connection.execute(
            select(users.c.id).where(users.c.id.in_({one.agent for one in record.offer_answers}))
        )
        agents = set(seats.scalars())
        connection.execute(delete(offer_answers).where(offer_answers.c.call_id == call_id))
        rows = [
            {
                "customer_id": one.customer,
                "offer": clean_for_database(one.offer),
                "answer": clean_for_database(one.answer),
                "why": clean_for_database(one.why),
                "reason": orjson.loads(to_json(one.reason)),
                "call_id": call_id,
                "user_id": one.agent if one.agent in agents else None,
                "agent": clean_for_database(one.agent_name),
                "at": one.at,
            }
            for one in record.offer_answers
            if one.customer in known
        ]
        if rows:
            connection.execute(insert(offer_answers), rows)
        for customer_id in known:
            answers = [one for one in record.offer_answers if one.customer == customer_id]
            _keep_quiet(connection, customer_id, answers)


def _keep_quiet(
    connection: Connection, customer_id: int, answers: Iterable[OfferAnswerToKeep]
) -> None:
    """Note until when declined offers are not suggested; any other answer ends it."""
    stored = connection.scalar(
        select(customers.c.quiet_offers).where(customers.c.id == customer_id)
    )
    before = dict(stored or {})
    after = dict(before)
    for one in answers:
        offer = clean_for_database(one.offer)
        if one.answer == "no":
            declined_on = datetime.fromtimestamp(one.at, UTC).date()
            after[offer] = quiet_until(one.why, declined_on).isoformat()
        else:
            after.pop(offer, None)
    if after != before:
        connection.execute(
            update(customers)
            .where(customers.c.id == customer_id)
            .values(quiet_offers=after or None)
        )


async def offer_answers_of(
    connection: AsyncConnection, customer_id: CustomerId
) -> tuple[OfferAnswer, ...]:
    """Return a customer's answers to offers, newest first."""
    rows = await connection.execute(
        select(offer_answers)
        .where(offer_answers.c.customer_id == customer_id)
        .order_by(offer_answers.c.at.desc(), offer_answers.c.id.desc())
        .limit(SHOWN)
    )
    return tuple(OfferAnswer(row.at, row.agent, row.offer, row.answer, row.why) for row in rows)
