"""Keeps the versions of the desks' lists of missed calls, which heartbeats bring to the pages."""

import asyncio
import logging
import time
from collections.abc import Callable

from screenpop.accounts.users import UserId
from screenpop.store.calls.missed_versions import MissedVersions, load_missed_versions
from screenpop.store.engine.database import Database
from screenpop.web.ports import Clock

_log = logging.getLogger(__name__)

SHARE_OF_TIME = 20
"""The next read waits for this many times as long as the last one took, if that is longer."""
SPREAD_MS_A_PAGE = 20
LONGEST_SPREAD_MS = 120_000


class MissedCallVersions:
    """Reads the versions again and again while pages are open: ``run``.

    ``pages``: how many are open here; ``every_s``: seconds between two reads.
    """

    def __init__(
        self, database: Database, clock: Clock, pages: Callable[[], int], every_s: float
    ) -> None:
        self._database = database
        self._clock = clock
        self._pages = pages
        self._every_s = every_s
        self._versions: MissedVersions | None = None

    def of(self, user: UserId) -> int | None:
        """Return the version of the user's list; None before the first read."""
        return None if self._versions is None else self._versions.of(user)

    @property
    def spread_ms(self) -> int:
        """Return within how many milliseconds pages should read their lists again.

        A call that rang at no phone changes the lists of all users.
        """
        return min(self._pages() * SPREAD_MS_A_PAGE, LONGEST_SPREAD_MS)

    async def run(self) -> None:
        """Run for ever."""
        failing = False
        while True:
            began = time.monotonic()
            try:
                if self._pages():
                    self._versions = await load_missed_versions(self._database, self._clock())
                failing = False
            except Exception:  # noqa: BLE001 -- the database may come back; retried
                if not failing:
                    _log.warning("Cannot read which lists of missed calls changed", exc_info=True)
                failing = True
            took_s = time.monotonic() - began
            await asyncio.sleep(max(self._every_s, took_s * SHARE_OF_TIME))
