"""Converts the settings into plain values for the other packages."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

import orjson

from screenpop.accounts.users import UserId
from screenpop.agents.agent import AgentId
from screenpop.agents.availability import Availability
from screenpop.ami.config import AmiConfig, AmiTls
from screenpop.app.import_jobs.service import ImportConfig
from screenpop.app.message_gateway import GatewayConfig, MessageGateway
from screenpop.app.running_app import Bus
from screenpop.app.webhook_sender import SenderConfig
from screenpop.calls.board_limits import BoardLimits, WaitLimits
from screenpop.customers.models import CustomerId, TripStatus
from screenpop.customers.retention import RetentionRules
from screenpop.customers.trip_board import BoardRules
from screenpop.follow_ups.closed_days import parse_closed_days
from screenpop.follow_ups.message_texts import MessageTexts
from screenpop.follow_ups.office_hours import OfficeHours, parse_office_hours
from screenpop.importing.lock import LOCK_FILE
from screenpop.reports.calls import ServiceTargets
from screenpop.service.announced_dials import AnnouncedDials
from screenpop.service.asked_facts import AskRules
from screenpop.service.availability_config import AvailabilityConfig
from screenpop.service.availability_ports import PbxActions
from screenpop.service.card_timeouts import CardTimeouts
from screenpop.service.click_to_call import CallsPerHour, ClickToCall, DialRules
from screenpop.service.config import ServiceConfig
from screenpop.service.runner import ScreenPopRunner
from screenpop.service.staff import Staff
from screenpop.service.trunk_lines import TrunkLines
from screenpop.settings import PbxSettings, Settings
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import E164, SIMULATED, Endpoint, PbxId
from screenpop.telephony.number_plan import extension_pattern
from screenpop.telephony.toll_fraud import EVERY_COUNTRY
from screenpop.web.auth.provider_port import LoginProvider
from screenpop.web.ports import Agents, CallbackChanged, HotDesks, Messages


def service_config(
    settings: Settings,
    people: Staff,
    labels: Mapping[str, str],
    readers: Callable[[UserId], int] | None = None,
    restored: Mapping[AgentId, Availability] | None = None,
    dials: AnnouncedDials | None = None,
) -> ServiceConfig:
    """Return the config. ``labels``: of simulated lines; ``readers``: a user's open pages;
    ``restored``: agents' states kept by an earlier run; ``dials``: see ``agents_port``."""
    zone = settings.zone

    def today(now: float) -> date:
        return datetime.fromtimestamp(now, zone).date()

    stays = CardTimeouts(
        missed_s=settings.missed_minutes * 60, wrap_up_s=settings.wrap_up_minutes * 60
    )
    availability = AvailabilityConfig(
        settings.after_call_s,
        {
            queue: one.wrap_up_s
            for queue, one in settings.queues.items()
            if one.wrap_up_s is not None
        },
        readers or (lambda _user: 1),
        restored or {},
    )
    return ServiceConfig(
        people,
        trunk_lines(settings, labels),
        today,
        stays,
        phone_patterns(settings),
        readers,
        availability,
        AskRules(frozenset(settings.card.ask_facts), settings.card.ask_again_days),
        AnnouncedDials() if dials is None else dials,
    )


def trunk_lines(settings: Settings, labels: Mapping[str, str]) -> TrunkLines:
    plan = settings.number_plan
    trunks = [(PbxId(pbx.id), trunk) for pbx in settings.pbx for trunk in pbx.trunks]
    named = {
        (where, did): label
        for pbx, trunk in trunks
        for did, label in trunk.lines.items()
        for where in (pbx, SIMULATED)
    }
    return TrunkLines(
        plan.plan(),
        {
            (pbx, Endpoint(trunk.name)): plan.plan(trunk.region, trunk.area_code)
            for pbx, trunk in trunks
        },
        named | {(SIMULATED, did): label for did, label in labels.items()},
    )


