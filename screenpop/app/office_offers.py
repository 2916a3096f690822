"""Keeps the office's offers compiled for the cards: read again on a change and with each day."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import date

import structlog

from screenpop.service.office_offers import OffersInUse
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.offers.saved import list_offers

_log = structlog.get_logger()

RELOAD_S = 15.0
"""Seconds between reloads: other processes change offers, and accepted ones take places."""


class OfferKeeper:
    """``offers``: what the cards use. Set ``changed`` after a change: it is then used at once."""

    def __init__(self, database: Database, offers: OffersInUse, today: Callable[[], date]) -> None:
        self._database = database
        self._offers = offers
        self._today = today
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
            saved = await list_offers(self._database)
        except DatabaseProblemError:
            return  # logged once, by the database
        except Exception as problem:  # noqa: BLE001 -- the known offers stay valid
            _log.warning("Offers cannot be read; those known stay", why=str(problem))
            return
        if self._offers.replace([one.offer for one in saved], self._today()):
            _log.info("Offers compiled", active=sum(one.offer.active for one in saved))
