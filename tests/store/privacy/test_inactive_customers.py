"""Customers without contact for years are erased; those with contact or open amounts stay."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Table, insert, select, update

from screenpop.app.retention import CUSTOMERS_AT_ONCE, MOST_BY_DAY, RetentionKeeper
from screenpop.app.task_times import TaskTimes
from screenpop.customers.retention import (
    RetentionKind,
    RetentionRules,
    contact_limit,
)
from screenpop.store.engine.database import Database
from screenpop.store.privacy.erasure import erase_inactive
from screenpop.store.privacy.inactive_customers import (
    count_inactive,
    inactive_ids,
    is_inactive,
    list_inactive,
)
from screenpop.store.privacy.records import list_privacy_records
from screenpop.store.privacy.retention_runs import last_runs
from screenpop.store.schema.customer_tables import (
    customer_changes,
    follow_ups,
    offer_answers,
    trip_travellers,
)
from screenpop.store.schema.offer_tables import offers
from screenpop.store.schema.payment_tables import trip_payments
from screenpop.store.schema.point_tables import point_entries
from screenpop.store.schema.retention_tables import deleted_calls
from screenpop.store.schema.tables import calls, cases, customers, import_batches, trips
from screenpop.store.schema.voucher_tables import vouchers
from screenpop.store.schema.work_list_tables import customer_messages
from tests.store.retention import DAY, UTC, at_hour, delete_old
from tests.store.samples import LALEH, NIKOS, add_customer, add_user

pytestmark = pytest.mark.anyio

NOON, NIGHT = at_hour(1_795_300_000.0, 12), at_hour(1_795_300_000.0, 2)
LIMIT = contact_limit(NOON, 5, UTC)
FIVE_YEARS = RetentionRules(customers_years=5)
OLD_DAY = date.fromordinal(LIMIT.day.toordinal() - 1)
NEXT_DAY = date.fromordinal(LIMIT.today.toordinal() + 1)
OFFER = {"name": "Spring", "terms": {}, "made_at": 1.0, "changed_at": 1.0}
CALL = {
    "pbx": "lab",
    "boot": "b1",
    "direction": "inbound",
    "caller_kind": "number",
    "ended_at": 1.0,
    "disposition": "answered",
    "answered_by": [],
    "kept_at": 1.0,
}
CASE = {"kind": "complaint", "subject": "Visa"}
FOLLOW_UP = {"due": date(2001, 1, 1), "source": "page", "made_at": 1.0}
PAYMENT = {"method": "cash", "cents": 100, "created_at": 1.0, "changed_at": 1.0}
VOUCHER = {"bound": True, "kind": "gift", "issue_no": 1, "issued_at": 1.0}
POINTS = {"kind": "earned", "day": date(2001, 1, 1)}


async def put(database: Database, table: Table, **values: Any) -> int:
    async with database.writing() as connection:
        row = await connection.execute(insert(table).values(**values).returning(table.c.id))
        return int(row.scalar_one())


def contact_row(what: str, at: float, day: date, **ids: int) -> tuple[Table, dict[str, Any]]:
    """The table and values of a contact of this kind, without the customer."""
    user, offer = ids["user"], ids["offer"]
    rows: dict[str, tuple[Table, dict[str, Any]]] = {
        "call": (calls, {**CALL, "linkedid": "c", "arrived_at": at}),
        "deleted call": (deleted_calls, {"last_at": at}),
        "departure": (trips, {"status": "travelled", "departs": day}),
        "return": (trips, {"status": "travelled", "returns": day}),
        "follow-up": (follow_ups, {**FOLLOW_UP, "state": "done", "closed_at": at}),
        "case": (cases, {**CASE, "state": "closed", "opened": day}),
        "message": (customer_messages, {"made_at": at, "request_key": "1"}),
        "answer": (offer_answers, {"offer": "birthday", "answer": "no", "reason": {}, "at": at}),
        "voucher": (vouchers, {**VOUCHER, **issued(offer, "A"), "redeemed_at": at}),
        "points": (point_entries, {**POINTS, "points": 0, "at": at, "user_id": user}),
        "change": (customer_changes, {"what": "x", "changes": {}, "user_id": user, "at": at}),
    }
    return rows[what]


def issued(offer: int, code: str) -> dict[str, Any]:
    return {"offer_id": offer, "code": code, "issue_key": code}


async def add_contact(database: Database, what: str, at: float, day: date, **ids: int) -> int:
    """A customer with one contact: at a time, or on a day."""
    if what == "call of the number":
        more = {"linkedid": "n", "e164": LALEH.e164, "arrived_at": at}
        await put(database, calls, **CALL, **more)
        return await add_customer(database, what, LALEH)
    customer = await add_customer(database, what)
    if what == "trip of another":
        buyer = await add_customer(database, "Buyer")
        trip = await put(database, trips, customer_id=buyer, departs=day)
        await put(database, trip_travellers, customer_id=customer, trip_id=trip)
        await put(database, cases, **CASE, customer_id=buyer, state="open", opened=day)
    elif what == "payment":
        trip = await put(database, trips, customer_id=customer)
        await put(database, trip_payments, **PAYMENT, trip_id=trip, state="paid", paid_on=day)
    elif what in ("file", "since"):
        values = {"created_at": at} if what == "file" else {"customer_since": day}
        async with database.writing() as connection:
            mine = update(customers).where(customers.c.id == customer)
            await connection.execute(mine.values(**values))
    else:
        table, row = contact_row(what, at, day, **ids)
        await put(database, table, customer_id=customer, **row)
    return customer


CONTACTS = {
    "call": "call",
    "call of the number": "call",
    "deleted call": "call",
    "departure": "trip",
    "return": "trip",
    "trip of another": "trip",
    "payment": "payment",
    "follow-up": "follow_up",
    "case": "case",
    "message": "message",
    "answer": "offer",
    "voucher": "voucher",
    "points": "points",
    "change": "change",
    "file": "created",
    "since": "created",
}


@pytest.mark.parametrize("is_old", [True, False], ids=["a moment before", "at the limit"])
async def test_contact_at_the_limit_keeps_a_customer_and_older_contact_does_not(
    database: Database, *, is_old: bool
) -> None:
    user = (await add_user(database)).id
    at, day = (LIMIT.at - 1, OLD_DAY) if is_old else (LIMIT.at, LIMIT.day)
    ids = {"user": user, "offer": await put(database, offers, **OFFER)}
    made = {await add_contact(database, what, at, day, **ids): what for what in CONTACTS}
    found = await list_inactive(database, LIMIT, UTC, most=100)
    assert await count_inactive(database, LIMIT) == len(found)
    if not is_old:
        assert [one.name for one in found] == []
        return
    assert {made[one.id]: one.kind.value for one in found} == CONTACTS
    assert {one.day for one in found} == {OLD_DAY}
    later = await list_inactive(database, LIMIT, UTC, most=2, after=found[0].id)
    assert later == found[1:3]
    assert await inactive_ids(database, LIMIT, 2) == [one.id for one in found[:2]]


async def test_a_customer_with_anything_open_is_never_erased(database: Database) -> None:
    offer = await put(database, offers, **OFFER)
    today = LIMIT.today

    async def customer(name: str) -> dict[str, int]:
        return {"customer_id": await add_customer(database, name)}

    async def trip(name: str, **values: Any) -> int:
        return await put(database, trips, **await customer(name), **values)

    async with database.writing() as connection:
        owing = {"names": [], "tags": [], "created_at": 1.0, "changed_at": 1.0, "balance": -5}
        await connection.execute(insert(customers).values(**owing))
    await put(database, cases, **CASE, **await customer("W"), state="waiting", opened=OLD_DAY)
    await put(database, follow_ups, **FOLLOW_UP, **await customer("F"), state="open")
    await trip("coming", departs=NEXT_DAY, status="booked")
    await trip("part paid", departs=OLD_DAY, price=100, paid=40, status="travelled")
    due = await trip("due", departs=OLD_DAY, price=100, paid=100)
    await put(database, trip_payments, **PAYMENT, trip_id=due, state="due", due=OLD_DAY)
    for code, last in (("L", today), ("N", None)):
        more = issued(offer, code) | {"valid_to": last}
        await put(database, vouchers, **VOUCHER, **await customer(code), **more)
    await put(database, point_entries, **POINTS, **await customer("P"), points=1, at=1.0)
    assert await count_inactive(database, LIMIT) == 0

    # What is over, cancelled, used up or was never paid keeps no customer.
    await trip("cancelled", departs=OLD_DAY, price=100, paid=40, status="cancelled")
    await trip("imported", departs=OLD_DAY, price=100, status="travelled")
    more = issued(offer, "O")
    yesterday = date.fromordinal(today.toordinal() - 1)
    await put(database, vouchers, **VOUCHER, **await customer("O"), **more, valid_to=yesterday)
    gone = await customer("spent")
    for points in (5, -5):
        await put(database, point_entries, **POINTS, **gone, points=points, at=1.0)
    names = [one.name for one in await list_inactive(database, LIMIT, UTC, most=9)]
    assert names == ["Laleh cancelled", "Laleh imported", "Laleh O", "Laleh spent"]


async def test_an_imported_file_is_as_old_as_what_is_in_it(database: Database) -> None:
    batch = await put(database, import_batches, imported_at=NOON)
    dated, undated = await add_customer(database, "Dated"), await add_customer(database, "Undated")
    await put(database, trips, customer_id=dated, departs=OLD_DAY)
    async with database.writing() as connection:
        values = {"import_batch_id": batch, "created_at": NOON}
        await connection.execute(update(customers).values(**values))
    assert [one.id for one in await list_inactive(database, LIMIT, UTC, most=9)] == [dated]
    assert undated != dated


async def test_customers_are_erased_by_night_and_what_was_deleted_is_recorded(
    database: Database,
) -> None:
    many = CUSTOMERS_AT_ONCE + 2
    for number in range(many):
        await add_customer(database, f"Old{number}")
    young = await add_customer(database, "Young", NIKOS)
    await put(database, calls, **CALL, linkedid="1", customer_id=young, arrived_at=LIMIT.at)
    assert await delete_old(database, FIVE_YEARS, NIGHT) == {"customers": many}
    async with database.reading() as connection:
        assert (await connection.execute(select(customers.c.id))).scalars().all() == [young]
    records = await list_privacy_records(database)
    assert [(one.what, one.figures["files"]) for one in records] == [
        ("retention", 2),
        ("retention", CUSTOMERS_AT_ONCE),
    ]
    runs = await last_runs(database)
    assert (runs[RetentionKind.CUSTOMERS].at, runs[RetentionKind.CUSTOMERS].deleted) == (
        NIGHT,
        many,
    )


async def test_the_end_of_the_night_and_twenty_customers_by_day_end_a_run(
    database: Database,
) -> None:
    for number in range(CUSTOMERS_AT_ONCE + MOST_BY_DAY + 1):
        await add_customer(database, f"Old{number}")
    last = at_hour(NIGHT, 5)
    moments = iter([at_hour(NIGHT, 4)] * 2)  # at the beginning, and before the first ones
    keeper = RetentionKeeper(
        *(database, FIVE_YEARS, UTC, lambda: next(moments, last)), between_customers_s=0.0
    )
    runs = await keeper.delete_old([RetentionKind.CUSTOMERS])
    assert runs[RetentionKind.CUSTOMERS].deleted == CUSTOMERS_AT_ONCE
    assert await delete_old(database, FIVE_YEARS, NOON) == {"customers": MOST_BY_DAY}
    assert await count_inactive(database, LIMIT) == 1


async def test_a_customer_that_calls_before_the_erasure_stays(database: Database) -> None:
    caller, silent = await add_customer(database, "Calls"), await add_customer(database, "Silent")
    await put(database, calls, **CALL, linkedid="1", customer_id=caller, arrived_at=NOON)
    erased = await erase_inactive(database, [caller, silent], is_inactive(LIMIT), NOON)
    assert erased.files == 1
    again = await erase_inactive(database, [caller], is_inactive(LIMIT), NOON)
    assert again.files == 0
    async with database.reading() as connection:
        assert (await connection.execute(select(customers.c.id))).scalars().all() == [caller]


async def test_nothing_is_deleted_twice_a_night_or_while_customers_are_imported(
    database: Database,
) -> None:
    await add_customer(database, "Old")
    now, imports = [NIGHT], [True]
    times = TaskTimes(lambda: now[0])
    keeper = RetentionKeeper(
        *(database, FIVE_YEARS, UTC, lambda: now[0], lambda: imports[0]),
        between_customers_s=0.0,
        expect=times.expect,
    )
    await keeper.delete_when_due()
    assert await count_inactive(database, LIMIT) == 1
    assert times.last_success == {"forget_customers": 0.0}
    imports[0] = False
    await keeper.delete_when_due()
    assert times.last_success == {"forget_customers": NIGHT}
    assert await count_inactive(database, LIMIT) == 0
    await add_customer(database, "Old")
    now[0] += 3600
    await keeper.delete_when_due()
    assert await count_inactive(database, LIMIT) == 1
    now[0] += DAY - 3600
    await keeper.delete_when_due()
    assert await count_inactive(database, LIMIT) == 0