def dial_rules(settings: Settings, *, simulates: bool) -> dict[PbxId, DialRules]:
    """Return how phones dial on the PBXs that allow click-to-call; the simulated one does."""
    region = settings.number_plan.plan().region
    rules = {
        PbxId(pbx.id): DialRules(
            *(pbx.click_to_call_context, pbx.click_to_call_technology, region),
            frozenset(pbx.click_to_call_countries),
        )
        for pbx in settings.pbx
        if pbx.click_to_call_context
    }
    if simulates:
        rules[SIMULATED] = DialRules("from-internal", "PJSIP", region, frozenset({EVERY_COUNTRY}))
    return rules


def agents_port(
    settings: Settings,
    screen_pop: ScreenPopRunner,
    actions: PbxActions,
    dials: AnnouncedDials,
    clock: Callable[[], float],
    *,
    simulates: bool,
) -> Agents:
    """Return the agents' availability and calls; ``dials``: where announced calls are kept.

    ``clock``: that of the calls, seconds since 1970."""
    runner = screen_pop.agents
    calls = ClickToCall(
        dial_rules(settings, simulates=simulates),
        lambda: screen_pop.roster,
        lambda: runner.availability,
        actions,
        CallsPerHour(settings.click_to_call_per_hour, time.monotonic),
    )

    async def call(user: UserId, number: str) -> str:
        return await calls.call(user, E164(number) if number else None)

    def announce(user: UserId, number: str, customer: CustomerId) -> None:
        dials.announce(AgentId(user), E164(number), customer, clock())

    async def view_of(user: UserId) -> Mapping[str, object] | None:
        return runner.availability.view_of(AgentId(user)) if runner.availability else None

    async def views() -> Sequence[Mapping[str, object]]:
        return runner.availability.views() if runner.availability else ()

    async def phones_without_agent() -> Mapping[str, int]:
        availability = runner.availability
        return availability.phones_without_agent(screen_pop.roster) if availability else {}

    return Agents(view_of, views, phones_without_agent, calls.is_on, call, announce)


def ami_config(pbx: PbxSettings) -> AmiConfig:
    tls = None
    if pbx.tls:
        ca_file = str(pbx.tls_ca_file or "")
        tls = AmiTls(ca_file, pbx.tls_pin_sha256, pbx.tls_server_name)
    return AmiConfig(
        *(PbxId(pbx.id), pbx.host, pbx.username, pbx.read_secret(), pbx.port, tls),
        read_secret=None if pbx.secret_file is None else pbx.read_secret,
    )


def callback_publisher(bus: Bus, everyone: Callable[[], Sequence[UserId]]) -> CallbackChanged:
    """Return what notifies all open pages that a user has changed a callback."""

    def publish(call: int, change: str) -> None:
        readers = [user for user in everyone() if bus.readers(user)]
        payload = orjson.dumps({"call": call, "change": change})
        # In no snapshot: a page reads the callbacks itself when it begins.
        bus.publish(readers, "callback", "callback", payload, gone=True)

    return publish


def import_config(settings: Settings, database: Database) -> ImportConfig:
    folder = settings.data_dir.absolute()

    def import_context(currency: str) -> ImportContext:
        today = datetime.fromtimestamp(time.time(), settings.zone).date()
        return ImportContext(settings.number_plan.plan(), today, currency)

    address = settings.database_address
    return ImportConfig(
        *(database, address, folder / "imports", folder / LOCK_FILE, import_context, time.time),
        watched=settings.watched_folder and settings.watched_folder.absolute(),
    )


def hot_desks(
    settings: Settings, changed: Callable[[], None], has_phone: Callable[[UserId], bool]
) -> HotDesks:
    """Return the hot-desk rules: phones of the settings, or any short number if none are set."""
    pbxes = tuple(PbxId(pbx.id) for pbx in settings.pbx) or (SIMULATED,)
    is_phone = phone_patterns(settings)
    silent = {pbx for pbx in pbxes if not _patterns(settings).get(pbx)}

    def may_sit(pbx: PbxId, endpoint: Endpoint) -> bool:
        return any(
            is_phone(one, endpoint) or (one in silent and _SHORT_NUMBER.fullmatch(endpoint))
            for one in ((pbx,) if pbx else pbxes)
        )

    return HotDesks(pbxes, may_sit, changed, has_phone)


