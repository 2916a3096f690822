"""Writes without a waiter: bounded, in order, and reported once when they cannot be made."""

import asyncio
import logging

import pytest
from sqlalchemy import Insert, insert, select
from sqlalchemy.exc import OperationalError

from screenpop.store.accounts.session_use import check_sessions
from screenpop.store.accounts.sessions import (
    end_session,
    find_session,
    start_session,
)
from screenpop.store.engine.database import Database
from screenpop.store.engine.deferred_writes import LaterWrites, Work
from screenpop.store.engine.health_check import FitnessCheck
from screenpop.store.schema.tables import meta
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio


class Locked:
    """The writing of a database that another program has locked for a while."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.is_locked = True
        self.was_tried = asyncio.Event()

    async def write(self, work: Work) -> None:
        if self.is_locked:
            self.was_tried.set()
            raise OperationalError("INSERT", {}, Exception("database is locked"))
        await self._database.write(work)


def put(key: str) -> Insert:
    return insert(meta).values(key=key, value="x")


async def keys(database: Database) -> set[str]:
    async with database.reading() as connection:
        found = await connection.execute(select(meta.c.key).where(meta.c.value == "x"))
        return set(found.scalars())


async def test_later_write_is_committed_when_the_lock_is_gone(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    locked = Locked(database)
    later = LaterWrites(locked.write, retry_s=0.001)
    done = later.add(lambda connection: connection.execute(put("a")))
    await locked.was_tried.wait()
    await asyncio.sleep(0)
    assert later.is_stuck
    assert not done.done()
    locked.is_locked = False
    assert await done
    assert await keys(database) == {"a"}
    assert not later.is_stuck
    reported = [entry for entry in caplog.records if entry.levelno == logging.ERROR]
    assert len(reported) == 1
    await later.close()


async def test_later_writes_are_bounded_and_reported_once_when_full(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    later = LaterWrites(Locked(database).write, room=2, retry_s=0.001)
    taken = [later.add(lambda connection: connection.execute(put("a"))) for _ in range(5)]
    assert [done.done() and not done.result() for done in taken] == [False, False, True, True, True]
    assert caplog.text.count("no more are taken") == 1
    await later.close(within_s=0)


async def test_later_write_that_the_database_refuses_is_left_out_and_the_others_go_in(
    database: Database,
) -> None:
    later = LaterWrites(database.write)

    def put_later(key: str) -> asyncio.Future[bool]:
        return later.add(lambda connection: connection.execute(put(key)))

    done = [put_later(key) for key in ("a", "b", "b", "c")]
    assert [await one for one in done] == [True, True, False, True]
    assert await keys(database) == {"a", "b", "c"}
    await later.close()


async def test_login_and_logout_hold_at_once_while_the_database_cannot_be_written(
    database: Database,
) -> None:
    user = await add_user(database)
    before = await start_session(database, user.id, 1000.0)
    locked = Locked(database)
    database.later = LaterWrites(locked.write, retry_s=0.001)
    made = await start_session(database, user.id, 1001.0)
    session = await find_session(database, made.token, 1002.0)
    assert session is not None
    assert (session.user.id, session.csrf) == (user.id, made.csrf)
    owners = {made.token: (user.id, 1001.0)}
    assert (await check_sessions(database, owners, 1002.0))[made.token].ended is None
    await end_session(database, before.token)
    assert await find_session(database, before.token, 1002.0) is None

    locked.is_locked = False
    await database.later.flush()
    found = await find_session(database, made.token, 1002.0)
    assert found is not None
    assert found.id != 0
    assert await find_session(database, before.token, 1002.0) is None
    assert database.unwritten_sessions == {}


async def test_ready_database_has_no_problems(database: Database) -> None:
    assert await FitnessCheck(database).problems() == {}
