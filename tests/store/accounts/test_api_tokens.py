"""API tokens: what is refused, how they end, what of them is stored."""

import pytest
from sqlalchemy import select, update

from screenpop.accounts.token_scopes import Scope, UnknownScopeError, parse_scopes
from screenpop.store.accounts.api_tokens import (
    LONGEST_LIFETIME_D,
    LONGEST_NAME,
    MOST_TOKENS,
    USED_EVERY_S,
    ApiTokenRefusedError,
    find_api_token,
    list_api_tokens,
    make_api_token,
    record_use,
    revoke_api_token,
)
from screenpop.store.engine.database import Database
from screenpop.store.schema.api_token_tables import api_tokens

pytestmark = pytest.mark.anyio

NOW, DAY = 1_000_000.0, 86_400.0
LOOKUP = frozenset({Scope.LOOKUP_READ, Scope.CALLS_READ})


async def make(database: Database, name: str = "CRM", days: int = 1) -> str:
    return await make_api_token(database, name=name, scopes=LOOKUP, days=days, maker=None, now=NOW)


@pytest.mark.defends("api-tokens")
async def test_a_token_is_found_until_it_expires_and_only_its_hash_is_stored(
    database: Database,
) -> None:
    text = await make(database)
    forever = await make(database, days=0)
    found = await find_api_token(database, text, NOW + DAY - 1)
    assert found is not None
    assert (found.name, found.scopes, found.last_used_at) == ("CRM", LOOKUP, None)
    assert await find_api_token(database, text, NOW + DAY) is None
    assert await find_api_token(database, forever, NOW * 9) is not None
    async with database.reading() as connection:
        row = (await connection.execute(select(api_tokens))).first()
    assert row is not None
    assert text not in str(row)
    for guess in ("", "x", text[:-1], text + "=", row.token_hash, "ب" * 999):
        assert await find_api_token(database, guess, NOW) is None, guess
    assert await revoke_api_token(database, found.id)
    assert not await revoke_api_token(database, found.id)
    assert await find_api_token(database, text, NOW) is None


async def test_a_use_is_written_at_most_once_a_minute(database: Database) -> None:
    text = await make(database)

    async def used(now: float) -> float | None:
        found = await find_api_token(database, text, now)
        assert found is not None
        record_use(database, found, now)
        await database.later.flush()
        (listed,) = await list_api_tokens(database, now)
        return listed.token.last_used_at

    assert await used(NOW) == NOW
    assert await used(NOW + USED_EVERY_S - 1) == NOW
    assert await used(NOW + USED_EVERY_S) == NOW + USED_EVERY_S


async def test_a_token_that_cannot_be_made_is_refused_with_its_reason(database: Database) -> None:
    await make(database, name="x" * LONGEST_NAME, days=LONGEST_LIFETIME_D)
    for name, days, code in (
        (" \n ", 1, "no_name"),
        ("x" * (LONGEST_NAME + 1), 1, "no_name"),
        ("x", -1, "bad_lifetime"),
        ("x", LONGEST_LIFETIME_D + 1, "bad_lifetime"),
    ):
        with pytest.raises(ApiTokenRefusedError) as refused:
            await make(database, name, days)
        assert refused.value.code == code
    with pytest.raises(ApiTokenRefusedError) as without_scope:
        await make_api_token(database, name="x", scopes=(), days=1, maker=None, now=NOW)
    assert without_scope.value.code == "no_scope"
    with pytest.raises(UnknownScopeError, match="lookup:read"):
        parse_scopes(["lookup:read", "lookup:write"])


async def test_two_hundred_tokens_are_made_and_one_more_is_refused(database: Database) -> None:
    await make(database)
    async with database.writing() as connection:
        row = (await connection.execute(select(api_tokens))).mappings().one()
        more = [
            {**row, "id": 1000 + number, "token_hash": str(number)}
            for number in range(2, MOST_TOKENS)
        ]
        await connection.execute(api_tokens.insert(), more)
    await make(database)
    with pytest.raises(ApiTokenRefusedError, match="200 tokens"):
        await make(database)


async def test_a_scope_that_a_later_version_removed_opens_nothing(database: Database) -> None:
    text = await make(database)
    async with database.writing() as connection:
        scopes = ["calls:read", "gone:read"]
        await connection.execute(update(api_tokens).values(scopes=scopes))
    found = await find_api_token(database, text, NOW)
    assert found is not None
    assert found.scopes == {Scope.CALLS_READ}
