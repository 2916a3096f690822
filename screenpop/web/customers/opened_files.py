"""Counts the files that each user opens, so that a user who copies them one by one is noticed.

Nothing is refused: an office may have a reason. It is in the record of refusals and in the log.
Each process counts what it serves.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable

from screenpop.accounts.users import UserId
from screenpop.store.accounts.refusal_records import Refusal
from screenpop.web.auth.refusal_log import RefusalLog

_log = logging.getLogger(__name__)

SPAN_S = 3600.0
"""Seconds for which an opened file is counted."""
MANY_FILES = 200
"""Different files within ``SPAN_S`` that are still ordinary work: one in 18 seconds. Pages name
the number in ``refusal.many_files``."""


class OpenedFiles:
    """The files that were opened lately, in memory. ``monotonic`` returns seconds."""

    def __init__(
        self, refusals: RefusalLog, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._refusals, self._monotonic = refusals, monotonic
        self._files: dict[UserId, OrderedDict[int, float]] = {}
        """When each user opened a customer's file last, oldest first; at most one too many."""

    def opened(self, user_id: UserId, customer: int, address: str) -> bool:
        """Count a file; return whether a record was made that the user opens too many."""
        now = self._monotonic()
        files = self._files.setdefault(user_id, OrderedDict())
        files.pop(customer, None)
        files[customer] = now
        while now - next(iter(files.values())) >= SPAN_S or len(files) > MANY_FILES + 1:
            files.popitem(last=False)
        if len(files) <= MANY_FILES:
            return False
        many = Refusal(user_id, "", address, "GET", "/customers/{number}", "many_files")
        is_new = self._refusals.add(many)
        if is_new:
            _log.warning(
                "User %d has opened more than %d customers' files within an hour",
                *(user_id, MANY_FILES),
            )
        return is_new
