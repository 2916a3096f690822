"""A real server on loopback, with recording fakes at its ports, and browsers to visit it."""

import asyncio
import re
import shutil
import ssl
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import orjson
from typing_extensions import override
from websockets.asyncio.client import ClientConnection, connect

from screenpop.accounts.users import Department, Role, User, UserId
from screenpop.app.wiring import callback_publisher
from screenpop.bus.memory import MemoryBus, Reader
from screenpop.customers.visibility import FilesRule
from screenpop.follow_ups.office_hours import OfficeHours
from screenpop.loyalty.tiers import TierRule
from screenpop.protocol.client_messages import Stage
from screenpop.store.accounts.sessions import start_session
from screenpop.store.accounts.users import create_user, list_users
from screenpop.store.engine.database import Database, open_database
from screenpop.telephony.identifiers import CallId, Endpoint, PbxId
from screenpop.web.application import Web, create_web
from screenpop.web.auth.login_throttle import LoginThrottle
from screenpop.web.auth.provider_port import LoginProvider
from screenpop.web.connections import ConnectionLimits
from screenpop.web.export_port import Export
from screenpop.web.imports.port import Imports
from screenpop.web.listen_socket import open_listening_socket
from screenpop.web.ports import AdminFacts, TierPreview
from screenpop.web.server import Server
from screenpop.web.websocket.endpoint import SocketLimits

SITE = Path(__file__).parent / "site"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
OpenImports = Callable[[Database], AbstractAsyncContextManager[Imports]]
PASSWORD = "a long enough pass phrase"
TOKEN = "token-of-the-token-file-that-is-long-enough"

PEOPLE = (
    ("alice", "Alice <b>Agent</b>", Role.AGENT, Department.SALES, "en", ("101", "151")),
    ("bob", "Bob", Role.AGENT, Department.ACCOUNTING, "fa", ("102",)),
    ("sue", "Sue", Role.SUPERVISOR, Department.SALES, "el", ()),
    ("adam", "Adam", Role.ADMIN, Department.SUPPORT, "en", ()),
)


@dataclass
class Recorded:
    """What the web layer reported to its ports."""

    receipts: list[tuple[UserId, str, int, Mapping[Stage, float]]] = field(default_factory=list)
    commands: list[tuple[UserId, str, Mapping[str, object]]] = field(default_factory=list)
    simulated: list[dict[str, object]] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    hold: asyncio.Event | None = None

    def receipt(self, user: UserId, card: str, rev: int, stages: Mapping[Stage, float]) -> None:
        self.receipts.append((user, card, rev, stages))
        self.heard.set()

    async def command(
        self, user: UserId, op: str, args: Mapping[str, object], command_id: str = "", /
    ) -> Mapping[str, object]:
        self.commands.append((user, op, args))
        if self.hold is not None:
            await self.hold.wait()
        match op:
            case "refuse":
                return {"error": "no_such_card"}
            case "break":
                raise RuntimeError("on purpose")
            case _:
                return {"number": len(self.commands)}

    async def simulate(self, call: dict[str, object]) -> Mapping[str, object]:
        self.simulated.append(call)
        return {"error": "bad_call"} if call.get("from") == "bad" else {"call": "sim-1"}


class SignallingBus(MemoryBus):
    """Signals when a browser has left."""

    def __init__(self) -> None:
        super().__init__()
        self.left = asyncio.Event()

    @override
    def leave(self, user: UserId, reader: Reader) -> None:
        super().leave(user, reader)
        self.left.set()


@dataclass
class Running:
    port: int
    web: Web
    bus: SignallingBus
    database: Database
    people: dict[str, User]
    recorded: Recorded
    links: dict[PbxId, str]
    cookies: dict[str, str] = field(default_factory=dict)
    traces: dict[tuple[PbxId, CallId], tuple[dict[str, object], ...]] = field(default_factory=dict)
    """The steps of calls in progress."""

    waits: list[float] = field(default_factory=list)
    """Seconds that tries at a password would have waited: nothing sleeps for them here."""

    open_connections: Callable[[], int] = int
    """How many connections the server has now."""
    busy: Callable[[], int] = int
    """How many requests and sockets wait for their first answer now."""

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def id(self, name: str) -> UserId:
        return self.people[name].id

    def browser(self, **more: str) -> httpx.AsyncClient:
        """A browser without a session, whose requests come from our own pages."""
        headers = {"Origin": self.url} | more
        return plain_client(self.url, headers, timeout_s=30)

    async def log_in(self, name: str) -> str:
        """The session cookie of one of ``PEOPLE``, as a header's value."""
        if name not in self.cookies:
            session = await start_session(self.database, self.id(name), time.time())
            self.cookies[name] = f"screenpop_session={session.token}"
        return self.cookies[name]

    async def client(self, name: str) -> httpx.AsyncClient:
        """A browser in which this person is logged in."""
        return self.browser(Cookie=await self.log_in(name))

    @asynccontextmanager
    async def socket(
        self, name: str | None, *, origin: str | None = "own", path: str = "/ws/v1", **more: str
    ) -> AsyncGenerator["Socket"]:
        headers = dict(more)
        if name is not None:
            headers["Cookie"] = await self.log_in(name)
        if origin is not None:
            headers["Origin"] = self.url if origin == "own" else origin
        async with connect(
            f"ws://{self.host}{path}",
            additional_headers=headers,
            compression=None,
            ping_interval=None,
            proxy=None,
            max_size=None,
        ) as line:
            yield Socket(line)


