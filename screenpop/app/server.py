"""``screenpop serve``: the owner of the calls, the pages and the API in one process."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import structlog

from screenpop.app.call_owner import (
    owner_of_calls,
    phones_of_pbx,
    prepare_records,
    start_owner,
)
from screenpop.app.data_dir import prepare_data_dir, publish_address
from screenpop.app.garbage_collection import GarbageCollection
from screenpop.app.health_site import serving_health
from screenpop.app.import_jobs.service import ImportJobService, import_job_service
from screenpop.app.live_calls import calls_of
from screenpop.app.metrics import import_metrics, owner_metrics
from screenpop.app.recorded_demo import play_again_and_again
from screenpop.app.running_app import App
from screenpop.app.setup_service import setup_of
from screenpop.app.simulated_pbx_routes import simulated_pbx_routes
from screenpop.app.web_server import WebServer
from screenpop.app.web_wiring import web_of
from screenpop.app.wiring import browser_host, import_config
from screenpop.bus.memory import MemoryBus
from screenpop.demo.colleague_pages import colleague_pages
from screenpop.demo.settings import Demo, run_demo_calls
from screenpop.settings import Settings
from screenpop.simulator.simulated_pbx_server import USERNAME
from screenpop.store.engine.database import open_database
from screenpop.telephony.identifiers import SIMULATED
from screenpop.web.application import Web
from screenpop.web.demo_guide import DemoGuide
from screenpop.web.feature_router import add_routes
from screenpop.web.listen_socket import open_listening_socket
from screenpop.web.metric_families import add_part

_log = structlog.get_logger()


@asynccontextmanager
async def running(
    settings: Settings, demo: Demo | None = None, settings_path: Path | None = None
) -> AsyncIterator[App]:
    """Run a server until the block is left; stopping takes a few seconds at most.

    ``settings_path``: the file that ``/admin/setup`` may write; None: there is no such page.

    The database must have the schema of this version. Raises ``DataDirError``,
    ``ListeningError`` and ``DatabaseProblemError``, each with the remedy in its message.
    """
    async with AsyncExitStack() as closing:
        prepare_data_dir(settings.data_dir)
        listening = open_listening_socket(settings.bind_host, settings.bind_port)
        closing.callback(listening.close)
        database = open_database(settings.database_address, settings.data_dir)
        closing.push_async_callback(database.close)
        await prepare_records(database)
        bus = MemoryBus()
        app = await owner_of_calls(closing, settings, database, bus, demo)
        app.settings_path = settings_path
        app.url = f"http://{browser_host(settings.bind_host)}:{listening.getsockname()[1]}"
        jobs = import_job_service(import_config(settings, database))
        imports = await closing.enter_async_context(jobs)
        await start_owner(closing, app, is_demo=demo is not None)
        web = _web(app, bus, demo, imports)
        server = WebServer(web, settings)
        serving = asyncio.create_task(server.serve([listening]))
        closing.push_async_callback(server.stop, serving)
        await server.up.wait()
        if settings.health_port:
            health = serving_health(settings, web.health, settings.health_port)
            await closing.enter_async_context(health)
        if demo is not None:
            _play_demo(app, bus, web, demo)
        closing.enter_context(publish_address(settings.data_dir, app.url))
        garbage = GarbageCollection()
        garbage.begin()
        closing.callback(garbage.end)
        app.tasks.start(garbage.run(app.screen_pop.is_idle))
        yield app


async def serve(
    settings: Settings,
    demo: Demo | None = None,
    ready: Callable[[App], None] | None = None,
    settings_path: Path | None = None,
) -> bool:
    """Serve until SIGTERM or SIGINT, or until a part of the server fails.

    Return whether to load the settings again and serve anew. Raises ``PartFailedError``.
    """
    loop = asyncio.get_running_loop()
    async with running(settings, demo, settings_path) as app:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, app.stop.set)
        _log.info("Screenpop is ready", url=app.url)
        if ready is not None:
            ready(app)
        await app.stop.wait()
        _log.info("Screenpop stops")
    app.tasks.raise_if_failed()
    return app.restarts


def _web(app: App, bus: MemoryBus, demo: Demo | None, imports: ImportJobService) -> Web:
    metrics = owner_metrics(app)
    add_part(metrics, partial(import_metrics, imports))
    web = web_of(
        app.settings,
        app.database,
        bus,
        calls_of(app),
        imports,
        metrics,
        is_demo=demo is not None,
        guide=DemoGuide() if demo is not None and demo.guides else None,
        setup=setup_of(app),
    )
    if app.simulated_pbx is not None:
        is_phone = phones_of_pbx(app, SIMULATED, ())
        routes = simulated_pbx_routes(
            app.simulated_pbx.player,
            follow=lambda port, secret: app.tasks.start(
                app.links.follow(port, USERNAME, secret, is_phone)
            ),
            trace_of=lambda call: app.screen_pop.trace_of(SIMULATED, call),
        )
        add_routes(web.pages, routes)
    return web


def _play_demo(app: App, bus: MemoryBus, web: Web, demo: Demo) -> None:
    if demo.guides:
        pages = colleague_pages(
            bus, lambda: app.people, web.tabs, app.screen_pop.receipt, time.time
        )
        app.tasks.start(pages.run())
    if app.simulated_pbx is not None and demo.cast is not None:
        program = demo.cast, demo.lines, lambda: app.people, web.tabs
        app.tasks.start(run_demo_calls(app.simulated_pbx, *program))
    if demo.recording is not None:
        playing = play_again_and_again(
            *(app.links, demo.recording, phones_of_pbx(app, SIMULATED, ())),
            lambda: any(map(web.tabs, app.people.everyone)),
        )
        app.tasks.start(playing)
