"""Values on pages and in JSON: what is there before and after a run, and for which department."""

from collections.abc import AsyncGenerator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from benchmarks.seasonal_travellers import draw_travellers
from screenpop.customers.models import Tier
from screenpop.loyalty.tiers import TierRule
from screenpop.scoring.run import score_office
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.tables import customers, trips
from screenpop.web.value.views import CHART_SIZE, chart_dots, parameters_view
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import add_customer
from tests.web.test_real_pages import check

pytestmark = pytest.mark.anyio

NOW = 1_772_100_000.0
TODAY = date(2026, 2, 26)
RULES = [TierRule(Tier.SILVER, trips=2), TierRule(Tier.GOLD, trips=50)]


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path_factory.mktemp("value"), real_pages=True) as up:
        yield up


async def add_office(database: Database, size: int) -> None:
    drawn = draw_travellers(size, TODAY.toordinal(), 3)
    plain = {"names": [{"language": "en", "given": "Ada", "family": "Orr"}], "tags": []}
    times = {"created_at": 1.0, "changed_at": 1.0}
    async with database.writing() as connection:
        added = insert(customers).returning(customers.c.id)
        ids = list((await connection.execute(added, [{**plain, **times}] * size)).scalars())
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
        await connection.execute(insert(trips), rows)


async def test_the_pages_are_there_before_and_after_a_run_in_each_language(
    office: Running,
) -> None:
    customer = await add_customer(office.database)
    async with await office.client("sue") as sue:
        assert (await sue.get(f"/api/v1/customers/{customer}/value")).status_code == 404
        page = (await sue.get("/value")).text
        assert "screenpop score" in page
        assert 'id="value"' not in (await sue.get(f"/customers/{customer}")).text
        await add_office(office.database, 900)
        await score_office(office.database, TODAY, RULES, NOW)
        for language in ("en", "fa", "el"):
            csrf = csrf_of((await sue.get("/me")).text)
            await sue.post("/me", data={"csrf": csrf, "language": language})
            for path in ("/value", "/value/active", "/value/lapsed"):
                answer = await sue.get(path)
                assert answer.status_code == 200
                check(office, path, answer.text, language)
        assert (await sue.get("/value/asleep")).status_code in {404, 422}
        [run] = (await sue.get("/api/v1/value-runs")).json()["runs"]
        assert run["best"] == "hazard"
        assert len(run["dates"]) == 8
        page = (await sue.get("/value")).text
        assert page.count('class="dot"') == len(run["chart"]) >= 3
        assert "same_season" in page  # a parameter by its name


async def test_the_value_is_on_the_customers_page_and_sums_are_for_those_that_see_prices(
    office: Running,
) -> None:
    async with office.database.reading() as connection:
        found = await connection.execute(
            trips.select().where(trips.c.departs < TODAY).order_by(trips.c.departs).limit(1)
        )
        customer = found.one().customer_id
    async with await office.client("sue") as sue:
        page = (await sue.get(f"/customers/{customer}")).text
        assert 'id="value"' in page
        value = (await sue.get(f"/api/v1/customers/{customer}/value")).json()
        assert value["trips"] >= 1
        assert ("spend" in value) is ("data-amount" in page.split('id="value"')[1][:3000])
    for department, status, sums in (("accounting", 200, True), ("sales", 200, False)):
        async with office.database.writing() as connection:
            await connection.execute(update(users).values(department=department))
        async with await office.client("alice") as alice:
            answer = await alice.get(f"/api/v1/customers/{customer}/value")
            assert answer.status_code == status
            assert ("spend" in answer.json()) is sums
            assert ("percentile" in answer.json()) is sums


async def test_values_are_for_users_only(office: Running) -> None:
    async with office.browser() as stranger:
        for path in ("/value", "/value/active"):
            assert (await stranger.get(path)).status_code == 303
        for path in ("/api/v1/value-runs", "/api/v1/customers/1/value"):
            assert (await stranger.get(path)).status_code == 401


def test_the_dots_of_the_picture_are_inside_it_and_larger_for_more_customers() -> None:
    bins = [
        {"customers": 100, "mean_chance": 0.0, "came": 0.0, "low": 0.0, "high": 0.05},
        {"customers": 4, "mean_chance": 1.0, "came": 1.0, "low": 0.5, "high": 1.0},
    ]
    first, last = chart_dots(bins)
    assert (first["x"], first["y"]) == (0, CHART_SIZE)
    assert (last["x"], last["y"], last["bottom"]) == (CHART_SIZE, 0, CHART_SIZE / 2)
    assert first["r"] > last["r"]  # type: ignore[operator]
    assert chart_dots([]) == []
    assert parameters_view(None) == []
