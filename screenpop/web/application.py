"""Builds the web application from plain values and ports; it reads no settings."""

import asyncio
import time
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from screenpop.accounts.users import Role, UserId
from screenpop.calls.board_limits import BoardLimits
from screenpop.cards.program_links import ProgramLink
from screenpop.customers.models import LANGUAGES
from screenpop.customers.trip_board import BoardRules
from screenpop.customers.visibility import FilesRule
from screenpop.follow_ups.office_hours import OfficeHours
from screenpop.loyalty.points import PointRules
from screenpop.loyalty.tiers import TierRule
from screenpop.loyalty.vouchers import MAX_BATCH
from screenpop.reports.calls import ServiceTargets
from screenpop.service.trunk_lines import TrunkLines
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.health_check import FitnessCheck
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.web.all_routes import ALL_ROUTES
from screenpop.web.api_description import DescribedApi
from screenpop.web.assets import Assets, find_static, short_hash
from screenpop.web.attachments.pages import UPLOAD_PATHS
from screenpop.web.auth.cookies import Cookies
from screenpop.web.auth.current_user import UserResolver
from screenpop.web.auth.login_throttle import LoginThrottle
from screenpop.web.auth.provider_port import LoginProvider
from screenpop.web.auth.refusal_log import RefusalLog
from screenpop.web.calls.missed_versions import MissedCallVersions
from screenpop.web.context import WebContext
from screenpop.web.customers.opened_files import OpenedFiles
from screenpop.web.demo_guide import DemoGuide
from screenpop.web.error_pages import ErrorPages
from screenpop.web.export_port import Export
from screenpop.web.feature_router import FeatureRouter, add_routes
from screenpop.web.health import health_routes, readiness_check
from screenpop.web.imports.pages import IMPORT_PATH
from screenpop.web.imports.port import Imports
from screenpop.web.lookback.pages import LOOKBACK_PATH
from screenpop.web.metric_families import add_part, socket_metrics
from screenpop.web.origins import OwnOrigins
from screenpop.web.ports import (
    AdminFacts,
    Agents,
    CallbackChanged,
    CallsUnreachableError,
    Clock,
    Commands,
    HotDesks,
    LinkStates,
    Messages,
    NoteChanged,
    OffersChanged,
    Receipts,
    Simulate,
    Streams,
    TierPreview,
    TraceOf,
    Webhooks,
    no_callback_changed,
    no_note_changed,
    no_offers_changed,
    no_trace,
)
from screenpop.web.security_middleware import LARGEST_BODY, SecurityMiddleware
from screenpop.web.static_routes import file_routes
from screenpop.web.templating import Renderer, open_templates
from screenpop.web.translations import Catalogue, our_catalogues, read_catalogues
from screenpop.web.websocket.endpoint import SocketLimits, WebSocketEndpoint

_HERE = Path(__file__).parent


