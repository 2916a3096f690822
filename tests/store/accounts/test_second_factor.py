"""Codes of an authenticator app, and recovery codes."""

import asyncio
from pathlib import Path

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from screenpop.accounts.users import User
from screenpop.store.accounts.second_factor import (
    RECOVERY_CODES,
    SETUP_S,
    STEP_S,
    CodeResult,
    check_code,
    find_second_factor,
    is_password_unchanged,
    new_recovery_codes,
    new_setup,
    open_setup,
    plain_code,
    turn_off,
    turn_on,
)
from screenpop.store.accounts.sessions import find_session, start_session
from screenpop.store.accounts.user_admin import delete_user
from screenpop.store.accounts.users import change_password
from screenpop.store.engine.database import Database
from screenpop.store.schema.second_factor_tables import recovery_codes, second_factors
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio
NOW = 1_795_300_010.0
"""Ten seconds into a step."""


def code_of(secret: str, at: float) -> str:
    return pyotp.TOTP(secret).at(int(at))


@pytest.fixture
async def user(database: Database, tmp_path: Path) -> User:
    database.document_key_file = tmp_path / "document.key"
    return await add_user(database, "maryam", "101")


async def turned_on(database: Database, user: User) -> tuple[str, tuple[str, ...]]:
    """Return the secret and the recovery codes; the code of ``NOW`` is used up."""
    setup = await new_setup(database, user.id, NOW)
    codes = await turn_on(database, user.id, setup, code_of(setup.secret, NOW), NOW)
    assert codes is not None
    return setup.secret, codes


def test_rfc_6238_vectors_hold() -> None:
    # Appendix B of RFC 6238, SHA-1, the last six of its eight digits.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for at, code in ((59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")):
        assert code_of(secret, at) == code


@given(st.text(max_size=40))
def test_any_text_becomes_a_plain_code_of_ascii(typed: str) -> None:
    plain = plain_code(typed)
    assert plain.isascii()
    assert plain_code(plain) == plain
    assert not plain or plain.isalnum()


def test_codes_are_read_in_the_digits_and_groups_that_people_type() -> None:
    assert (
        plain_code(" ۱۲۳ ۴۵۶ ") == plain_code("١٢٣-٤٥٦") == plain_code("１２３４５６") == "123456"
    )
    assert plain_code("ABCD-efgh 2345") == "abcdefgh2345"


@pytest.mark.defends("second-factor")
async def test_code_is_right_once_in_its_step_and_the_ones_beside_it(
    database: Database, user: User
) -> None:
    secret, _ = await turned_on(database, user)
    at = NOW + 100 * STEP_S
    for offset, expected in (
        (-2, CodeResult.WRONG),
        (2, CodeResult.WRONG),
        (-1, CodeResult.RIGHT),
        (-1, CodeResult.WRONG),
        (1, CodeResult.RIGHT),
        (1, CodeResult.WRONG),
        (0, CodeResult.WRONG),  # earlier than the one that was used last
    ):
        code = code_of(secret, at + offset * STEP_S)
        assert await check_code(database, user.id, code, at) is expected, offset


async def test_code_that_turned_it_on_does_not_log_in(database: Database, user: User) -> None:
    secret, _ = await turned_on(database, user)
    assert await check_code(database, user.id, code_of(secret, NOW), NOW) is CodeResult.WRONG


async def test_of_ten_requests_with_one_code_one_is_right(database: Database, user: User) -> None:
    secret, recovery = await turned_on(database, user)
    at = NOW + 100 * STEP_S
    for code, expected in (
        (code_of(secret, at), CodeResult.RIGHT),
        (recovery[0], CodeResult.RECOVERY),
    ):
        tries = (check_code(database, user.id, code, at) for _ in range(10))
        results = await asyncio.gather(*tries)
        assert sorted(results) == sorted([expected, *[CodeResult.WRONG] * 9])


