"""Stored offers: terms whole, counts of answers, quiet times, and the customers that they fit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from screenpop.accounts.users import UserId
from screenpop.conditions.tree import AllOf, Compare, Node, Op, Trips
from screenpop.customers.models import CustomerId
from screenpop.offers.compiled import CompiledOffers
from screenpop.offers.office_offer import OfferId, OfferTerms, suggestion_id
from screenpop.offers.office_suggestions import OfficeOffers
from screenpop.offers.quiet import QUIET_DAYS
from screenpop.offers.suggest import suggest
from screenpop.offers.suggestion import Reason
from screenpop.service.ports import LoggedCall, OfferAnswerToKeep
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.engine.database import Database
from screenpop.store.offers.fitting import count_fitting, list_fitting
from screenpop.store.offers.saved import (
    MAX_OFFERS,
    OfferRefusal,
    OfferRefusedError,
    SavedOffer,
    add_offer,
    delete_offer,
    list_offers,
    load_offer,
    replace_offer,
    switch_offer,
)
from screenpop.store.schema.offer_tables import offers
from screenpop.store.schema.tables import cases, customers, trips
from screenpop.telephony.identifiers import CallId
from tests.store.follow_ups.missed_samples import number as called
from tests.store.samples import add_customer, add_user, finished_call, look_up

pytestmark = pytest.mark.anyio
LALEHS = called("+989121234567")
TODAY = date(2026, 2, 27)
AT = datetime(2026, 2, 27, 9, tzinfo=UTC).timestamp()
ROME = Trips((Compare("trip.destination", Op.IS_ANY, ("Ρώμη",)),))
WORDS = {"en": "Back to {destination}?", "fa": "دوباره {destination}؟", "el": "Ξανά {destination};"}


def terms(condition: Node | None = ROME, **more: Any) -> OfferTerms:
    return OfferTerms(name="Rome again", words=WORDS, condition=condition, **more)


async def saved(database: Database, number: OfferId) -> SavedOffer:
    found = await load_offer(database, number)
    assert found is not None
    return found


async def add(database: Database, given: OfferTerms, *, active: bool = True) -> OfferId:
    return await add_offer(database, given, user_id=None, now=AT, active=active)


async def travelled(database: Database, customer_id: CustomerId, destination: str) -> None:
    async with database.writing() as connection:
        await connection.execute(
            insert(trips).values(
                customer_id=customer_id,
                destination=destination,
                departs=TODAY - timedelta(200),
                status="travelled",
            )
        )


async def change(database: Database, customer_id: CustomerId, **values: Any) -> None:
    async with database.writing() as connection:
        await connection.execute(
            update(customers).where(customers.c.id == customer_id).values(**values)
        )


async def test_offer_is_stored_off_switched_on_and_replaced(database: Database) -> None:
    agent = await add_user(database, "maryam", "101")
    number = await add_offer(database, terms(places=5), user_id=agent.id, now=AT)
    offer = await saved(database, number)
    assert (offer.offer.active, offer.offer.terms, offer.made_by) == (
        False,
        terms(places=5),
        agent.display_name,
    )
    await switch_offer(database, number, active=True, user_id=agent.id, now=AT + 1)
    for_all = replace(terms(None), words={"en": "Hello"})
    await replace_offer(database, number, for_all, user_id=None, now=AT + 2)
    offer = await saved(database, number)
    assert (offer.offer.active, offer.offer.terms, offer.changed_by) == (True, for_all, "")


async def test_change_of_an_offer_that_is_gone_is_refused(database: Database) -> None:
    number = await add(database, terms())
    await delete_offer(database, number)
    for refused in (
        replace_offer(database, number, terms(), user_id=None, now=AT),
        switch_offer(database, number, active=True, user_id=None, now=AT),
        delete_offer(database, number),
    ):
        with pytest.raises(OfferRefusedError) as error:
            await refused
        assert error.value.refusal is OfferRefusal.UNKNOWN
    assert await list_offers(database) == ()


async def test_office_has_at_most_a_thousand_offers(database: Database) -> None:
    async with database.writing() as connection:
        row = {"name": "x", "terms": {}, "made_at": AT, "changed_at": AT}
        await connection.execute(insert(offers), [row] * (MAX_OFFERS - 1))
    await add(database, terms())
    with pytest.raises(OfferRefusedError) as error:
        await add(database, terms())
    assert error.value.refusal is OfferRefusal.TOO_MANY


def answered(
    customer_id: CustomerId, offer: OfferId, answer: str, *, why: str = "", call: str = "1.1"
) -> LoggedCall:
    given = OfferAnswerToKeep(
        customer=customer_id,
        offer=suggestion_id(offer),
        answer=answer,
        reason={},
        agent=UserId(0),
        agent_name="Maryam",
        at=AT,
        why=why,
    )
    record = finished_call(customer=customer_id)
    record = replace(record, entry=replace(record.entry, call=CallId(call)))
    return replace(record, offer_answers=(given,))


async def keep(database: Database, *records: LoggedCall) -> None:
    database.log.start()
    for record in records:
        database.log.keep(record)
        await database.log.flush()


async def test_answers_are_counted_kept_with_the_name_and_take_places(database: Database) -> None:
    customer_id = await add_customer(database, "Karimi", LALEHS)
    number = await add(database, terms(places=2))
    await keep(database, answered(customer_id, number, "accepted"))
    offer = await saved(database, number)
    assert offer.answers == {"accepted": 1}
    assert offer.offer.places_left == 1
    detail = await load_customer_detail(database, customer_id)
    assert detail is not None
    assert [one.name for one in detail.offers] == ["Rome again"]
    with pytest.raises(OfferRefusedError) as error:
        await delete_offer(database, number)
    assert error.value.refusal is OfferRefusal.HAS_ANSWERS


@pytest.mark.parametrize(
    ("answer", "why", "limit", "until"),
    [
        ("no", "price", 1, TODAY + timedelta(20)),
        ("no", "never", 1, date.max),
        ("later", "", 1, None),
        ("accepted", "", 1, date.max),
        ("accepted", "", 2, None),
        ("accepted", "", None, None),
    ],
)
async def test_answer_decides_until_when_the_offer_is_quiet(
    database: Database, answer: str, why: str, limit: int | None, until: date | None
) -> None:
    customer_id = await add_customer(database, "Karimi", LALEHS)
    number = await add(database, terms(limit=limit, quiet_days={**QUIET_DAYS, "price": 20}))
    await keep(database, answered(customer_id, number, answer, why=why))
    [file] = (await look_up(database, LALEHS)).exact
    wanted = {} if until is None else {suggestion_id(number): until}
    assert file.customer.quiet_offers == wanted


async def an_office(database: Database) -> dict[str, CustomerId]:
    """Return customers by name; all but one have been to Rome."""
    names = ("fits", "declined", "again", "complains", "refused", "elsewhere", "merged")
    people = {
        name: await add_customer(database, name, called(f"+98912123450{number}"))
        for number, name in enumerate(names)
    }
    for name, customer_id in people.items():
        await travelled(database, customer_id, "رم" if name != "elsewhere" else "Paris")
    quiet = {"declined": TODAY + timedelta(1), "again": TODAY}
    for name, day in quiet.items():
        await change(database, people[name], quiet_offers={"offer:1": day.isoformat()})
    await change(database, people["refused"], marketing_consent=False)
    await change(database, people["merged"], merged_into_id=people["fits"])
    async with database.writing() as connection:
        case = {"kind": "refund", "state": "open", "subject": "x", "opened": TODAY}
        await connection.execute(insert(cases).values(customer_id=people["complains"], **case))
    return people


async def test_list_has_the_customers_that_a_card_would_have_it_suggested_for(
    database: Database,
) -> None:
    people = await an_office(database)
    assert await add(database, terms()) == 1
    offer = (await saved(database, OfferId(1))).offer
    found = await list_fitting(database, offer, TODAY, UTC)
    assert [one.customer_id for one in found] == [people["again"], people["fits"]]
    assert found[0].reason == Reason("been_there", {"destination": "رم", "times": 1})
    assert await count_fitting(database, [offer], TODAY, UTC) == {1: 2}
    assert len(await list_fitting(database, offer, TODAY, UTC, most=1)) == 1

    office = OfficeOffers(CompiledOffers([offer]))
    on_cards = []
    for number, customer_id in enumerate(people.values()):
        record = await look_up(database, called(f"+98912123450{number}"))
        for file in record.exact:
            ids = [one.id for one in suggest(file, TODAY, office).items]
            if "offer:1" in ids and customer_id != people["merged"]:
                on_cards.append(customer_id)
    assert on_cards == [people["fits"], people["again"]]


async def test_offer_for_all_customers_counts_all_that_may_be_offered_something(
    database: Database,
) -> None:
    await an_office(database)
    everyone = replace(terms(None), words={"en": "Hello"})
    number = await add(database, everyone)
    for_all: Sequence[Any] = [(await saved(database, number)).offer]
    assert await count_fitting(database, for_all, TODAY, UTC) == {1: 3}


async def test_offer_of_two_conditions_counts_customers_that_meet_both(database: Database) -> None:
    people = await an_office(database)
    await change(database, people["fits"], city="یزد")
    both = AllOf((ROME, Compare("city", Op.IS_ANY, ("یزد",))))
    number = await add(database, terms(both))
    offer = (await saved(database, number)).offer
    [found] = await list_fitting(database, offer, TODAY, UTC)
    assert found.customer_id == people["fits"]
