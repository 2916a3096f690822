"""The history of agents' states is written in few transactions and loses none."""

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, delete, insert, select, update

from screenpop.accounts.users import UserId
from screenpop.service.availability_ports import AvailabilitySpan
from screenpop.store.accounts import agent_states as module
from screenpop.store.accounts.agent_states import (
    MAX_UNWRITTEN,
    StoredAvailability,
    list_agent_states,
    write_spans,
)
from screenpop.store.engine.database import Database, open_database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import agent_states
from screenpop.store.schema.tables import metadata
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio

MARYAM, ELENI, REMOVED = UserId(1), UserId(2), UserId(3)


def span(agent: UserId, begun_at: float, *, ended_at: float | None = None) -> AvailabilitySpan:
    return AvailabilitySpan(agent, "available", "", "", begun_at, None, ended_at, False)


def write_alone(connection: Connection, one: AvailabilitySpan) -> None:
    """What a span means, written by itself: the statement of the rule."""
    mine = agent_states.c.user_id == one.agent
    connection.execute(delete(agent_states).where(mine, agent_states.c.begun_at == one.begun_at))
    connection.execute(
        update(agent_states)
        .where(mine, agent_states.c.ended_at.is_(None))
        .values(ended_at=one.begun_at)
    )
    connection.execute(
        insert(agent_states).values(
            user_id=one.agent, state=one.state, begun_at=one.begun_at, ended_at=one.ended_at
        )
    )


def history(connection: Connection) -> list[tuple[object, ...]]:
    columns = (agent_states.c.user_id, agent_states.c.begun_at, agent_states.c.ended_at)
    return [tuple(row) for row in connection.execute(select(*columns).order_by(*columns[:2]))]


_spans = st.builds(
    lambda agent, begun, lasts: span(agent, begun, ended_at=lasts and begun + lasts),
    st.sampled_from([MARYAM, ELENI]),
    st.integers(1, 6).map(float),
    st.sampled_from([None, 0.5, 2.0]),
)


@given(st.lists(_spans, max_size=6), st.lists(_spans, max_size=8))
def test_spans_written_together_equal_spans_written_one_by_one(
    before: list[AvailabilitySpan], spans: list[AvailabilitySpan]
) -> None:
    results = []
    for together in (True, False):
        engine = create_engine("sqlite://")
        with engine.begin() as connection:
            metadata.create_all(connection, tables=[users, agent_states])
            for number in (MARYAM, ELENI):
                values = {"username": f"u{number}", "display_name": "U", "password_hash": ""}
                values |= {"department": "sales", "role": "agent", "language": "en"}
                connection.execute(insert(users).values(id=number, created_at=0.0, **values))
            for one in before:
                write_alone(connection, one)
            if together:
                write_spans(connection, spans)
            else:
                for one in spans:
                    write_alone(connection, one)
            results.append(history(connection))
        engine.dispose()
    assert results[0] == results[1]


async def test_spans_kept_within_a_moment_are_one_write_that_flush_waits_for(
    database: Database,
) -> None:
    maryam = (await add_user(database, "maryam", "101")).id
    log = StoredAvailability(database)
    for begun in (1.0, 2.0, 3.0):
        log.keep(span(maryam, begun))
    assert await list_agent_states(database, 0, 9) == ()
    await log.flush()
    found = await list_agent_states(database, 0, 9)
    assert [(one.begun_at, one.ended_at) for one in found] == [(1, 2), (2, 3), (3, None)]


async def test_a_span_kept_while_others_are_written_is_written_by_the_next_flush(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    maryam = (await add_user(database, "maryam", "101")).id
    log = StoredAvailability(database)
    writing = asyncio.Event()
    loop = asyncio.get_running_loop()
    original = module.write_spans

    def write_and_signal(connection: Connection, spans: tuple[AvailabilitySpan, ...]) -> None:
        original(connection, spans)
        loop.call_soon_threadsafe(writing.set)

    monkeypatch.setattr(module, "write_spans", write_and_signal)
    log.keep(span(maryam, 1.0))
    first = asyncio.create_task(log.flush())
    await writing.wait()
    log.keep(span(maryam, 2.0))
    await log.flush()
    await first
    assert [one.begun_at for one in await list_agent_states(database, 0, 9)] == [1.0, 2.0]


async def test_closing_the_database_writes_spans_that_wait(sqlite_url: str, tmp_path: Path) -> None:
    database = open_database(sqlite_url)
    maryam = (await add_user(database, "maryam", "101")).id
    StoredAvailability(database).keep(span(maryam, 1.0))
    await database.close()
    with sqlite3.connect(tmp_path / "screenpop.db") as other:
        assert other.execute("SELECT count(*) FROM agent_states").fetchone() == (1,)
    other.close()


async def test_spans_of_a_removed_user_are_left_out_and_others_written(
    database: Database,
) -> None:
    maryam = (await add_user(database, "maryam", "101")).id
    log = StoredAvailability(database)
    log.keep(replace(span(maryam, 1.0), agent=UserId(maryam + 99)))
    log.keep(span(maryam, 2.0))
    await log.flush()
    assert [one.agent for one in await list_agent_states(database, 0, 9)] == [maryam]


@pytest.mark.parametrize(("others", "begun"), [(-2, [1.0, 2.0]), (-1, [2.0]), (0, [2.0])])
async def test_each_agents_newest_span_is_written_however_many_agents_wait(
    database: Database, others: int, begun: list[float]
) -> None:
    maryam = (await add_user(database, "maryam", "101")).id
    log = StoredAvailability(database)
    log.keep(span(maryam, 1.0))
    for number in range(MAX_UNWRITTEN + others):
        log.keep(replace(span(maryam, 1.0), agent=UserId(maryam + number + 1)))
    log.keep(span(maryam, 2.0))
    await log.flush()
    assert [one.begun_at for one in await list_agent_states(database, 0, 9)] == begun


@pytest.mark.parametrize(("more", "first"), [(0, 1.0), (1, 2.0)])
async def test_the_oldest_span_is_dropped_when_too_many_wait(
    database: Database, more: int, first: float
) -> None:
    maryam = (await add_user(database, "maryam", "101")).id
    log = StoredAvailability(database)
    for number in range(MAX_UNWRITTEN + more):
        log.keep(span(maryam, float(number + 1)))
    await log.flush()
    assert (await list_agent_states(database, 0, 1e9))[0].begun_at == first


async def test_states_that_change_while_all_that_wait_are_written_are_kept_too(
    database: Database,
) -> None:
    maryam = (await add_user(database, "maryam", "101")).id
    log, number = StoredAvailability(database), 0
    for number in range(MAX_UNWRITTEN):
        log.keep(span(maryam, float(number + 1)))
    writing = asyncio.create_task(log.flush())
    while not writing.done():
        number += 1
        log.keep(span(maryam, float(number + 1)))
        await asyncio.sleep(0)
    await log.flush()
    newest = (await list_agent_states(database, float(number), 1e9))[-1]
    assert newest.begun_at == float(number + 1)
