"""Counts what other rules for tiers would change, in a process of its own (ADR 6)."""

import asyncio
from collections.abc import Sequence
from datetime import date

import orjson
import structlog

from screenpop.common.worker_process import PIPE, start_worker_process
from screenpop.loyalty.tier_json import write_rules
from screenpop.loyalty.tiers import TierRule
from screenpop.scoring.request import TIER_PREVIEW
from screenpop.web.ports import TierChanges

_log = structlog.get_logger()


class TierPreviews:
    """Implements the port ``web.ports.TierPreview``."""

    def __init__(self, address: str) -> None:
        """``address``: URL of the database."""
        self._address = address
        self._one = asyncio.Lock()

    async def __call__(self, rules: Sequence[TierRule], today: date) -> TierChanges | None:
        """Return the changes; None where they cannot be counted, which is logged.

        One preview is counted at a time: it reads the trips of all customers.
        """
        request = {
            "database": self._address,
            "today": today.isoformat(),
            "rules": write_rules(rules),
        }
        async with self._one, start_worker_process(TIER_PREVIEW, stderr=PIPE) as worker:
            await worker.send(request)
            line = await worker.read_line()
            if not line:
                why = await worker.stderr_tail()
                _log.warning("A change of tiers could not be counted", why=why)
                return None
        found = orjson.loads(line)
        return TierChanges(found["customers"], found["raised"], found["kept"])
