"""The board of trips: pages of its columns, and changes that lose no other user's change."""

from collections.abc import Sequence
from datetime import UTC, date, timedelta

import pytest
from sqlalchemy import insert, select

from screenpop.accounts.users import UserId
from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName, TripStatus
from screenpop.customers.trip_board import BoardRules, CheckItem, StuckReason
from screenpop.store.customers.queries import CustomerRefusedError, create_customer
from screenpop.store.customers.trips_edit import add_trip, update_trip
from screenpop.store.engine.database import Database
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.schema.customer_tables import customer_changes
from screenpop.store.schema.tables import trips
from screenpop.store.schema.trip_board_tables import trip_progress
from screenpop.store.trip_board import queries
from screenpop.store.trip_board.changes import (
    TripChangedError,
    move_trip,
    set_owner,
    tick_item,
)
from screenpop.store.trip_board.queries import (
    PAGE,
    BoardCard,
    BoardFilter,
    count_statement,
    load_board,
    load_card,
    load_column,
)
from tests.store.query_plans import plan_of
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio

NOW = 1_795_300_000.0
TODAY = date(2026, 11, 21)
DAY_S = 24 * 3600
ALL = BoardFilter(TODAY, UTC, BoardRules())
ASKED = TripStatus.ASKED


async def customer(database: Database) -> CustomerId:
    draft = CustomerDraft(names={"en": PersonName("Laleh", "Karimi")})
    return await create_customer(database, draft, NOW)


async def trip(database: Database, whose: CustomerId, now: float = NOW, **values: object) -> int:
    values = {"destination": "Rome", **values}
    return await add_trip(database, whose, values, user_id=None, now=now)


async def card(database: Database, number: int, chosen: BoardFilter = ALL) -> BoardCard:
    found = await load_card(database, number, chosen)
    assert found is not None
    return found


async def pages_of(
    database: Database, status: TripStatus, chosen: BoardFilter = ALL
) -> list[list[int]]:
    pages, after = [], None
    while True:
        found = await load_column(database, status, chosen, after)
        pages.append([one.id for one in found.cards])
        after = found.after
        if after is None:
            return pages


async def many(database: Database, whose: CustomerId, days: Sequence[date | None]) -> list[int]:
    async with database.writing() as connection:
        rows = [{"customer_id": whose, "destination": "x", "departs": day} for day in days]
        await connection.execute(insert(trips), rows)
        found = await connection.execute(select(trips.c.id).order_by(trips.c.id))
        return list(found.scalars())


async def test_a_column_is_paged_by_departure_and_each_trip_is_on_one_page(
    database: Database,
) -> None:
    whose = await customer(database)
    same, later = TODAY + timedelta(days=1), TODAY + timedelta(days=2)
    days = [None, later, *[same] * (2 * PAGE), *[None] * PAGE]
    ids = await many(database, whose, days)
    pages = await pages_of(database, ASKED)
    assert [len(page) for page in pages] == [PAGE, PAGE, PAGE, 2]
    undated = [ids[0], *ids[2 * PAGE + 2 :]]
    assert [one for page in pages for one in page] == [
        *ids[2 : 2 * PAGE + 2],
        ids[1],
        *reversed(undated),
    ]


async def test_a_full_page_is_the_last_one_when_no_trip_follows(database: Database) -> None:
    await many(database, await customer(database), [TODAY] * PAGE)
    assert [len(page) for page in await pages_of(database, ASKED)] == [PAGE]


async def test_those_that_are_back_come_with_the_latest_first(database: Database) -> None:
    whose = await customer(database)
    days = [TODAY - timedelta(days=n) for n in (3, 1, 2)]
    ids = [await trip(database, whose, status="travelled", departs=day) for day in days]
    assert await pages_of(database, TripStatus.TRAVELLED) == [[ids[1], ids[2], ids[0]]]


async def test_a_board_has_six_columns_with_counts_and_no_cancelled_trip(
    database: Database,
) -> None:
    whose = await customer(database)
    for status in TripStatus:
        await trip(database, whose, status=status.value)
    columns, counts = await load_board(database, ALL)
    assert [one.status.value for one in columns] == [
        *("asked", "quoted", "booked", "ticketed", "travelling", "travelled")
    ]
    assert [len(one.cards) for one in columns] == [1] * 6
    assert set(counts.values()) == {1}


