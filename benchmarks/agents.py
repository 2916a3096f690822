"""Creates the agents of a benchmark, each with a phone and a logged-in session."""

import asyncio
import secrets
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from screenpop.accounts.users import Department, Role
from screenpop.store.accounts.sessions import LIFETIME_S, token_hash
from screenpop.store.accounts.users import create_user
from screenpop.store.engine.database import opened
from screenpop.telephony.identifiers import Endpoint
from tests.whole_office.agent_logins import FIRST_PHONE, AgentLogin, phones


def create_agents(database: Path, count: int) -> tuple[AgentLogin, ...]:
    """Create ``count`` agents with one phone each and start a session for each."""
    return asyncio.run(_create_agents(database, count))


async def _create_agents(database: Path, count: int) -> tuple[AgentLogin, ...]:
    async with opened(f"sqlite:///{database}") as store:
        first = await create_user(
            store,
            username=f"agent{FIRST_PHONE}",
            display_name=f"Agent {FIRST_PHONE}",
            password=secrets.token_urlsafe(16),
            role=Role.AGENT,
            department=Department.SALES,
            language="fa",
            now=time.time(),
            endpoints=[Endpoint(str(FIRST_PHONE))],
        )
        _copy_agent(database, first.id, count)
    tokens = [secrets.token_urlsafe(32) for _ in range(count)]
    _add_sessions(database, first.id, tokens)
    return tuple(
        AgentLogin(phone, "/ws/v1", f"screenpop_session={token}")
        for phone, token in zip(phones(count), tokens, strict=True)
    )


def _add_sessions(database: Path, first: int, tokens: Sequence[str]) -> None:
    """Write all sessions at once: ten thousand logins would take minutes."""
    now = time.time()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executemany(
            "INSERT INTO sessions (token_hash, user_id, csrf, created_at, last_seen_at, expires_at)"
            " VALUES (?, ?, 'x', ?, ?, ?)",
            [
                (token_hash(token), first + index, now, now, now + LIFETIME_S)
                for index, token in enumerate(tokens)
            ],
        )


def _copy_agent(database: Path, first: int, count: int) -> None:
    """Copy the first agent, because hashing a password is slow on purpose."""
    with closing(sqlite3.connect(database)) as connection, connection:
        rows = [(index, FIRST_PHONE + index) for index in range(1, count)]
        connection.executemany(
            "INSERT INTO users (id, username, display_name, password_hash, role, department,"
            " language, created_at) SELECT id + ?1, 'agent' || ?2, 'Agent ' || ?2,"
            f" password_hash, role, department, language, created_at FROM users WHERE id = {first}",
            rows,
        )
        connection.executemany(
            f"INSERT INTO user_endpoints (user_id, pbx, endpoint) VALUES ({first} + ?, '', ?)",
            [(index, str(phone)) for index, phone in rows],
        )
