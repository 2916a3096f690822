"""Makes the pages and the API from the settings, the records, and the ports of the calls."""

from prometheus_client import CollectorRegistry

from screenpop.app.admin import admin_facts
from screenpop.app.data_dir import read_or_create_token
from screenpop.app.live_calls import LiveCalls
from screenpop.app.tier_preview import TierPreviews
from screenpop.app.wiring import (
    board_limits,
    board_rules,
    hot_desks,
    login_provider,
    message_gateway,
    office_hours,
    service_targets,
    trunk_lines,
)
from screenpop.demo.settings import LABELS
from screenpop.exporting.client import ExportService
from screenpop.settings import Settings
from screenpop.store.engine.database import Database
from screenpop.store.shared_jobs import SharedJobs
from screenpop.web.application import Web, create_web
from screenpop.web.auth.login_throttle import LoginThrottle
from screenpop.web.demo_guide import DemoGuide
from screenpop.web.imports.port import Imports
from screenpop.web.ports import Streams, Webhooks
from screenpop.web.setup.port import SetupPort
from screenpop.web.websocket.endpoint import SocketLimits


def web_of(
    settings: Settings,
    database: Database,
    streams: Streams,
    calls: LiveCalls,
    imports: Imports,
    metrics: CollectorRegistry,
    *,
    is_demo: bool = False,
    guide: DemoGuide | None = None,
    setup: SetupPort | None = None,
    throttle: LoginThrottle | None = None,
    exports: SharedJobs | None = None,
) -> Web:
    """Return the application. ``setup``: None where no settings file may be written.

    ``throttle``, ``exports``: what several web processes share; None for the only one.
    """
    return create_web(
        database=database,
        streams=streams,
        receipts=calls.receipts,
        commands=calls.commands,
        simulate=calls.simulate,
        link_states=calls.link_states,
        public_origins=settings.public_origins,
        languages=settings.languages,
        timezone=settings.timezone,
        plan=settings.number_plan.plan(),
        lines=trunk_lines(settings, LABELS),
        office_hours=office_hours(settings),
        demo=is_demo,
        demo_guide=guide,
        desks=hot_desks(settings, calls.phones_changed, calls.has_phone),
        programs=tuple(program.link() for program in settings.programs),
        imports=imports,
        admin=admin_facts(settings, calls, setup),
        note_changed=calls.note_changed,
        callback_changed=calls.callback_changed,
        offers_changed=calls.offers_changed,
        trace_of=calls.trace_of,
        agents=calls.agents,
        messages=message_gateway(settings),
        webhooks=Webhooks(settings.webhook.rules(), calls.webhooks_changed),
        export=ExportService(settings.database_address, settings.data_dir, exports),
        trip_rules=board_rules(settings),
        service_targets=service_targets(settings),
        board_limits=board_limits(settings),
        queue_names=tuple(settings.queues),
        recording_template=settings.recording_url,
        voucher_batch=settings.vouchers.batch,
        agents_see=settings.files.agents_see,
        second_factor_roles=settings.login.second_factor_roles,
        provider=login_provider(settings),
        point_rules=settings.points.rules(),
        tier_rules=settings.value.rules(),
        tier_preview=TierPreviews(settings.database_address),
        api_token=read_or_create_token(settings.data_dir),
        socket_limits=SocketLimits(sockets=settings.most_connections * 7 // 8),
        metrics=metrics,
        throttle=throttle,
    )
