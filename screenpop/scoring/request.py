"""The request for the scoring process, built by the server without numpy and scipy."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from screenpop.customers.models import Tier
from screenpop.loyalty.tiers import TierRule

WORKER = "screenpop.scoring.worker"
WORKER_ENV = {"OPENBLAS_NUM_THREADS": "1"}
"""Numpy's threads make small matrices ten times slower on busy cores, and cards would wait."""


def score_request(
    database: str,
    today: date,
    now: float,
    rules: Sequence[TierRule],
    ids: Sequence[int] | None = None,
) -> dict[str, Any]:
    """Return the request; ``ids``: only these customers, None: all."""
    return {
        "database": database,
        "today": today.isoformat(),
        "now": now,
        "rules": [asdict(rule) for rule in rules],
        "ids": None if ids is None else list(ids),
    }


def rules_of(request: dict[str, Any]) -> list[TierRule]:
    return [TierRule(**{**rule, "tier": Tier(rule["tier"])}) for rule in request["rules"]]
