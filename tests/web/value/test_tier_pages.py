"""Rules for tiers on their page and in the API: counted first, saved with their history."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from screenpop.customers.models import Tier
from screenpop.loyalty.tier_json import MOST_RULES
from screenpop.loyalty.tiers import TierRule
from screenpop.store.value.tier_rules import list_versions, rules_in_use
from screenpop.web.ports import TierChanges
from tests.web.running_server import csrf_of, running

pytestmark = pytest.mark.anyio

OF_SETTINGS = TierRule(Tier.SILVER, trips=2)
GOLD = {"tier": "gold", "trips": 5, "spend": 0, "currency": "", "within_months": 24}


async def count(rules: Sequence[TierRule], _today: date) -> TierChanges | None:
    if not rules:
        return None
    return TierChanges(900, {rules[-1].tier.value: 37}, {"platinum": 2})


async def test_rules_are_counted_saved_and_kept_with_their_history(
    prepared: Path, tmp_path: Path
) -> None:
    up = running(
        *(prepared, tmp_path), real_pages=True, tier_rules=[OF_SETTINGS], tier_preview=count
    )
    async with up as office:
        async with await office.client("adam") as adam:
            page = await adam.get("/value/tiers")
            assert '<option value="silver" selected>' in page.text
            form = {"csrf": csrf_of(page.text), "tier.0": "silver", "trips.0": "۲"}
            form |= {"tier.1": "gold", "spend.1": "5,000", "currency.1": "EUR"}
            form |= {"within_months.1": "24", "currency.0": "IRR"}
            counted = await adam.post("/value/tiers", data={**form, "act": "preview"})
            assert counted.status_code == 200
            assert 'data-customers="37"' in counted.text
            assert 'data-kept="platinum"' in counted.text
            assert await list_versions(office.database) == []

            for wrong in ({"trips.0": "two"}, {"tier.1": ""}, {"spend.1": "-5"}):
                refused = await adam.post("/value/tiers", data={**form, **wrong, "act": "save"})
                assert refused.status_code == 422
                assert 'aria-invalid="true"' in refused.text
            assert await list_versions(office.database) == []

            saved = await adam.post("/value/tiers", data={**form, "act": "save"})
            assert saved.status_code == 303
            rules = (OF_SETTINGS, TierRule(Tier.GOLD, 0, 5_000, "EUR", 24))
            assert await rules_in_use(office.database, ()) == rules
            put = await adam.put("/api/v1/tier-rules", json={"rules": [GOLD]})
            assert put.json() == {"rules": [GOLD]}
            shown = (await adam.get("/api/v1/tier-rules")).json()
            assert shown["rules"] == [GOLD]
            assert [len(one["rules"]) for one in shown["versions"]] == [1, 2]
            assert shown["versions"][0]["by"]
            history = (await adam.get("/value/tiers")).text
            assert history.count("<small>") == 2

            preview = await adam.post("/api/v1/tier-rules/preview", json={"rules": [GOLD]})
            assert preview.json() == {
                "customers": 900,
                "raised": {"gold": 37},
                "kept": {"platinum": 2},
            }
            gone = await adam.post("/api/v1/tier-rules/preview", json={"rules": []})
            assert (gone.status_code, gone.json()["code"]) == (503, "tiers_not_counted")
            for path in ("/api/v1/tier-rules", "/api/v1/tier-rules/preview"):
                method = "PUT" if path.endswith("rules") else "POST"
                bad = await adam.request(method, path, json={"rules": [{**GOLD, "trips": -1}]})
                assert bad.status_code == 422
                assert (bad.json()["code"], bad.json()["field"], bad.json()["value"]) == (
                    *("bad_tier_rules", "rules[0].trips"),
                    "-1",
                )
            full = [{**GOLD, "trips": number + 1} for number in range(MOST_RULES)]
            await adam.put("/api/v1/tier-rules", json={"rules": full})
            assert f'name="tier.{MOST_RULES}"' not in (await adam.get("/value/tiers")).text
        async with await office.client("alice") as alice:
            page = await alice.get("/value/tiers")
            assert page.status_code == 200
            assert 'name="act"' not in page.text
            data = {"csrf": csrf_of((await alice.get("/customers")).text), "act": "save"}
            assert (await alice.post("/value/tiers", data=data)).status_code == 403
            put = await alice.put("/api/v1/tier-rules", json={"rules": []})
            assert put.status_code == 403
