"""Logins and failures, on both databases."""

import pytest

from screenpop.accounts.users import Department, Role
from screenpop.store.accounts.login_records import (
    LONGEST_BROWSER,
    forget_logins,
    list_login_records,
    record_login,
)
from screenpop.store.accounts.users import create_user
from screenpop.store.engine.database import Database

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000.0


async def record(database: Database, username: str, at: float, *, is_right: bool) -> None:
    await record_login(
        database,
        username=username,
        is_right=is_right,
        address="10.0.0.1",
        browser="x" * 1000,
        now=at,
    )


@pytest.mark.defends("login-records")
async def test_each_try_is_kept_but_not_what_was_typed_for_an_unknown_name(
    database: Database,
) -> None:
    await create_user(
        database,
        username="sara",
        display_name="Sara",
        password="four plain words",
        role=Role.AGENT,
        department=Department.SALES,
        language="en",
        now=NOW,
    )
    await record(database, " SARA ", NOW, is_right=True)
    await record(database, "sara", NOW + 1, is_right=False)
    await record(database, "my secret pass phrase", NOW + 2, is_right=False)

    newest_first = await list_login_records(database)

    assert [(one.display_name, one.username, one.outcome) for one in newest_first] == [
        ("", "", "unknown_user"),
        ("Sara", "sara", "wrong_password"),
        ("Sara", "sara", "logged_in"),
    ]
    assert len(newest_first[0].browser) == LONGEST_BROWSER
    assert len(await list_login_records(database, only_failures=True)) == 2


async def test_records_at_the_limit_stay_and_older_ones_go(database: Database) -> None:
    for at in (NOW - 1, NOW, NOW + 1):
        await record(database, "nobody", at, is_right=False)
    assert await forget_logins(database, NOW) == 1
    assert await forget_logins(database, NOW) == 0
    assert [one.at for one in await list_login_records(database)] == [NOW + 1, NOW]
