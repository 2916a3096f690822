"""Starts the parts of the scale demo, each in a process of its own, and stops them by their id."""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import redis

from benchmarks.agents import phones
from benchmarks.browsers import AgentLogin
from benchmarks.customers import TIMEZONE
from benchmarks.scale_pbx import Account
from benchmarks.servers import SERVE, ServerError, free_port
from screenpop.accounts.users import Department, Role
from screenpop.store.accounts.sessions import token_hash
from screenpop.store.accounts.users import create_user
from screenpop.store.engine.database import opened
from screenpop.telephony.identifiers import Endpoint
from tests.tools import NGINX, REDIS, Tool, library_path

_STARTS_WITHIN_S = 90.0
_STOPS_WITHIN_S = 20.0
_BROWSER = r"""
map $http_cookie $screenpop_browser {
    "~(?:^|;\s*)(?:__Host-)?screenpop_session=(?<session>[^;]+)" $session;
    default $remote_addr;
}
"""
"""As docs/scaling.md has it."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Part:
    """A process."""

    name: str
    process: "subprocess.Popen[bytes]"
    output: Path
    port: int = 0
    has_workers: bool = False
    """Whether its children do its work, as those of nginx. Screenpop's do nightly work."""
    used_s: float = 0.0
    """Processor time when it was killed."""

    def cpu_s(self) -> float:
        """Return the processor time since the start."""
        if self.process.poll() is not None:
            return self.used_s
        return processor_time(self.process.pid, with_children=self.has_workers)

    def kill(self) -> float:
        """Kill it (kill -9) and return when, on the monotonic clock."""
        self.used_s = self.cpu_s()
        self.process.kill()
        at = time.monotonic()
        self.process.wait()
        return at

    def wait_until_ready(self, path: str = "/readyz") -> None:
        """Wait until it answers 200. Raises ``ServerError`` with the end of its output."""
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while not answers(self.port, path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise ServerError(f"{self.name} is not ready: {self.end_of_output()}")
            time.sleep(0.1)

    def end_of_output(self) -> str:
        return self.output.read_text(errors="replace")[-3000:]


@dataclass(slots=True)
class Office:
    """The running parts."""

    folder: Path
    closing: ExitStack
    settings: Mapping[str, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        environment: Mapping[str, str] | None = None,
        port: int = 0,
    ) -> Part:
        """Start a process; it is stopped with the office."""
        output = self.folder / f"{name}.log"
        own = {key: value for key, value in os.environ.items() if not key.startswith("SCREENPOP_")}
        with output.open("wb") as log_file:
            process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=subprocess.STDOUT,
                env={**own, **(environment or {})},
                cwd=self.folder,
            )
        part = Part(name, process, output, port)
        self.parts.append(part)
        self.closing.callback(_stop, process)
        return part

    def screenpop(self, name: str, command: str) -> Part:
        """Start ``screenpop listen``, ``web`` or ``serve`` on a port of its own."""
        port = free_port()
        option = () if command == "serve" else ("--port", str(port))
        root = str(Path(__file__).resolve().parent.parent)
        own = {"PYTHONPATH": root, "SCREENPOP_BIND_PORT": str(port)}
        python = [sys.executable, *SERVE[:2], command, *option]
        return self.start(name, python, {**own, **self.settings}, port)


@contextmanager
def office() -> Iterator[Office]:
    """Yield an office without parts; stop all of them at the end."""
    with tempfile.TemporaryDirectory(prefix="screenpop-scale-") as folder, ExitStack() as closing:
        yield Office(Path(folder), closing)


def start_redis(here: Office) -> str:
    """Start Redis or Valkey on a socket in the folder; return its URL."""
    program, socket = REDIS.ensure(), here.folder / "redis.sock"
    options = ("--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no")
    part = here.start("redis", [program, *options], _libraries(REDIS, program))
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while not socket.exists():
        if part.process.poll() is not None or time.monotonic() > deadline:
            raise ServerError(f"redis is not ready: {part.end_of_output()}")
        time.sleep(0.05)
    return f"unix://{socket}"


def start_proxy(here: Office, webs: Sequence[Part]) -> Part:
    """Start nginx before the web processes. A user's requests go to one of them while it runs."""
    program, port, folder = NGINX.ensure(), free_port(), here.folder / "nginx"
    folder.mkdir()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    servers = "".join(f"server 127.0.0.1:{web.port} max_fails=1 fail_timeout=5s;\n" for web in webs)
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
        + ("user root;\n" if os.geteuid() == 0 else "")
        + "worker_rlimit_nofile 20000;\nevents { worker_connections 10000; }\n"
        + "http {\naccess_log off;\n"
        + "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
        + 'map $http_upgrade $screenpop_connection { default upgrade; "" ""; }\n'
        + f"{_BROWSER}upstream screenpop {{\nhash $screenpop_browser consistent;\n{servers}}}\n"
        + f"server {{\nlisten 127.0.0.1:{port} backlog=4096;\nlocation / {{\n"
        + "proxy_pass http://screenpop;\nproxy_http_version 1.1;\n"
        + "proxy_set_header Host $http_host;\nproxy_set_header Upgrade $http_upgrade;\n"
        + "proxy_set_header Connection $screenpop_connection;\n"
        + "proxy_set_header X-Forwarded-For $remote_addr;\n"
        + "proxy_set_header X-Forwarded-Proto $scheme;\nproxy_read_timeout 60s;\n}\n}\n}\n"
    )
    command = (program, "-c", folder / "nginx.conf", "-p", folder, "-e", folder / "error.log")
    part = here.start("nginx", command, _libraries(NGINX, program), port)
    part.has_workers = True
    part.wait_until_ready("/healthz")
    return part