class Web:
    """The ASGI application, with its connected browsers and its shutdown."""

    def __init__(
        self,
        gate: SecurityMiddleware,
        websocket_endpoint: WebSocketEndpoint,
        pages: FastAPI,
        assets: Assets,
        build: str,
        health: FeatureRouter,
    ) -> None:
        self._gate = gate
        self.websocket_endpoint = websocket_endpoint
        self.pages = pages
        self.assets = assets
        self.build = build
        self.health = health
        """The routes of monitoring, which may be served on a port of their own too."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._gate(scope, receive, send)

    def tabs(self, user: UserId) -> int:
        """Return how many browsers of this user are connected."""
        return self.websocket_endpoint.tabs(user)

    async def restart(self) -> None:
        """Notify all browsers that the server stops, so that they reconnect."""
        await self.websocket_endpoint.restart()


def create_web(
    *,
    database: Database,
    streams: Streams,
    receipts: Receipts,
    commands: Commands,
    simulate: Simulate | None = None,
    link_states: LinkStates = dict,
    metrics: CollectorRegistry | None = None,
    clock: Clock = time.time,
    public_origins: Sequence[str] = (),
    languages: Sequence[str] = LANGUAGES,
    timezone: str = "UTC",
    plan: NumberPlan | None = None,
    lines: TrunkLines | None = None,
    office_hours: OfficeHours | None = None,
    demo: bool = False,
    demo_guide: DemoGuide | None = None,
    desks: HotDesks | None = None,
    imports: Imports | None = None,
    export: Export | None = None,
    messages: Messages | None = None,
    webhooks: Webhooks | None = None,
    note_changed: NoteChanged = no_note_changed,
    callback_changed: CallbackChanged = no_callback_changed,
    offers_changed: OffersChanged = no_offers_changed,
    programs: Sequence[ProgramLink] = (),
    trace_of: TraceOf = no_trace,
    trip_rules: BoardRules | None = None,
    service_targets: ServiceTargets | None = None,
    board_limits: BoardLimits | None = None,
    queue_names: Sequence[str] = (),
    recording_template: str = "",
    voucher_batch: int = MAX_BATCH,
    second_factor_roles: Collection[Role] = (),
    provider: LoginProvider | None = None,
    agents_see: FilesRule = FilesRule.ALL,
    point_rules: PointRules | None = None,
    tier_rules: Sequence[TierRule] = (),
    tier_preview: TierPreview | None = None,
    api_token: str | None = None,
    socket_limits: SocketLimits | None = None,
    throttle: LoginThrottle | None = None,
    admin: AdminFacts | None = None,
    agents: Agents | None = None,
    static: Path | None = None,
    templates: Path | None = None,
    locale: Path | None = None,
) -> Web:
    """Return the web application.

    ``public_origins``: names by which browsers reach the server (``https://pop.example.com``);
    addresses and localhost need not be listed. Cookies are ``Secure`` if all are https.
    ``languages``: those offered, the default first.
    ``timezone``: of the office; decides the day of a call.
    ``plan``: number plan for typed numbers.
    ``lines``: names of the dialled numbers. ``office_hours``: None if unknown.
    ``programs``: links from each card to other programs.
    ``demo``: allow login as any user with one click. ``demo_guide``: explains the card there.
    ``api_token``: the content of the token file.
    ``simulate``: None if calls cannot be played.
    ``metrics``: returns the content of ``/metrics``.
    """
    origins = OwnOrigins(public_origins)
    assets = Assets(static or find_static())
    catalogues = read_catalogues(locale) if locale else our_catalogues()
    build = _build(assets, catalogues)
    cookies = Cookies(origins.https)
    user_resolver = UserResolver(database, cookies, api_token, clock, agents_see)
    refusals = RefusalLog(database, clock)
    socket_limits = socket_limits or SocketLimits()
    missed_versions = MissedCallVersions(
        database, clock, lambda: websocket_endpoint.count, socket_limits.missed_read_s
    )
    websocket_endpoint = WebSocketEndpoint(
        origins=origins,
        user_resolver=user_resolver,
        streams=streams,
        receipts=receipts,
        commands=commands,
        build=build,
        clock=clock,
        limits=socket_limits,
        refusals=refusals,
        missed=missed_versions.of,
    )
    renderer = Renderer(
        templates=open_templates(templates or _HERE / "templates", assets),
        catalogues=catalogues,
        assets=assets,
        cookies=cookies,
        languages=tuple(languages),
        build=build,
        demo=demo,
        has_phone=(desks or HotDesks()).has_phone,
        can_write=lambda: database.can_write,
        can_call=agents is not None and agents.is_calling_on,
    )
    context = WebContext(
        database,
        user_resolver,
        renderer,
        cookies,
        websocket_endpoint,
        clock,
        simulate,
        demo,
        desks or HotDesks(),
        ZoneInfo(timezone),
        plan := plan or NumberPlan(region=Region("IR")),
        lines or TrunkLines(plan),
        office_hours or OfficeHours(),
        throttle or LoginThrottle(),
        admin or AdminFacts(),
        commands,
        agents or Agents(),
        OpenedFiles(refusals),
        missed_versions,
        demo_guide=demo_guide,
        imports=imports,
        export=export,
        messages=messages,
        webhooks=webhooks or Webhooks(),
        programs=tuple(programs),
        note_changed=note_changed,
        callback_changed=callback_changed,
        offers_changed=offers_changed,
        trace_of=trace_of,
        trip_rules=trip_rules or BoardRules(),
        service_targets=service_targets or ServiceTargets(),
        board_limits=board_limits or BoardLimits(),
        queue_names=tuple(queue_names),
        recording_template=recording_template,
        voucher_batch=voucher_batch,
        second_factor_roles=frozenset(second_factor_roles),
        provider=provider,
        point_rules=point_rules or PointRules(),
        tier_rules=tier_rules,
        tier_preview=tier_preview,
    )
    pages = _pages(context, refusals, file_routes(assets, catalogues, build))
    registry = metrics or CollectorRegistry()
    add_part(registry, partial(socket_metrics, websocket_endpoint))
    checks = readiness_check(FitnessCheck(database), websocket_endpoint)
    health = health_routes(checks, link_states, registry, user_resolver)
    add_routes(pages, health)
    uploads = frozenset({LOOKBACK_PATH, *((IMPORT_PATH, "/api/v1/imports") if imports else ())})
    return Web(
        SecurityMiddleware(
            pages, websocket_endpoint, origins, uploads, UPLOAD_PATHS, refusals.refused_at_door
        ),
        websocket_endpoint,
        pages,
        assets,
        build,
        health,
    )


def _pages(context: WebContext, refusals: RefusalLog, files: FeatureRouter) -> FastAPI:
    @asynccontextmanager
    async def ticking(_: FastAPI) -> AsyncGenerator[None]:
        running = context.websocket_endpoint.run(), context.missed_versions.run()
        tasks = [asyncio.create_task(one) for one in running]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    problems = ErrorPages(context.renderer, refusals)
    pages = DescribedApi(
        title="Screenpop",
        version=version("screenpop"),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=ticking,
        max_body_size=LARGEST_BODY,
        exception_handlers={
            HTTPException: problems.http,
            RequestValidationError: problems.invalid,
            DatabaseProblemError: problems.database,
            CallsUnreachableError: problems.calls,
            Exception: problems.unexpected,
        },
    )
    pages.state.user_resolver = context.user_resolver
    add_routes(pages, files)  # first: routes are tried in order, and a page asks for fifty files
    for routes in ALL_ROUTES:
        add_routes(pages, routes(context))
    return pages


def _build(assets: Assets, catalogues: Mapping[str, Catalogue]) -> str:
    """Return the build id; it changes when open pages no longer match the server."""
    parts = [version("screenpop"), assets.version]
    parts += [catalogue.version for catalogue in catalogues.values()]
    return short_hash(";".join(parts).encode())
