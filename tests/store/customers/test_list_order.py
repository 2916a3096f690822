"""The list of customers in its orders: each page follows the one before, and walks an index."""

import random
from datetime import UTC, date, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from screenpop.conditions.tree import Compare, Op
from screenpop.customers.models import CustomerId, PersonName
from screenpop.customers.name_order import name_order_key
from screenpop.store.customers import list_order
from screenpop.store.customers.list_order import (
    Key,
    ListOrder,
    OrderBy,
    OrderedList,
    Place,
    place_from_text,
)
from screenpop.store.customers.ordered_customers import (
    list_ordered,
    load_in_order,
    load_list_facts,
)
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database
from screenpop.store.schema.list_order_tables import last_contacts, name_orders
from screenpop.store.schema.tables import calls, customers, trips
from screenpop.store.schema.value_tables import customer_values
from screenpop.store.segments.found import Wanted
from screenpop.store.segments.selection import Selection
from screenpop.store.value.rows import value_place
from tests.store.calls.written_calls import kept
from tests.store.customers.drafts import draft
from tests.store.query_plans import Plan, plan_of, plan_with_values
from tests.store.samples import changed, finished_call

pytestmark = pytest.mark.anyio

TODAY = date(2026, 11, 30)
NOW = 1_700_000_000.0
EVERYBODY = Selection()
ORDERS = [ListOrder(by, down) for by in OrderBy for down in (False, True)]


async def test_pages_hold_each_customer_once_in_the_order_asked_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await _office(database)
    monkeypatch.setattr(list_order, "PAGE", 4)
    smiths = Selection(search="smith")
    in_rome = Selection(segment=Wanted(Compare("city", Op.IS_ANY, ("Rome",)), TODAY, UTC))

    for few in (list_order.FEW, 1):
        monkeypatch.setattr("screenpop.store.customers.ordered_customers.FEW", few)
        for order in ORDERS:
            expected = _sorted(people, order)
            for selection, wanted in (
                (EVERYBODY, set(people)),
                (smiths, {one for one in people if people[one]["smith"]}),
                (in_rome, {one for one in people if people[one]["rome"]}),
            ):
                found = await _all_pages(database, order, selection)

                assert found == [one for one in expected if one in wanted], (order, selection)


async def test_each_order_walks_an_index_without_sorting(database: Database) -> None:
    for order in ORDERS:
        ordered = OrderedList(database.kind, order, TODAY)
        keys: dict[OrderBy, Key] = {
            OrderBy.NAME: b"\x21",
            OrderBy.CONTACT: 5.0,
            OrderBy.NEXT_TRIP: TODAY,
            OrderBy.VALUE: 7,
        }
        for after in (None, Place(keys[order.by], 3)):
            has_bytes = order.by is OrderBy.NAME and after is not None
            explain = plan_with_values if has_bytes else plan_of
            plan = await explain(database, ordered.keyed_statement(after, 51))

            assert not _whole_reads(plan), plan
            assert not plan.sorts, plan
        plan = await plan_of(database, ordered.unkeyed_statement(Place(None, 9), 51))
        assert not _whole_reads(plan), plan
        assert not plan.sorts, plan


async def test_the_last_talk_follows_the_calls_as_they_are_written_moved_and_deleted(
    database: Database,
) -> None:
    one = await create_customer(database, draft("Adams"), NOW)
    other = await create_customer(database, draft("Brown"), NOW)
    first = finished_call("1700000000.1", customer=one, arrived_at=NOW)
    second = finished_call("1700000000.2", customer=one, arrived_at=NOW + 500)
    short = changed(finished_call("1700000000.3", customer=one, arrived_at=NOW + 900), talk_s=9.9)

    await kept(database, first, second, short)
    assert await _contacts(database) == {one: NOW + 505}

    async with database.writing() as connection:
        await connection.execute(
            update(calls).where(calls.c.linkedid == "1700000000.2").values(customer_id=other)
        )
    assert await _contacts(database) == {one: NOW + 5, other: NOW + 505}

    async with database.writing() as connection:
        await connection.execute(delete(calls).where(calls.c.linkedid == "1700000000.2"))
    assert await _contacts(database) == {one: NOW + 5}

    async with database.writing() as connection:
        await connection.execute(delete(customers).where(customers.c.id == one))
    assert await _contacts(database) == {}


async def test_keys_of_names_follow_a_new_name_and_go_with_a_merge(database: Database) -> None:
    one = await create_customer(database, draft("Adams"), NOW)
    async with database.reading() as connection:
        stored = (await connection.execute(select(name_orders))).one()
    assert stored.customer_id == one
    assert bytes(stored.en) == name_order_key(PersonName("Laleh", "Adams"), "en")


