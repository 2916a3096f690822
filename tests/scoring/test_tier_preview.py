"""What other rules for tiers would change, counted by the process of its own; rules in use."""

from datetime import date

import pytest

from screenpop.app.tier_preview import TierPreviews
from screenpop.common.worker_process import DEVNULL, PIPE, start_worker_process
from screenpop.customers.models import Tier
from screenpop.loyalty.tiers import TierRule
from screenpop.scoring.request import WORKER, score_request
from screenpop.scoring.run import score_office
from screenpop.scoring.tier_preview import count_changes
from screenpop.store.engine.database import Database
from screenpop.store.value.queries import is_scored_for
from screenpop.store.value.tier_rules import list_versions, rules_in_use, save_rules
from tests.scoring.test_run import NOW, TODAY, add_people, add_trips, value_of, yearly

pytestmark = pytest.mark.anyio

SILVER, GOLD = TierRule(Tier.SILVER, trips=2), TierRule(Tier.GOLD, trips=4)


async def test_a_preview_counts_raised_customers_and_those_that_keep_a_higher_tier(
    database: Database,
) -> None:
    [new, twice, often] = await add_people(database, 3)
    [golden] = await add_people(database, 1, tier="gold")
    await add_trips(database, new, [date(2026, 9, 1)])
    await add_trips(database, twice, yearly(2024, 2025))
    await add_trips(database, often, yearly(2022, 2023, 2024, 2025))
    await add_trips(database, golden, yearly(2024, 2025))
    found = await count_changes(database, [SILVER, GOLD], TODAY)
    assert found == {"customers": 4, "raised": {"silver": 1, "gold": 1}, "kept": {"gold": 1}}
    # What it counted is what a run does.
    assert (await score_office(database, TODAY, [SILVER, GOLD], NOW)).tiers_raised == 2
    found = await count_changes(database, [SILVER, GOLD], TODAY)
    assert found == {"customers": 4, "raised": {}, "kept": {"gold": 1}}


@pytest.mark.slow
async def test_the_process_counts_without_changing_a_customer(
    database: Database, sqlite_url: str, tmp_path: object
) -> None:
    [often] = await add_people(database, 1)
    await add_trips(database, often, yearly(2022, 2023, 2024, 2025))
    changes = await TierPreviews(sqlite_url)([GOLD], TODAY)
    assert changes is not None
    assert (changes.customers, changes.raised, changes.kept) == (1, {"gold": 1}, {})
    assert (await count_changes(database, [GOLD], TODAY))["raised"] == {"gold": 1}
    assert await TierPreviews(f"sqlite:///{tmp_path}/none.db")([GOLD], TODAY) is None


@pytest.mark.slow
async def test_saved_rules_are_used_by_the_next_run_in_place_of_the_settings(
    database: Database, sqlite_url: str
) -> None:
    [often] = await add_people(database, 1)
    await add_trips(database, often, yearly(2022, 2023, 2024, 2025))
    await score_office(database, TODAY, [SILVER], NOW)
    assert await rules_in_use(database, [SILVER]) == (SILVER,)
    assert await is_scored_for(database, TODAY)
    await save_rules(database, [GOLD], user_id=None, now=NOW + 1)
    assert not await is_scored_for(database, TODAY)  # the keeper scores all customers again
    async with start_worker_process(WORKER, stdout=DEVNULL, stderr=PIPE) as worker:
        await worker.send(score_request(sqlite_url, TODAY, NOW + 2, [SILVER]))
        assert await worker.wait() == 0
    assert (await value_of(database, often)).earned_tier is Tier.GOLD
    # The same rules again are no version; none at all are one.
    await save_rules(database, [GOLD], user_id=None, now=NOW + 3)
    await save_rules(database, [], user_id=None, now=NOW + 4)
    versions = await list_versions(database)
    assert [(one.rules, one.at) for one in versions] == [((), NOW + 4), ((GOLD,), NOW + 1)]
    assert await rules_in_use(database, [SILVER]) == ()
