"""The request for the scoring process, built by the server without numpy and scipy."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from screenpop.customers.models import Tier
from screenpop.loyalty.points import PointRules
from screenpop.loyalty.tiers import TierRule
from screenpop.store.engine.fence import Lease, fence_of

WORKER = "screenpop.scoring.worker"
TIER_PREVIEW = "screenpop.scoring.tier_preview"
WORKER_ENV = {"OPENBLAS_NUM_THREADS": "1"}
"""Numpy's threads make small matrices ten times slower on busy cores, and cards would wait."""


def score_request(
    database: str,
    today: date,
    now: float,
    rules: Sequence[TierRule],
    ids: Sequence[int] | None = None,
    points: PointRules | None = None,
    fence: Lease | None = None,
) -> dict[str, Any]:
    """Return the request; ``ids``: only these customers, None: all.

    ``fence``: the lease of the process that starts the worker."""
    return {
        "database": database,
        "today": today.isoformat(),
        "now": now,
        "rules": [asdict(rule) for rule in rules],
        "ids": None if ids is None else list(ids),
        "points": point_rules_to_json(points or PointRules()),
        "fence": fence_of(fence),
    }


def point_rules_to_json(rules: PointRules) -> dict[str, Any]:
    since = None if rules.since is None else rules.since.isoformat()
    return {**asdict(rules), "since": since}


def point_rules_of(request: dict[str, Any]) -> PointRules:
    plain = request["points"]
    since = None if plain["since"] is None else date.fromisoformat(plain["since"])
    return PointRules(**{**plain, "since": since})


def rules_of(request: dict[str, Any]) -> list[TierRule]:
    return [TierRule(**{**rule, "tier": Tier(rule["tier"])}) for rule in request["rules"]]
