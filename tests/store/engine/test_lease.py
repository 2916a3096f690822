"""A lease: one holder at a time, and nothing written by one whose lease was taken over."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest
from sqlalchemy import Connection, func, insert, select, text, update

from screenpop.service.availability_ports import AvailabilitySpan
from screenpop.service.ports import FencedOutError
from screenpop.store.accounts.agent_states import StoredAvailability
from screenpop.store.calls.queries import list_calls
from screenpop.store.engine import fence
from screenpop.store.engine.database import Database, open_database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.lease import (
    Lease,
    acquire_lease,
    release_lease,
    renew_lease,
)
from screenpop.store.schema.customer_tables import agent_states
from screenpop.store.schema.process_tables import leases
from screenpop.store.schema.tables import call_notes, calls, meta
from tests.store.samples import add_user, finished_call

pytestmark = pytest.mark.anyio


@pytest.fixture
async def other(url: str) -> AsyncGenerator[Database]:
    """The same database as another process opens it."""
    opened = open_database(url)
    yield opened
    await opened.close()


async def acquire(database: Database, holder: str) -> Lease:
    lease = await acquire_lease(database, "listener", holder)
    assert lease is not None
    database.fence = lease
    return lease


async def expire(database: Database) -> None:
    """Let the lease expire as if its time had passed."""
    async with database.writing_unfenced() as connection:
        await connection.execute(update(leases).values(expires_at=1.0))


async def taken_over(database: Database, other: Database) -> tuple[Lease, Lease]:
    """Return the lease of a holder that did not renew it, and the one of the next holder."""
    old = await acquire(database, "a")
    await expire(other)
    return old, await acquire(other, "b")


def put(key: str) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(insert(meta).values(key=key, value="x"))


async def keys(database: Database) -> set[str]:
    found = await database.read(lambda c: c.scalars(select(meta.c.key)).all())
    return {key for key in found if key.startswith("k ")}


async def stored(database: Database) -> tuple[int, set[str]]:
    """Return how many rows the calls, notes and agents' states have, and the keys."""
    tables = (calls, call_notes, agent_states)
    counts = [select(func.count()).select_from(table) for table in tables]
    return await database.read(lambda c: sum(map(c.scalar, counts))), await keys(database)


async def test_lease_has_one_holder_until_it_expires_or_is_released(
    database: Database, other: Database
) -> None:
    first = await acquire(database, "a")
    assert await acquire_lease(other, "listener", "b") is None
    assert await renew_lease(database, first)
    assert await acquire_lease(other, "another role", "b") is not None

    await expire(other)
    second = await acquire(other, "b")
    assert second.epoch > first.epoch
    assert not await renew_lease(database, first)
    await release_lease(database, first)  # it has nothing to release
    assert await acquire_lease(database, "listener", "a") is None

    await release_lease(other, second)
    third = await acquire(database, "a")
    assert third.epoch > second.epoch


async def test_expired_lease_that_is_not_taken_is_renewed(
    database: Database, other: Database
) -> None:
    lease = await acquire(database, "a")
    await expire(other)
    assert await renew_lease(database, lease)
    assert await acquire_lease(other, "listener", "b") is None


async def test_lease_ends_by_the_time_of_the_database(database: Database, other: Database) -> None:
    assert await acquire_lease(database, "listener", "a", ttl_s=0) is not None
    assert await acquire_lease(other, "listener", "b", ttl_s=3600) is not None
    async with database.reading() as connection:
        row = (await connection.execute(select(leases))).one()
        # What the program takes for the time plays no part: the row is compared within SQL.
        now = "julianday('now') * 86400 - 210866760000"
        if database.kind == "postgresql":
            now = "extract(epoch FROM now())::float"
        left = row.expires_at - (await connection.execute(text(f"SELECT {now}"))).scalar_one()
    assert 3500 < left <= 3601


