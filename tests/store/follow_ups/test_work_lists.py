"""Work lists in the database: rows by page, taken, done, reached, shared out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId
from screenpop.follow_ups.models import FollowUpSource, NewFollowUp
from screenpop.follow_ups.work_list import AwayReason, WorkKind
from screenpop.store.customers.merge import merge_customers
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.changes import insert_follow_up
from screenpop.store.follow_ups.work_list_build import (
    build_work_list,
    changed_customers,
    is_built_for,
    list_customers_again,
)
from screenpop.store.follow_ups.work_list_worker import build_as_requested
from screenpop.store.follow_ups.work_lists import (
    ListedRow,
    RowState,
    WorkFilter,
    WorkListProblem,
    WorkListRefusedError,
    act_on_row,
    assign_rows,
    count_work,
    list_work,
    share_out,
    still_listed,
    undo_act,
)
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.schema.tables import customers, trips
from screenpop.store.schema.work_list_tables import work_list, work_list_marks
from tests.store.samples import LALEH, add_customer, add_user, finished_call

pytestmark = pytest.mark.anyio

TODAY = date(2026, 2, 26)
NOW = datetime(2026, 2, 26, 9, tzinfo=UTC).timestamp()
DAY_S = 86400.0


async def lapsed_customer(database: Database, name: str, **more: Any) -> CustomerId:
    customer_id = await add_customer(database, name, LALEH)
    async with database.writing() as connection:
        for back in (600, 750, 900):
            await connection.execute(
                insert(trips).values(
                    customer_id=customer_id,
                    destination="Rome",
                    departs=TODAY - timedelta(days=back),
                    returns=TODAY - timedelta(days=back - 7),
                    status="travelled",
                    price=500,
                    currency="EUR",
                )
            )
        if more:
            await connection.execute(
                update(customers).where(customers.c.id == customer_id).values(**more)
            )
    return customer_id


async def built(database: Database, now: float = NOW) -> None:
    await build_work_list(database, UTC, now)


async def listed(
    database: Database,
    kind: WorkKind = WorkKind.LAPSED,
    users: tuple[UserId | None, ...] = (),
    today: date = TODAY,
) -> list[ListedRow]:
    page = await list_work(database, WorkFilter(kind, users), today)
    return list(page.rows)


async def ids(database: Database, **more: Any) -> list[int]:
    return [row.customer.ref.id for row in await listed(database, **more)]


async def talk(
    database: Database, customer_id: CustomerId, at: float, talk_s: float = 10.0
) -> None:
    call = finished_call(f"{at}.1", customer=customer_id, arrived_at=at)
    database.log.start()
    database.log.keep(replace(call, entry=replace(call.entry, talk_s=talk_s, transfers=())))
    await database.log.flush()


async def test_a_lapsed_customer_is_listed_with_rhythm_number_and_worth(
    database: Database,
) -> None:
    customer_id = await lapsed_customer(database, "Karimi")
    await add_customer(database, "Nobody")
    await built(database)
    (row,) = await listed(database)
    assert row.customer.ref.id == customer_id
    assert row.customer.number == LALEH.e164
    assert (row.trips, row.worth, row.currency) == (3, 1500, "EUR")
    assert row.params["months"] == 5
    assert await is_built_for(database, TODAY)
    assert not await is_built_for(database, TODAY + timedelta(days=1))


@pytest.mark.parametrize(("talk_s", "reached"), [(9.9, False), (10.0, True)])
async def test_a_talk_of_ten_seconds_takes_a_customer_off_every_list(
    database: Database, talk_s: float, reached: bool
) -> None:
    customer_id = await lapsed_customer(database, "Karimi")
    await built(database)
    await talk(database, customer_id, NOW + 60, talk_s)
    assert (await ids(database) == []) is reached
    assert (await still_listed(database, [customer_id], TODAY) == {}) is reached
    counted = await count_work(database, [WorkKind.LAPSED], (), TODAY)
    assert counted == {WorkKind.LAPSED: 0 if reached else 1}


async def test_a_customer_reached_yesterday_is_not_listed_again_for_the_same(
    database: Database,
) -> None:
    customer_id = await lapsed_customer(database, "Karimi")
    await built(database)
    await talk(database, customer_id, NOW + 60)
    await built(database, NOW + DAY_S)
    assert await ids(database, today=TODAY + timedelta(days=1)) == []


async def test_done_leaves_the_list_for_good_and_undo_brings_it_back(database: Database) -> None:
    customer_id = await lapsed_customer(database, "Karimi")
    user = (await add_user(database)).id
    await built(database)
    await act_on_row(
        database,
        customer_id,
        RowState.DONE,
        user_id=user,
        now=NOW + 5,
        today=TODAY,
        away_reason=AwayReason.PRICE,
    )
    assert await ids(database) == []
    async with database.reading() as connection:
        mark = (await connection.execute(select(work_list_marks))).one()
    assert (mark.away_reason, mark.state) == ("price", "done")
    await list_customers_again(database, [customer_id], UTC, NOW + 10)
    assert await ids(database) == []
    await built(database, NOW + DAY_S)
    assert await ids(database, today=TODAY + timedelta(days=1)) == []


async def test_undo_lists_the_customer_again_and_only_the_same_user_can_undo(
    database: Database,
) -> None:
    customer_id = await lapsed_customer(database, "Karimi")
    user = (await add_user(database)).id
    other = (await add_user(database, "eleni")).id
    await built(database)
    await act_on_row(database, customer_id, RowState.NEVER, user_id=user, now=NOW, today=TODAY)
    with pytest.raises(WorkListRefusedError) as refused:
        await undo_act(database, customer_id, user_id=other)
    assert (refused.value.code, refused.value.name) == (WorkListProblem.ROW_CLOSED, "Maryam")
    await undo_act(database, customer_id, user_id=user)
    assert await ids(database) == [customer_id]
    await built(database, NOW + DAY_S)
    assert await ids(database, today=TODAY + timedelta(days=1)) == [customer_id]


async def test_a_snoozed_customer_comes_back_on_the_day(database: Database) -> None:
    customer_id = await lapsed_customer(database, "Karimi")
    user = (await add_user(database)).id
    await built(database)
    until = TODAY + timedelta(days=3)
    for wrong in (TODAY, None):
        with pytest.raises(WorkListRefusedError):
            await act_on_row(
                database,
                customer_id,
                RowState.SNOOZED,
                user_id=user,
                now=NOW,
                today=TODAY,
                until=wrong,
            )
    await act_on_row(
        database, customer_id, RowState.SNOOZED, user_id=user, now=NOW, today=TODAY, until=until
    )
    for after, there in ((0, []), (2, []), (3, [customer_id])):
        await built(database, NOW + after * DAY_S)
        assert await ids(database, today=TODAY + timedelta(days=after)) == there, after


async def test_a_row_of_another_user_is_refused_with_the_name_unless_a_supervisor_acts(
    database: Database,
) -> None:
    customer_id = await lapsed_customer(database, "Karimi")
    maryam = (await add_user(database)).id
    eleni = (await add_user(database, "eleni")).id
    await built(database)
    assert await assign_rows(
        database, [customer_id], maryam, user_id=maryam, may_act_for_others=False
    )
    assert await ids(database, users=(maryam,)) == [customer_id]
    assert await ids(database, users=(eleni, None)) == []
    for work in (
        act_on_row(database, customer_id, RowState.DONE, user_id=eleni, now=NOW, today=TODAY),
        assign_rows(database, [customer_id], eleni, user_id=eleni, may_act_for_others=False),
    ):
        with pytest.raises(WorkListRefusedError) as refused:
            await work
        assert (refused.value.code, refused.value.name) == (
            WorkListProblem.TAKEN_BY_OTHER,
            "Maryam",
        )
    await assign_rows(database, [customer_id], eleni, user_id=maryam, may_act_for_others=True)
    assert await ids(database, users=(eleni,)) == [customer_id]


async def test_rows_of_no_user_are_shared_out_evenly(database: Database) -> None:
    for number in range(5):
        await lapsed_customer(database, f"Karimi{number}")
    maryam = (await add_user(database)).id
    eleni = (await add_user(database, "eleni")).id
    await built(database)
    assert await share_out(database, WorkKind.LAPSED, [maryam, eleni], TODAY) == 5
    assert len(await ids(database, users=(maryam,))) == 3
    assert len(await ids(database, users=(eleni,))) == 2
    assert await ids(database, users=(None,)) == []


async def test_the_account_manager_has_the_row_and_keeps_it_the_next_day(
    database: Database,
) -> None:
    maryam = (await add_user(database)).id
    customer_id = await lapsed_customer(database, "Karimi", owner_id=maryam)
    await built(database)
    assert await ids(database, users=(maryam,)) == [customer_id]
    await built(database, NOW + DAY_S)
    assert await ids(database, users=(maryam,), today=TODAY + timedelta(days=1)) == [customer_id]


async def test_a_customer_with_a_promise_due_is_on_the_list_of_promises_only(
    database: Database,
) -> None:
    customer_id = await lapsed_customer(database, "Karimi")
    await built(database)
    new = NewFollowUp(customer_id, TODAY, "call", FollowUpSource.MANUAL, None, None)
    await insert_follow_up(database, new, today=TODAY, now=NOW)
    assert await ids(database) == []


async def test_pages_follow_each_other_without_gap_or_repetition(database: Database) -> None:
    all_agents = [
        await lapsed_customer(database, f"Karimi{number}", tier="gold" if number % 3 else "none")
        for number in range(7)
    ]
    await built(database)
    seen: list[int] = []
    after = None
    while True:
        page = await list_work(database, WorkFilter(WorkKind.LAPSED), TODAY, after=after, limit=2)
        seen += [row.customer.ref.id for row in page.rows]
        after = page.after
        if after is None:
            break
    assert sorted(seen) == sorted(all_agents)
    assert len(seen) == len(set(seen))


async def test_more_customers_than_one_slice_are_all_listed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screenpop.store.follow_ups.work_list_build.SLICE", 10)
    async with database.writing() as connection:
        await connection.execute(
            insert(customers),
            [
                {
                    "names": [],
                    "tags": [],
                    "created_at": 1.0,
                    "changed_at": 1.0,
                    "birthday": date(1980, TODAY.month, TODAY.day),
                }
                for _ in range(11)
            ],
        )
    await built(database)
    counted = await count_work(database, [WorkKind.BIRTHDAY], (), TODAY)
    assert counted == {WorkKind.BIRTHDAY: 11}


async def test_a_changed_customer_is_listed_again_without_a_new_day(database: Database) -> None:
    customer_id = await lapsed_customer(database, "Karimi")
    await built(database)
    async with database.writing() as connection:
        await connection.execute(
            insert(trips).values(
                customer_id=customer_id, departs=TODAY + timedelta(days=9), status="booked"
            )
        )
        await connection.execute(
            update(customers).where(customers.c.id == customer_id).values(changed_at=NOW + 1)
        )
    assert await changed_customers(database, NOW, 5) == [customer_id]
    await list_customers_again(database, [customer_id], UTC, NOW + 2)
    assert await ids(database) == []


async def test_erased_and_merged_customers_are_on_no_list(database: Database) -> None:
    kept = await lapsed_customer(database, "Karimi")
    gone = await lapsed_customer(database, "Karimi")
    erased = await lapsed_customer(database, "Moradi")
    await built(database)
    await merge_customers(database, kept, gone, user_id=None, now=NOW)
    await erase_customer(database, erased, user_id=None, now=NOW)
    assert await ids(database) == [kept]


async def test_the_process_builds_what_the_request_names(database: Database, url: str) -> None:
    customer_id = await lapsed_customer(database, "Karimi")
    await build_as_requested({"database": url, "zone": "UTC", "now": NOW, "fence": None})
    assert await ids(database) == [customer_id]
    async with database.reading() as connection:
        assert (await connection.execute(select(work_list.c.listed_on))).scalar_one() == TODAY
