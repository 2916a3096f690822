"""A card asks for one fact, once; its answer is saved as the customer's page saves it."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from screenpop.accounts.departments import Section
from screenpop.calls.call_state import CallKey
from screenpop.cards.card import CardId
from screenpop.customers.missing_facts import Fact
from screenpop.customers.models import CustomerId
from screenpop.service.call_work import CallWorkError, WorkPlace
from screenpop.store.calls.call_work import StoredCallWork
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.merge import merge_customers
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips_edit import add_case, add_trip, update_case
from screenpop.store.engine.database import Database
from screenpop.store.engine.deferred_writes import Work
from screenpop.store.schema.customer_tables import asked_facts
from screenpop.store.schema.tables import customers
from screenpop.telephony.identifiers import BootId, CallId, PbxId
from tests.store.customers.drafts import HERS, HIS, draft, file_of
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio

TODAY = date(2026, 2, 26)
NOW = 1_772_100_000.0
THIS: CallKey = (PbxId("lab"), BootId("b1"), CallId("1.1"))


async def office(database: Database) -> tuple[StoredCallWork, WorkPlace]:
    """An agent in a talk with a customer with a name and one number."""
    customer_id = await create_customer(database, draft("Karimi", HERS), 1.0)
    maryam = (await add_user(database, "maryam", "101")).id
    place = WorkPlace(
        *(THIS, customer_id, maryam, frozenset({Section.CALLS}), TODAY),
        CardId(f"lab/1.1/{maryam}"),
        facts=frozenset(Fact),
        again_days=90,
        can_ask=True,
    )
    return StoredCallWork(database, lambda: NOW), place


async def asked(work: StoredCallWork, place: WorkPlace) -> object:
    """Return the question of a card; it is stored then."""
    question = (await work.load(place))["ask"]
    await work._database.later.flush()
    return question


def customer_of(place: WorkPlace) -> CustomerId:
    return place.customer_id or CustomerId(0)


def next_call(place: WorkPlace, days: int = 0) -> WorkPlace:
    return replace(place, card=CardId(f"lab/2.{days}/9"), today=TODAY + timedelta(days))


async def test_a_card_keeps_its_question_and_other_calls_ask_nothing_for_ninety_days(
    database: Database,
) -> None:
    work, place = await office(database)
    assert await asked(work, replace(place, can_ask=False)) is None
    assert await asked(work, place) == "heard_from"
    assert await asked(work, replace(place, can_ask=False)) == "heard_from"
    assert await asked(work, next_call(place)) is None
    assert await asked(work, next_call(place, 89)) is None
    assert await asked(work, next_call(place, 90)) == "heard_from"


async def test_one_card_asks_while_its_question_is_not_stored_yet(database: Database) -> None:
    work, place = await office(database)
    assert (await work.load(place))["ask"] == "heard_from"
    assert (await work.load(next_call(place)))["ask"] is None
    assert (await work.load(replace(place, can_ask=False)))["ask"] == "heard_from"
    assert (await work.load(replace(place, facts=frozenset())))["ask"] is None
    assert await work.decline_fact(place, Fact.HEARD_FROM) == {"fact": "heard_from"}


async def test_no_question_without_a_customer_a_right_or_while_a_complaint_is_open(
    database: Database,
) -> None:
    work, place = await office(database)
    assert await asked(work, replace(place, facts=frozenset())) is None
    assert await asked(work, replace(place, customer_id=None)) is None
    complaint = {"kind": "complaint", "state": "waiting", "subject": "Bus", "opened": TODAY}
    case = await add_case(database, customer_of(place), complaint, user_id=None, now=NOW)
    assert await asked(work, place) is None
    await update_case(database, case, {"state": "closed"}, today=TODAY, user_id=None, now=NOW)
    assert await asked(work, place) == "heard_from"
    await add_case(database, customer_of(place), complaint, user_id=None, now=NOW)
    assert await asked(work, place) is None


@pytest.mark.parametrize(
    ("status", "days", "fact"),
    [
        ("ticketed", 0, Fact.SECOND_NUMBER),
        ("booked", -1, Fact.BIRTHDAY),
        ("travelled", -300, Fact.BIRTHDAY),
        ("cancelled", 9, Fact.HEARD_FROM),
    ],
)
async def test_the_trips_on_file_decide_what_is_asked(
    database: Database, status: str, days: int, fact: Fact
) -> None:
    work, place = await office(database)
    trip = {"destination": "Rome", "status": status, "departs": TODAY + timedelta(days)}
    await add_trip(database, customer_of(place), trip, user_id=None, now=NOW)
    assert await asked(work, place) == fact


async def test_an_answer_is_in_the_file_and_its_history_and_a_repeated_one_changes_nothing(
    database: Database,
) -> None:
    work, place = await office(database)
    await asked(work, place)
    for _ in range(2):
        answer = await work.save_fact(place, Fact.HEARD_FROM, "radio", is_shared=False)
        assert answer == {"fact": "heard_from"}
    file = await file_of(database, customer_of(place))
    assert file.heard_from == "radio"
    [change] = [one for one in file.history if one.what == "edited"]
    assert (change.by, dict(change.changes)) == ("Maryam", {"heard_from": ("", "radio")})
    assert await asked(work, place) is None
    with pytest.raises(CallWorkError, match="fact_known"):
        await work.save_fact(place, Fact.HEARD_FROM, "a friend", is_shared=False)


@pytest.mark.parametrize(
    ("fact", "value"), [(Fact.BIRTHDAY, date(1987, 8, 3)), (Fact.EMAIL, "laleh@example.com")]
)
async def test_birthday_and_email_are_saved_unless_filled_in_meanwhile(
    database: Database, fact: Fact, value: date | str
) -> None:
    work, place = await office(database)
    place = replace(place, facts=frozenset({fact}))
    assert await asked(work, place) == fact
    await work.save_fact(place, fact, value, is_shared=False)
    file = await file_of(database, customer_of(place))
    assert value in {file.customer.birthday, *file.emails}


async def test_a_second_number_of_others_is_saved_only_after_a_warning(database: Database) -> None:
    work, place = await office(database)
    other = await create_customer(database, draft("Papas", HIS), 1.0)
    place = replace(place, facts=frozenset({Fact.SECOND_NUMBER}))
    assert await asked(work, place) == "second_number"
    phone = HIS

    answer = await work.save_fact(place, Fact.SECOND_NUMBER, phone, is_shared=False)
    assert answer == {"shared_with": [{"id": other, "names": {"en": "Laleh Papas"}}]}
    assert len((await file_of(database, customer_of(place))).numbers) == 1
    for _ in range(2):
        await work.save_fact(place, Fact.SECOND_NUMBER, phone, is_shared=True)
    numbers = (await file_of(database, customer_of(place))).numbers
    assert [one.phone.e164 for one in numbers] == [HERS.e164, HIS.e164]

    own = replace(place, card=CardId("lab/3/1"), again_days=0)
    with pytest.raises(CallWorkError, match="unknown_fact"):
        await work.save_fact(own, Fact.SECOND_NUMBER, phone, is_shared=False)


async def test_the_own_number_is_no_second_one(database: Database) -> None:
    work, place = await office(database)
    place = replace(place, facts=frozenset({Fact.SECOND_NUMBER}))
    await asked(work, place)
    with pytest.raises(CallWorkError, match="number_there"):
        await work.save_fact(place, Fact.SECOND_NUMBER, HERS, is_shared=True)
    assert await asked(work, place) == "second_number"


async def test_only_the_agent_of_the_question_answers_it(
    database: Database,
) -> None:
    work, place = await office(database)
    eleni = (await add_user(database, "eleni", "102")).id
    stranger = await create_customer(database, draft("Papas"), 1.0)
    await asked(work, place)
    for wrong, fact in (
        (replace(place, user_id=eleni), Fact.HEARD_FROM),
        (replace(place, card=CardId("lab/9/9")), Fact.HEARD_FROM),
        (replace(place, customer_id=stranger), Fact.HEARD_FROM),
        (place, Fact.EMAIL),
    ):
        with pytest.raises(CallWorkError, match="unknown_fact"):
            await work.save_fact(wrong, fact, "x@example.com", is_shared=False)
        with pytest.raises(CallWorkError, match="unknown_fact"):
            await work.decline_fact(wrong, fact)
    # The card is over; its customer is known by the question.
    await work.save_fact(
        replace(place, customer_id=None), Fact.HEARD_FROM, "radio", is_shared=False
    )
    assert (await file_of(database, customer_of(place))).heard_from == "radio"


async def test_a_declined_question_is_over_and_counts_as_asked(database: Database) -> None:
    work, place = await office(database)
    await asked(work, place)
    assert await work.decline_fact(place, Fact.HEARD_FROM) == {"fact": "heard_from"}
    assert await asked(work, place) is None
    assert await asked(work, next_call(place, 89)) is None


async def test_the_question_moves_with_a_merged_customer(database: Database) -> None:
    work, place = await office(database)
    await asked(work, place)
    kept = await create_customer(database, draft("Karimi"), 1.0)
    await merge_customers(database, kept, customer_of(place), user_id=None, now=NOW)
    assert await asked(work, next_call(replace(place, customer_id=kept))) is None
    assert await asked(work, replace(place, customer_id=kept)) == "heard_from"


async def test_a_change_by_another_user_meanwhile_keeps_both(database: Database) -> None:
    work, place = await office(database)
    await asked(work, place)
    await update_customer_fields(
        database, customer_of(place), {"city": "Yazd"}, user_id=None, now=NOW + 1
    )
    await work.save_fact(place, Fact.HEARD_FROM, "radio", is_shared=False)
    file = await file_of(database, customer_of(place))
    assert (file.city, file.heard_from) == ("Yazd", "radio")


async def test_questions_are_stored_together_without_those_of_deleted_customers(
    database: Database,
) -> None:
    work, place = await office(database)
    others = [
        await create_customer(database, draft(f"Karimi {number}", HERS), 1.0) for number in range(3)
    ]
    places = [replace(place, customer_id=one, card=CardId(f"lab/3.{one}/9")) for one in others]
    for one in places:
        assert (await work.load(one))["ask"] == "heard_from"
    async with database.writing() as connection:
        await connection.execute(delete(customers).where(customers.c.id == others[1]))
    await database.later.flush()
    async with database.reading() as connection:
        stored = set(await connection.scalars(select(asked_facts.c.customer_id)))
    assert stored == {others[0], others[2]}


async def test_a_question_asked_while_others_are_being_stored_is_stored_before_its_answer(
    database: Database,
) -> None:
    work, place = await office(database)
    other = await create_customer(database, draft("Daryaei", HERS), 1.0)
    second = replace(place, customer_id=other, card=CardId("lab/4.1/9"))
    write, began, goes_on = database.later._write_rows, asyncio.Event(), asyncio.Event()

    async def slow_write(rows: Work) -> None:
        began.set()
        await goes_on.wait()
        await write(rows)

    database.later._write_rows = slow_write
    assert (await work.load(place))["ask"] == "heard_from"
    flushed = asyncio.create_task(database.later.flush())
    await began.wait()
    assert (await work.load(second))["ask"] == "heard_from"
    answered = asyncio.create_task(work.decline_fact(second, Fact.HEARD_FROM))
    await asyncio.sleep(0)
    goes_on.set()
    await flushed
    assert await answered == {"fact": "heard_from"}