@pytest.mark.defends("second-factor")
async def test_recovery_codes_work_once_in_any_spelling_and_new_ones_replace_them(
    database: Database, user: User
) -> None:
    _, codes = await turned_on(database, user)
    assert len(set(codes)) == RECOVERY_CODES
    typed = f"  {codes[0].upper().replace('-', ' ')} "
    assert await check_code(database, user.id, typed, NOW) is CodeResult.RECOVERY
    assert await check_code(database, user.id, codes[0], NOW) is CodeResult.WRONG
    factor = await find_second_factor(database, user.id)
    assert factor is not None
    assert factor.recovery_left == RECOVERY_CODES - 1
    other = await add_user(database, "niki", "102")
    assert await check_code(database, other.id, codes[1], NOW) is CodeResult.WRONG
    fresh = await new_recovery_codes(database, user.id)
    assert await check_code(database, user.id, codes[1], NOW) is CodeResult.WRONG
    assert await check_code(database, user.id, fresh[1], NOW) is CodeResult.RECOVERY


@pytest.mark.defends("second-factor")
async def test_neither_secret_nor_recovery_codes_are_readable_in_the_database(
    database: Database, user: User
) -> None:
    secret, codes = await turned_on(database, user)
    async with database.reading() as connection:
        stored = [
            *(await connection.execute(select(second_factors))).all(),
            *(await connection.execute(select(recovery_codes))).all(),
        ]
    text = repr(stored)
    assert secret not in text
    assert not [code for code in codes if code in text or plain_code(code) in text]


async def test_setup_is_of_one_user_for_a_quarter_of_an_hour(
    database: Database, user: User
) -> None:
    other = await add_user(database, "niki", "102")
    setup = await new_setup(database, user.id, NOW)
    assert await open_setup(database, user.id, setup.sealed, NOW + SETUP_S - 11) == setup
    assert await open_setup(database, user.id, setup.sealed, NOW + SETUP_S) is None
    assert await open_setup(database, other.id, setup.sealed, NOW) is None
    for forged in ("", "x", setup.sealed[:-4] + "AAAA"):
        assert await open_setup(database, user.id, forged, NOW) is None
    assert await turn_on(database, user.id, setup, "000000", NOW) is None
    assert await find_second_factor(database, user.id) is None
    assert setup.address("maryam").startswith("otpauth://totp/Screenpop:maryam?secret=")


async def test_second_setup_does_not_replace_the_first(database: Database, user: User) -> None:
    secret, _ = await turned_on(database, user)
    setup = await new_setup(database, user.id, NOW)
    later = NOW + 100 * STEP_S
    assert await turn_on(database, user.id, setup, code_of(setup.secret, later), later) is None
    assert await check_code(database, user.id, code_of(secret, later), later) is CodeResult.RIGHT


async def test_without_the_key_file_only_recovery_codes_work(
    database: Database, user: User
) -> None:
    secret, codes = await turned_on(database, user)
    assert database.document_key_file is not None
    database.document_key_file.unlink()
    database.document_key = None
    later = NOW + 100 * STEP_S
    assert await check_code(database, user.id, code_of(secret, later), later) is CodeResult.NO_KEY
    assert await check_code(database, user.id, codes[0], later) is CodeResult.RECOVERY


async def test_turning_it_off_ends_the_sessions_and_forgets_secret_and_codes(
    database: Database, user: User
) -> None:
    assert not await turn_off(database, user.id)
    secret, codes = await turned_on(database, user)
    session, kept = [await start_session(database, user.id, NOW) for _ in range(2)]
    assert await turn_off(database, user.id, keep_token=kept.token)
    assert await find_session(database, session.token, NOW) is None
    assert await find_session(database, kept.token, NOW) is not None
    assert await find_second_factor(database, user.id) is None
    for code in (code_of(secret, NOW + STEP_S), codes[0]):
        assert await check_code(database, user.id, code, NOW) is CodeResult.WRONG


async def test_deleted_user_leaves_no_secret(database: Database, user: User) -> None:
    await turned_on(database, user)
    await delete_user(database, user.id, NOW)
    async with database.reading() as connection:
        for table in (second_factors, recovery_codes):
            assert (await connection.execute(select(table))).first() is None


async def test_password_counts_as_unchanged_until_it_is_changed(
    database: Database, user: User
) -> None:
    assert await is_password_unchanged(database, user.id, NOW, NOW)
    await change_password(database, user.id, "four plain words together", NOW)
    assert not await is_password_unchanged(database, user.id, NOW - 1, NOW)
    assert await is_password_unchanged(database, user.id, NOW, NOW)
    await delete_user(database, user.id, NOW)
    assert not await is_password_unchanged(database, user.id, NOW, NOW)
