"""The version of a list of missed calls changes with the list, on both databases."""

import contextlib
import random
from dataclasses import dataclass, field

import pytest

from screenpop.accounts.users import UserId
from screenpop.store.calls.missed_calls import (
    list_missed_callers,
    mark_caller_done,
    undo_caller_done,
)
from screenpop.store.calls.missed_versions import load_missed_versions
from screenpop.store.calls.taken_callbacks import (
    CallbackRefusedError,
    release_callback,
    take_callback,
)
from screenpop.store.engine.database import Database
from tests.store.calls.test_missed_calls import AT, caller, id_of, keep, missed, talked
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio
NOW = AT + 10_000
STEPS = 40


async def list_of(database: Database, user: UserId) -> object:
    page = await list_missed_callers(database, user, NOW)
    return [(one.call.id, one.times, one.first_at, one.taken) for one in page.callers]


async def version_of(database: Database, user: UserId) -> int:
    return (await load_missed_versions(database, NOW)).of(user)


@dataclass
class Office:
    """Two agents, whose missed calls change at random."""

    database: Database
    maryam: UserId
    nikos: UserId
    chance: random.Random
    known: list[str] = field(default_factory=list)

    async def miss(self) -> None:
        number = len(self.known) + 1
        agent = self.chance.choice([self.maryam, self.nikos, None])
        raw_caller = caller(f"+98912{self.chance.randint(1, 6):07}")
        await keep(self.database, missed(number, by=agent, at=AT + number, caller_id=raw_caller))
        self.known.append(f"{number}.1")

    async def talk(self) -> None:
        to = caller(f"+98912{self.chance.randint(1, 6):07}")
        at = AT + 1_000 + len(self.known)
        await keep(self.database, talked(f"{self.chance.random()}", to, at))

    async def done(self) -> None:
        call = await self._some_call()
        await mark_caller_done(self.database, call, self.maryam, NOW, may_act_for_others=True)

    async def undo(self) -> None:
        await undo_caller_done(self.database, await self._some_call(), self.maryam)

    async def take(self) -> None:
        agent = self.chance.choice([self.maryam, self.nikos])
        with contextlib.suppress(CallbackRefusedError):
            call = await self._some_call()
            await take_callback(self.database, call, agent, by=self.maryam, now=NOW)

    async def release(self) -> None:
        with contextlib.suppress(CallbackRefusedError):
            call = await self._some_call()
            await release_callback(self.database, call, by=self.maryam, now=NOW)

    async def nothing(self) -> None:
        pass

    async def _some_call(self) -> int:
        return await id_of(self.database, self.chance.choice(self.known))


@pytest.mark.slow
async def test_whatever_changes_a_list_changes_its_version_and_nothing_else_does(
    database: Database,
) -> None:
    database.log.start()
    maryam, nikos = (await add_user(database)).id, (await add_user(database, "nikos")).id
    office = Office(database, maryam, nikos, random.Random(7))
    acts = [office.miss, office.talk, office.done, office.undo, office.take, office.release]
    await office.miss()
    changes = 0
    for _ in range(STEPS):
        before = {user: await list_of(database, user) for user in (maryam, nikos)}
        versions = {user: await version_of(database, user) for user in (maryam, nikos)}
        await office.chance.choice([*acts, office.miss, office.nothing])()
        for user in (maryam, nikos):
            is_changed = await list_of(database, user) != before[user]
            assert (await version_of(database, user) != versions[user]) == is_changed
            changes += is_changed
    assert changes > STEPS / 3


async def test_a_call_missed_by_one_agent_changes_no_other_list(database: Database) -> None:
    database.log.start()
    maryam, nikos = (await add_user(database)).id, (await add_user(database, "nikos")).id
    before = await load_missed_versions(database, NOW)
    await keep(database, missed(1, by=maryam))
    after = await load_missed_versions(database, NOW)
    assert after.of(nikos) == before.of(nikos)
    assert after.of(maryam) != before.of(maryam)
