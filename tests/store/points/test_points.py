"""The ledger of points on real databases: posted once, spent at most once, moved with a merge."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from screenpop.customers.models import CustomerId
from screenpop.loyalty.points import MOST_POINTS, PointKind, PointRules, balance_of
from screenpop.store.customers.merge import merge_customers, undo_merge
from screenpop.store.engine.database import Database
from screenpop.store.points.ledger import (
    PointRefusal,
    PointsRefusedError,
    add_entry,
    load_ledger,
)
from screenpop.store.points.posting import post_points
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.schema.point_tables import point_entries
from screenpop.store.schema.tables import trips
from tests.store.samples import add_customer, add_user

pytestmark = pytest.mark.anyio
TODAY = date(2026, 2, 27)
NOW = datetime(2026, 2, 27, 9, tzinfo=UTC).timestamp()
RULES = PointRules(per_trip=10, per_amount=1, amount=100, currency="EUR", months=12)


async def add_trips(
    database: Database, customer_id: int, *days_ago: int, **values: Any
) -> Sequence[int]:
    plain = {"customer_id": customer_id, "status": "travelled", "price": 550, "currency": "EUR"}
    rows = [
        {**plain, "destination": "Rome", "departs": TODAY - timedelta(days), **values}
        for days in days_ago
    ]
    async with database.writing() as connection:
        added = insert(trips).returning(trips.c.id, sort_by_parameter_order=True)
        return list((await connection.execute(added, rows)).scalars())


async def ledger(database: Database, customer_id: int) -> list[tuple[str, int, str]]:
    lines = await load_ledger(database, CustomerId(customer_id))
    return [(one.entry.kind.value, one.entry.points, one.reason) for one in lines]


async def balance(database: Database, customer_id: int) -> int:
    return balance_of([one.entry for one in await load_ledger(database, CustomerId(customer_id))])


async def spend(database: Database, customer_id: CustomerId, points: int, **more: Any) -> int:
    given: dict[str, Any] = {"today": TODAY, "user_id": None, "now": NOW, "reason": "upgrade"}
    given |= {"kind": PointKind.SPENT, **more}
    kind, reason = given.pop("kind"), given.pop("reason")
    return await add_entry(database, customer_id, kind, points, reason, **given)


async def test_trips_of_the_buyer_are_posted_once_and_a_cancelled_one_is_taken_back(
    database: Database,
) -> None:
    laleh = await add_customer(database, "Karimi")
    first, _hotel, _ahead = await add_trips(database, laleh, 40, 39, -5)
    await add_trips(database, laleh, 20, status="cancelled")
    await add_trips(database, laleh, 400)
    assert await post_points(database, RULES, TODAY, NOW) == 2
    assert await post_points(database, RULES, TODAY, NOW) == 0
    # The hotel is of the same trip: it earns for its price alone. The old one has expired.
    assert await ledger(database, laleh) == [("earned", 15, "Rome"), ("earned", 5, "Rome")]
    for status, kind, points in (("cancelled", "taken_back", -15), ("travelled", "earned", 15)):
        async with database.writing() as connection:
            await connection.execute(update(trips).where(trips.c.id == first).values(status=status))
        await post_points(database, RULES, TODAY, NOW, [laleh])
        assert (await ledger(database, laleh))[-1] == (kind, points, "Rome")
    assert await post_points(database, PointRules(), TODAY, NOW) == 0


async def test_points_expire_after_their_months_each_once(database: Database) -> None:
    laleh = await add_customer(database, "Karimi")
    await add_trips(database, laleh, 0)
    await post_points(database, RULES, TODAY, NOW)
    last = date(2027, 2, 27)
    assert await spend(database, laleh, 4) == 11
    assert await post_points(database, PointRules(), last, NOW) == 0
    assert await post_points(database, PointRules(), last + timedelta(1), NOW) == 1
    assert await post_points(database, PointRules(), last + timedelta(2), NOW) == 0
    assert (await ledger(database, laleh))[-1] == ("expired", -11, "")
    assert await balance(database, laleh) == 0


async def test_no_more_is_spent_than_there_is_also_at_the_same_time(database: Database) -> None:
    agent = await add_user(database, "maryam", "101")
    laleh = await add_customer(database, "Karimi")
    await spend(database, laleh, 10, kind=PointKind.CORRECTED, reason="opening", user_id=agent.id)
    results = await asyncio.gather(
        *(spend(database, laleh, 4) for _ in range(5)), return_exceptions=True
    )
    refused = [one for one in results if isinstance(one, PointsRefusedError)]
    assert {one.refusal for one in refused} == {PointRefusal.TOO_FEW}
    assert (len(refused), await balance(database, laleh)) == (3, 2)
    for _ in range(2):
        assert await spend(database, laleh, 2, key="till-1") == 0
    assert len(await ledger(database, laleh)) == 4
    lines = await load_ledger(database, laleh)
    assert (lines[0].by, lines[0].reason) == ("Maryam", "opening")


async def test_entry_is_refused_with_its_reason(database: Database) -> None:
    laleh, nikos = await add_customer(database, "Karimi"), await add_customer(database, "Ilias")
    corrected = {"kind": PointKind.CORRECTED}
    await spend(database, laleh, MOST_POINTS, key="k", **corrected)
    wrong: tuple[tuple[CustomerId, int, dict[str, Any], PointRefusal], ...] = (
        (laleh, 1, {"reason": " "}, PointRefusal.REASON_NEEDED),
        (laleh, 0, {}, PointRefusal.NUMBER),
        (laleh, -1, {}, PointRefusal.NUMBER),
        (laleh, MOST_POINTS + 1, corrected, PointRefusal.NUMBER),
        (laleh, -MOST_POINTS - 1, corrected, PointRefusal.NUMBER),
        (nikos, 1, {}, PointRefusal.TOO_FEW),
        (nikos, -1, corrected, PointRefusal.TOO_FEW),
        (nikos, 5, {**corrected, "key": "k"}, PointRefusal.KEY_USED),
        (CustomerId(10**9), 5, corrected, PointRefusal.UNKNOWN_CUSTOMER),
    )
    for customer_id, points, more, refusal in wrong:
        with pytest.raises(PointsRefusedError) as error:
            await spend(database, customer_id, points, **more)
        assert error.value.refusal is refusal
    assert await spend(database, laleh, MOST_POINTS) == 0


async def test_merge_its_undo_and_an_erasure_move_and_delete_entries(database: Database) -> None:
    laleh, other = await add_customer(database, "Karimi"), await add_customer(database, "Karimi")
    for customer_id, days in ((laleh, 30), (other, 60)):
        await add_trips(database, customer_id, days)
    await post_points(database, RULES, TODAY, NOW)
    merge = await merge_customers(database, laleh, other, user_id=None, now=NOW)
    assert await post_points(database, RULES, TODAY, NOW) == 0
    assert (await balance(database, laleh), await balance(database, other)) == (30, 0)
    await undo_merge(database, merge, user_id=None, now=NOW)
    assert await post_points(database, RULES, TODAY, NOW) == 0
    assert (await balance(database, laleh), await balance(database, other)) == (15, 15)
    await erase_customer(database, laleh, user_id=None, now=NOW)
    async with database.reading() as connection:
        rows = (await connection.execute(select(point_entries.c.customer_id))).scalars().all()
    assert rows == [other]
