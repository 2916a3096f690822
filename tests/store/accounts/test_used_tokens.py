"""A token of a login by the provider counts once, over all processes."""

import asyncio

import pytest
from sqlalchemy import func, select, update

from screenpop.store.accounts.used_tokens import KEPT_S, use_token
from screenpop.store.engine.database import Database
from screenpop.store.schema.process_tables import used_tokens

pytestmark = pytest.mark.anyio


@pytest.mark.defends("provider-login")
async def test_a_token_is_used_once_however_many_use_it_at_the_same_time(
    database: Database,
) -> None:
    uses = await asyncio.gather(*(use_token(database, "state", "a") for _ in range(5)))
    assert sorted(uses) == [False] * 4 + [True]
    for kind, token in (("state", "b"), ("logout", "a"), ("state", "\ud800é" * 400)):
        assert [await use_token(database, kind, token) for _ in range(2)] == [True, False]


async def test_uses_of_a_day_ago_are_deleted_and_younger_ones_are_not(database: Database) -> None:
    async def age_by(seconds: float) -> None:
        async with database.writing() as connection:
            older = update(used_tokens).values(used_at=used_tokens.c.used_at - seconds)
            await connection.execute(older)

    await use_token(database, "state", "a")
    await age_by(KEPT_S - 60)
    assert not await use_token(database, "state", "a")
    await age_by(60)
    assert await use_token(database, "state", "b")
    kept = await database.read(
        lambda c: c.scalar(select(func.count()).select_from(used_tokens)) or 0
    )
    assert kept == 1
    assert await use_token(database, "state", "a")
