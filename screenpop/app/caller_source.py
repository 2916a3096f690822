"""Records of callers from another program (a CRM, a booking system) that stays their master.

The card never waits: it goes out with what is stored here; the answer of the other program is
kept, and the call is looked up again, which gives the next revision of the card.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import orjson
import structlog

from screenpop.app.http_client import HttpError, request
from screenpop.customers.models import CallerRecord
from screenpop.customers.sourced_record import SourcedRecord, SourcedRecordError, read_record
from screenpop.service.alarm import Work
from screenpop.service.lookup_queue import number_key
from screenpop.service.screen_pop import ScreenPop
from screenpop.settings.caller_source import CallerSourceSettings
from screenpop.store.customers.sourced import keep_sourced
from screenpop.store.engine.database import Database
from screenpop.telephony.caller_id import CallerId
from screenpop.web.ports import CallerSourceFacts
from screenpop.webhooks.addresses import may_ask

_log = structlog.get_logger()

MOST_AT_ONCE = 4
MOST_CACHED = 10_000
AFTER_FAILURE_S = 10.0
"""Seconds in which a number is not asked for again after a failure."""
LOGGED_EVERY_S = 60.0

SENTENCES = {
    "slow": "The caller source does not answer within {timeout_ms} ms; cards go out without it."
    " Make it faster, or raise caller_source.timeout_ms up to 300.",
    "unreachable": "The caller source cannot be reached ({detail}); check caller_source.url and the"
    " network.",
    "address": "The caller source has no https address, and http is allowed to private addresses"
    " only, with caller_source.private_http = true.",
    "no_http": "The caller source does not answer with HTTP that can be read; check that"
    " caller_source.url is the address of its API.",
    "too_large": "The answer of the caller source has more than 64 kB, so it is left out; let the"
    " address return one customer.",
    "redirect": "The caller source redirects (status {detail}), which is not followed; write the"
    " final address into caller_source.url.",
    "status": "The caller source answers with status {detail}; 401 and 403 mean that"
    " caller_source.headers_file lacks a valid key.",
    "type": "The caller source answers with {detail} and not with JSON; check that"
    " caller_source.url is the address of its API.",
    "garbage": "The caller source names JSON but its answer is none (or no UTF-8), so it is left"
    " out.",
    "headers": "The caller source is not asked: {detail}.",
    "shape": "The answer of the caller source has no usable value for {detail}; check the path in"
    " caller_source.fields.",
}
"""What to do about each problem, for log and doctor; the admin page has words of its own."""


class CallerSourceError(Exception):
    """``code``: one of ``SENTENCES``."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(slots=True)
