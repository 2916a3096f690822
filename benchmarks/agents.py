"""Creates the agents of a benchmark, each with a phone and a logged-in session."""

import asyncio
import secrets
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from screenpop.accounts.users import Department, Role, UserId
from screenpop.store.accounts.sessions import start_session
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
        logins: list[AgentLogin] = []
        for index, phone in enumerate(phones(count)):
            session = await start_session(store, UserId(first.id + index), time.time())
            cookie = f"screenpop_session={session.token}"
            logins.append(AgentLogin(phone, "/ws/v1", cookie))
        return tuple(logins)


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
