"""Which numbers stay in the calls of an erased customer: at the limit, and one beside it."""

import pytest
from sqlalchemy import select, update

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import PersonName
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database
from screenpop.store.privacy.erasure import _FEWEST_DIGITS, erase_customer
from screenpop.store.schema.tables import calls, legs, transfers
from tests.store.samples import finished_call

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("kind", ["sqlite"], indirect=True)]


@pytest.mark.parametrize(("digits", "is_kept"), [(6, True), (7, False), (8, False)])
async def test_a_phone_of_fewer_than_seven_digits_stays_in_the_calls_of_an_erased_customer(
    database: Database, digits: int, is_kept: bool
) -> None:
    assert _FEWEST_DIGITS == 7
    number = "1357924680"[:digits]
    draft = CustomerDraft(names={"en": PersonName("Laleh", "Karimi")}, phones=())
    customer_id = await create_customer(database, draft, 1.0)
    database.log.start()
    database.log.keep(finished_call(customer=customer_id))
    await database.log.flush()
    async with database.writing() as connection:
        call = (await connection.execute(select(calls.c.id))).scalar_one()
        await connection.execute(update(calls).values(answered_by=[number], called=number))
        await connection.execute(
            update(legs).values(endpoint=number, dialled=number, stopped_by=number)
        )
        await connection.execute(
            update(transfers)
            .where(transfers.c.call_id == call)
            .values(origin=number, target=number)
        )

    await erase_customer(database, customer_id, user_id=None, now=2.0)

    left = number if is_kept else ""
    async with database.reading() as connection:
        answered = (await connection.execute(select(calls.c.answered_by, calls.c.called))).one()
        places = (legs.c.endpoint, legs.c.dialled, legs.c.stopped_by)
        phones = (await connection.execute(select(*places))).all()
        passed_on = select(transfers.c.origin, transfers.c.target)
        transferred = (await connection.execute(passed_on)).all()
    assert tuple(answered) == ([number] * is_kept, left)
    assert phones, "without a leg nothing is compared"
    assert {tuple(row) for row in phones} == {(left, left, left)}
    assert transferred, "without a transfer nothing is compared"
    assert {tuple(row) for row in transferred} == {(left, left)}
