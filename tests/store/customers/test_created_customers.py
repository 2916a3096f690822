"""A customer created on a call by mistake is deleted again, on both databases."""

from collections.abc import Awaitable, Callable
from datetime import date

import pytest
from sqlalchemy import insert, select

from screenpop.accounts.users import UserId
from screenpop.calls.call_state import CallKey
from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.follow_ups.models import FollowUpSource, NewFollowUp
from screenpop.service.identify_caller import IdentifyCallerError
from screenpop.service.ports import NumberLink
from screenpop.store.calls.queries import call_detail
from screenpop.store.customers.caller_files import StoredCallerFiles
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.merge import merge_customers
from screenpop.store.customers.queries import create_customer, list_customers
from screenpop.store.customers.trips_edit import TravellerInput, add_case, add_trip, set_travellers
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.changes import insert_follow_up
from screenpop.store.schema.customer_tables import (
    customer_changes,
    customer_looks,
    number_choices,
    offer_answers,
)
from screenpop.store.schema.tables import calls, customer_phones, customers
from screenpop.telephony.identifiers import BootId, CallId, PbxId
from tests.store.samples import LALEH, add_user, finished_call

pytestmark = pytest.mark.anyio

CREATED_AT = 1_700_000_030.0
THIS: CallKey = (PbxId("lab"), BootId("b1"), CallId("2.1"))


async def created(database: Database) -> tuple[StoredCallerFiles, NumberLink, UserId]:
    """Create a customer on the second of two calls of one number, with a note on each call."""
    maryam = (await add_user(database)).id
    database.log.start()
    for call, at in (("1.1", 1_600_000_000.0), ("2.1", 1_700_000_000.0)):
        database.log.keep(finished_call(call, arrived_at=at, agent=maryam))
        _ = database.log.keep_note(CallId(call), PbxId("lab"), maryam, f"Note of {call}")
    await database.log.flush()
    files = StoredCallerFiles(database, lambda: CREATED_AT)
    link = await files.create(LALEH, PersonName("Laleh", "Karimi"), "en", maryam)
    return files, link, maryam


async def customers_of_calls(database: Database) -> list[int | None]:
    async with database.reading() as connection:
        rows = await connection.execute(select(calls.c.customer_id).order_by(calls.c.linkedid))
        return list(rows.scalars())


async def test_undo_deletes_the_customer_and_leaves_calls_and_notes_without_customer(
    database: Database,
) -> None:
    files, link, maryam = await created(database)
    assert await customers_of_calls(database) == [link.customer, link.customer]
    # A look at the page is no use of the customer.
    async with database.writing() as connection:
        await connection.execute(
            insert(customer_looks).values(
                customer_id=link.customer, user_id=maryam, first_at=CREATED_AT, last_at=CREATED_AT
            )
        )
        # Neither is an offer that was on the card and not answered.
        shown = {"customer_id": link.customer, "offer": "offer:1", "answer": "shown"}
        row = {**shown, "reason": {}, "agent": "Maryam", "at": CREATED_AT}
        await connection.execute(insert(offer_answers).values(**row))

    await files.undo_link(link, THIS, maryam)

    assert await customers_of_calls(database) == [None, None]
    async with database.reading() as connection:
        for table in (customers, customer_phones, customer_changes, customer_looks):
            assert (await connection.execute(select(table))).all() == []
        ids = await connection.execute(select(calls.c.id).order_by(calls.c.linkedid))
        kept = [await call_detail(database, one) for one in ids.scalars()]
    assert [note.text for call in kept if call for note in call.notes] == [
        "Note of 1.1",
        "Note of 2.1",
    ]
    assert (await list_customers(database, search="Karimi")).rows == ()


async def test_after_the_undo_the_same_number_can_be_put_on_file_again(database: Database) -> None:
    files, link, maryam = await created(database)
    await files.undo_link(link, THIS, maryam)
    again = await files.create(LALEH, PersonName("Leila", "Karimi"), "en", maryam)
    assert await customers_of_calls(database) == [again.customer, again.customer]


Use = Callable[[Database, CustomerId], Awaitable[object]]


async def is_edited(database: Database, customer_id: CustomerId) -> None:
    await update_customer_fields(
        database, customer_id, {"vip": True}, user_id=None, now=CREATED_AT + 1
    )


async def has_a_trip(database: Database, customer_id: CustomerId) -> None:
    await add_trip(database, customer_id, {"destination": "Rome"}, user_id=None, now=CREATED_AT)


async def has_a_case(database: Database, customer_id: CustomerId) -> None:
    opened = date(2026, 1, 1)
    fields = {"kind": "question", "state": "open", "subject": "Visa", "opened": opened}
    await add_case(database, customer_id, fields, user_id=None, now=CREATED_AT)


async def answered_an_offer(database: Database, customer_id: CustomerId) -> None:
    values = {"offer": "birthday", "answer": "no", "reason": {}, "at": CREATED_AT}
    async with database.writing() as connection:
        await connection.execute(insert(offer_answers).values(customer_id=customer_id, **values))


async def was_promised_a_call(database: Database, customer_id: CustomerId) -> None:
    new = NewFollowUp(customer_id, date(2026, 1, 2), "call", FollowUpSource.CALL, None, None)
    await insert_follow_up(database, new, today=date(2026, 1, 1), now=CREATED_AT)


async def was_chosen_for_the_number(database: Database, customer_id: CustomerId) -> None:
    async with database.writing() as connection:
        await connection.execute(
            insert(number_choices).values(e164=LALEH.e164, customer_id=customer_id, at=CREATED_AT)
        )


async def called_again(database: Database, customer_id: CustomerId) -> None:
    database.log.keep(finished_call("3.1", arrived_at=CREATED_AT + 1, customer=customer_id))
    await database.log.flush()


async def travels_with_another(database: Database, customer_id: CustomerId) -> None:
    names = {"en": PersonName("Nima", "Karimi")}
    buyer = await create_customer(database, CustomerDraft(names=names), CREATED_AT)
    trip = await add_trip(database, buyer, {"destination": "Rome"}, user_id=None, now=CREATED_AT)
    travellers = [TravellerInput(customer_id, "", False)]
    await set_travellers(database, trip, travellers, user_id=None, now=CREATED_AT)


async def was_merged_with_another(database: Database, customer_id: CustomerId) -> None:
    names = {"en": PersonName("Nima", "Karimi")}
    other = await create_customer(database, CustomerDraft(names=names), CREATED_AT)
    await merge_customers(database, other, customer_id, user_id=None, now=CREATED_AT)


@pytest.mark.parametrize(
    "use",
    [
        is_edited,
        has_a_trip,
        has_a_case,
        answered_an_offer,
        was_promised_a_call,
        was_chosen_for_the_number,
        called_again,
        travels_with_another,
        was_merged_with_another,
    ],
)
async def test_undo_is_refused_and_deletes_nothing_once_the_customer(
    database: Database, use: Use
) -> None:
    files, link, maryam = await created(database)
    await use(database, link.customer)
    with pytest.raises(IdentifyCallerError) as refused:
        await files.undo_link(link, THIS, maryam)
    assert refused.value.code == "customer_used"
    async with database.reading() as connection:
        found = await connection.execute(select(customers.c.id))
        assert link.customer in found.scalars()


async def test_undo_of_a_customer_erased_meanwhile_is_refused(database: Database) -> None:
    files, link, maryam = await created(database)
    await files.undo_link(link, THIS, maryam)
    with pytest.raises(IdentifyCallerError) as refused:
        await files.undo_link(link, THIS, maryam)
    assert refused.value.code == "unknown_customer"
