"""The composition root: creates all components from the settings and connects them."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from screenpop.agents.agent import AgentId
from screenpop.agents.availability import Availability
from screenpop.ami.config import AmiConfig
from screenpop.app.admin import admin_facts
from screenpop.app.agi import agi_server
from screenpop.app.attachments import clean_up_at_start, keep_attachments_clean
from screenpop.app.background_tasks import BackgroundTasks
from screenpop.app.caller_source import sourced_lookup
from screenpop.app.contacts_source import ContactsSource
from screenpop.app.data_dir import prepare_data_dir, publish_address, read_or_create_token
from screenpop.app.garbage_collection import GarbageCollection
from screenpop.app.import_jobs.service import ImportJobService, import_job_service
from screenpop.app.maintenance import maintain_search_data, prepare_document_key
from screenpop.app.metrics import metrics_of
from screenpop.app.office_offers import OfferKeeper
from screenpop.app.pbx_links import IsPhone, LinkedActions, PbxLinks
from screenpop.app.recorded_demo import play_again_and_again
from screenpop.app.retention import (
    forget_logins_in_time,
    forget_notes_in_time,
    run_retention,
)
from screenpop.app.running_app import App
from screenpop.app.setup_service import setup_of
from screenpop.app.simulated_pbx_routes import simulated_pbx_routes
from screenpop.app.staff_reload import name_phones, reload_staff
from screenpop.app.tier_preview import TierPreviews
from screenpop.app.value_keeper import FIRST_LOOK_AFTER_S, ValueKeeper
from screenpop.app.watched_folder import WatchedFolder
from screenpop.app.web_server import WebServer
from screenpop.app.webhook_sender import WebhookSender
from screenpop.app.wiring import (
    agents_port,
    ami_config,
    board_limits,
    board_rules,
    browser_host,
    callback_publisher,
    hot_desks,
    import_config,
    load_staff,
    message_gateway,
    office_hours,
    sender_config,
    service_config,
    service_targets,
    trunk_lines,
)
from screenpop.app.work_lists import WorkListKeeper
from screenpop.bus.memory import MemoryBus
from screenpop.demo.settings import LABELS, Demo, run_demo_calls
from screenpop.exporting.client import ExportService
from screenpop.service.announced_dials import AnnouncedDials
from screenpop.service.runner import ScreenPopRunner
from screenpop.service.screen_pop import ScreenPop
from screenpop.service.staff import Staff
from screenpop.settings import Settings
from screenpop.simulator.simulated_pbx_server import (
    USERNAME,
    open_simulated_pbx,
)
from screenpop.store.accounts.agent_states import StoredAvailability, restore_agent_states
from screenpop.store.accounts.hot_desks import record_unassigned_phone
from screenpop.store.calls.call_work import StoredCallWork
from screenpop.store.calls.past_cards import LoggedCards
from screenpop.store.customers.caller_files import StoredCallerFiles
from screenpop.store.customers.hidden_files import load_hidden_files
from screenpop.store.engine.database import Database, open_database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.telephony.identifiers import SIMULATED, Endpoint, PbxId
from screenpop.telephony.number_plan import extension_pattern
from screenpop.web.application import Web, create_web
from screenpop.web.demo_guide import DemoGuide
from screenpop.web.feature_router import add_routes
from screenpop.web.listen_socket import open_listening_socket
from screenpop.web.ports import Webhooks

_log = structlog.get_logger()

LEFT_OPEN_S = 120.0
"""Seconds that calls of an earlier run wait for their PBX to report whether they are up."""


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
        await database.ready()
        await prepare_document_key(database)
        await load_hidden_files(database)
        await clean_up_at_start(database)
        database.log.start()
        people = await load_staff(database, settings, time.time())
        restored = await restore_agent_states(database, time.time())
        app = _wire(settings, database, people, restored)
        app.settings_path = settings_path
        app.url = f"http://{browser_host(settings.bind_host)}:{listening.getsockname()[1]}"
        if settings.simulate or demo is not None:
            simulated_pbx = open_simulated_pbx(phones=app.phones, queues=_queues(app, demo))
            app.simulated_pbx = await closing.enter_async_context(simulated_pbx)
        if app.sourced is not None:
            closing.push_async_callback(app.sourced.close)
        closing.push_async_callback(app.tasks.end)
        app.tasks.start(app.screen_pop.run())
        await app.offers.reload()
        app.tasks.start(app.offers.run())
        app.tasks.start(reload_staff(app))
        app.tasks.start(_close_calls_left_open(app))
        keeps = (settings.keep_calls_days, settings.keep_traces_days)
        app.tasks.start(run_retention(database, *keeps, time.time))
        app.tasks.start(forget_notes_in_time(database, settings.keep_notes_days, time.time))
        app.tasks.start(forget_logins_in_time(database, settings.keep_logins_days, time.time))
        bureau = import_config(settings, database)
        plan = settings.number_plan.plan()
        app.tasks.start(maintain_search_data(database, bureau.address, plan, bureau.busy))
        app.tasks.start(keep_attachments_clean(database))
        zone = ZoneInfo(settings.timezone)
        keeper = WorkListKeeper(database, bureau.address, zone, time.time, bureau.busy)
        app.tasks.start(keeper.run())
        rules = settings.value.rules()
        # A demo was filled just now, and its first page shows values.
        wait_s = FIRST_LOOK_AFTER_S if demo is None else 0.0
        values = ValueKeeper(
            *(database, bureau.address, zone, rules, time.time, bureau.busy, wait_s),
            settings.points.rules(),
        )
        app.tasks.start(values.run())
        app.tasks.start(app.webhooks.run())
        imports = await closing.enter_async_context(import_job_service(bureau))
        if settings.watched_folder is not None:
            watch = WatchedFolder(bureau, settings.watched_folder.absolute())
            imports.set_watched_folder(str(watch.folder), lambda: watch.sheets)
            app.tasks.start(watch.run())
        if settings.contacts.url:
            contacts = ContactsSource(settings.contacts, settings.data_dir)
            app.tasks.start(contacts.run())
            app.tasks.start(WatchedFolder(bureau, contacts.folder).run())
        for address, is_phone in _pbxes(app):
            app.tasks.start(app.links.to(address, is_phone).run())
        closing.push_async_callback(app.links.end)
        closing.callback(app.screen_pop.agents.end_spans)
        agi = agi_server(settings, database, lambda: app.screen_pop.roster)
        if agi is not None:
            await closing.enter_async_context(agi.serving())
            app.agi_tally = agi.tally
        web = _web(app, demo, imports)
        server = WebServer(web, settings)
        serving = asyncio.create_task(server.serve([listening]))
        closing.push_async_callback(server.stop, serving)
        await server.up.wait()
        if app.simulated_pbx is not None and demo is not None and demo.cast is not None:
            program = demo.cast, demo.lines, lambda: app.people, web.tabs
            app.tasks.start(run_demo_calls(app.simulated_pbx, *program))
        if demo is not None and demo.recording is not None:
            playing = play_again_and_again(
                *(app.links, demo.recording, _is_phone(app, SIMULATED, ())),
                lambda: any(map(web.tabs, app.people.everyone)),
            )
            app.tasks.start(playing)
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

    Return whether to load the settings again and serve anew."""
    loop = asyncio.get_running_loop()
    async with running(settings, demo, settings_path) as app:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, app.stop.set)
        _log.info("Screenpop is ready", url=app.url)
        if ready is not None:
            ready(app)
        await app.stop.wait()
        _log.info("Screenpop stops")
    return app.restarts


