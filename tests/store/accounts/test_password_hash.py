"""Passwords as they are kept."""

import asyncio
import time
from collections.abc import Generator

import pytest
from argon2 import PasswordHasher

from screenpop.store.accounts import password_hash
from screenpop.store.accounts.password_hash import (
    MAX_LENGTH,
    PasswordRefusedError,
    check_password,
    hash_password,
    needs_rehash,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def real_costs(cheap_passwords: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Those ``cheap_passwords`` keeps from other tests; what was made cheaply is forgotten."""
    monkeypatch.setattr(password_hash, "_hasher", cheap_passwords)
    password_hash._dummy_hash.cache_clear()
    yield
    password_hash._dummy_hash.cache_clear()


@pytest.mark.defends("password-hash")
async def test_a_hash_is_argon2id_with_costs_that_hold_today(real_costs: None) -> None:
    stored = await hash_password("demo")

    # OWASP: argon2id, at least 19 MiB with two passes; RFC 9106's second choice has 64 MiB.
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert not needs_rehash(stored)
    assert await check_password(stored, "demo")
    assert not await check_password(stored, "Demo")


@pytest.mark.defends("password-hash")
async def test_the_same_password_never_gives_the_same_hash() -> None:
    assert await hash_password("demo") != await hash_password("demo")


async def test_hashing_does_not_stop_the_loop(real_costs: None) -> None:
    ticks = 0
    hashed = asyncio.ensure_future(hash_password("demo"))
    while not hashed.done():
        ticks += 1
        await asyncio.sleep(0)

    assert ticks > 10, "the loop stood still while a password was hashed"


@pytest.mark.defends("login-answers")
async def test_an_unknown_user_costs_as_much_time_as_a_wrong_password(real_costs: None) -> None:
    stored = await hash_password("demo")
    await check_password(None, "warm up")

    async def cost(of: str | None) -> float:
        spent = []
        for _ in range(3):
            begun = time.thread_time() + time.perf_counter()
            assert not await check_password(of, "wrong")
            spent.append(time.thread_time() + time.perf_counter() - begun)
        return min(spent)

    assert await cost(None) > 0.4 * await cost(stored)


@pytest.mark.parametrize("password", ["", " ", "\u00a0\u2003"])
async def test_an_empty_password_is_refused(password: str) -> None:
    with pytest.raises(PasswordRefusedError) as refused:
        await hash_password(password)
    assert refused.value.code == "empty"


@pytest.mark.defends("password-hash")
async def test_a_password_without_end_is_refused_before_any_work() -> None:
    with pytest.raises(PasswordRefusedError) as refused:
        await hash_password("x" * (MAX_LENGTH + 1))
    assert refused.value.code == "too_long"
    assert not await check_password(await hash_password("x"), "x" * 10_000_000)


async def test_a_password_is_the_same_from_any_keyboard() -> None:
    stored = await hash_password("Äpfel \u0627")

    assert await check_password(stored, "A\u0308pfel\u3000\u0627")


async def test_a_broken_hash_lets_no_user_in() -> None:
    for broken in ("", "plain", "$argon2id$v=19$m=8,t=1,p=1$x$y", "$2b$12$abcdefgh"):
        assert not await check_password(broken, "demo")


async def test_odd_characters_are_only_characters() -> None:
    odd = "a\0b\ud800\u202e"
    assert await check_password(await hash_password(odd), odd)
