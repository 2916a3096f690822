"""Keeps the office's offers compiled for the cards: read again on a change and with each day."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import SystemRandom

import structlog

from screenpop.app.change_window import is_over
from screenpop.offers.acceptance import NEW_CALLS, OfferChances, estimate_offers
from screenpop.offers.office_offer import OfficeOffer
from screenpop.service.config import ServiceConfig
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.offers.outcomes import count_answered
from screenpop.store.offers.saved import list_offers

_log = structlog.get_logger()

RELOAD_S = 15.0
"""Seconds between reloads: other processes change offers, and accepted ones take places."""
ESTIMATE_S = 3600.0
"""Seconds between estimates of the chances, which read all answers of a year."""
_YEAR_S = 365 * 86_400.0


class OfferKeeper:
    """Keeps ``config.offers`` up to date. Set ``changed`` after a change, to have it at once."""

    def __init__(
        self,
        database: Database,
        config: ServiceConfig,
        clock: Callable[[], float],
        *,
        draws_new: bool = False,
    ) -> None:
        """``draws_new``: whether the chance of a new offer is drawn, so that it is tried out."""
        self._database = database
        self._offers = config.offers
        self._today = config.today
        self._clock = clock
        self._draws_new = draws_new
        self._rng = SystemRandom()
        self._chances: Mapping[int, OfferChances] = {}
        self._drawn: dict[int, int] = {}
        self._estimated_at = float("-inf")
        self.changed = asyncio.Event()

    async def run(self) -> None:
        """Reload until cancelled."""
        while True:
            self.changed.clear()
            await self.reload()
            # Not ``wait_for``: before Python 3.12 it can lose a cancellation.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RELOAD_S):
                    await self.changed.wait()

    async def reload(self) -> None:
        """Read the offers and compile them if they have changed; those known stay otherwise."""
        try:
            saved = [one.offer for one in await list_offers(self._database)]
            await self._estimate(saved)
        except DatabaseProblemError:
            return  # logged once, by the database
        except Exception as problem:  # noqa: BLE001 -- the known offers stay valid
            _log.warning("Offers cannot be read; those known stay", why=str(problem))
            return
        offers = [self._with_chances(one) for one in saved]
        if await self._offers.replace(offers, self._today(self._clock())):
            _log.info("Offers compiled", active=sum(one.active for one in offers))

    async def _estimate(self, offers: Sequence[OfficeOffer]) -> None:
        """Estimate the chances anew after an hour, and when an offer was made."""
        now = self._clock()
        ids = [int(one.id) for one in offers if one.active]
        if not is_over(self._estimated_at, now, ESTIMATE_S) and set(ids) <= set(self._chances):
            return
        answered = await count_answered(self._database, now - _YEAR_S)
        self._chances = estimate_offers(answered, ids)
        self._estimated_at = now
        self._drawn = (
            {
                number: round(100 * one.overall.draw(self._rng.betavariate))
                for number, one in self._chances.items()
                if one.overall.answered.calls <= NEW_CALLS
            }
            if self._draws_new
            else {}
        )

    def _with_chances(self, offer: OfficeOffer) -> OfficeOffer:
        found = self._chances.get(int(offer.id))
        if found is None:
            return offer
        tiers = sorted((tier, one.chance) for tier, one in found.by_tier.items())
        percents = tuple((tier, round(100 * one)) for tier, one in tiers)
        overall = ("", round(100 * found.overall.chance))
        return replace(offer, chances=(overall, *percents), drawn=self._drawn.get(int(offer.id)))
