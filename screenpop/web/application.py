"""The web room, put together from plain values and ports: it reads no settings."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from prometheus_client import CollectorRegistry, Gauge
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from screenpop.accounts.users import UserId
from screenpop.customers.records import LANGUAGES
from screenpop.service.lines import Lines
from screenpop.store.database import Database
from screenpop.store.problems import DatabaseProblemError
from screenpop.telephony.identifiers import Region
from screenpop.telephony.plan import NumberPlan
from screenpop.web.account_pages import account_routes
from screenpop.web.admin_pages import admin_routes, user_routes
from screenpop.web.api import api_routes
from screenpop.web.api_description import DescribedApi
from screenpop.web.assets import Assets, find_static, short_hash
from screenpop.web.call_note_pages import call_note_routes
from screenpop.web.call_pages import call_routes
from screenpop.web.catalogue import Catalogue, our_catalogues, read_catalogues
from screenpop.web.confirming import confirm_routes
from screenpop.web.cookies import Cookies
from screenpop.web.customer_api import customer_api_routes
from screenpop.web.customer_pages import customer_routes
from screenpop.web.desk_pages import desk_routes
from screenpop.web.file_routes import file_routes
from screenpop.web.gate import LARGEST_BODY, Gate
from screenpop.web.health import health_routes
from screenpop.web.import_api import import_api_routes, import_following_routes
from screenpop.web.import_pages import PLACE, import_action_routes, import_routes
from screenpop.web.import_port import Imports
from screenpop.web.login_pages import login_routes
from screenpop.web.login_throttle import LoginThrottle
from screenpop.web.missed_call_api import missed_call_routes
from screenpop.web.order_pages import merge_routes, quality_routes
from screenpop.web.origins import OwnOrigins
from screenpop.web.person_pages import person_routes
from screenpop.web.ports import (
    AdminFacts,
    Clock,
    Commands,
    Desks,
    Export,
    NoteChanged,
    Readiness,
    Receipts,
    Simulate,
    Streams,
    no_note_changed,
)
from screenpop.web.privacy_pages import privacy_api_routes, privacy_routes
from screenpop.web.problems import Problems
from screenpop.web.rendering import Renderer, open_templates
from screenpop.web.seat_pages import seat_routes
from screenpop.web.site import Site
from screenpop.web.sockets import SocketDoor, SocketLimits
from screenpop.web.travel_pages import case_routes, trip_routes
from screenpop.web.visitors import Visitors

_HERE = Path(__file__).parent


class Web:
    """The ASGI application, and what others may want to know of it."""

    def __init__(
        self, gate: Gate, door: SocketDoor, pages: FastAPI, assets: Assets, build: str
    ) -> None:
        self._gate = gate
        self.door = door
        self.pages = pages
        self.assets = assets
        self.build = build

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._gate(scope, receive, send)

    def tabs(self, user: UserId) -> int:
        """How many browsers of this user are connected."""
        return self.door.tabs(user)

    async def restart(self) -> None:
        """Tell all browsers that the server stops and to come back by themselves."""
        await self.door.restart()


def create_web(
    *,
    database: Database,
    streams: Streams,
    receipts: Receipts,
    commands: Commands,
    simulate: Simulate | None = None,
    readiness: Readiness = dict,
    metrics: CollectorRegistry | None = None,
    clock: Clock = time.time,
    public_origins: Sequence[str] = (),
    languages: Sequence[str] = LANGUAGES,
    timezone: str = "UTC",
    plan: NumberPlan | None = None,
    lines: Lines | None = None,
    demo: bool = False,
    desks: Desks | None = None,
    imports: Imports | None = None,
    export: Export | None = None,
    note_changed: NoteChanged = no_note_changed,
    api_token: str | None = None,
    socket_limits: SocketLimits | None = None,
    throttle: LoginThrottle | None = None,
    admin: AdminFacts | None = None,
    static: Path | None = None,
    templates: Path | None = None,
    locale: Path | None = None,
) -> Web:
    """``public_origins``: how browsers reach us by name (``https://pop.example.com``); addresses
    and localhost need no telling. Cookies are ``Secure`` when all of them are https.
    ``languages``: those offered, the default first. ``timezone``: of the office, decides which
    day a call came on. ``plan``: how numbers are meant that people type.
    ``lines``: what the numbers that callers dial are called. ``demo``:
    log in as anybody with one click. ``api_token``: what the token
    file holds. ``simulate``: None where calls cannot be played. ``metrics``: what ``/metrics``
    tells.
    """
    origins = OwnOrigins(public_origins)
    assets = Assets(static or find_static())
    catalogues = read_catalogues(locale) if locale else our_catalogues()
    build = _build(assets, catalogues)
    cookies = Cookies(origins.https)
    visitors = Visitors(database, cookies, api_token, clock)
    door = SocketDoor(
        origins=origins,
        visitors=visitors,
        streams=streams,
        receipts=receipts,
        commands=commands,
        build=build,
        clock=clock,
        limits=socket_limits or SocketLimits(),
    )
    renderer = Renderer(
        templates=open_templates(templates or _HERE / "templates", assets),
        catalogues=catalogues,
        assets=assets,
        cookies=cookies,
        languages=tuple(languages),
        build=build,
        demo=demo,
        has_phone=(desks or Desks()).has_phone,
        can_write=lambda: database.can_write,
    )
    site = Site(
        database,
        visitors,
        renderer,
        cookies,
        door,
        clock,
        simulate,
        demo,
        desks or Desks(),
        ZoneInfo(timezone),
        plan := plan or NumberPlan(region=Region("IR")),
        lines or Lines(plan),
        throttle or LoginThrottle(),
        admin or AdminFacts(),
        imports=imports,
        export=export,
        note_changed=note_changed,
    )
    pages = _pages(site)
    pages.include_router(file_routes(assets, catalogues, build))
    registry = metrics or CollectorRegistry()
    Gauge("screenpop_browsers", "Browsers connected now.", registry=registry).set_function(
        lambda: door.count
    )
    pages.include_router(health_routes(database, readiness, registry, visitors))
    uploads = frozenset({PLACE, "/api/v1/imports"}) if imports else frozenset[str]()
    return Web(Gate(pages, door, origins, uploads), door, pages, assets, build)


def _pages(site: Site) -> FastAPI:
    @asynccontextmanager
    async def ticking(_: FastAPI) -> AsyncGenerator[None]:
        ticker = asyncio.create_task(site.door.run())
        try:
            yield
        finally:
            ticker.cancel()
            await asyncio.gather(ticker, return_exceptions=True)

    problems = Problems(site.renderer)
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
            Exception: problems.unexpected,
        },
    )
    pages.state.visitors = site.visitors
    for routes in (
        login_routes,
        desk_routes,
        seat_routes,
        account_routes,
        admin_routes,
        user_routes,
        confirm_routes,
        call_routes,
        call_note_routes,
        missed_call_routes,
        customer_routes,
        customer_api_routes,
        merge_routes,
        quality_routes,
        person_routes,
        trip_routes,
        case_routes,
        import_routes,
        import_action_routes,
        import_api_routes,
        import_following_routes,
        privacy_routes,
        privacy_api_routes,
        api_routes,
    ):
        pages.include_router(routes(site))
    return pages


def _build(assets: Assets, catalogues: Mapping[str, Catalogue]) -> str:
    """Another one whenever a page that is open would no longer fit the server."""
    parts = [version("screenpop"), assets.version]
    parts += [catalogue.version for catalogue in catalogues.values()]
    return short_hash(";".join(parts).encode())
