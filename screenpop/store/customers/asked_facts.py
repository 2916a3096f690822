"""The fact that a caller is asked for: chosen and stored as asked, and its answer saved.

An answer is saved as the customer's page saves it, with its entry in the customer's history.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Date,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    or_,
    select,
    true,
    update,
)

from screenpop.customers.documents import DocumentKind
from screenpop.customers.draft import PhoneDraft
from screenpop.customers.missing_facts import (
    Fact,
    FactsOnFile,
    FactValue,
    choose_fact,
)
from screenpop.customers.models import CaseKind, CaseState, CustomerId, TripStatus
from screenpop.service.call_work import CallWorkError, Result, WorkPlace
from screenpop.store.customers.documents import fill_passport_day
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.queries import CustomerRefusedError, link_phone
from screenpop.store.customers.refs import customers_of_number
from screenpop.store.engine.database import Database
from screenpop.store.engine.inline_reads import Execute, compile_named
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.customer_tables import asked_facts, customer_documents
from screenpop.store.schema.tables import cases, customer_phones, customers, trips

GIVEN, DECLINED = "given", "declined"
_BOOKED = (TripStatus.BOOKED, TripStatus.TICKETED, TripStatus.TRAVELLING)
_STORED_WITHIN_S = 2.0
"""Seconds for which an answer waits until its question is stored."""
_MOST_TRIES = 3
"""Writes of one answer while others change the same customer."""
_FIELDS = {Fact.BIRTHDAY: "birthday", Fact.EMAIL: "emails", Fact.HEARD_FROM: "heard_from"}
_FACTS = {fact.value: fact for fact in Fact}


@dataclass(frozen=True, slots=True)
class Question:
    fact: Fact
    is_stored: bool
    """This card has asked before and keeps its question until it is answered."""


def find_question(connection: Connection, place: WorkPlace) -> Question | None:
    """Return the fact to ask for on this card; None for no question."""
    if not _may_have_question(place):
        return None
    row = connection.execute(_ON_FILE, _values(place) | {"today": place.today}).first()
    return None if row is None else _question(_OnFile(*row), place)


def find_question_inline(execute: Execute, place: WorkPlace) -> Question | None:
    """As ``find_question``, on the loop's thread. Raises ``INLINE_ERRORS``."""
    if not _may_have_question(place):
        return None
    values = _values(place) | {"today": place.today.isoformat()}
    rows = _ON_FILE_SQL.rows(execute, values)
    return _question(_OnFile(*rows[0]), place) if rows else None


async def save_answer(
    database: Database,
    place: WorkPlace,
    fact: Fact,
    value: FactValue,
    *,
    is_shared: bool,
    now: float,
) -> Result:
    """Save the answer to the question of a card.

    Returns ``shared_with``, and saves nothing, when others have the second number and ``is_shared``
    is false. Raises ``CallWorkError``: ``unknown_fact``, ``fact_known``, ``number_there``,
    ``unknown_customer``.
    """
    row = await _asked_row(database, place, fact)
    customer_id = CustomerId(row.customer_id)
    try:
        if isinstance(value, PhoneDraft):
            others = await _others_with(database, customer_id, value)
            if others and not is_shared:
                return {"shared_with": others}
            await _add_number(database, place, customer_id, value, row.answer, now)
        elif fact is Fact.PASSPORT_EXPIRES and isinstance(value, date):
            await fill_passport_day(database, customer_id, value, user_id=place.user_id, now=now)
        else:
            await _fill_field(database, place, customer_id, (fact, value), now)
    except CustomerRefusedError as refused:
        raise CallWorkError(refused.code) from refused
    await _close(database, row.id, GIVEN, now)
    return {"fact": fact.value}


async def decline_question(database: Database, place: WorkPlace, fact: Fact, now: float) -> Result:
    """Store that the customer would rather not answer. Raises ``CallWorkError``."""
    row = await _asked_row(database, place, fact)
    if row.answer != GIVEN:
        await _close(database, row.id, DECLINED, now)
    return {"fact": fact.value}


class _OnFile(NamedTuple):
    """The columns of ``_ON_FILE``, in plain values that both databases return alike."""

    has_birthday: bool
    has_email: bool
    has_heard_from: bool
    has_second_number: bool
    has_trip_ahead: bool
    has_travelled: bool
    has_open_complaint: bool
    has_passport: bool
    """A passport with its last day is on file."""
    has_trip_abroad: bool
    """False where the country of a trip is not known."""
    asked_on: str | None
    """ISO 8601."""
    fact: str | None
    """What this card has asked."""
    answer: str | None


