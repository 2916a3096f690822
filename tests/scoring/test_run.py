"""Runs over invented offices, on a real database: what is read, computed, stored and kept."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import delete, func, insert, select, update

from benchmarks.seasonal_travellers import draw_travellers
from screenpop.accounts.departments import Section
from screenpop.app import value_keeper
from screenpop.app.value_keeper import ScoringError, ValueKeeper
from screenpop.common.worker_main import EXPECTED_FAILURE
from screenpop.common.worker_process import DEVNULL, PIPE, start_worker_process
from screenpop.conditions.tree import Compare, Op
from screenpop.customers.models import CustomerId, Tier
from screenpop.loyalty.points import PointRules
from screenpop.loyalty.stages import Stage
from screenpop.loyalty.tiers import TierRule
from screenpop.loyalty.value import MIN_TRIPS_FOR_CHANCE, ChanceWord, CustomerValue
from screenpop.offers.office_offer import OfferTerms
from screenpop.scoring.customer_value import chance_for
from screenpop.scoring.request import WORKER, score_request
from screenpop.scoring.run import score_customers, score_office, shares_of
from screenpop.spreadsheets.writing.columns import ExportWords, columns_for, rows_of
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.engine.database import Database
from screenpop.store.export_rows import export_customers
from screenpop.store.offers.fitting import list_fitting
from screenpop.store.offers.saved import add_offer, load_offer
from screenpop.store.points.ledger import load_ledger
from screenpop.store.points.posting import post_points
from screenpop.store.schema.customer_tables import customer_changes, trip_travellers
from screenpop.store.schema.tables import cases, customers, trips
from screenpop.store.schema.value_tables import customer_values, value_runs
from screenpop.store.value.queries import load_runs, load_value
from screenpop.web.translations import our_catalogues

pytestmark = pytest.mark.anyio

TODAY = date(2026, 2, 26)
NOW = 1_772_100_000.0
RULES = [TierRule(Tier.SILVER, trips=3), TierRule(Tier.GOLD, trips=6)]


async def add_people(database: Database, count: int, **values: Any) -> list[int]:
    plain = {"names": [], "tags": [], "created_at": 1.0, "changed_at": 1.0, **values}
    async with database.writing() as connection:
        added = insert(customers).returning(customers.c.id)
        return list((await connection.execute(added, [plain] * count)).scalars())


async def add_trips(
    database: Database, customer_id: int, days: Sequence[date], **values: Any
) -> None:
    plain = {"customer_id": customer_id, "status": "travelled", "price": 1000, "currency": "EUR"}
    rows = [{**plain, "departs": day, **values} for day in days]
    async with database.writing() as connection:
        await connection.execute(insert(trips), rows)


async def add_seasonal_office(database: Database, size: int) -> list[int]:
    drawn = draw_travellers(size, TODAY.toordinal(), 3)
    ids = await add_people(database, size)
    rows = [
        {
            "customer_id": ids[owner],
            "departs": date.fromordinal(day),
            "status": "travelled",
            "price": 900,
            "currency": "EUR",
        }
        for owner, day in zip(drawn.owner.tolist(), drawn.day.tolist(), strict=True)
    ]
    async with database.writing() as connection:
        await connection.execute(insert(trips), rows)
    return ids


async def value_of(database: Database, customer_id: int) -> CustomerValue:
    value = await load_value(database, CustomerId(customer_id))
    assert value is not None
    return value


def yearly(*years: int) -> list[date]:
    return [date(year, 5, 10) for year in years]


async def test_a_run_stores_trips_sums_rhythm_stage_and_tier_of_the_buyer(
    database: Database,
) -> None:
    [one, other, empty] = await add_people(database, 3)
    await add_trips(database, one, yearly(2022, 2023, 2024, 2025), margin=90)
    await add_trips(database, one, [date(2025, 5, 12)], price=300, margin=10)  # its hotel
    await add_trips(database, one, [date(2025, 9, 1)], status="cancelled")
    await add_trips(database, one, [date(2025, 10, 1)], status="asked")
    await add_trips(database, other, [date(2026, 6, 1)], status="booked")
    summary = await score_office(database, TODAY, RULES, NOW)

    value = await value_of(database, one)
    assert (value.trips, value.first_trip, value.last_trip) == (
        *(4, date(2022, 5, 10), date(2025, 5, 10)),
    )
    assert (value.spend, value.margin, value.currency) == (4300, 370, "EUR")
    assert value.rhythm is not None
    assert value.rhythm.due.month == 5
    assert value.stage is Stage.ACTIVE
    assert value.earned_tier is Tier.SILVER
    assert value.next_tier is not None
    assert (value.next_tier.tier, value.next_tier.trips) == (Tier.GOLD, 2)
    assert (value.percentile, value.is_top) == (1, True)
    assert value.chance_word is ChanceWord.NONE  # too short a past for a backtest
    booked = await value_of(database, other)
    assert (booked.trips, booked.stage, booked.chance_word) == (0, Stage.NEW, ChanceWord.BOOKED)
    assert (booked.percentile, booked.is_top) == (None, False)
    assert (await value_of(database, empty)).stage is Stage.NONE
    assert summary.run.customers == 3
    assert (await load_runs(database))[0].report["best"] is None


async def test_a_tier_is_raised_with_its_history_and_never_lowered(database: Database) -> None:
    [plain] = await add_people(database, 1)
    [golden] = await add_people(database, 1, tier="gold")
    for one in (plain, golden):
        await add_trips(database, one, yearly(2023, 2024, 2025))
    summary = await score_office(database, TODAY, RULES, NOW)
    again = await score_office(database, TODAY, RULES, NOW + 1)
    assert (summary.tiers_raised, again.tiers_raised) == (1, 0)
    async with database.reading() as connection:
        tiers = dict((await connection.execute(select(customers.c.id, customers.c.tier))).all())
        [change] = (await connection.execute(select(customer_changes))).all()
    assert tiers == {plain: "silver", golden: "gold"}
    assert (change.customer_id, change.what, change.at) == (plain, "tier_earned", NOW)
    assert change.changes == {"tier": ["none", "silver"]}
    assert (await value_of(database, golden)).earned_tier is Tier.SILVER


async def test_chances_are_given_where_a_candidate_beats_the_average_and_kept_for_a_change(
    database: Database,
) -> None:
    ids = await add_seasonal_office(database, 1200)
    summary = await score_office(database, TODAY, [], NOW)
    assert summary.result.best == "hazard"
    async with database.reading() as connection:
        rows = (await connection.execute(select(customer_values))).all()
    words = {row.chance_word for row in rows}
    assert {"likely", "unlikely", "too_new"} <= words
    assert all((row.chance is None) == (row.trips < 2) for row in rows)
    before = {row.customer_id: row for row in rows}
    some = [one for one in ids if before[one].trips >= 2][:5]

    await score_customers(database, some, TODAY, [], NOW)

    async with database.reading() as connection:
        found = select(customer_values).where(customer_values.c.customer_id.in_(some))
        again = {row.customer_id: row for row in await connection.execute(found)}
        count = await connection.scalar(select(func.count()).select_from(customer_values))
    assert {one: again[one] for one in some} == {one: before[one] for one in some}
    assert count == 1200


async def test_stage_and_chance_are_exported_where_the_reader_sees_trips(
    database: Database,
) -> None:
    [one, two] = await add_people(database, 2)
    await score_customers(database, [one], TODAY, [], NOW)
    async with database.writing() as connection:
        lapsed = update(customer_values).values(stage="lapsed", chance=7)
        await connection.execute(lapsed.where(customer_values.c.customer_id == one))
    [found] = [page async for page in export_customers(database)]
    assert [(each.id, each.stage, each.chance) for each in found] == [
        *((one, "lapsed", 7), (two, "", None))
    ]
    words = ExportWords("en", our_catalogues()["en"].gettext, TODAY)
    for sections, cells in ((frozenset({Section.TRIPS}), ["Lapsed", 7]), (frozenset(), [])):
        columns = columns_for(sections, words)
        [row] = rows_of(found[0], columns, words, sections)
        assert [
            cell
            for cell, column in zip(row, columns, strict=True)
            if column.code in {"stage", "chance"}
        ] == cells


async def test_sender_customers_sent_and_the_top_share_are_exported(database: Database) -> None:
    ada = [{"language": "en", "given": "Ada", "family": "Orr"}]
    [sender] = await add_people(database, 1, names=ada)
    await add_people(database, 2, referred_by_id=sender)
    await add_trips(database, sender, yearly(2024, 2025))
    await score_office(database, TODAY, [], NOW)
    [found] = [page async for page in export_customers(database)]
    assert [(one.sent, one.is_top, one.best_percent) for one in found] == [
        *((2, True, 1), (0, False, None), (0, False, None))
    ]
    words = ExportWords("en", our_catalogues()["en"].gettext, TODAY)
    ours = ("sent_by", "customers_sent", "top_customer", "best_percent")
    for sections, cells in (
        (frozenset({Section.PRICES}), [[None, 2, "Yes", 1], ["Ada Orr", None, None, None]]),
        (frozenset(), [[None, 2], ["Ada Orr", None]]),
    ):
        columns = columns_for(sections, words)
        rows = [next(rows_of(one, columns, words, sections)) for one in found[:2]]
        assert cells == [
            [cell for cell, column in zip(row, columns, strict=True) if column.code in ours]
            for row in rows
        ]


async def test_a_changed_customer_has_a_new_value_and_a_merged_one_none(
    database: Database,
) -> None:
    [one, other] = await add_people(database, 2)
    await add_trips(database, one, [date(2025, 5, 10)])
    await score_office(database, TODAY, RULES, NOW)
    await add_trips(database, one, [date(2026, 4, 1)], status="booked")
    async with database.writing() as connection:
        await connection.execute(
            update(customers).where(customers.c.id == other).values(merged_into_id=one)
        )
    await score_customers(database, [one, other, 999], TODAY, RULES, NOW)
    assert (await value_of(database, one)).chance_word is ChanceWord.BOOKED
    assert await load_value(database, CustomerId(other)) is None


async def test_a_full_run_drops_merged_customers_and_an_erasure_takes_the_value(
    database: Database,
) -> None:
    [one, other, third] = await add_people(database, 3)
    await score_office(database, TODAY, RULES, NOW)
    async with database.writing() as connection:
        await connection.execute(
            update(customers).where(customers.c.id == third).values(merged_into_id=one)
        )
        await connection.execute(delete(customers).where(customers.c.id == other))
    assert await load_value(database, CustomerId(other)) is None
    await score_office(database, TODAY + timedelta(1), RULES, NOW)
    assert await load_value(database, CustomerId(third)) is None
    assert await load_value(database, CustomerId(one)) is not None


async def test_customers_sent_and_cases_are_read(database: Database) -> None:
    [one] = await add_people(database, 1)
    await add_people(database, 2, referred_by_id=one)
    async with database.writing() as connection:
        case = {"customer_id": one, "kind": "complaint", "state": "open", "opened": TODAY}
        await connection.execute(insert(cases).values(**case))
    await score_office(database, TODAY, RULES, NOW)
    assert (await value_of(database, one)).referred == 2


def test_the_top_customers_are_the_fewest_that_bring_80_percent() -> None:
    shares = shares_of(np.array([10.0, 50.0, 0.0, 30.0, 10.0, -5.0]))
    assert [one.is_top for one in shares] == [False, True, False, True, False, False]
    assert [one.percentile for one in shares] == [51, 1, None, 26, 76, None]
    assert [one.is_top for one in shares_of(np.array([81.0, 19.0]))] == [True, False]
    assert [one.is_top for one in shares_of(np.array([79.0, 21.0]))] == [True, True]
    assert shares_of(np.zeros(2))[0].percentile is None


@pytest.mark.slow
async def test_the_process_scores_and_a_failure_of_the_database_is_one_sentence(
    database: Database, sqlite_url: str, tmp_path: Path
) -> None:
    await add_people(database, 1)
    for url, code in ((sqlite_url, 0), (f"sqlite:///{tmp_path}/none.db", EXPECTED_FAILURE)):
        async with start_worker_process(WORKER, stdout=DEVNULL, stderr=PIPE) as worker:
            await worker.send(score_request(url, TODAY, NOW, RULES))
            assert await worker.wait() == code
            assert bool(await worker.stderr_tail()) is (code != 0)
    async with database.reading() as connection:
        stored = (await connection.execute(select(value_runs))).one()
    assert (stored.customers, stored.day) == (1, TODAY)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


async def test_the_keeper_scores_all_once_a_day_and_changed_customers_alone(
    database: Database, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[int] | None] = []

    async def score(self: ValueKeeper, now: float, ids: list[int] | None) -> None:
        asked.append(ids)
        if ids is None:
            await score_office(database, TODAY, [], now)
            self._scored_at = now

    monkeypatch.setattr(ValueKeeper, "_score", score)
    monkeypatch.setattr(value_keeper, "MAX_CHANGED", 2)
    clock = Clock()
    keeper = ValueKeeper(database, sqlite_url, ZoneInfo("UTC"), [], clock)
    await keeper.bring_up_to_date()
    assert asked == []  # no customers
    await add_people(database, 1)
    await keeper.bring_up_to_date()
    await keeper.bring_up_to_date()
    assert asked == [None]
    changed = await add_people(database, 2, changed_at=NOW + 5)
    clock.now += 60
    await keeper.bring_up_to_date()
    assert asked == [None, changed]
    await add_people(database, 3, changed_at=NOW + 100)
    clock.now += 60
    await keeper.bring_up_to_date()
    assert asked == [None, changed]  # too many to be scored alone, too soon for all
    clock.now = NOW + value_keeper.SCORE_AGAIN_AFTER_S
    await keeper.bring_up_to_date()
    assert asked == [None, changed, None]


async def test_the_keeper_reports_a_process_that_failed(
    database: Database, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_people(database, 1)
    monkeypatch.setattr(value_keeper, "WORKER", "screenpop.scoring.no_worker")
    keeper = ValueKeeper(database, sqlite_url, ZoneInfo("UTC"), [], Clock())
    with pytest.raises(ScoringError, match="no_worker"):
        await keeper.bring_up_to_date()


@pytest.mark.parametrize(("trips", "word"), [(1, ChanceWord.TOO_NEW), (2, ChanceWord.NONE)])
def test_a_customer_of_fewer_than_two_trips_is_too_new_for_a_chance(
    trips: int, word: ChanceWord
) -> None:
    assert MIN_TRIPS_FOR_CHANCE == 2
    assert chance_for(None, [TODAY] * trips, trips) == (None, word, ())


async def test_a_trip_counts_for_the_buyer_and_serves_the_traveller(database: Database) -> None:
    """A parent books for a child, a secretary for a director, an agency for a company."""
    pairs = [await add_people(database, 2) for _ in range(3)]
    for buyer, traveller in pairs:
        await add_trips(database, buyer, yearly(2022, 2023, 2024, 2025), margin=100)
        await add_trips(database, buyer, [TODAY + timedelta(3)], status="ticketed")
        async with database.writing() as connection:
            of_buyer = select(trips.c.id).where(trips.c.customer_id == buyer)
            ids = (await connection.execute(of_buyer)).scalars().all()
            going = [{"trip_id": one, "customer_id": traveller} for one in ids]
            await connection.execute(insert(trip_travellers), going)
    await score_office(database, TODAY, RULES, NOW)
    await post_points(database, PointRules(per_trip=1), TODAY, NOW)
    offer = OfferTerms(
        name="Again", words={"en": "Again?"}, condition=Compare("trip_count", Op.AT_LEAST, 4)
    )
    number = await add_offer(database, offer, user_id=None, now=NOW, active=True)
    saved = await load_offer(database, number)
    assert saved is not None
    fitting = await list_fitting(database, saved.offer, TODAY, ZoneInfo("UTC"))
    assert {one.customer_id for one in fitting} == {buyer for buyer, _ in pairs}
    for buyer, traveller in pairs:
        bought, travelled = await value_of(database, buyer), await value_of(database, traveller)
        assert (bought.trips, bought.spend, bought.is_top) == (4, 4000, True)
        assert bought.rhythm is not None
        assert bought.chance_word is ChanceWord.BOOKED
        assert (travelled.trips, travelled.spend, travelled.stage) == (0, 0, Stage.NONE)
        assert travelled.rhythm is None
        ledgers = [await load_ledger(database, CustomerId(one)) for one in (buyer, traveller)]
        assert [len(one) for one in ledgers] == [4, 0]
        # The trip is on the traveller's page, with the customer who booked it.
        file = await load_customer_detail(database, CustomerId(traveller))
        assert file is not None
        assert {one.buyer.id for one in file.trips} == {buyer}
        assert any(one.trip.departs == TODAY + timedelta(3) for one in file.trips)


async def test_the_keeper_scores_soon_after_an_import_that_ran_at_its_start(
    database: Database, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored = asyncio.Event()

    async def bring_up_to_date(_: ValueKeeper) -> None:
        scored.set()

    monkeypatch.setattr(ValueKeeper, "bring_up_to_date", bring_up_to_date)
    monkeypatch.setattr(value_keeper, "BUSY_WAIT_S", 0.0)
    busy = iter([True, True, False])
    keeper = ValueKeeper(
        database, sqlite_url, ZoneInfo("UTC"), [], lambda: NOW, lambda: next(busy), 0.0
    )
    running = asyncio.create_task(keeper.run())
    async with asyncio.timeout(10):
        await scored.wait()
    running.cancel()
    assert next(busy, None) is None