def _wire(
    settings: Settings,
    database: Database,
    people: Staff,
    restored: Mapping[AgentId, Availability],
) -> App:
    bus, stop, actions, dials = MemoryBus(), asyncio.Event(), LinkedActions(), AnnouncedDials()
    config = replace(
        service_config(settings, people, LABELS, bus.readers, restored, dials),
        hidden=database.hidden_files,
    )
    state = ScreenPop(config)
    sourced = sourced_lookup(settings.caller_source, database, state)
    screen_pop = ScreenPopRunner(
        state,
        lookup=sourced or database.lookup,
        publisher=bus,
        log=database.log,
        clock=time.time,
        on_unmapped=lambda *phone: tasks.start(_record_unassigned_phone(database, *phone)),
        files=StoredCallerFiles(database, time.time),
        past_cards=LoggedCards(database),
        work=StoredCallWork(database, time.time, are_stamps=settings.points.called == "stamps"),
        availability_log=StoredAvailability(database),
        actions=actions,
    )
    links, tasks = PbxLinks(screen_pop, actions), BackgroundTasks(stop)
    offers = OfferKeeper(database, config, time.time, draws_new=settings.suggestions.try_new)
    webhooks = WebhookSender(database, sender_config(settings))
    parts = (database, bus, screen_pop, links, people, tasks, actions, dials, offers, webhooks)
    app = App(settings, *parts, stop)
    if sourced is not None:
        sourced.put, app.sourced = screen_pop.put, sourced
    name_phones(app)
    return app


def _pbxes(app: App) -> Iterator[tuple[AmiConfig, IsPhone]]:
    for pbx in app.settings.pbx:
        yield ami_config(pbx), _is_phone(app, PbxId(pbx.id), pbx.phones)
    if app.simulated_pbx is not None:
        account, port = app.simulated_pbx.account, app.simulated_pbx.server.port
        address = AmiConfig(SIMULATED, "127.0.0.1", account.username, account.secret, port)
        yield address, _is_phone(app, SIMULATED, ())