def _on_file() -> Select[Any]:
    customer: Any = bindparam("customer")
    card: Any = bindparam("card")
    today: Any = bindparam("today", type_=Date)
    home: Any = bindparam("home")
    own = trips.c.customer_id == customer
    # Not IN, whose list of values is compiled at each execution.
    booked = and_(own, or_(*(trips.c.status == status.value for status in _BOOKED)))
    travelled = and_(own, trips.c.status == TripStatus.TRAVELLED.value)
    complaint = and_(
        cases.c.customer_id == customer,
        cases.c.kind == CaseKind.COMPLAINT.value,
        cases.c.state != CaseState.CLOSED.value,
    )
    abroad = and_(trips.c.country != "", trips.c.country != home)
    passport = and_(
        customer_documents.c.customer_id == customer,
        customer_documents.c.kind == DocumentKind.PASSPORT.value,
        customer_documents.c.expires.is_not(None),
    )
    numbers = select(func.count()).where(customer_phones.c.customer_id == customer)
    last = select(func.max(asked_facts.c.asked_on)).where(asked_facts.c.customer_id == customer)
    here = (
        select(asked_facts.c.fact, asked_facts.c.answer)
        .where(asked_facts.c.card == card, asked_facts.c.customer_id == customer)
        .order_by(asked_facts.c.id.desc())
        .limit(1)
        .subquery()
    )
    columns: tuple[Any, ...] = (
        customers.c.birthday.is_not(None),
        cast(customers.c.emails, Text) != "[]",
        customers.c.heard_from != "",
        numbers.scalar_subquery() > 1,
        exists().where(booked, trips.c.departs >= today),
        exists().where(or_(travelled, and_(booked, trips.c.departs < today))),
        exists().where(complaint),
        exists().where(passport),
        exists().where(booked, trips.c.departs >= today, abroad),
        cast(last.scalar_subquery(), Text),
        here.c.fact,
        here.c.answer,
    )
    return (
        select(*columns)
        .select_from(customers.outerjoin(here, true()))
        .where(customers.c.id == customer)
    )


_ON_FILE = _on_file()
_ON_FILE_SQL = compile_named(_ON_FILE)


def _may_have_question(place: WorkPlace) -> bool:
    return place.customer_id is not None and bool(place.facts)


def _values(place: WorkPlace) -> dict[str, object]:
    card = clean_for_database(place.card)
    return {"customer": place.customer_id, "card": card, "home": place.home}


def _question(row: _OnFile, place: WorkPlace) -> Question | None:
    on_file = _facts_on_file(row)
    if row.fact is not None:
        fact = _FACTS.get(row.fact)
        is_open = not row.answer and fact in on_file.missing and not on_file.has_open_complaint
        return Question(fact, True) if fact and is_open and fact in place.facts else None
    if not place.can_ask:
        return None
    fact = choose_fact(on_file, place.facts, place.again_days, place.today)
    return None if fact is None else Question(fact, False)


def _facts_on_file(row: _OnFile) -> FactsOnFile:
    known = {
        Fact.BIRTHDAY: row.has_birthday,
        Fact.EMAIL: row.has_email,
        Fact.HEARD_FROM: row.has_heard_from,
        Fact.SECOND_NUMBER: row.has_second_number,
        Fact.PASSPORT_EXPIRES: row.has_passport,
    }
    return FactsOnFile(
        frozenset(fact for fact, is_known in known.items() if not is_known),
        bool(row.has_trip_ahead),
        bool(row.has_travelled),
        bool(row.has_open_complaint),
        date.fromisoformat(row.asked_on) if row.asked_on else None,
        bool(row.has_trip_abroad),
    )


async def _asked_row(database: Database, place: WorkPlace, fact: Fact) -> Any:
    """Return the row of a question that this user asked on this card."""
    asked = [
        asked_facts.c.card == place.card,
        asked_facts.c.user_id == place.user_id,
        asked_facts.c.fact == fact.value,
    ]
    if place.customer_id is not None:
        asked.append(asked_facts.c.customer_id == place.customer_id)
    with suppress(TimeoutError):
        async with asyncio.timeout(_STORED_WITHIN_S):
            await database.later.flush()
            await asyncio.sleep(0)  # then what was asked during that transaction is queued
            await database.later.flush()
    async with database.reading() as connection:
        found = await connection.execute(
            select(asked_facts).where(*asked).order_by(asked_facts.c.id.desc()).limit(1)
        )
        row = found.first()
    if row is None:
        raise CallWorkError("unknown_fact")
    return row


async def _fill_field(
    database: Database,
    place: WorkPlace,
    customer_id: CustomerId,
    answer: tuple[Fact, FactValue],
    now: float,
) -> None:
    """Save a field that is still empty; one that has this value already is left as it is."""
    fact, value = answer
    field = _FIELDS[fact]
    given: Mapping[str, Any] = {field: (value,) if fact is Fact.EMAIL else value}
    for attempt in range(_MOST_TRIES):
        async with database.reading() as connection:
            columns = (customers.c[field].label("value"), customers.c.changed_at)
            found = await connection.execute(select(*columns).where(customers.c.id == customer_id))
            row = found.first()
        if row is None:
            raise CallWorkError("unknown_customer")
        if row.value:
            if row.value in (value, [value]):
                return
            raise CallWorkError("fact_known")
        try:
            await update_customer_fields(
                database, customer_id, given, user_id=place.user_id, now=now, seen=row.changed_at
            )
        except CustomerRefusedError as refused:
            if refused.code != "changed_meanwhile" or attempt == _MOST_TRIES - 1:
                raise
        else:
            return


async def _add_number(
    database: Database,
    place: WorkPlace,
    customer_id: CustomerId,
    phone: PhoneDraft,
    answer: str,
    now: float,
) -> None:
    try:
        await link_phone(database, customer_id, phone, now, place.user_id)
    except CustomerRefusedError as refused:
        if refused.code != "number_there" or answer != GIVEN:  # a repeated request
            raise


async def _others_with(
    database: Database, customer_id: CustomerId, phone: PhoneDraft
) -> list[object]:
    if phone.e164 is None:
        return []
    found = await customers_of_number(database, phone.e164)
    return [
        {"id": one.id, "names": {code: name.full for code, name in one.names.items()}}
        for one in found
        if one.id != customer_id
    ]


async def _close(database: Database, asked_id: int, answer: str, now: float) -> None:
    async with database.writing() as connection:
        await connection.execute(
            update(asked_facts)
            .where(asked_facts.c.id == asked_id)
            .values(answer=answer, answered_at=now)
        )
