"""Passwords that are handed out for the first login."""

import pytest

from screenpop.accounts.password_policy import check_password_policy
from screenpop.store.accounts.first_passwords import (
    FIRST_PASSWORD_S,
    FirstPassword,
    first_password_of,
    hand_out_password,
    new_first_password,
)
from screenpop.store.accounts.sessions import find_session, start_session
from screenpop.store.accounts.users import change_password, verify_login
from screenpop.store.engine.database import Database
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio
NOW = 1_795_300_000.0


@pytest.mark.defends("first-passwords")
def test_made_passwords_meet_the_rules_and_differ() -> None:
    made = {new_first_password() for _ in range(200)}
    assert len(made) == 200
    assert not any(check_password_policy(one) for one in made)
    assert not set("ilo01") & set("".join(made))


async def test_password_handed_out_is_usable_until_its_end_and_no_longer_once_one_is_chosen(
    database: Database,
) -> None:
    user = await add_user(database, "maryam", "101")
    assert await first_password_of(database, user.id, NOW) is FirstPassword.NONE
    session = await start_session(database, user.id, NOW)
    password = await hand_out_password(database, user.id, NOW)
    assert await find_session(database, session.token, NOW) is None
    assert await verify_login(database, "maryam", password) is not None
    for at, expected in (
        (NOW + FIRST_PASSWORD_S - 1, FirstPassword.USABLE),
        (NOW + FIRST_PASSWORD_S, FirstPassword.EXPIRED),
    ):
        assert await first_password_of(database, user.id, at) is expected
    await change_password(database, user.id, "four plain words together", NOW)
    assert await first_password_of(database, user.id, NOW) is FirstPassword.NONE
