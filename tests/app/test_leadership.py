"""The lease of the active listener: waited for, held, lost, given up."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import integers
from sqlalchemy import Insert, insert, select, update
from typing_extensions import override

from screenpop.app.leadership import LISTENER, SETTLES_S, UNRENEWED_S, Leadership
from screenpop.service.ports import FencedOutError
from screenpop.store.engine.database import Database, open_database
from screenpop.store.engine.lease import (
    LEASE_S,
    Lease,
    acquire_lease,
    release_lease,
    renew_lease,
)
from screenpop.store.schema.process_tables import leases
from screenpop.store.schema.tables import meta

T = TypeVar("T")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Machine:
    """A listener's part of it, with a database connection and a clock of its own."""

    def __init__(self, path: Path, holder: str) -> None:
        self.database = open_database(f"sqlite:///{path}")
        self.clock = Clock()
        self.leadership = Leadership(
            self.database, holder, clock=self.clock, try_every_s=0.001, renew_every_s=0.001
        )


@pytest.fixture
async def machines(
    migrated_sqlite: Path, tmp_path: Path
) -> AsyncGenerator[tuple[Machine, Machine]]:
    path = Path(shutil.copy(migrated_sqlite, tmp_path / "screenpop.db"))
    opened = Machine(path, "a"), Machine(path, "b")
    yield opened
    for machine in opened:
        await machine.database.close()


async def expires_at(database: Database) -> float:
    return await database.read(lambda c: c.execute(select(leases.c.expires_at)).scalar_one())


async def set_expiry(database: Database, at: float) -> None:
    async with database.writing_unfenced() as connection:
        await connection.execute(update(leases).values(expires_at=at))


@pytest.mark.anyio
async def test_standby_waits_until_the_holder_gives_up(machines: tuple[Machine, Machine]) -> None:
    active, standby = machines
    first = await active.leadership.wait()
    assert active.database.fence == first
    waiting = asyncio.create_task(standby.leadership.wait())
    await until_read(standby.database)
    assert not waiting.done()
    assert (active.leadership.may_act, standby.leadership.may_act) == (True, False)

    holding = asyncio.create_task(active.leadership.hold())
    await until_read(standby.database)
    await active.leadership.give_up()
    await holding
    second = await waiting
    assert second.epoch > first.epoch
    assert (active.leadership.may_act, standby.leadership.may_act) == (False, True)
    await active.leadership.give_up()  # once more does nothing
    assert await expires_at(standby.database) > 0


@pytest.mark.anyio
async def test_holder_renews_and_ends_when_another_one_has_taken_over(
    machines: tuple[Machine, Machine],
) -> None:
    active, standby = machines
    with pytest.raises(RuntimeError, match="before it is acquired"):
        await active.leadership.hold()
    await active.leadership.wait()
    await set_expiry(standby.database, 2.0)
    holding = asyncio.create_task(active.leadership.hold())
    await until(lambda: expires_at(standby.database), lambda at: at != 2.0)
    assert await acquire_lease(standby.database, LISTENER, "b") is None

    async with standby.database.writing_unfenced() as connection:
        await connection.execute(update(leases).values(epoch=leases.c.epoch + 1))
    await holding
    assert not active.leadership.may_act


@pytest.mark.anyio
async def test_refused_write_ends_the_holder_before_its_next_renewal(
    machines: tuple[Machine, Machine],
) -> None:
    active, standby = machines
    leadership = Leadership(active.database, "a", clock=active.clock, renew_every_s=3600.0)
    await leadership.wait()
    holding = asyncio.create_task(leadership.hold())
    await until_read(standby.database)
    await set_expiry(standby.database, 0.0)
    await standby.leadership.wait()
    with pytest.raises(FencedOutError):
        await active.database.write(lambda connection: connection.execute(put(1, 1)))
    assert not leadership.may_act
    await holding