async def test_two_users_with_one_trip_do_not_undo_each_other(database: Database) -> None:
    number = await trip(database, await customer(database))
    version = (await card(database, number)).version
    await move_trip(
        database, number, TripStatus.QUOTED, version=version, user_id=None, now=NOW + 5 * DAY_S
    )
    with pytest.raises(TripChangedError):
        await move_trip(database, number, TripStatus.BOOKED, version=version, user_id=None, now=NOW)
    found = await card(database, number)
    assert found.trip.status is TripStatus.QUOTED
    assert found.trip.since == date(2026, 11, 26)
    assert found.version == version + 1
    # Where both want the same, nothing is lost and nothing is refused.
    await move_trip(database, number, TripStatus.QUOTED, version=version, user_id=None, now=NOW)


async def test_a_trip_that_no_page_has_touched_is_moved_once_by_two_users(
    database: Database,
) -> None:
    [number] = await many(database, await customer(database), [TODAY])
    assert (await card(database, number)).version == 0
    await move_trip(database, number, TripStatus.QUOTED, version=0, user_id=None, now=NOW)
    with pytest.raises(TripChangedError):
        await move_trip(database, number, TripStatus.BOOKED, version=0, user_id=None, now=NOW)
    with pytest.raises(TripChangedError):
        await tick_item(
            database, number, CheckItem.SEATS, is_done=True, version=7, user_id=None, now=NOW
        )


async def test_a_change_on_the_trips_form_counts_as_well(database: Database) -> None:
    number = await trip(database, await customer(database))
    version = (await card(database, number)).version
    await update_trip(database, number, {"status": "booked"}, user_id=None, now=NOW + 9 * DAY_S)
    found = await card(database, number)
    assert (found.version, found.trip.since) == (version + 1, date(2026, 11, 30))
    with pytest.raises(TripChangedError):
        await move_trip(database, number, TripStatus.QUOTED, version=version, user_id=None, now=NOW)


async def test_ticks_and_the_owner_are_kept_in_the_history_and_go_with_the_person(
    database: Database,
) -> None:
    whose, user = await customer(database), await add_user(database, "maryam", "101")
    number = await trip(database, whose)
    for is_done in (True, False, True):
        version = (await card(database, number)).version
        await tick_item(
            database,
            number,
            CheckItem.SEATS,
            is_done=is_done,
            version=version,
            user_id=user.id,
            now=NOW,
        )
    version = (await card(database, number)).version
    await set_owner(database, number, user.id, version=version, user_id=user.id, now=NOW)
    found = await card(database, number)
    assert found.trip.ticked == {CheckItem.SEATS}
    assert found.owner == (user.id, "Maryam")
    mine = BoardFilter(TODAY, UTC, BoardRules(), owner=user.id)
    assert await pages_of(database, ASKED, mine) == [[number]]
    columns, counts = await load_board(database, mine)
    assert (len(columns[0].cards), counts[ASKED]) == (1, 1)
    with pytest.raises(CustomerRefusedError):
        await set_owner(database, number, UserId(99), version=found.version, user_id=None, now=NOW)
    async with database.reading() as connection:
        rows = await connection.execute(
            select(customer_changes.c.changes).order_by(customer_changes.c.id)
        )
        changes = [row.changes for row in rows][-4:]
    assert [change.get("check_seats") for change in changes] == [
        *([None, "✓"], ["✓", None], [None, "✓"]),
        None,
    ]
    assert changes[-1]["trip_owner"] == [None, "Maryam"]
    await erase_customer(database, whose, user_id=None, now=NOW)
    async with database.reading() as connection:
        assert (await connection.execute(select(trip_progress))).all() == []


async def test_only_stuck_trips_are_found_wherever_they_are_in_the_column(
    database: Database,
) -> None:
    whose = await customer(database)
    await many(database, whose, [TODAY + timedelta(days=n) for n in range(450)])
    old = await trip(database, whose, NOW - 30 * DAY_S, departs=TODAY + timedelta(days=420))
    stuck = BoardFilter(TODAY, UTC, BoardRules(), only_stuck=True)
    assert await pages_of(database, ASKED, stuck) == [[old]]
    assert (await card(database, old)).stuck == (StuckReason.DAYS_IN_STATE,)


async def test_columns_and_counts_follow_an_index_and_count_to_their_limit(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for statement in (count_statement(ASKED, None), count_statement(ASKED, UserId(1))):
        plan = await plan_of(database, statement)
        assert not plan.scans, plan
    whose = await customer(database)
    assert queries.MOST_COUNTED > 2
    monkeypatch.setattr(queries, "MOST_COUNTED", 2)
    for counted in (1, 2, 3, 3):
        await trip(database, whose)
        assert (await load_board(database, ALL))[1][ASKED] == counted