def scale_settings(folder: Path, account: Account, database: str, redis_url: str) -> dict[str, str]:
    """Return the settings that all processes of Screenpop share, as environment variables."""
    pbx = {
        "id": "office",
        "port": account.port,
        "username": account.username,
        "secret": account.secret,
    }
    data = folder / "data"
    data.mkdir()
    return {
        "SCREENPOP_DATA_DIR": str(data),
        "SCREENPOP_DATABASE_URL": database,
        **({"SCREENPOP_REDIS": json.dumps({"url": redis_url})} if redis_url else {}),
        "SCREENPOP_TIMEZONE": TIMEZONE,
        "SCREENPOP_NUMBER_PLAN": json.dumps({"region": "IR", "extensions": ["1XXX", "2XXX"]}),
        "SCREENPOP_PBX": json.dumps([pbx]),
        "SCREENPOP_TRUSTED_PROXIES": json.dumps(["127.0.0.1"]),
        "SCREENPOP_LOG_FORMAT": "json",
    }


async def add_agents(database: str, count: int) -> tuple[AgentLogin, ...]:
    """Add agents with a phone and an open session each, to a PostgreSQL."""
    every, now = phones(count), time.time()
    async with opened(database) as store:
        first = await create_user(
            store,
            username=f"agent{every[0]}",
            display_name=f"Agent {every[0]}",
            password=secrets.token_urlsafe(16),
            role=Role.AGENT,
            department=Department.SALES,
            language="fa",
            now=now,
            endpoints=[Endpoint(every[0])],
        )
    tokens = [secrets.token_urlsafe(32) for _ in every]
    connection = await asyncpg.connect(database)
    try:
        # Hashing a password is slow on purpose: the others are copies of the first.
        await connection.execute(
            "INSERT INTO users (id, username, display_name, password_hash, role, department,"
            " language, created_at) SELECT u.id + n, 'agent' || (1001 + n), 'Agent ' || (1001 + n),"
            " u.password_hash, u.role, u.department, u.language, u.created_at"
            " FROM users u, generate_series(1, $2::int) n WHERE u.id = $1",
            first.id,
            count - 1,
        )
        await connection.execute("SELECT setval('users_id_seq', (SELECT max(id) FROM users))")
        await connection.executemany(
            "INSERT INTO user_endpoints (user_id, pbx, endpoint) VALUES ($1, '', $2)",
            [(first.id + index, phone) for index, phone in enumerate(every) if index],
        )
        await connection.executemany(
            "INSERT INTO sessions (token_hash, user_id, csrf, created_at, last_seen_at, expires_at)"
            " VALUES ($1, $2, 'x', $3, $3, $3::float8 + 86400)",
            [(token_hash(token), first.id + index, now) for index, token in enumerate(tokens)],
        )
    finally:
        await connection.close()
    return tuple(
        AgentLogin(phone, "/ws/v1", f"screenpop_session={token}")
        for phone, token in zip(every, tokens, strict=True)
    )


def add_agents_now(database: str, count: int) -> tuple[AgentLogin, ...]:
    return asyncio.run(add_agents(database, count))


def processor_time(pid: int, *, with_children: bool) -> float:
    """Return the processor time of a process, in seconds."""
    children: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            number = int(folder.name)
            children.setdefault(int(stat[1]), []).append(number)
            # Own time; after it that of children which have ended.
            used[number] = sum(map(int, stat[11 : 15 if with_children else 13])) / _TICKS
    if not with_children:
        return used.get(pid, 0.0)
    total, waiting = 0.0, [pid]
    while waiting:
        one = waiting.pop()
        total += used.get(one, 0.0)
        waiting += children.get(one, [])
    return total


def postgres_pid(database: str) -> int:
    """Return the process id of the server that a URL leads to, which runs on this machine."""

    async def ask() -> int:
        connection = await asyncpg.connect(database)
        try:
            lines = await connection.fetchval("SELECT pg_read_file('postmaster.pid')")
        finally:
            await connection.close()
        return int(str(lines).partition("\n")[0])

    return asyncio.run(ask())


def counted(database: str, redis_url: str) -> dict[str, float]:
    """Return what PostgreSQL and Redis have counted since their start."""

    async def ask() -> dict[str, float]:
        connection = await asyncpg.connect(database)
        try:
            row = await connection.fetchrow(
                "SELECT xact_commit, tup_inserted + tup_updated + tup_deleted"
                " FROM pg_stat_database WHERE datname = current_database()"
            )
        finally:
            await connection.close()
        return {"transactions": row[0], "rows written": row[1]} if row else {}

    found = asyncio.run(ask())
    if redis_url:
        with redis.Redis.from_url(redis_url) as client:
            info = client.info("stats")
        found["commands to Redis"] = info["total_commands_processed"]
        found["bytes to and from Redis"] = (
            info["total_net_input_bytes"] + info["total_net_output_bytes"]
        )
    return found


def answers(port: int, path: str) -> bool:
    """Return whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            status: int = answer.status
            return status == 200
    except (urllib.error.URLError, OSError):
        return False


def _libraries(tool: Tool, program: Path) -> dict[str, str]:
    tree = tool.root.path
    return {"LD_LIBRARY_PATH": library_path(tree)} if tree in program.parents else {}


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOPS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
