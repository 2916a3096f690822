"""Limits of the store: each at the limit, and one beside it."""

import asyncio

import pytest
from sqlalchemy import func, select

from screenpop.store.accounts.password_hash import (
    MAX_LENGTH,
    PasswordRefusedError,
    hash_password,
)
from screenpop.store.accounts.session_use import touch_session
from screenpop.store.accounts.sessions import find_session, start_session
from screenpop.store.customers.audit import SAME_VIEW_S, log_view
from screenpop.store.engine.database import Database
from screenpop.store.engine.deferred_writes import STUCK_AFTER_S, LaterWrites
from screenpop.store.schema.customer_tables import customer_looks
from screenpop.store.search.queries import number_words, searchable_words
from tests.store.samples import LALEH, add_customer, add_user

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("kind", ["sqlite"], indirect=True)]

NOW = 1_800_000_000.0


@pytest.mark.parametrize(("length", "is_hashed"), [(255, True), (256, True), (257, False)])
async def test_a_password_of_256_characters_is_hashed(
    kind: str, length: int, is_hashed: bool
) -> None:
    assert MAX_LENGTH == 256
    if is_hashed:
        assert (await hash_password("p" * length)).startswith("$argon2id$")
        return
    with pytest.raises(PasswordRefusedError) as refused:
        await hash_password("p" * length)
    assert refused.value.code == "too_long"


@pytest.mark.parametrize(("later_s", "is_written"), [(59.999, False), (60.0, True), (61.0, True)])
async def test_the_use_of_a_session_is_written_once_a_minute(
    database: Database, later_s: float, is_written: bool
) -> None:
    user = await add_user(database)
    made = await start_session(database, user.id, NOW)
    session = await find_session(database, made.token, NOW + later_s)
    assert session is not None
    touch_session(database, session, NOW + later_s)
    await database.later.flush()
    found = await find_session(database, made.token, NOW + later_s)
    assert found is not None
    assert found.last_seen_at == (NOW + later_s if is_written else NOW)


@pytest.mark.defends("recorded-openings")
@pytest.mark.parametrize(("beside_s", "views"), [(-1.0, 1), (0.0, 2), (1.0, 2)])
async def test_views_within_fifteen_minutes_are_one(
    database: Database, beside_s: float, views: int
) -> None:
    assert SAME_VIEW_S == 900
    user, customer = await add_user(database), await add_customer(database, "Karimi", LALEH)
    for at in (NOW, NOW + SAME_VIEW_S + beside_s):
        log_view(database, customer, user.id, at)
        await database.later.flush()
    async with database.reading() as connection:
        counted = await connection.execute(select(func.count()).select_from(customer_looks))
        assert counted.scalar_one() == views


@pytest.mark.parametrize(("waits_s", "is_stuck"), [(1.999, False), (2.0, False), (2.001, True)])
async def test_a_write_that_waits_longer_than_two_seconds_is_stuck(
    kind: str, waits_s: float, is_stuck: bool
) -> None:
    assert STUCK_AFTER_S == 2.0
    now = 0.0
    released = asyncio.Event()

    async def write(_: object) -> None:
        await released.wait()
        raise AssertionError("nothing is written here")

    later = LaterWrites(write, clock=lambda: now)
    done = later.add(lambda connection: connection.commit())
    now = waits_s
    assert later.is_stuck is is_stuck
    done.cancel()
    await later.close(0.0)


@pytest.mark.parametrize(("words", "kept"), [(399, 399), (400, 400), (401, 400)])
def test_a_customer_is_searched_by_four_hundred_words(kind: str, words: int, kept: int) -> None:
    assert len(searchable_words([f"w{number}" for number in range(words)]).split()) == kept


@pytest.mark.parametrize(("length", "kept"), [(39, 39), (40, 40), (41, 40)])
def test_a_searched_word_has_at_most_forty_characters(kind: str, length: int, kept: int) -> None:
    assert len(searchable_words(["w" * length])) == kept


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ("1234", "1234"),
        ("12345", "12345 2345"),
        ("1234567890", "1234567890 234567890 34567890 4567890 7890"),
        ("12345678901", "12345678901 2345678901 345678901 45678901 5678901 8901"),
    ],
)
def test_a_number_is_searched_by_its_last_digits(kind: str, digits: str, words: str) -> None:
    assert number_words(digits, None) == words
