"""``screenpop listen``: owns the calls of all PBXs while it has the lease, else waits."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, TypeVar

import structlog

from screenpop.app.bus_metrics import listener_bus_metrics
from screenpop.app.call_owner import owner_of_calls, prepare_records, start_owner
from screenpop.app.data_dir import prepare_data_dir, read_or_create_token
from screenpop.app.garbage_collection import GarbageCollection
from screenpop.app.leadership import Leadership
from screenpop.app.listener_health import ListenerHealth
from screenpop.app.live_calls import LiveCalls, calls_of
from screenpop.app.metrics import owner_metrics
from screenpop.app.pbx_links import LinkedActions
from screenpop.app.remote_calls import RequestAnswers, facts_of
from screenpop.app.running_app import App
from screenpop.app.scale_out import bus_of, process_name
from screenpop.bus.redis_connection import RedisConfig, check_redis
from screenpop.bus.redis_publisher import RedisPublisher
from screenpop.bus.redis_requests import RequestReceiver
from screenpop.service.ports import FencedOutError
from screenpop.settings import Settings
from screenpop.store.engine.database import Database, open_database
from screenpop.web.metric_families import add_part

_log = structlog.get_logger()
T = TypeVar("T")

FACTS_S = 1.0
"""Seconds between two looks at what the web processes are informed of."""
_DRAIN_S = 2.0


async def listen_until_signal(settings: Settings, port: int = 0) -> None:
    """Run ``listen`` until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await listen(settings, stop, port)


async def listen(settings: Settings, stop: asyncio.Event, port: int = 0) -> None:
    """Wait for the lease, own the calls while it lasts, wait again, until ``stop`` is set.

    ``port``: of ``/healthz``, ``/readyz`` and ``/metrics``; 0 for none. Raises ``DataDirError``,
    ``InvalidSettingsError``, ``BusUnreachableError`` and ``DatabaseProblemError``, each with the
    remedy in its message, and ``PartFailedError``.
    """
    bus = bus_of(settings)
    prepare_data_dir(settings.data_dir)
    await check_redis(bus)
    async with AsyncExitStack() as closing:
        health = ListenerHealth()
        if port:
            reading = open_database(settings.database_address, settings.data_dir)
            closing.push_async_callback(reading.close)
            token = read_or_create_token(settings.data_dir)
            await closing.enter_async_context(health.serving(settings, reading, token, port))
        while not stop.is_set():
            await _stand_by_and_own(settings, bus, stop, health)


async def _stand_by_and_own(
    settings: Settings, bus: RedisConfig, stop: asyncio.Event, health: ListenerHealth
) -> None:
    """Wait for the lease, own the calls until it is lost or ``stop`` is set, give it up."""
    async with AsyncExitStack() as closing:
        database = open_database(settings.database_address, settings.data_dir)
        closing.push_async_callback(database.close)
        await prepare_records(database)
        leadership = Leadership(database, process_name("listen"))
        _log.info("Waiting: another listener may be active")
        lease = await _unless(stop, leadership.wait())
        if lease is None:
            return
        # From the first second to the last write: the start and the end may take longer than the
        # lease lasts.
        holding = asyncio.create_task(leadership.hold())
        closing.push_async_callback(_end, holding)
        closing.push_async_callback(leadership.give_up)
        _log.info("This listener is active", epoch=lease.epoch)
        try:
            await _own(settings, bus, stop, health, database, leadership, holding)
        except FencedOutError:
            _log.warning("Another listener has taken over; this one waits")


async def _own(
    settings: Settings,
    bus: RedisConfig,
    stop: asyncio.Event,
    health: ListenerHealth,
    database: Database,
    leadership: Leadership,
    holding: asyncio.Task[None],
) -> None:
    """Own the calls until the lease is lost, a part fails, or ``stop`` is set."""
    fence = 0 if database.fence is None else database.fence.epoch
    publisher, receiver = RedisPublisher(bus, fence), RequestReceiver(bus, fence)
    async with AsyncExitStack() as closing:
        actions = LinkedActions(lambda: leadership.may_act)
        # Before the calls: what they publish at their end is sent too.
        publishing = asyncio.create_task(publisher.run())
        closing.push_async_callback(_end, publishing)
        closing.push_async_callback(publisher.drain, _DRAIN_S)
        app = await owner_of_calls(closing, settings, database, publisher, actions=actions)
        calls = calls_of(app)
        await start_owner(closing, app)
        taking = asyncio.create_task(receiver.run(RequestAnswers(calls).handle))
        closing.push_async_callback(_end, taking)
        app.tasks.start(_put_facts(app, calls, publisher))
        figures = owner_metrics(app)
        add_part(figures, partial(listener_bus_metrics, publisher, receiver))
        closing.enter_context(health.active(figures, calls, publisher, fence))
        garbage = GarbageCollection()
        garbage.begin()
        closing.callback(garbage.end)
        app.tasks.start(garbage.run(app.screen_pop.is_idle))
        await _first(stop, app, publishing, taking, holding)
        # The service manager starts the process anew, not the loop of ``listen``.
        app.tasks.raise_if_failed()


async def _put_facts(app: App, calls: LiveCalls, publisher: RedisPublisher) -> None:
    """Inform the web processes each second of the links and of who has a phone."""
    roster, with_phone = None, list[int]()
    while True:
        if app.screen_pop.roster is not roster:
            roster = app.screen_pop.roster
            with_phone = sorted(roster.phones_by_agent())
        publisher.put_facts(facts_of(calls, with_phone))
        await asyncio.sleep(FACTS_S)


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Return the result of ``work``; None when ``stop`` is set before."""
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        await _end(working)
        await _end(stopping)


async def _first(stop: asyncio.Event, app: App, *tasks: asyncio.Task[None]) -> None:
    """Wait until a stop is asked for, a part has failed, or one of the tasks is over.

    Raises the error of a task that failed."""
    stopping = asyncio.create_task(stop.wait()), asyncio.create_task(app.stop.wait())
    try:
        over, _ = await asyncio.wait({*stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in over.intersection(tasks):
            task.result()
    finally:
        for one in stopping:
            await _end(one)


async def _end(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