_SHORT_NUMBER = re.compile(r"[0-9]{2,6}")


def _patterns(settings: Settings) -> dict[PbxId, tuple[str, ...]]:
    everywhere = settings.number_plan.extensions
    named = {PbxId(pbx.id): pbx.phones or everywhere for pbx in settings.pbx}
    return named | {SIMULATED: everywhere}


def phone_patterns(settings: Settings) -> Callable[[PbxId, Endpoint], bool]:
    """Return the phone patterns of the settings for each PBX."""
    patterns = {
        pbx: extension_pattern(texts) for pbx, texts in _patterns(settings).items() if texts
    }

    def is_phone(pbx: PbxId, endpoint: Endpoint) -> bool:
        pattern = patterns.get(pbx)
        return pattern is not None and pattern.fullmatch(endpoint) is not None

    return is_phone


def browser_host(host: str) -> str:
    """Return the host by which a browser on this machine reaches the server."""
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104 -- read, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def message_gateway(settings: Settings) -> Messages | None:
    """Return the gateway for messages to customers; None if the settings name none."""
    given = settings.messages
    if not given.webhook_url:
        return None
    config = GatewayConfig(
        given.webhook_url, given.read_secret(), given.private_http, given.timeout_s, given.retries
    )
    return Messages(
        MessageGateway(config).send,
        MessageTexts(given.templates),
        given.channel,
    )


def login_provider(settings: Settings) -> LoginProvider | None:
    """Return the office's login provider; None if the settings name none."""
    given = settings.login.oidc
    if not given.issuer:
        return None
    # Its libraries are installed only where a provider is used.
    from screenpop.app.login_provider import OidcProvider

    return OidcProvider(given, settings.public_origins)


def sender_config(settings: Settings) -> SenderConfig:
    """Return how webhooks are sent."""
    given = settings.webhook
    return SenderConfig(
        given.rules(),
        settings.zone,
        given.timeout_s,
        given.give_up_days * 86_400,
        given.keep_days * 86_400,
    )


def retention_rules(settings: Settings) -> RetentionRules:
    """Return how long data is kept."""
    return RetentionRules(
        calls_days=settings.keep_calls_days,
        traces_days=settings.keep_traces_days,
        notes_days=settings.keep_notes_days,
        logins_days=settings.keep_logins_days,
        customers_years=settings.keep_customers_years,
    )


def service_targets(settings: Settings) -> ServiceTargets:
    """Return within how many seconds calls should be answered, for the reports."""
    queues = {
        name: queue.service_level_s
        for name, queue in settings.queues.items()
        if queue.service_level_s is not None
    }
    return ServiceTargets(settings.service_level_s, queues)


def board_limits(settings: Settings) -> BoardLimits:
    """Return from which values the board's figures are amber and red."""
    usual = settings.board.limits()
    queues = {
        name: WaitLimits(
            usual.wait.amber_s if queue.wait_amber_s is None else queue.wait_amber_s,
            usual.wait.red_s if queue.wait_red_s is None else queue.wait_red_s,
        )
        for name, queue in settings.queues.items()
        if (queue.wait_amber_s, queue.wait_red_s) != (None, None)
    }
    return replace(usual, queues=queues)


def office_hours(settings: Settings) -> OfficeHours:
    return parse_office_hours(settings.office_hours, parse_closed_days(settings.closed_days))


def board_rules(settings: Settings) -> BoardRules:
    """Return when a trip on the board is stuck."""
    board = settings.trip_board
    days = {
        TripStatus.ASKED: board.asked_days,
        TripStatus.QUOTED: board.quoted_days,
        TripStatus.BOOKED: board.booked_days,
    }
    limits = {status: most for status, most in days.items() if most}
    return BoardRules(limits, board.near_departure_days)