class CallerSource:
    """Asks the other program; answers are cached. ``clock`` returns monotonic seconds."""

    settings: CallerSourceSettings
    clock: Callable[[], float] = time.monotonic
    asked: int = 0
    failed: int = 0
    problem: str = ""
    """The code of the last request's problem; empty after one that was answered."""
    _cache: OrderedDict[str, tuple[float, SourcedRecord | None]] = field(
        default_factory=OrderedDict
    )
    _logged: dict[str, float] = field(default_factory=dict)
    _busy: int = 0

    async def record_of(self, number: str) -> SourcedRecord | None:
        """Return what the program knows of a number; None if nothing, or if it failed (logged)."""
        cached = self._cache.get(number)
        if cached is not None and cached[0] > self.clock():
            return cached[1]
        if self._busy >= MOST_AT_ONCE:
            return None
        self._busy += 1
        try:
            record = await self.ask(number)
        except CallerSourceError as problem:
            self._log(problem)
            self._keep(number, None, AFTER_FAILURE_S)
            return None
        finally:
            self._busy -= 1
        self._keep(number, record, self.settings.cache_s)
        return record

    async def ask(self, number: str) -> SourcedRecord | None:
        """Ask now, without the cache. Raises ``CallerSourceError``."""
        self.asked += 1
        try:
            record = await self._ask(number)
        except CallerSourceError as problem:
            self.failed += 1
            self.problem = problem.code
            raise
        self.problem = ""
        return record

    def facts(self) -> CallerSourceFacts:
        host = urlsplit(self.settings.url).netloc
        return CallerSourceFacts(host, self.asked, self.failed, self.problem)

    async def _ask(self, number: str) -> SourcedRecord | None:
        settings = self.settings
        url = settings.url.replace("{number}", quote(number, safe=""))
        try:
            headers = await asyncio.to_thread(settings.read_headers)
        except ValueError as problem:
            raise self._error("headers", str(problem)) from problem
        try:
            answer = await request(
                "GET",
                url,
                {"Accept": "application/json", **headers},
                is_allowed=may_ask(url, private_http=settings.private_http),
                timeout_s=settings.timeout_ms / 1000,
            )
        except HttpError as problem:
            raise self._error(problem.code, problem.detail) from problem
        if answer.status in {204, 404}:
            return None
        if 300 <= answer.status < 400:
            raise self._error("redirect", str(answer.status))
        if answer.status != 200:
            raise self._error("status", str(answer.status))
        if answer.content_type != "application/json" and not answer.content_type.endswith("+json"):
            raise self._error("type", answer.content_type[:60] or "no type")
        try:
            return read_record(orjson.loads(answer.body), settings.fields)
        except SourcedRecordError as problem:
            raise self._error("shape", str(problem)) from problem
        except orjson.JSONDecodeError as problem:
            raise self._error("garbage") from problem

    def _error(self, code: str, detail: str = "") -> CallerSourceError:
        timeout_ms = self.settings.timeout_ms
        return CallerSourceError(code, SENTENCES[code].format(detail=detail, timeout_ms=timeout_ms))

    def _keep(self, number: str, record: SourcedRecord | None, seconds: float) -> None:
        self._cache[number] = (self.clock() + seconds, record)
        self._cache.move_to_end(number)
        while len(self._cache) > MOST_CACHED:
            self._cache.popitem(last=False)

    def _log(self, problem: CallerSourceError) -> None:
        last = self._logged.get(problem.code)
        if last is None or self.clock() - last >= LOGGED_EVERY_S:
            self._logged[problem.code] = self.clock()
            _log.warning(str(problem))


def sourced_lookup(
    settings: CallerSourceSettings, database: Database, screen_pop: ScreenPop
) -> "SourcedLookup | None":
    """Return the lookup that also asks the source; None if the settings name no source."""
    return SourcedLookup(database, CallerSource(settings), screen_pop) if settings.url else None


class SourcedLookup:
    """The lookup of the cards, which also asks the source, after its own answer was given."""

    def __init__(
        self,
        database: Database,
        source: CallerSource,
        screen_pop: ScreenPop,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self.source, self._screen_pop = database, source, screen_pop
        self._clock = clock
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.put: Callable[[Work], None] = lambda _: None
        """Runs work on the calls in its turn; ``ScreenPopRunner.put``."""

    def now_or_later(self, caller: CallerId) -> CallerRecord | Awaitable[CallerRecord]:
        number = caller.e164
        if number is not None and number not in self._tasks:
            # A context of its own: not limited to what the user may see whose command looks up.
            task = asyncio.get_running_loop().create_task(
                self._refresh(caller, number), context=Context()
            )
            self._tasks[number] = task
            task.add_done_callback(lambda _: self._tasks.pop(number, None))
        return self._database.lookup.now_or_later(caller)

    async def close(self) -> None:
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _refresh(self, caller: CallerId, number: str) -> None:
        try:
            record = await self.source.record_of(number)
            changed = record is not None and await keep_sourced(
                self._database, caller, record, self._clock()
            )
        except Exception as problem:  # noqa: BLE001 -- the next call must not suffer from this one
            _log.warning("The caller source's answer could not be kept", why=str(problem))
            return
        key = number_key(caller)
        if changed and key is not None:
            # Looked up again, the number is in the cache, and nothing differs any more.
            self.put(lambda now: self._screen_pop.look_again(key, now))
