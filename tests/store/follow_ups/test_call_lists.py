"""Call lists of segments in the database: made, renewed, worked on, ended, merged, erased."""

from datetime import UTC
from typing import Any

import pytest
from sqlalchemy import func, select, update

from screenpop.conditions.tree import Compare, Op
from screenpop.customers.models import CustomerId
from screenpop.follow_ups.call_lists import CallListRefusedError
from screenpop.follow_ups.work_list import WorkKind
from screenpop.store.customers.merge import merge_customers
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.call_lists import (
    CallList,
    end_call_list,
    list_call_lists,
    make_call_list,
)
from screenpop.store.follow_ups.work_lists import RowState, act_on_row
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.schema.tables import customers
from screenpop.store.schema.work_list_tables import call_list_customers
from screenpop.store.segments.found import Wanted
from screenpop.store.segments.saved import Audience, delete_segment, save_segment
from tests.store.follow_ups.test_work_lists import DAY_S, NOW, TODAY, built, ids, lapsed_customer
from tests.store.samples import add_customer, add_user

pytestmark = pytest.mark.anyio
GOLD = Compare("tier", Op.IS_ANY, ("gold",))
WANTED = Wanted(GOLD, TODAY, UTC)


async def gold(database: Database, name: str, **more: Any) -> CustomerId:
    customer_id = await add_customer(database, name)
    async with database.writing() as connection:
        changed = update(customers).where(customers.c.id == customer_id)
        await connection.execute(changed.values(tier="gold", **more))
    return customer_id


async def segment(database: Database) -> int:
    return await save_segment(database, "Gold", GOLD, Audience.ALL, user_id=None, now=NOW)


async def make(database: Database, number: int, now: float = NOW) -> CallList:
    return await make_call_list(database, number, WANTED, zone=UTC, now=now, user_id=None)


async def called(database: Database) -> list[int]:
    return sorted(await ids(database, kind=WorkKind.CALL_LIST))


async def test_the_customers_of_a_segment_are_called_as_far_as_they_want_it(
    database: Database,
) -> None:
    karimi, moradi = await gold(database, "Karimi"), await gold(database, "Moradi")
    no = {"given": False}
    await gold(database, "No calls", consents={"phone": no})
    await gold(database, "No offers", marketing_consent=False, consents={"offers": no})
    await add_customer(database, "Silver")
    lapsed = await lapsed_customer(database, "Long away", tier="gold")
    number = await segment(database)

    made = await make(database, number)
    assert (made.customers, made.waiting, made.done) == (5, 2, 0)
    assert await called(database) == [karimi, moradi]
    assert await ids(database) == [lapsed]
    await built(database, NOW + DAY_S)
    assert await called(database) == [karimi, moradi]


async def test_a_done_row_stays_done_when_the_list_is_renewed(
    database: Database,
) -> None:
    karimi, moradi = await gold(database, "Karimi"), await gold(database, "Moradi")
    number = await segment(database)
    await make(database, number)
    user = await add_user(database, "eleni")
    await act_on_row(database, karimi, RowState.DONE, user_id=user.id, now=NOW, today=TODAY)
    assert (await list_call_lists(database))[number].done == 1
    nouri = await gold(database, "Nouri")
    await make(database, number, NOW + DAY_S)
    await built(database, NOW + DAY_S)
    assert await called(database) == [moradi, nouri]


async def test_customer_taken_off_one_call_list_stays_on_another(
    database: Database,
) -> None:
    karimi = await gold(database, "Karimi")
    number = await segment(database)
    await make(database, number)
    user = await add_user(database, "eleni")
    await act_on_row(database, karimi, RowState.NEVER, user_id=user.id, now=NOW, today=TODAY)
    await make(database, number, NOW + DAY_S)
    assert await called(database) == []
    other = await save_segment(database, "Again", GOLD, Audience.ALL, user_id=None, now=NOW)
    await make(database, other, NOW + DAY_S)
    assert await called(database) == [karimi]


async def test_an_ended_list_and_one_of_a_deleted_segment_list_no_one(database: Database) -> None:
    await gold(database, "Karimi")
    number = await segment(database)
    await make(database, number)
    assert await end_call_list(database, number, zone=UTC, now=NOW)
    assert await called(database) == []
    assert not await end_call_list(database, number, zone=UTC, now=NOW)
    await make(database, number)
    await delete_segment(database, number)
    assert await list_call_lists(database) == {}
    await built(database, NOW + DAY_S)
    assert await called(database) == []


async def test_a_segment_without_customers_makes_no_list(database: Database) -> None:
    number = await segment(database)
    with pytest.raises(CallListRefusedError):
        await make(database, number)
    assert await list_call_lists(database) == {}


async def test_merged_customers_are_called_once_and_erased_ones_are_on_no_list(
    database: Database,
) -> None:
    karimi, double = await gold(database, "Karimi"), await gold(database, "Karimi")
    number = await segment(database)
    await make(database, number)
    await merge_customers(database, karimi, double, user_id=None, now=NOW)
    await built(database, NOW + DAY_S)
    assert await called(database) == [karimi]
    await erase_customer(database, karimi, now=NOW, user_id=None)
    async with database.reading() as connection:
        left = await connection.scalar(select(func.count()).select_from(call_list_customers))
    assert left == 0