async def test_what_the_list_shows_is_read_for_each_customer(database: Database) -> None:
    people = await _office(database)
    ids = sorted(people)

    facts = await load_list_facts(database, ids, TODAY)

    for one in ids:
        assert facts[one].last_contact == people[one]["contact"]
        assert facts[one].next_trip == people[one]["trip"]
        assert facts[one].spend == (people[one]["spend"] or 0)
    rows = await load_in_order(database, ids[5:2:-1])
    assert [row.customer.id for row in rows] == ids[5:2:-1]


@pytest.mark.parametrize("order", ORDERS)
def test_a_place_in_the_list_is_read_as_it_was_written(order: ListOrder) -> None:
    keys: dict[OrderBy, Key] = {
        OrderBy.NAME: b"\x00\xffa",
        OrderBy.CONTACT: 1_700_000_000.25,
        OrderBy.NEXT_TRIP: TODAY,
        OrderBy.VALUE: -5,
    }
    for place in (Place(keys[order.by], 7), Place(None, 2**63 - 1)):
        assert place_from_text(order, place.to_text()) == place


@pytest.mark.parametrize(
    "plain", ["", "7", ".7", "-", "-0", "-9223372036854775808", "x.1", "YQ==.0", "é.1"]
)
@pytest.mark.parametrize("order", ORDERS)
def test_any_other_text_is_no_place_in_the_list(order: ListOrder, plain: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        place_from_text(order, plain)


def test_the_best_hundredth_and_the_larger_spend_come_first_by_value() -> None:
    places = [
        value_place(1, 10**17),
        value_place(1, 5),
        value_place(2, 10**17),
        value_place(100, 0),
    ]
    assert places == sorted(places, reverse=True)
    assert value_place(None, 5) < places[-1]
    assert all(-(2**63) <= one < 2**63 for one in places)


def _whole_reads(plan: Plan) -> list[str]:
    """Return reads that do not follow an index from the place where the page begins."""
    return [step for step in plan.scans if "INDEX" not in step and "INTEGER" not in step]


async def _office(database: Database) -> dict[CustomerId, dict[str, object]]:
    """Customers of whom some lack each fact, and some have the same one."""
    rng = random.Random(7)
    people: dict[CustomerId, dict[str, object]] = {}
    records = []
    for number in range(22):
        family = rng.choice(["Adams", "Smith", "Åström", "کاظمی", "Άννινος"])
        rome = number % 3 == 0
        one = await create_customer(
            database, draft(family, given=f"G{number % 4}", city="Rome" if rome else ""), NOW
        )
        contact = None if number % 4 == 0 else NOW + rng.randrange(5) * 1000 + 5
        if contact is not None:
            records.append(finished_call(f"17.{number}", customer=one, arrived_at=contact - 5))
        trip = None if number % 5 == 0 else TODAY + timedelta(days=rng.randrange(4))
        spend = None if number % 6 == 0 else rng.randrange(3) * 100
        async with database.writing() as connection:
            for departs, status in (
                (trip, "booked"),
                (trip and trip + timedelta(days=1), "booked"),
                (TODAY - timedelta(days=1), "travelled"),
                (TODAY, "cancelled"),
            ):
                if departs is not None:
                    await connection.execute(
                        insert(trips).values(customer_id=one, departs=departs, status=status)
                    )
            if spend is not None:
                await connection.execute(
                    insert(customer_values).values(
                        customer_id=one,
                        scored_on=TODAY,
                        spend=spend,
                        percentile=5,
                        place=value_place(5, spend),
                        stage="active",
                        chance_word="none",
                        reasons=[],
                    )
                )
        people[one] = {
            "name": name_order_key(PersonName(f"G{number % 4}", family), "en"),
            "contact": contact,
            "trip": trip,
            "value": None if spend is None else value_place(5, spend),
            "spend": spend,
            "smith": family == "Smith",
            "rome": rome,
        }
    await kept(database, *records)
    return people


def _sorted(people: dict[CustomerId, dict[str, object]], order: ListOrder) -> list[CustomerId]:
    key = order.by.value
    with_key = [one for one in people if people[one][key] is not None]
    without = [one for one in people if people[one][key] is None]
    with_key.sort(key=lambda one: (people[one][key], one), reverse=order.descending)
    return [*with_key, *sorted(without, reverse=True)]


async def _all_pages(
    database: Database, order: ListOrder, selection: Selection
) -> list[CustomerId]:
    found: list[CustomerId] = []
    after: Place | None = None
    while True:
        page = await list_ordered(database, order, TODAY, selection, after=after)
        found += page.ids
        if page.after is None:
            return found
        after = place_from_text(order, page.after.to_text())


async def _contacts(database: Database) -> dict[int, float]:
    async with database.reading() as connection:
        rows = await connection.execute(select(last_contacts))
        return {row.customer_id: row.at for row in rows}
