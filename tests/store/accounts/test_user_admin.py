"""What administrators change of users, on both databases."""

import pytest

from screenpop.accounts.users import Department, Role, User
from screenpop.store.accounts.own_account import find_own_account
from screenpop.store.accounts.session_use import EndReason, check_sessions
from screenpop.store.accounts.sessions import (
    end_session_by_id,
    find_session,
    start_session,
)
from screenpop.store.accounts.user_admin import (
    change_role,
    delete_user,
    disable_user,
    enable_user,
    find_account,
    list_accounts,
    rename_user,
)
from screenpop.store.accounts.users import (
    UserRefusedError,
    change_password,
    create_user,
    is_own_password,
    list_users,
    verify_login,
)
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import Endpoint

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000.0
PASSWORD = "four plain words here"


async def make(database: Database, name: str, role: Role = Role.AGENT, phone: str = "") -> User:
    return await create_user(
        database,
        username=name,
        display_name=name.title(),
        password=PASSWORD,
        role=role,
        department=Department.SALES,
        language="en",
        now=NOW,
        endpoints=[Endpoint(phone)] if phone else [],
    )


@pytest.mark.defends("session-end")
async def test_a_disabled_user_has_no_session_and_logs_in_only_when_enabled(
    database: Database,
) -> None:
    await make(database, "root", Role.ADMIN)
    sara = await make(database, "sara", phone="101")
    session = await start_session(database, sara.id, NOW, browser="Firefox", address="10.0.0.1")

    await disable_user(database, sara.id)

    assert await find_session(database, session.token, NOW) is None
    assert await verify_login(database, "sara", PASSWORD) is None
    assert [(one.user.username, one.is_active) for one in await list_accounts(database)] == [
        ("root", True),
        ("sara", False),
    ]
    await enable_user(database, sara.id)
    assert await verify_login(database, "sara", PASSWORD) == sara


async def test_a_deleted_user_keeps_the_name_and_frees_username_and_phone(
    database: Database,
) -> None:
    await make(database, "root", Role.ADMIN)
    sara = await make(database, "sara", phone="101")

    await delete_user(database, sara.id, NOW)

    assert await verify_login(database, "sara", PASSWORD) is None
    assert [user.username for user in await list_users(database)] == ["root"]
    again = await make(database, "sara", phone="101")
    assert again.id != sara.id
    with pytest.raises(UserRefusedError, match="There is no user"):
        await enable_user(database, sara.id)


@pytest.mark.parametrize("change", ["disable", "delete", "demote"])
async def test_the_last_active_administrator_stays_one(database: Database, change: str) -> None:
    root = await make(database, "root", Role.ADMIN)
    other = await make(database, "other", Role.ADMIN)
    await disable_user(database, other.id)

    changes = {
        "disable": disable_user(database, root.id),
        "delete": delete_user(database, root.id, NOW),
        "demote": change_role(database, root.id, Role.AGENT, Department.SALES),
    }
    chosen = changes.pop(change)
    for unwanted in changes.values():
        unwanted.close()
    with pytest.raises(UserRefusedError) as refused:
        await chosen

    assert refused.value.code == "last_admin"
    assert (await find_account(database, "root")).role is Role.ADMIN
    await enable_user(database, other.id)
    await change_role(database, root.id, Role.AGENT, Department.FINANCE)
    assert (await find_account(database, "root")).department is Department.FINANCE


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
async def test_an_unreadable_name_is_refused(database: Database, name: str) -> None:
    sara = await make(database, "sara")
    with pytest.raises(UserRefusedError, match="name"):
        await rename_user(database, sara.id, name)
    await rename_user(database, sara.id, " Sara K. ")
    assert (await find_account(database, "SARA")).display_name == "Sara K."


async def test_a_new_password_ends_every_session_but_the_one_it_was_changed_in(
    database: Database,
) -> None:
    sara = await make(database, "sara")
    here, there = [await start_session(database, sara.id, NOW + number) for number in range(2)]

    await change_password(database, sara.id, "another four words", NOW + 5, keep_token=here.token)

    assert await find_session(database, here.token, NOW + 6) is not None
    assert await find_session(database, there.token, NOW + 6) is None
    assert await is_own_password(database, sara.id, "another four words")
    assert not await is_own_password(database, sara.id, PASSWORD)


@pytest.mark.defends("session-end")
async def test_each_session_is_listed_with_its_browser_and_ended_by_its_owner_only(
    database: Database,
) -> None:
    sara, mallory = await make(database, "sara"), await make(database, "mallory")
    await start_session(database, sara.id, NOW, browser="Firefox\u202e", address="10.0.0.1")
    (listed,) = (await find_own_account(database, sara.id, NOW)).sessions
    assert (listed.browser, listed.address) == ("Firefox\u202e", "10.0.0.1")
    assert not await end_session_by_id(database, mallory.id, listed.id)
    assert await end_session_by_id(database, sara.id, listed.id)
    assert (await find_own_account(database, sara.id, NOW)).sessions == ()


async def test_why_a_session_is_over_is_known_of_each(database: Database) -> None:
    await make(database, "root", Role.ADMIN)
    people = {
        name: await make(database, name) for name in ("stays", "left", "new_word", "logged_out")
    }
    started = {name: await start_session(database, user.id, NOW) for name, user in people.items()}
    await change_role(database, people["stays"].id, Role.SUPERVISOR, Department.SALES)
    await disable_user(database, people["left"].id)
    await change_password(database, people["new_word"].id, "another four words", NOW + 1)
    await end_session_by_id(
        database,
        people["logged_out"].id,
        (await find_own_account(database, people["logged_out"].id, NOW)).sessions[0].id,
    )

    owners = {started[name].token: (user.id, NOW) for name, user in people.items()}
    checks = await check_sessions(database, owners, NOW + 2)

    found = {name: checks[one.token] for name, one in started.items()}
    assert found["stays"].role is Role.SUPERVISOR
    assert found["stays"].ended is None
    assert found["left"].ended is EndReason.USER_DISABLED
    assert found["new_word"].ended is EndReason.PASSWORD_CHANGED
    assert found["logged_out"].ended is EndReason.ENDED