def _is_phone(app: App, pbx: PbxId, patterns: tuple[str, ...]) -> IsPhone:
    """Return whether an endpoint is a phone, of a user or in the settings; others are trunks."""
    wanted = patterns or app.settings.number_plan.extensions
    pattern = extension_pattern(wanted) if wanted else None

    def is_phone(endpoint: Endpoint) -> bool:
        known = app.screen_pop.roster.agent_at(pbx, endpoint) is not None
        return known or (pattern is not None and pattern.fullmatch(endpoint) is not None)

    return is_phone


def _web(app: App, demo: Demo | None, imports: ImportJobService) -> Web:
    settings, simulated_pbx = app.settings, app.simulated_pbx
    opened: list[Web] = []

    def browsers() -> int:
        return opened[0].websocket_endpoint.count if opened else 0

    web = create_web(
        database=app.database,
        streams=app.bus,
        receipts=app.screen_pop.receipt,
        commands=app.screen_pop.command,
        simulate=simulated_pbx.simulate if simulated_pbx is not None else None,
        readiness=app.links.readiness,
        public_origins=settings.public_origins,
        languages=settings.languages,
        timezone=settings.timezone,
        plan=settings.number_plan.plan(),
        lines=trunk_lines(settings, LABELS),
        office_hours=office_hours(settings),
        demo=demo is not None,
        demo_guide=DemoGuide() if demo is not None and demo.guides else None,
        desks=hot_desks(settings, app.moved.set, lambda: app.screen_pop.roster),
        programs=tuple(program.link() for program in settings.programs),
        imports=imports,
        admin=admin_facts(
            settings,
            lambda: {one.pbx: one for one, _ in _pbxes(app)},
            app.links,
            app.sourced.source if app.sourced is not None else None,
            setup_of(app),
        ),
        note_changed=app.screen_pop.note_changed,
        callback_changed=callback_publisher(app.bus, lambda: app.people.everyone),
        offers_changed=app.offers.changed.set,
        trace_of=app.screen_pop.trace_of,
        agents=agents_port(
            settings, app.screen_pop, app.actions, app.dials, simulates=simulated_pbx is not None
        ),
        messages=message_gateway(settings),
        webhooks=Webhooks(settings.webhook.rules(), app.webhooks.changed),
        export=ExportService(settings.database_address, settings.data_dir),
        trip_rules=board_rules(settings),
        service_targets=service_targets(settings),
        board_limits=board_limits(settings),
        queue_names=tuple(settings.queues),
        recording_template=settings.recording_url,
        voucher_batch=settings.vouchers.batch,
        agents_see=settings.files.agents_see,
        second_factor_roles=settings.login.second_factor_roles,
        point_rules=settings.points.rules(),
        tier_rules=settings.value.rules(),
        tier_preview=TierPreviews(settings.database_address),
        api_token=read_or_create_token(settings.data_dir),
        metrics=metrics_of(
            app.screen_pop, app.links, app.database.log, browsers, app.outside_counts
        ),
    )
    opened.append(web)
    if simulated_pbx is not None:
        is_phone = _is_phone(app, SIMULATED, ())
        routes = simulated_pbx_routes(
            simulated_pbx.player,
            follow=lambda port, secret: app.tasks.start(
                app.links.follow(port, USERNAME, secret, is_phone)
            ),
            trace_of=lambda call: app.screen_pop.trace_of(SIMULATED, call),
        )
        add_routes(web.pages, routes)
    return web


async def _record_unassigned_phone(
    database: Database, pbx: PbxId, endpoint: Endpoint, at: float
) -> None:
    try:
        await record_unassigned_phone(database, pbx, endpoint, at)
    except DatabaseProblemError:
        return  # logged once, by the database
    except Exception as problem:  # noqa: BLE001 -- logged already; calls must go on
        _log.warning("A phone without an agent cannot be noted", phone=endpoint, why=str(problem))


async def _close_calls_left_open(app: App) -> None:
    """Close calls that an earlier run left in progress on a PBX that does not reconnect soon.

    A PBX that reconnects lists its live calls, and those continue."""
    await asyncio.sleep(LEFT_OPEN_S)
    for pbx in (*(PbxId(pbx.id) for pbx in app.settings.pbx), SIMULATED):
        app.database.log.close_left_open(pbx)


def _queues(app: App, demo: Demo | None) -> dict[str, tuple[str, ...]]:
    """Return the queues of the simulated PBX; every phone is a member of each."""
    queues = [queue for queue, _ in demo.lines.queue_lines] if demo is not None else []
    return {queue: tuple(app.phones) for queue in queues}
