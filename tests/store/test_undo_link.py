"""What a card linked to a customer is taken back whole, on both databases."""

from datetime import date

import pytest
from sqlalchemy import insert, select

from screenpop.calls.call_state import CallKey
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.number_links import link_caller, undo_link
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.ranked_search import best_customers, last_trips
from screenpop.store.engine.database import Database
from screenpop.store.schema.customer_tables import customer_changes, number_choices
from screenpop.store.schema.tables import calls, customer_phones, trips
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.identifiers import E164, BootId, CallId, PbxId
from tests.store.samples import add_user, finished_call

pytestmark = pytest.mark.anyio

NUMBER = "+989121112233"
PHONE = PhoneDraft(NUMBER, E164(NUMBER), NUMBER[-9:], "mobile")
THIS: CallKey = (PbxId("lab"), BootId("b1"), CallId("2.1"))


async def put(database: Database, given: str, *phones: PhoneDraft, **more: object) -> CustomerId:
    names = {"en": PersonName(given, "Karimi")}
    return await create_customer(
        database,
        CustomerDraft(names=names, phones=phones, **more),  # type: ignore[arg-type]
        1.0,
    )


async def numbers(database: Database, customer_id: CustomerId) -> list[str | None]:
    async with database.reading() as connection:
        found = await connection.execute(
            select(customer_phones.c.e164).where(customer_phones.c.customer_id == customer_id)
        )
        return list(found.scalars())


async def customers_of_calls(database: Database) -> list[int | None]:
    async with database.reading() as connection:
        rows = await connection.execute(select(calls.c.customer_id).order_by(calls.c.linkedid))
        return list(rows.scalars())


async def test_undo_takes_the_number_the_choice_and_the_past_calls_back_and_notes_it(
    database: Database,
) -> None:
    maryam = (await add_user(database)).id
    laleh = await put(database, "Laleh")
    caller = CallerId(NUMBER, CallerIdKind.NUMBER, "international", E164(NUMBER))
    database.log.start()
    for call in ("1.1", "2.1"):
        database.log.keep(finished_call(call, caller=caller))
    await database.log.flush()
    link = await link_caller(database, laleh, PHONE, user_id=maryam, now=2.0)
    assert await numbers(database, laleh) == [NUMBER]
    assert await customers_of_calls(database) == [laleh, laleh]

    await undo_link(database, link, THIS, user_id=maryam, now=3.0)

    assert await numbers(database, laleh) == []
    assert await customers_of_calls(database) == [None, None]
    async with database.reading() as connection:
        assert (await connection.execute(select(number_choices))).all() == []
        noted = await connection.execute(
            select(customer_changes.c.what, customer_changes.c.user_id)
            .where(customer_changes.c.customer_id == laleh)
            .order_by(customer_changes.c.id)
        )
        assert [tuple(row) for row in noted][1:] == [
            ("number_linked", maryam),
            ("link_undone", maryam),
        ]


async def test_undo_of_a_choice_leaves_the_number_and_the_choice_before_it(
    database: Database,
) -> None:
    laleh, nima = await put(database, "Laleh", PHONE), await put(database, "Nima", PHONE)
    await link_caller(database, laleh, PHONE, user_id=None, now=2.0)
    link = await link_caller(database, nima, PHONE, user_id=None, now=3.0)
    await undo_link(database, link, THIS, user_id=None, now=4.0)
    assert await numbers(database, nima) == [NUMBER]
    async with database.reading() as connection:
        chosen = await connection.scalar(select(number_choices.c.customer_id))
    assert chosen == laleh


async def test_undo_leaves_a_number_that_was_written_on_the_file_as_it_was(
    database: Database,
) -> None:
    written = PhoneDraft("912 111 2233", None, NUMBER[-9:], "")
    laleh = await put(database, "Laleh", written)
    link = await link_caller(database, laleh, PHONE, user_id=None, now=2.0)
    assert await numbers(database, laleh) == [NUMBER]
    await undo_link(database, link, THIS, user_id=None, now=3.0)
    assert await numbers(database, laleh) == [None]


async def test_the_best_match_comes_first_however_many_newer_ones_begin_so(
    database: Database,
) -> None:
    wanted = await put(database, "Mari")
    vip = await put(database, "Mari", vip=True)
    await put(database, "Mariam Mari")
    for _ in range(60):
        await put(database, "Marika")
    page = await best_customers(database, "mari")
    ids = [row.customer.id for row in page.rows]
    assert ids[:2] == [vip, wanted]
    assert len(ids) == 50
    page = await best_customers(database, "mari karimi")
    assert [row.customer.id for row in page.rows][:2] == [vip, wanted]


async def test_the_last_trip_of_each_customer_is_read_at_once(database: Database) -> None:
    laleh, nima = await put(database, "Laleh"), await put(database, "Nima")
    days = {"Rome": date(2026, 1, 2), "Antalya": date(2025, 5, 1), "Dubai": date(2099, 1, 1)}
    async with database.writing() as connection:
        for place, day in days.items():
            values = {"destination": place, "departs": day, "status": "booked"}
            await connection.execute(insert(trips).values(customer_id=laleh, **values))
    found = await last_trips(database, [laleh, nima], date(2026, 3, 1))
    assert {customer_id: trip.destination for customer_id, trip in found.items()} == {laleh: "Rome"}
