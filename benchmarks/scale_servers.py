"""The proxy of the scale demo, and what its database and Redis have counted."""

import asyncio
import os
from collections.abc import Sequence

import asyncpg
import redis

from tests.tools import NGINX
from tests.whole_office.processes import Office, Part, free_port, library_environment

_BROWSER = r"""
map $http_cookie $screenpop_browser {
    "~(?:^|;\s*)(?:__Host-)?screenpop_session=(?<session>[^;]+)" $session;
    default $remote_addr;
}
"""
"""As docs/scaling.md has it."""


def start_proxy(here: Office, webs: Sequence[Part], workers: int = 1) -> Part:
    """Start nginx before the web processes. A user's requests go to one of them while it runs.

    A worker carries up to 16,000 connections, two for each page and two for each request.
    """
    program, port, folder = NGINX.ensure(), free_port(), here.folder / "nginx"
    folder.mkdir()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    servers = "".join(f"server 127.0.0.1:{web.port} max_fails=0;\n" for web in webs)
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes {workers}; pid {folder}/pid; error_log {folder}/error.log;\n"
        + ("user root;\n" if os.geteuid() == 0 else "")
        + "worker_rlimit_nofile 20000;\nevents { worker_connections 16000; }\n"
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
    part = here.start("nginx", command, library_environment(NGINX, program), port)
    part.has_workers = True
    part.wait_until_ready("/healthz")
    return part


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
