"""Delivers the queue of webhooks: one task a target, so that none waits for another.

An event is kept in the database until its target accepts it with a 2xx status, so a restart loses
none; a target may receive one twice and recognises it by ``webhook-id``. After a failure the whole
target pauses, 5 s at first and up to 4 h, and its oldest event is tried again; a status that blames
only the event (400, 422 …) postpones that event and those behind it in its order. After
``give_up_days`` an event is given up, which the page and the log show.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import structlog

from screenpop.app.http_client import HttpError, request
from screenpop.store.customers.document_keys import usable_document_key
from screenpop.store.engine.database import Database
from screenpop.store.engine.document_key import DocumentKey
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.privacy.clock_record import read_clock
from screenpop.store.webhooks.deliveries import (
    WebhookQueue,
    active_targets,
    delete_old_deliveries,
    give_up_old,
    measure_queue,
    report_delivered,
    report_failed,
    report_gone,
    take_deliveries,
)
from screenpop.store.webhooks.feed import queue_changes
from screenpop.webhooks import zammad
from screenpop.webhooks.addresses import TargetRules, UrlRefusedError, check_url, is_allowed
from screenpop.webhooks.events import People, build_body
from screenpop.webhooks.signing import signed_headers
from screenpop.webhooks.targets import (
    LONGEST_PAUSE,
    SHORTEST_PAUSE,
    Delivery,
    Target,
    TargetShape,
    blames_target,
    pause_s,
)

_log = structlog.get_logger()

_DAY_S = 86_400.0
_CLEAN_EVERY_S = 3600.0
_MEASURE_EVERY_S = 10.0
_PROBLEMS = {"slow": "timeout", "no_http": "answer", "too_large": "answer"}
"""Words of the page of webhooks for what differs from the codes of ``HttpError``."""


@dataclass(frozen=True, slots=True)
class SenderConfig:
    rules: TargetRules
    zone: ZoneInfo
    """Time zone of the office; decides on which day a promise is due."""
    timeout_s: float = 10.0
    """Seconds of one attempt, from the name lookup to the answer."""
    give_up_s: float = 3 * _DAY_S
    keep_s: float = 30 * _DAY_S
    look_every_s: float = 1.0
    """Seconds between two looks at the queue."""
    feed_every_s: float = 5.0
    """Seconds between two looks for changed records."""
    first_pause: float = 1.0
    """Factor of all pauses; tests make them short."""


class WebhookSender:
    """Start ``run`` as a task. ``changed`` makes it look at once, after a change on the page."""

    def __init__(
        self, database: Database, config: SenderConfig, clock: Callable[[], float] = time.time
    ) -> None:
        self._database, self._config, self._clock = database, config, clock
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self.delivered = self.failed = 0
        """Attempts so far."""
        self.queue = WebhookQueue()
        """What waited at most ten seconds ago."""

    def changed(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled; a failure of the database is retried."""
        fed_at = cleaned_at = measured_at = float("-inf")
        try:
            while True:
                self._wake.clear()
                now = time.monotonic()
                try:
                    if now - cleaned_at >= _CLEAN_EVERY_S:
                        cleaned_at = now
                        await self._clean()
                    if now - fed_at >= self._config.feed_every_s:
                        fed_at = now
                        await queue_changes(self._database, self._clock(), self._config.zone)
                    await self._start_due()
                    if now - measured_at >= _MEASURE_EVERY_S:
                        measured_at = now
                        self.queue = await measure_queue(self._database)
                except DatabaseProblemError:
                    pass  # logged once, by the database; retried
                except Exception as problem:  # noqa: BLE001 -- the database may come back
                    _log.warning("Webhooks could not be looked at", why=str(problem))
                await self._sleep()
        finally:
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _sleep(self) -> None:
        try:
            async with asyncio.timeout(self._config.look_every_s):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _clean(self) -> None:
        now = self._clock()
        if await self._is_clock_held(now):
            return
        if given_up := await give_up_old(self._database, now - self._config.give_up_s):
            _log.error("Events for other programs were given up", events=given_up)
        while await delete_old_deliveries(self._database, now - self._config.keep_s):
            _log.debug("Old deliveries of webhooks are forgotten")

    async def _is_clock_held(self, now: float) -> bool:
        """Return whether nothing is given up or deleted for its age: the clock has leapt."""
        return (await read_clock(self._database, now)).held_until is not None

    async def _start_due(self) -> None:
        """Start a task for each target that is not paused and has none."""
        self._tasks = {id_: task for id_, task in self._tasks.items() if not task.done()}
        now = self._clock()
        for target in await active_targets(self._database):
            if target.id not in self._tasks and not target.is_paused(now):
                self._tasks[target.id] = asyncio.create_task(self._deliver_all(target))

    async def _deliver_all(self, target: Target) -> None:
        """Deliver what waits for a target, until nothing is left or the target fails."""
        try:
            key = await usable_document_key(self._database)
            secret = key.unseal(target.secret_sealed) if isinstance(key, DocumentKey) else None
            while waiting := await take_deliveries(self._database, target, self._clock()):
                for delivery, people in waiting:
                    if not await self._deliver(target, secret, delivery, people):
                        return
        except Exception as problem:  # noqa: BLE001 -- the database may come back; retried
            _log.warning("A webhook could not be delivered", target=target.id, why=repr(problem))

    async def _deliver(
        self, target: Target, secret: str | None, delivery: Delivery, people: People
    ) -> bool:
        """Make one attempt; return whether the target may receive more now."""
        began = time.monotonic()
        status, problem = await self._attempt(target, secret, delivery, people)
        took_ms = int((time.monotonic() - began) * 1000)
        now = self._clock()
        if status is not None and 200 <= status < 300:
            self.delivered += 1
            await report_delivered(self._database, delivery, now, status, took_ms)
            return True
        self.failed += 1
        if status == 410:
            _log.error("A webhook target is gone and was switched off", target=target.id)
            await report_gone(self._database, delivery, now, took_ms)
            return False
        whole = blames_target(status)
        failures = (target.failures if whole else delivery.attempts) + 1
        pause = pause_s(failures) * random.uniform(SHORTEST_PAUSE, LONGEST_PAUSE)  # noqa: S311
        again_at = now + pause * self._config.first_pause
        is_over = again_at - delivery.made_at > self._config.give_up_s
        is_over = is_over and not await self._is_clock_held(now)
        if is_over or failures == 1:
            _log.log(
                40 if is_over else 30,
                "An event was given up" if is_over else "A webhook target does not accept events",
                target=target.id,
                status=status,
                why=problem,
            )
        await report_failed(
            self._database,
            delivery,
            now,
            status=status,
            problem=problem,
            took_ms=took_ms,
            again_at=None if is_over else again_at,
            pause_until=again_at if whole else None,
        )
        return not whole

    async def _attempt(
        self, target: Target, secret: str | None, delivery: Delivery, people: People
    ) -> tuple[int | None, str]:
        """Return the status, and the code of a problem: ``no_key``, ``address``, ``timeout``,
        ``redirect``, ``tls``, ``answer``, ``unreachable``, ``shape``, or a refusal of the
        target's address as ``check_url`` has it."""
        if secret is None:
            return None, "no_key"
        body = _body(target, delivery, people)
        if body is None:
            return 200, "shape"
        headers = signed_headers(secret, delivery.event.id, self._clock(), body)
        try:
            check_url(target.url, self._config.rules)
            status = await self._post(target.url, headers, body)
        except UrlRefusedError as refused:
            return None, refused.code
        except HttpError as problem:
            return None, _PROBLEMS.get(problem.code, problem.code)
        return status, "redirect" if 300 <= status < 400 else ""

    async def _post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        has_tls = urlsplit(url).scheme == "https"
        rules = self._config.rules
        answer = await request(
            "POST",
            url,
            {"Content-Type": "application/json", **headers},
            body,
            is_allowed=lambda address: is_allowed(address, rules, has_tls=has_tls),
            timeout_s=self._config.timeout_s,
            limit=0,
        )
        return answer.status


def _body(target: Target, delivery: Delivery, people: People) -> bytes | None:
    if target.shape is TargetShape.ZAMMAD:
        return zammad.build_body(delivery.event, people, with_numbers=target.with_numbers)
    return build_body(
        delivery.event,
        people,
        with_numbers=target.with_numbers,
        with_names=target.with_names,
    )
