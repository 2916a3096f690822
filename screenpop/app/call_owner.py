"""The part of a server that owns the calls: PBX links, cards, the log, and all nightly work.

``serve`` runs it beside the pages in one process, ``listen`` alone.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from zoneinfo import ZoneInfo

import structlog

from screenpop.agents.agent import AgentId
from screenpop.agents.availability import Availability
from screenpop.ami.config import AmiConfig
from screenpop.app.agi import agi_server
from screenpop.app.attachments import clean_up_at_start, keep_attachments_clean
from screenpop.app.background_tasks import BackgroundTasks
from screenpop.app.call_clock import CallClock, follow_machine_clock
from screenpop.app.caller_source import sourced_lookup
from screenpop.app.clock_steps import ClockSteps
from screenpop.app.contacts_source import ContactsSource
from screenpop.app.maintenance import maintain_search_data, prepare_document_key
from screenpop.app.office_offers import OfferKeeper
from screenpop.app.old_drafts import keep_drafts_short
from screenpop.app.pbx_links import IsPhone, LinkedActions, PbxLinks
from screenpop.app.retention import RetentionKeeper
from screenpop.app.running_app import App, Bus
from screenpop.app.staff_reload import load_staff, name_phones, reload_staff
from screenpop.app.value_keeper import FIRST_LOOK_AFTER_S, ValueKeeper
from screenpop.app.watched_folder import WatchedFolder
from screenpop.app.webhook_sender import WebhookSender
from screenpop.app.wiring import (
    ami_config,
    import_config,
    retention_rules,
    sender_config,
    service_config,
)
from screenpop.app.work_lists import WorkListKeeper
from screenpop.demo.settings import LABELS, Demo
from screenpop.exporting.client import remove_left_exports
from screenpop.service.announced_dials import AnnouncedDials
from screenpop.service.runner import ScreenPopRunner
from screenpop.service.screen_pop import ScreenPop
from screenpop.service.staff import Staff
from screenpop.settings import Settings
from screenpop.simulator.simulated_pbx_server import open_simulated_pbx
from screenpop.store.accounts.agent_states import StoredAvailability, restore_agent_states
from screenpop.store.accounts.hot_desks import record_unassigned_phone
from screenpop.store.calls.call_work import StoredCallWork
from screenpop.store.calls.past_cards import LoggedCards
from screenpop.store.customers.caller_files import StoredCallerFiles
from screenpop.store.customers.hidden_files import load_hidden_files
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.telephony.identifiers import SIMULATED, Endpoint, PbxId
from screenpop.telephony.number_plan import extension_pattern

_log = structlog.get_logger()

LEFT_OPEN_S = 120.0
"""Seconds that calls of an earlier run wait for their PBX to report whether they are up."""


async def prepare_records(database: Database) -> None:
    """Check schema and key, and read what each process keeps of the records in memory.

    Raises ``DatabaseProblemError``."""
    await database.ready()
    await prepare_document_key(database)
    await load_hidden_files(database)


async def owner_of_calls(
    closing: AsyncExitStack,
    settings: Settings,
    database: Database,
    bus: Bus,
    demo: Demo | None = None,
    actions: LinkedActions | None = None,
) -> App:
    """Return the parts, wired; ``start_owner`` starts them. ``closing``: ends what it opens.

    ``actions``: what sends actions to the PBXs; by default whenever they are asked for."""
    await clean_up_at_start(database)
    database.log.start()
    people = await load_staff(database, settings, time.time())
    restored = await restore_agent_states(database, time.time())
    app = _wire(settings, database, people, restored, bus, actions or LinkedActions())
    if settings.simulate or demo is not None:
        simulated_pbx = open_simulated_pbx(phones=app.phones, queues=_queues(app, demo))
        app.simulated_pbx = await closing.enter_async_context(simulated_pbx)
    if app.sourced is not None:
        closing.push_async_callback(app.sourced.close)
    closing.push_async_callback(app.tasks.end)
    return app


async def start_owner(closing: AsyncExitStack, app: App, *, is_demo: bool = False) -> None:
    """Start the task of the calls, all nightly work, the links, and FastAGI."""
    settings, database = app.settings, app.database
    app.tasks.start(app.screen_pop.run())
    app.tasks.start(follow_machine_clock(app.clock, app.screen_pop))
    await app.offers.reload()
    app.tasks.start(app.offers.run())
    app.tasks.start(reload_staff(app))
    app.tasks.start(_close_calls_left_open(app))
    _start_nightly_work(app, is_demo=is_demo)
    app.tasks.start(app.webhooks.run())
    for address, is_phone in followed_pbxes(app):
        app.tasks.start(app.links.to(address, is_phone).run())
    closing.push_async_callback(app.links.end)
    closing.callback(app.screen_pop.agents.end_spans)
    agi = agi_server(settings, database, lambda: app.screen_pop.roster)
    if agi is not None:
        await closing.enter_async_context(agi.serving())
        app.agi_tally = agi.tally


def _start_nightly_work(app: App, *, is_demo: bool) -> None:
    settings, database = app.settings, app.database
    bureau = import_config(settings, database)
    plan = settings.number_plan.plan()
    app.tasks.start(maintain_search_data(database, bureau.address, plan, bureau.busy))
    app.tasks.start(keep_attachments_clean(database))
    app.tasks.start(ClockSteps(database).run())
    app.tasks.start(keep_drafts_short(database, time.time))
    zone = ZoneInfo(settings.timezone)
    retention = RetentionKeeper(
        *(database, retention_rules(settings), zone, time.time, bureau.busy),
        expect=app.task_times.expect,
    )
    app.tasks.start(retention.run(lambda: remove_left_exports(settings.data_dir)))
    keeper = WorkListKeeper(database, bureau.address, zone, time.time, bureau.busy)
    app.tasks.start(keeper.run())
    rules = settings.value.rules()
    # A demo was filled just now, and its first page shows values.
    wait_s = 0.0 if is_demo else FIRST_LOOK_AFTER_S
    values = ValueKeeper(
        *(database, bureau.address, zone, rules, time.time, bureau.busy, wait_s),
        settings.points.rules(),
    )
    app.tasks.start(values.run())
    if bureau.watched is not None:
        app.tasks.start(WatchedFolder(bureau, bureau.watched).run())
    if settings.contacts.url:
        contacts = ContactsSource(settings.contacts, settings.data_dir)
        app.tasks.start(contacts.run())
        app.tasks.start(WatchedFolder(bureau, contacts.folder).run())


def _wire(
    settings: Settings,
    database: Database,
    people: Staff,
    restored: Mapping[AgentId, Availability],
    bus: Bus,
    actions: LinkedActions,
) -> App:
    stop, dials, clock = asyncio.Event(), AnnouncedDials(), CallClock()
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
        clock=clock,
        on_unmapped=lambda *phone: tasks.start(_record_unassigned_phone(database, *phone)),
        files=StoredCallerFiles(database, time.time, settings.files.agents_see),
        past_cards=LoggedCards(database),
        work=StoredCallWork(database, time.time, are_stamps=settings.points.called == "stamps"),
        availability_log=StoredAvailability(database),
        actions=actions,
    )
    links, tasks = PbxLinks(screen_pop, actions, clock), BackgroundTasks(stop)
    offers = OfferKeeper(database, config, time.time, draws_new=settings.suggestions.try_new)
    webhooks = WebhookSender(database, sender_config(settings))
    parts = (database, bus, screen_pop, links, people, tasks, actions, dials, offers, webhooks)
    app = App(settings, *parts, clock, stop)
    if sourced is not None:
        sourced.put, app.sourced = screen_pop.put, sourced
    name_phones(app)
    return app


def followed_pbxes(app: App) -> Iterator[tuple[AmiConfig, IsPhone]]:
    """Return each PBX of the settings and the simulated one, with what is a phone there."""
    for pbx in app.settings.pbx:
        yield ami_config(pbx), phones_of_pbx(app, PbxId(pbx.id), pbx.phones)
    if app.simulated_pbx is not None:
        account, port = app.simulated_pbx.account, app.simulated_pbx.server.port
        address = AmiConfig(SIMULATED, "127.0.0.1", account.username, account.secret, port)
        yield address, phones_of_pbx(app, SIMULATED, ())


def phones_of_pbx(app: App, pbx: PbxId, patterns: tuple[str, ...]) -> IsPhone:
    """Return whether an endpoint is a phone, of a user or in the settings; others are trunks."""
    wanted = patterns or app.settings.number_plan.extensions
    pattern = extension_pattern(wanted) if wanted else None

    def is_phone(endpoint: Endpoint) -> bool:
        known = app.screen_pop.roster.agent_at(pbx, endpoint) is not None
        return known or (pattern is not None and pattern.fullmatch(endpoint) is not None)

    return is_phone


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