@dataclass
class Socket:
    """A browser's end of the socket."""

    line: ClientConnection

    async def send_message(self, type: str, **fields: object) -> None:
        await self.line.send(orjson.dumps({"type": type, **fields}).decode())

    async def hear(self) -> dict[str, object]:
        async with asyncio.timeout(10):
            message = orjson.loads(await self.line.recv())
        assert isinstance(message, dict)
        return message

    async def hear_until(self, type: str) -> list[dict[str, object]]:
        """Everything up to and with the next message of this type."""
        heard = [await self.hear()]
        while heard[-1]["type"] != type:
            heard.append(await self.hear())
        return heard

    async def closed(self) -> int | None:
        """The close code, once the server has closed."""
        async with asyncio.timeout(15):
            await self.line.wait_closed()
        return self.line.close_code

    async def greet(self, last: object = None) -> list[dict[str, object]]:
        """Send hello; return the welcome, and the snapshot if one follows."""
        await self.send_message("hello", last=last, tab="t1", build="-")
        welcome = await self.hear()
        assert welcome["type"] == "welcome", welcome
        return [welcome, await self.hear()] if welcome["mode"] == "snapshot" else [welcome]


def plain_client(
    url: str, headers: Mapping[str, str] | None = None, timeout_s: float = 5
) -> httpx.AsyncClient:
    """For loopback without TLS. A client would read all the machine's certificates, each time."""
    return httpx.AsyncClient(
        base_url=url, headers=headers, trust_env=False, verify=NO_TLS, timeout=timeout_s
    )


async def log_in(
    browser: httpx.AsyncClient, name: str, password: str = PASSWORD, **fields: str
) -> httpx.Response:
    form = await browser.get("/login")
    return await browser.post(
        "/login",
        data={"username": name, "password": password, "csrf": csrf_of(form.text), **fields},
    )


def csrf_of(html: str) -> str:
    found = re.search(r'data-csrf="([^"]*)"', html)
    assert found is not None, html
    return found[1]


async def add_people(path: Path) -> None:
    """``PEOPLE`` into a database with our tables."""
    database = open_database(f"sqlite:///{path}")
    for name, display_name, role, department, language, phones in PEOPLE:
        await create_user(
            database,
            username=name,
            display_name=display_name,
            password=PASSWORD,
            role=role,
            department=department,
            language=language,
            now=1_700_000_000.0,
            endpoints=[Endpoint(phone) for phone in phones],
        )
    await database.close()


@asynccontextmanager
async def running(
    prepared: Path,
    folder: Path,
    *,
    demo: bool = False,
    simulate: bool = True,
    limits: SocketLimits | None = None,
    connections: ConnectionLimits | None = None,
    public_origins: tuple[str, ...] = (),
    real_pages: bool = False,
    export: Export | None = None,
    imports: OpenImports | None = None,
    admin: AdminFacts | None = None,
    office_hours: OfficeHours | None = None,
    tier_rules: Sequence[TierRule] = (),
    tier_preview: TierPreview | None = None,
    recording_template: str = "",
    second_factor_roles: Sequence[Role] = (),
    provider: LoginProvider | None = None,
    agents_see: FilesRule = FilesRule.ALL,
) -> AsyncGenerator[Running]:
    shutil.copy(prepared, folder / "web.db")
    database = open_database(f"sqlite:///{folder / 'web.db'}")
    closing = AsyncExitStack()
    import_jobs = None if imports is None else await closing.enter_async_context(imports(database))
    bus = SignallingBus()
    recorded = Recorded()
    links = {PbxId("office"): "live"}
    waits: list[float] = []
    traces: dict[tuple[PbxId, CallId], tuple[dict[str, object], ...]] = {}

    async def no_sleep(seconds: float) -> None:
        waits.append(seconds)

    async def trace_of(pbx: PbxId, call: CallId) -> tuple[dict[str, object], ...]:
        return traces.get((pbx, call), ())

    people: dict[str, User] = {}
    web = create_web(
        throttle=LoginThrottle(sleep=no_sleep),
        admin=admin,
        office_hours=office_hours,
        recording_template=recording_template,
        second_factor_roles=second_factor_roles,
        provider=provider,
        agents_see=agents_see,
        database=database,
        streams=bus,
        receipts=recorded.receipt,
        commands=recorded.command,
        simulate=recorded.simulate if simulate else None,
        imports=import_jobs,
        link_states=lambda: links,
        demo=demo,
        export=export,
        tier_rules=tier_rules,
        tier_preview=tier_preview,
        callback_changed=callback_publisher(bus, lambda: [user.id for user in people.values()]),
        trace_of=trace_of,
        api_token=TOKEN,
        socket_limits=limits,
        public_origins=public_origins,
        static=None if real_pages else SITE / "static",
        templates=None if real_pages else SITE / "templates",
    )
    listening = open_listening_socket("127.0.0.1", 0)
    server = Server(web, limits=connections)
    serving = asyncio.create_task(server.serve([listening]))
    try:
        while not server.started:
            await asyncio.sleep(0)
            if serving.done():
                await serving
        people |= {user.username: user for user in await _people(database)}
        yield Running(
            listening.getsockname()[1],
            web,
            bus,
            database,
            people,
            recorded,
            links,
            traces=traces,
            waits=waits,
            open_connections=lambda: server.counts.open,
            busy=lambda: server.counts.busy,
        )
    finally:
        server.should_exit = True
        async with asyncio.timeout(20):
            await serving
        await closing.aclose()
        await database.close()


async def _people(database: Database) -> tuple[User, ...]:
    return await list_users(database)
