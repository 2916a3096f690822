"""The agents who sit at the phones, and what lets their browsers in."""

import asyncio
import secrets
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from benchmarks.browsers import Seat
from screenpop.accounts.users import Department, Role, UserId
from screenpop.store.accounts.sessions import start_session
from screenpop.store.accounts.users import create_user
from screenpop.store.engine.database import opened
from screenpop.telephony.identifiers import Endpoint

FIRST_PHONE = 1001


def phones(count: int) -> tuple[str, ...]:
    return tuple([str(FIRST_PHONE + number) for number in range(count)])


def seat_agents(database: Path, count: int) -> tuple[Seat, ...]:
    """Make so many agents, each with a phone, and log each of them in."""
    return asyncio.run(_seat_agents(database, count))


async def _seat_agents(database: Path, count: int) -> tuple[Seat, ...]:
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
        seats: list[Seat] = []
        for place, phone in enumerate(phones(count)):
            session = await start_session(store, UserId(first.id + place), time.time())
            cookie = f"screenpop_session={session.token}"
            seats.append(Seat(phone, "/ws/v1", cookie))
        return tuple(seats)


def _copy_agent(database: Path, first: int, count: int) -> None:
    """The others are as the first one: a password takes a deliberate while to hash."""
    with closing(sqlite3.connect(database)) as connection, connection:
        places = [(place, FIRST_PHONE + place) for place in range(1, count)]
        connection.executemany(
            "INSERT INTO users (id, username, display_name, password_hash, role, department,"
            " language, created_at) SELECT id + ?1, 'agent' || ?2, 'Agent ' || ?2,"
            f" password_hash, role, department, language, created_at FROM users WHERE id = {first}",
            places,
        )
        connection.executemany(
            f"INSERT INTO user_endpoints (user_id, pbx, endpoint) VALUES ({first} + ?, '', ?)",
            [(place, str(phone)) for place, phone in places],
        )
