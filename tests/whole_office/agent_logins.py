"""Agents with a phone and an open session each."""

import asyncio
import secrets
import time
from dataclasses import dataclass

import asyncpg

from screenpop.accounts.users import Department, Role
from screenpop.store.accounts.sessions import token_hash
from screenpop.store.accounts.users import create_user
from screenpop.store.engine.database import opened
from screenpop.telephony.identifiers import Endpoint

FIRST_PHONE = 1001


def phones(count: int) -> tuple[str, ...]:
    return tuple([str(FIRST_PHONE + number) for number in range(count)])


@dataclass(frozen=True, slots=True)
class AgentLogin:
    """Phone, websocket path and session cookie of one agent's browser."""

    phone: str
    path: str
    cookie: str = ""


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
