"""Sessions of logged-in users."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from screenpop.store.accounts.session_use import touch_session, touch_sessions
from screenpop.store.accounts.sessions import (
    IDLE_S,
    LIFETIME_S,
    end_all_sessions,
    end_session,
    find_session,
    start_session,
)
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import sessions
from tests.store.samples import add_user, set_active

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000.0


async def test_a_token_opens_its_own_session(database: Database) -> None:
    maryam = await add_user(database, "maryam")
    eleni = await add_user(database, "eleni")
    first = await start_session(database, maryam.id, NOW)
    second = await start_session(database, eleni.id, NOW)

    found = await find_session(database, first.token, NOW + 1)

    assert found is not None
    assert (found.user, found.csrf) == (maryam, first.csrf)
    assert first.token != second.token
    assert first.csrf != second.csrf
    assert len(first.token) >= 43


async def test_a_session_is_found_while_the_kept_connection_of_short_reads_is_broken(
    database: Database,
) -> None:
    user = await add_user(database)
    made = await start_session(database, user.id, NOW)
    if database.inline is None:
        pytest.skip("only SQLite has a kept connection")
    await find_session(database, made.token, NOW + 1)
    kept = database.inline._kept
    assert kept is not None
    kept.driver_connection.close()  # type: ignore[union-attr]

    found = [await find_session(database, made.token, NOW + 1) for _ in range(2)]

    assert [one is not None and one.user == user for one in found] == [True, True]


@pytest.mark.defends("session-tokens")
async def test_the_token_itself_is_nowhere_in_the_database(database: Database) -> None:
    user = await add_user(database)
    made = await start_session(database, user.id, NOW)

    async with database.reading() as connection:
        row = (await connection.execute(select(sessions))).one()
    assert made.token not in str(row)


@pytest.mark.defends("session-tokens")
async def test_mallory_finds_no_session_with_what_she_can_make_up(database: Database) -> None:
    user = await add_user(database)
    made = await start_session(database, user.id, NOW)
    async with database.reading() as connection:
        kept = (await connection.execute(select(sessions.c.token_hash))).scalar_one()

    for token in (
        "",
        "x",
        kept,
        made.csrf,
        made.token[:-1],
        made.token + "=",
        made.token.lower(),
        "' OR 1=1 --",
        "\0",
        "\ud800",
        "x" * 1_000_000,
    ):
        assert await find_session(database, token, NOW) is None


@pytest.mark.defends("session-tokens")
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@given(token=st.text(max_size=50))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
async def test_no_text_opens_a_session(database: Database, token: str) -> None:
    assert await find_session(database, token, NOW) is None


@pytest.mark.defends("session-end")
async def test_a_session_ends_at_its_time_and_when_it_was_not_used(database: Database) -> None:
    user = await add_user(database)
    made = await start_session(database, user.id, NOW)

    assert await find_session(database, made.token, NOW + IDLE_S - 1) is not None
    assert await find_session(database, made.token, NOW + IDLE_S) is None

    at = NOW
    while at < NOW + LIFETIME_S - IDLE_S:
        at += IDLE_S / 2
        session = await find_session(database, made.token, at)
        assert session is not None
        touch_session(database, session, at)
        await database.later.flush()
    assert await find_session(database, made.token, NOW + LIFETIME_S) is None


async def test_using_a_session_writes_at_most_once_a_minute(database: Database) -> None:
    user = await add_user(database)
    made = await start_session(database, user.id, NOW)
    session = await find_session(database, made.token, NOW + 59)
    assert session is not None

    touch_session(database, session, NOW + 59)
    await database.later.flush()
    found = await find_session(database, made.token, NOW + 59)
    assert found is not None
    assert found.last_seen_at == NOW

    touch_session(database, session, NOW + 61)
    await database.later.flush()
    found = await find_session(database, made.token, NOW + 61)
    assert found is not None
    assert found.last_seen_at == NOW + 61


async def test_logging_out_ends_one_session_or_all(database: Database) -> None:
    user = await add_user(database)
    other = await add_user(database, "eleni")
    made = [await start_session(database, user.id, NOW) for _ in range(3)]
    hers = await start_session(database, other.id, NOW)

    await end_session(database, made[0].token)
    assert await find_session(database, made[0].token, NOW) is None
    assert await find_session(database, made[1].token, NOW) is not None

    assert await end_all_sessions(database, user.id) == 2
    assert await find_session(database, made[2].token, NOW) is None
    assert await find_session(database, hers.token, NOW) is not None


async def test_a_deactivated_user_is_logged_in_no_more(database: Database) -> None:
    user = await add_user(database)
    made = await start_session(database, user.id, NOW)

    await set_active(database, user.id, active=False)

    assert await find_session(database, made.token, NOW) is None


async def test_sessions_that_are_over_are_swept_at_the_next_login(database: Database) -> None:
    user = await add_user(database)
    for _ in range(3):
        await start_session(database, user.id, NOW)

    await start_session(database, user.id, NOW + LIFETIME_S)

    async with database.reading() as connection:
        assert len((await connection.execute(select(sessions))).all()) == 1


async def test_sessions_in_use_are_written_together_and_leave_the_queue_free(
    database: Database,
) -> None:
    user = await add_user(database)
    made = [await start_session(database, user.id, NOW) for _ in range(4)]
    found = [await find_session(database, one.token, NOW + 60) for one in made]
    for session in found:
        assert session is not None
        touch_session(database, session, NOW + 60)
    assert database.later.waiting == 1
    await database.later.flush()
    seen = [await find_session(database, one.token, NOW + 61) for one in made]
    assert [one and one.last_seen_at for one in seen] == [NOW + 60] * 4
    assert database.seen_sessions == {}


async def test_sessions_of_open_pages_are_extended_unless_they_have_ended(
    database: Database,
) -> None:
    user = await add_user(database)
    open_, idle, ended = [await start_session(database, user.id, NOW) for _ in range(3)]
    await end_session(database, ended.token)
    touch_sessions(database, [open_.token, ended.token, "unknown"], NOW + IDLE_S - 1)
    await database.later.flush()
    touch_sessions(database, [idle.token], NOW + IDLE_S)
    await database.later.flush()
    later = NOW + IDLE_S + 1
    assert await find_session(database, open_.token, later) is not None
    assert await find_session(database, idle.token, later) is None
    assert await find_session(database, ended.token, later) is None
