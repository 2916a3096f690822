"""A customer is edited: fields, trips, cases, and the log of views."""

from datetime import date

import pytest

from screenpop.customers.models import PersonName
from screenpop.store.customers.audit import log_view
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.queries import (
    CustomerRefusedError,
    create_customer,
    list_customers,
)
from screenpop.store.customers.trips_edit import (
    TravellerInput,
    add_case,
    add_trip,
    set_travellers,
    update_case,
    update_trip,
)
from screenpop.store.engine.database import Database
from tests.store.customers.drafts import HERS, draft, file_of
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio


async def test_an_edit_changes_the_given_fields_and_names_its_user(database: Database) -> None:
    maryam = await add_user(database)
    customer_id = await create_customer(
        database, draft("Karimi", HERS, balance=70, currency="EUR"), 1.0
    )

    await update_customer_fields(
        database,
        customer_id,
        {"notes": "tea", "names": {"en": PersonName("Laleh", "Moradi", "Laleh jan")}},
        user_id=maryam.id,
        now=2.0,
    )

    file = await file_of(database, customer_id)
    assert (file.customer.notes, file.customer.balance) == ("tea", 70)
    assert file.customer.names["en"].called == "Laleh jan"
    newest = file.history[0]
    assert (newest.what, newest.by, newest.changes["notes"]) == ("edited", "Maryam", ("", "tea"))
    assert [row.customer.id for row in (await list_customers(database, search="mora")).rows] == [
        customer_id
    ]


async def test_a_form_filled_before_a_change_of_another_user_is_refused(
    database: Database,
) -> None:
    customer_id = await create_customer(database, draft("Karimi"), 1.0)
    await update_customer_fields(
        database, customer_id, {"notes": "first"}, user_id=None, now=2.0, seen=1.0
    )

    with pytest.raises(CustomerRefusedError) as refused:
        await update_customer_fields(
            database, customer_id, {"notes": "second"}, user_id=None, now=3.0, seen=1.0
        )

    assert refused.value.code == "changed_meanwhile"
    assert (await file_of(database, customer_id)).customer.notes == "first"


async def test_an_edited_city_is_found_by_the_search_and_noted_in_the_history(
    database: Database,
) -> None:
    customer_id = await create_customer(database, draft("Karimi", city="Yazd"), 1.0)
    await update_customer_fields(
        database, customer_id, {"city": "Shi\u202eraz"}, user_id=None, now=2.0
    )

    file = await file_of(database, customer_id)
    assert file.city == "Shiraz"
    assert file.history[0].changes["city"] == ("Yazd", "Shiraz")
    found = [(await list_customers(database, search=typed)).rows for typed in ("shir", "yazd")]
    assert [[row.city for row in rows] for rows in found] == [["Shiraz"], []]


async def test_a_parent_buys_and_the_child_travels(database: Database) -> None:
    parent = await create_customer(database, draft("Karimi", HERS), 1.0)
    child = await create_customer(database, draft("Karimi", given="Nima"), 1.0)
    trip = await add_trip(
        database, parent, {"destination": "رُم", "price": 900}, user_id=None, now=2.0
    )
    going = [TravellerInput(child, "", child=True), TravellerInput(None, "Aunt", child=False)]

    await set_travellers(database, trip, going, user_id=None, now=3.0)
    await update_trip(database, trip, {"status": "booked"}, user_id=None, now=4.0)

    theirs = await file_of(database, child)
    assert [one.trip.id for one in theirs.trips] == [trip]
    assert theirs.trips[0].buyer.id == parent
    buyer = await file_of(database, parent)
    assert [(one.person.id, one.trips) for one in buyer.companions] == [(child, 1)]
    assert [one.name for one in buyer.trips[0].travellers] == ["", "Aunt"]
    assert [row.customer.id for row in (await list_customers(database, search="رم")).rows] == [
        parent
    ]


async def test_a_case_keeps_promise_user_and_due_day(database: Database) -> None:
    maryam = await add_user(database)
    customer_id = await create_customer(database, draft("Karimi"), 1.0)
    given = {
        "kind": "refund",
        "state": "open",
        "subject": "ticket",
        "opened": date(2026, 1, 1),
        "promised_by": "Maryam",
        "promised_for": date(2026, 1, 9),
    }
    case = await add_case(database, customer_id, given, user_id=maryam.id, now=2.0)

    await update_case(
        database,
        case,
        {"state": "closed"},
        note="paid back",
        user_id=maryam.id,
        now=3.0,
        today=date(2026, 1, 5),
    )

    [kept] = (await file_of(database, customer_id)).cases
    assert kept.closed == date(2026, 1, 5)
    assert {(step.what, step.text, step.due) for step in kept.steps} == {
        ("opened", "ticket", None),
        ("promised", "Maryam", date(2026, 1, 9)),
        ("state", "closed", None),
        ("said", "paid back", None),
    }
    assert {step.by for step in kept.steps} == {"Maryam"}


@pytest.mark.defends("recorded-openings")
async def test_a_view_is_kept_once_for_a_visit(database: Database) -> None:
    maryam = await add_user(database)
    customer_id = await create_customer(database, draft("Karimi"), 1.0)

    for now in (10.0, 20.0, 9000.0):
        log_view(database, customer_id, maryam.id, now)
        await database.later.flush()

    looks = (await file_of(database, customer_id)).looks
    assert [(look.first_at, look.last_at, look.times) for look in looks] == [
        (9000.0, 9000.0, 1),
        (10.0, 20.0, 2),
    ]