async def test_epoch_never_comes_again_after_an_older_backup_is_restored(
    database: Database, other: Database
) -> None:
    _, newest = await taken_over(database, other)
    async with database.writing_unfenced() as connection:
        await connection.execute(update(leases).values(epoch=3, expires_at=0.0))
    assert (await acquire(database, "a")).epoch > newest.epoch


async def test_holder_that_renews_too_late_is_refused_in_each_kind_of_write(
    database: Database, other: Database, caplog: pytest.LogCaptureFixture
) -> None:
    agent = await add_user(database)
    database.log.start()
    await database.write(put("k before"))
    await taken_over(database, other)
    availability = StoredAvailability(database)
    before = await stored(other)

    async def write_in_a_block() -> None:
        async with database.writing() as connection:
            await connection.run_sync(put("k block"))

    refused: tuple[Callable[[], Awaitable[None]], ...] = (
        write_in_a_block,
        lambda: database.write(put("k work")),
    )
    for write in refused:
        with pytest.raises(FencedOutError, match="taken over"):
            await write()
    assert database.fenced_out.is_set()
    assert not await database.later.add(put("k later"))
    assert not await database.later.add(put("k later still"))
    entry = finished_call().entry
    assert not await database.log.keep_note(entry.call, entry.pbx, agent.id, "n")
    database.log.keep(finished_call())
    availability.keep(AvailabilitySpan(agent.id, "paused", "lunch", "", 1_000.0))
    await availability.flush()
    await database.log.flush()

    assert not database.can_write
    assert await stored(other) == before
    errors = [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]
    assert len(errors) == 2  # the call log and the deferred writes, once each
    assert all("taken over" in error for error in errors)
    await other.write(put("k after"))
    assert await keys(other) == {"k before", "k after"}


async def test_calls_that_wait_when_the_lease_is_lost_are_counted_as_refused(
    database: Database, other: Database
) -> None:
    await taken_over(database, other)
    database.log.keep(finished_call())
    database.log.start()
    await database.log.flush()
    database.log.keep(finished_call())
    assert (database.log.state.waiting, database.log.state.refused_full) == (0, 2)
    assert database.log.state.failing_since is not None


async def test_calls_kept_before_a_clean_stop_are_written_before_the_release(
    database: Database, other: Database
) -> None:
    lease = await acquire(database, "a")
    database.log.start()
    database.log.keep(finished_call())
    await database.log.close()
    await release_lease(database, lease)
    assert len((await list_calls(other)).calls) == 1


async def test_takeover_waits_for_a_write_in_progress(database: Database, other: Database) -> None:
    old = await acquire(database, "a")
    await expire(other)
    async with database.writing() as connection:
        await connection.run_sync(put("k lawful"))
        taking = asyncio.create_task(acquire(other, "b"))
        for _ in range(50):
            await other.read(lambda c: c.scalar(select(func.count()).select_from(meta)))
        assert not taking.done()
    new = await taking
    assert new.epoch > old.epoch
    assert await keys(other) == {"k lawful"}
    with pytest.raises(FencedOutError):
        await database.write(put("k late"))


@pytest.mark.parametrize("kind", [pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_own_write_in_progress_does_not_delay_the_renewal(database: Database) -> None:
    lease = await acquire(database, "a")
    async with database.writing() as connection:
        await connection.run_sync(put("k long"))
        assert await renew_lease(database, lease)


@pytest.mark.parametrize("kind", [pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_holder_that_stopped_within_a_write_is_taken_over(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fence, "_IDLE_MS", 50)
    await acquire(database, "a")
    await expire(other)

    async def write_and_stop_meanwhile() -> None:
        async with database.writing() as connection:
            await connection.run_sync(put("k stopped"))
            await acquire(other, "b")

    with pytest.raises(DatabaseProblemError):
        await write_and_stop_meanwhile()
    assert await keys(other) == set()


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_process_without_a_lease_asks_nothing_before_its_writes(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(text("DROP TABLE leases"))
    await database.write(put("k free"))
    assert await keys(database) == {"k free"}