@pytest.mark.anyio
async def test_holder_acts_for_six_seconds_after_a_renewal_and_while_the_database_is_away(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    active, _ = machines
    await active.leadership.wait()
    active.clock.now += LEASE_S - 0.001
    assert active.leadership.may_act
    active.clock.now += 0.001  # stopped for so long: it asks before it acts
    assert not active.leadership.may_act

    path = tmp_path / "screenpop.db"
    path.rename(tmp_path / "away.db")
    holding = asyncio.create_task(active.leadership.hold())
    await until_may_act(active)
    active.clock.now += LEASE_S
    await until_may_act(active)
    (tmp_path / "away.db").rename(path)
    active.clock.now += LEASE_S
    await until_may_act(active)
    assert not holding.done()
    await active.leadership.give_up()
    await holding


@pytest.mark.anyio
async def test_expired_lease_is_taken_once_the_database_has_answered_for_five_seconds(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    active, standby = machines
    await active.leadership.wait()
    await set_expiry(active.database, 2.0)
    waiting = asyncio.create_task(standby.leadership.wait())
    await until_read(standby.database)
    standby.clock.now += SETTLES_S - 0.001
    await until_read(standby.database)
    assert not waiting.done()

    path = tmp_path / "screenpop.db"
    path.rename(tmp_path / "away.db")  # counted anew: its holder could not renew it
    for _ in range(20):
        await asyncio.sleep(0.001)
    (tmp_path / "away.db").rename(path)
    standby.clock.now += 0.001
    await until_read(standby.database)
    assert not waiting.done()
    standby.clock.now += SETTLES_S
    assert (await waiting).holder == "b"


@pytest.mark.anyio
async def test_lease_of_a_time_to_come_is_taken_unless_it_is_renewed(
    machines: tuple[Machine, Machine],
) -> None:
    active, standby = machines
    await active.leadership.wait()
    waiting = asyncio.create_task(standby.leadership.wait())
    for expires in (4e9, 5e9):  # renewed after eight seconds
        await set_expiry(active.database, expires)
        await until_read(standby.database)
        standby.clock.now += UNRENEWED_S - 0.001
        await until_read(standby.database)
        assert not waiting.done()
    standby.clock.now += 0.001  # its holder is dead, and the database's clock was set back
    lease = await waiting
    assert (lease.holder, await renew_lease(standby.database, lease)) == ("b", True)


@pytest.mark.anyio
async def test_standby_goes_on_asking_while_the_database_is_away(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    active, standby = machines
    await active.leadership.wait()
    await set_expiry(active.database, 0.0)
    await standby.database.ready()
    path = tmp_path / "screenpop.db"
    path.rename(tmp_path / "away.db")
    waiting = asyncio.create_task(standby.leadership.wait())
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert not waiting.done()
    (tmp_path / "away.db").rename(path)
    assert (await waiting).holder == "b"


async def until(read: Callable[[], Awaitable[float]], is_so: Callable[[float], bool]) -> None:
    while not is_so(await read()):
        pass


async def until_may_act(machine: Machine) -> None:
    while not machine.leadership.may_act:  # noqa: ASYNC110 -- the program waits for no such event
        await asyncio.sleep(0)


async def until_read(database: Database) -> None:
    """Give the other tasks time for some transactions."""
    for _ in range(20):
        await database.read(lambda c: c.scalar(select(meta.c.key).limit(1)))


def put(number: int, epoch: int) -> Insert:
    return insert(meta).values(key=f"written {number:04}", value=str(epoch))


class Holders(RuleBasedStateMachine):
    """Three processes that acquire, renew, release, stop for long and write in any order."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(shutil.copy(self.template, Path(self.folder.name) / "screenpop.db"))
        self.databases = [open_database(f"sqlite:///{path}") for _ in range(3)]
        self.held: dict[int, Lease] = {}
        self.written = 0
        self.newest = 0
        """The epoch of the last holder, the only one that may write."""

    def run_now(self, work: Awaitable[T]) -> T:
        async def wait() -> T:
            return await work

        return self.runner.run(wait())

    @initialize()
    def begin(self) -> None:
        self.acquire(0)

    @rule(number=integers(0, 2))
    def acquire(self, number: int) -> None:
        database = self.databases[number]
        lease = self.run_now(acquire_lease(database, LISTENER, f"holder {number}"))
        if lease is not None:
            assert lease.epoch > self.newest
            self.newest = lease.epoch
            database.fence = self.held[number] = lease

    @rule()
    def time_passes(self) -> None:
        self.run_now(set_expiry(self.databases[0], 0.0))

    @rule(number=integers(0, 2))
    def renew(self, number: int) -> None:
        lease = self.held.get(number)
        if lease is not None:
            is_renewed = self.run_now(renew_lease(self.databases[number], lease))
            assert is_renewed == (lease.epoch == self.newest)

    @rule(number=integers(0, 2))
    def release(self, number: int) -> None:
        if number in self.held:
            self.run_now(release_lease(self.databases[number], self.held[number]))

    @rule(number=integers(0, 2))
    def write(self, number: int) -> None:
        lease = self.held.get(number)
        if lease is None:
            return
        statement = put(self.written, lease.epoch)
        try:
            self.run_now(self.databases[number].write(lambda c: c.execute(statement)))
        except FencedOutError:
            assert lease.epoch != self.newest
        else:
            assert lease.epoch == self.newest
            self.written += 1

    @invariant()
    def epochs_never_overlap(self) -> None:
        database = self.databases[0]
        wanted = select(meta.c.value).where(meta.c.key.like("written %")).order_by(meta.c.key)
        epochs = self.run_now(database.read(lambda c: [int(one) for one in c.scalars(wanted)]))
        assert epochs == sorted(epochs)
        assert len(epochs) == self.written

    @override
    def teardown(self) -> None:
        for database in self.databases:
            self.run_now(database.close())
        self.runner.close()
        self.folder.cleanup()


def test_no_two_epochs_both_write(migrated_sqlite: Path) -> None:
    Holders.template = migrated_sqlite
    few = settings(max_examples=6, stateful_step_count=25, deadline=None)
    run_state_machine_as_test(Holders, settings=few)
