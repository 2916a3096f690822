"""``screenpop web``: pages, API and sockets; the calls are those of ``screenpop listen``."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from screenpop.app.background_tasks import BackgroundTasks
from screenpop.app.bus_metrics import web_bus_metrics
from screenpop.app.call_owner import prepare_records
from screenpop.app.data_dir import prepare_data_dir, publish_address
from screenpop.app.garbage_collection import GarbageCollection
from screenpop.app.health_site import serving_health
from screenpop.app.import_jobs.service import import_job_service
from screenpop.app.import_jobs.states import SharedStates
from screenpop.app.metrics import build_metrics, call_log_metrics, disk_metrics, import_metrics
from screenpop.app.remote_calls import RemoteCalls
from screenpop.app.scale_out import bus_of, process_name
from screenpop.app.web_server import WebServer
from screenpop.app.web_wiring import web_of
from screenpop.app.wiring import browser_host, import_config
from screenpop.bus.redis_connection import check_redis
from screenpop.bus.redis_requests import RequestSender
from screenpop.bus.redis_streams import RedisStreams
from screenpop.settings import Settings
from screenpop.store.accounts.login_counters import LoginCounters
from screenpop.store.customers.hidden_files import load_hidden_files
from screenpop.store.engine.database import Database, open_database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.shared_jobs import SharedJobs
from screenpop.web.auth.login_throttle import LoginThrottle
from screenpop.web.listen_socket import open_listening_socket
from screenpop.web.metric_families import metrics_registry

_log = structlog.get_logger()

HIDDEN_FILES_S = 2.0
"""Seconds between reloads of the hidden files, which another process may have changed."""
CLEAN_IMPORTS_S = 3600.0
"""Seconds between two looks for imports of an earlier day, whose files are deleted."""


@dataclass(frozen=True, slots=True)
class WebProcess:
    """A running web process."""

    url: str
    stop: asyncio.Event
    """Set this event to stop it; set as well when a part of it failed."""
    tasks: BackgroundTasks


@asynccontextmanager
async def running_web(settings: Settings, port: int | None = None) -> AsyncIterator[WebProcess]:
    """Run until the block is left. ``port``: instead of the one of the settings.

    Raises ``DataDirError``, ``InvalidSettingsError``, ``BusUnreachableError``, ``ListeningError``
    and ``DatabaseProblemError``, each with the remedy in its message.
    """
    bus = bus_of(settings)
    async with AsyncExitStack() as closing:
        prepare_data_dir(settings.data_dir)
        await check_redis(bus)
        listening = open_listening_socket(
            settings.bind_host, settings.bind_port if port is None else port
        )
        closing.callback(listening.close)
        number = listening.getsockname()[1]
        url = f"http://{browser_host(settings.bind_host)}:{number}"
        database = open_database(settings.database_address, settings.data_dir)
        closing.push_async_callback(database.close)
        await prepare_records(database)
        database.log.start()
        stop = asyncio.Event()
        tasks = BackgroundTasks(stop)
        process = WebProcess(url, stop, tasks)
        closing.push_async_callback(tasks.end)
        name = process_name("web")
        streams, sender = RedisStreams(bus, name), RequestSender(bus, name)
        tasks.start(streams.run())
        tasks.start(sender.run())
        tasks.start(_reload_hidden_files(database))
        config = import_config(settings, database)
        states = SharedStates(SharedJobs(database, "import", name), config.folder)
        imports = await closing.enter_async_context(import_job_service(config, states))
        tasks.start(_clean_imports(states, config.folder))
        calls = RemoteCalls(settings, streams, sender).ports()
        registry = metrics_registry(
            partial(build_metrics, database),
            partial(web_bus_metrics, streams, sender),
            partial(call_log_metrics, lambda: database.log.state, time.time),
            partial(import_metrics, imports),
            partial(disk_metrics, settings.data_dir),
        )
        web = web_of(
            *(settings, database, streams, calls, imports, registry),
            throttle=LoginThrottle(shared=LoginCounters(database)),
            exports=SharedJobs(database, "export", name),
        )
        server = WebServer(web, settings)
        serving = asyncio.create_task(server.serve([listening]))
        closing.push_async_callback(server.stop, serving)
        await server.up.wait()
        if settings.health_port:
            health = serving_health(settings, web.health, settings.health_port)
            await closing.enter_async_context(health)
        closing.enter_context(publish_address(settings.data_dir, url))
        garbage = GarbageCollection()
        garbage.begin()
        closing.callback(garbage.end)
        tasks.start(garbage.run(lambda: web.websocket_endpoint.count == 0))
        yield process


async def serve_web(
    settings: Settings, port: int | None = None, ready: Callable[[str], None] | None = None
) -> None:
    """Serve until SIGTERM or SIGINT, or until a part fails. Raises ``PartFailedError`` then."""
    loop = asyncio.get_running_loop()
    async with running_web(settings, port) as process:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, process.stop.set)
        _log.info("Screenpop's pages are ready", url=process.url)
        if ready is not None:
            ready(process.url)
        await process.stop.wait()
        _log.info("Screenpop's pages stop")
    process.tasks.raise_if_failed()


async def _reload_hidden_files(database: Database) -> None:
    while True:
        await asyncio.sleep(HIDDEN_FILES_S)
        try:
            await load_hidden_files(database)
        except DatabaseProblemError:
            continue  # logged once, by the database; the known ones stay


async def _clean_imports(states: SharedStates, folder: Path) -> None:
    while True:
        await asyncio.sleep(CLEAN_IMPORTS_S)
        try:
            await states.clean(folder)
        except DatabaseProblemError:
            continue  # logged once, by the database
