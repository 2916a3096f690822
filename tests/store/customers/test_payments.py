"""Payments in the database: the balance follows from them, whatever happens to them."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from screenpop.customers.detail import TripDetail
from screenpop.customers.models import CustomerId
from screenpop.customers.payment_alerts import balances_of
from screenpop.customers.payments import (
    PaymentDraft,
    PaymentMethod,
    PaymentState,
    counted_cents,
)
from screenpop.store.customers.merge import merge_customers, undo_merge
from screenpop.store.customers.payments import (
    add_payments,
    change_payment_state,
    load_payments,
    remove_payment,
    update_payment,
)
from screenpop.store.customers.queries import CustomerRefusedError, create_customer
from screenpop.store.customers.trips_edit import add_trip, update_trip
from screenpop.store.engine.database import Database
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.privacy.subject_access import subject_access_report
from screenpop.store.schema.payment_tables import trip_payments
from tests.store.customers.drafts import HERS, HIS, draft, file_of
from tests.store.customers.test_documents import bytes_with
from tests.store.samples import LALEH, look_up

pytestmark = pytest.mark.anyio

TODAY = date(2026, 11, 29)
CHEQUE = PaymentDraft(
    cents=400_40,
    currency="EUR",
    method=PaymentMethod.CHEQUE,
    due=TODAY + timedelta(3),
    cheque_number="884213",
    bank="Mellat",
)


async def with_trip(database: Database, **trip: Any) -> tuple[CustomerId, int]:
    whose = await create_customer(database, draft("Karimi", HERS), 1.0)
    values = {"destination": "Rome", "price": 1000, "currency": "EUR", "status": "booked"} | trip
    return whose, await add_trip(database, whose, values, user_id=None, now=2.0)


async def add(
    database: Database, whose: CustomerId, trip: int, *payments: PaymentDraft
) -> tuple[int, ...]:
    return await add_payments(database, whose, trip, payments, user_id=None, now=3.0)


async def mark(database: Database, whose: CustomerId, payment: int, state: PaymentState) -> None:
    await change_payment_state(database, whose, payment, state, TODAY, user_id=None, now=4.0)


async def the_trip(database: Database, whose: CustomerId) -> TripDetail:
    [trip] = (await file_of(database, whose)).trips
    return trip


async def test_a_paid_cheque_lowers_the_balance_with_its_cents(database: Database) -> None:
    whose, trip = await with_trip(database)
    [cheque] = await add(database, whose, trip, CHEQUE)
    assert (await the_trip(database, whose)).trip.due_cents == 1000_00

    await mark(database, whose, cheque, PaymentState.PAID)

    after = (await the_trip(database, whose)).trip
    assert (after.due_cents, after.paid) == (599_60, 400)
    [card] = (await look_up(database, LALEH)).exact
    assert card.trips[0].payments == after.payments
    assert balances_of(card.trips) == {"EUR": 599_60}


async def test_what_was_paid_before_stays_in_the_balance_as_a_payment(database: Database) -> None:
    whose, trip = await with_trip(database, paid=300)

    await add(database, whose, trip, CHEQUE)

    found = await the_trip(database, whose)
    assert found.trip.due_cents == 700_00
    assert [(one.payment.method, one.payment.cents) for one in found.payments] == [
        (PaymentMethod.BEFORE, 300_00),
        (PaymentMethod.CHEQUE, 400_40),
    ]


async def test_a_cheque_is_not_returned_or_paid_twice(database: Database) -> None:
    whose, trip = await with_trip(database)
    [cheque] = await add(database, whose, trip, CHEQUE)
    for state, code in (
        (PaymentState.RETURNED, "payment_returned_twice"),
        (PaymentState.PAID, "payment_paid_twice"),
    ):
        await mark(database, whose, cheque, state)
        with pytest.raises(CustomerRefusedError) as refused:
            await mark(database, whose, cheque, state)
        assert refused.value.code == code


async def test_another_currency_needs_what_it_covers_and_a_trip_without_one_takes_it(
    database: Database,
) -> None:
    whose, trip = await with_trip(database, currency="")
    rial = PaymentDraft(cents=9_000_000_00, currency="IRR", due=TODAY)

    with pytest.raises(CustomerRefusedError) as refused:
        await add(database, whose, trip, CHEQUE, rial)
    assert refused.value.code == "payment_other_currency"
    assert await load_payments(database, trip) == ()
    await add(database, whose, trip, CHEQUE)
    assert (await the_trip(database, whose)).trip.currency == "EUR"


async def test_the_balance_follows_a_corrected_currency_of_the_trip(database: Database) -> None:
    whose, trip = await with_trip(database, currency="IRR", price=10_000)
    paid = PaymentDraft(cents=1_000_00, currency="IRT", state=PaymentState.PAID, paid_on=TODAY)
    await add(database, whose, trip, paid)
    assert (await the_trip(database, whose)).trip.due_cents == 0

    await update_trip(database, trip, {"currency": "IRT", "paid": 77}, user_id=None, now=5.0)

    after = (await the_trip(database, whose)).trip
    assert (after.due_cents, after.paid) == (9_000_00, 1_000)


async def test_payments_of_another_customer_cannot_be_changed(database: Database) -> None:
    whose, trip = await with_trip(database)
    [cheque] = await add(database, whose, trip, CHEQUE)
    other = await create_customer(database, draft("Nouri", HIS), 1.0)

    for change in (
        add(database, other, trip, CHEQUE),
        mark(database, other, cheque, PaymentState.PAID),
        remove_payment(database, other, cheque, user_id=None, now=4.0),
        remove_payment(database, whose, cheque + 1, user_id=None, now=4.0),
    ):
        with pytest.raises(CustomerRefusedError):
            await change
    assert [one.payment for one in await load_payments(database, trip)] == [CHEQUE]


async def test_each_change_is_in_the_history_and_the_whole_file(database: Database) -> None:
    whose, trip = await with_trip(database)
    [cheque] = await add(database, whose, trip, CHEQUE)
    await mark(database, whose, cheque, PaymentState.RETURNED)
    await mark(database, whose, cheque, PaymentState.DUE)

    history = (await file_of(database, whose)).history
    assert [one.what for one in history[:3]] == [
        "payment_reopened",
        "payment_returned",
        "payment_added",
    ]
    assert history[1].changes["payment_amount"] == ("", "400.40 EUR")
    assert history[1].changes["payment_state"] == ("due", "returned")
    assert history[1].changes["trip"] == ("", "Rome")
    assert history[2].changes["payment_cheque_number"] == (None, "884213")
    report = await subject_access_report(database, whose)
    assert report is not None
    [rome] = report["trips"]
    assert rome["payments"][0]["cheque_number"] == "884213"
    assert rome["payments"][0]["due"] == "2026-12-02"


async def test_an_erasure_leaves_no_payment_and_no_byte_of_a_cheque_number(
    database: Database, tmp_path: Path
) -> None:
    whose, trip = await with_trip(database)
    [cheque] = await add(database, whose, trip, replace(CHEQUE, cheque_number="7731884213"))
    await mark(database, whose, cheque, PaymentState.RETURNED)
    if database.path is not None:
        assert bytes_with("7731884213", tmp_path) != []

    await erase_customer(database, whose, user_id=None, now=9.0)

    async with database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(trip_payments)) == 0
    assert bytes_with("7731884213", tmp_path) == []


DRAFTS = st.builds(
    PaymentDraft,
    cents=st.integers(1, 30).map(lambda n: n * 100) | st.integers(1, 3000),
    currency=st.sampled_from(["IRR", "IRT", "EUR"]),
    method=st.sampled_from([PaymentMethod.CHEQUE, PaymentMethod.CASH]),
    state=st.sampled_from(PaymentState),
    due=st.just(TODAY),
    counts_as=st.integers(1, 5000),
)
PLACE = st.integers(0, 5)
STEPS = st.one_of(
    st.tuples(st.just("add"), st.lists(DRAFTS, min_size=1, max_size=3)),
    st.tuples(st.just("change"), PLACE, DRAFTS),
    st.tuples(st.just("mark"), PLACE, st.sampled_from(PaymentState)),
    st.tuples(st.just("remove"), PLACE),
    st.tuples(st.just("trip"), st.integers(0, 90), st.sampled_from(["IRR", "IRT", "EUR"])),
    st.tuples(st.just("merge")),
)


async def play(database: Database, whose: CustomerId, trip: int, step: tuple[Any, ...]) -> None:
    ids = [one.id for one in await load_payments(database, trip)]
    place = step[1] if len(step) > 1 and isinstance(step[1], int) else 0
    chosen = ids[place % len(ids)] if ids else 0
    match step:
        case ("add", payments):
            await add(database, whose, trip, *payments)
        case ("change", _, payment):
            await update_payment(database, whose, chosen, payment, user_id=None, now=4.0)
        case ("mark", _, state):
            await mark(database, whose, chosen, state)
        case ("remove", _):
            await remove_payment(database, whose, chosen, user_id=None, now=4.0)
        case ("trip", price, currency):
            values = {"price": price, "currency": currency}
            await update_trip(database, trip, values, user_id=None, now=4.0)
        case _:
            raise AssertionError(step)


@settings(
    max_examples=settings().max_examples // 4,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    begin=st.tuples(st.just("add"), st.lists(DRAFTS, min_size=1, max_size=3)),
    more=st.lists(STEPS, max_size=8),
    paid=st.integers(0, 3),
)
async def test_the_balance_is_the_price_less_what_is_paid_after_any_changes(
    database: Database, begin: tuple[Any, ...], more: list[tuple[Any, ...]], paid: int
) -> None:
    whose, trip = await with_trip(database, price=50, currency="IRT", paid=paid)
    other = await create_customer(database, draft("Nouri"), 1.0)
    merge: int | None = None
    for step in (begin, *more):
        holder = whose if merge is None else other
        if step == ("merge",):
            if merge is None:
                merge = await merge_customers(database, other, whose, user_id=None, now=5.0)
            else:
                await undo_merge(database, merge, user_id=None, now=6.0)
                merge = None
            continue
        with suppress(CustomerRefusedError):
            await play(database, holder, trip, step)

        found = await the_trip(database, holder)
        covered = [
            counted_cents(one.payment, found.trip.currency) or 0
            for one in found.payments
            if one.payment.state is PaymentState.PAID
        ]
        price = found.trip.price * 100
        had_none = found.trip.payments is None and not found.payments
        expected = price - (found.trip.paid * 100 if had_none else sum(covered))
        assert found.trip.due_cents == expected
        assert had_none == (found.trip.payments is None)
    holder = whose if merge is None else other
    assert [one.trip.id for one in (await file_of(database, holder)).trips] == [trip]
