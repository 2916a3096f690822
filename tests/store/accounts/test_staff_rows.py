"""The version of users, phones, seats, teams and wall screens, and what is read of them."""

from collections.abc import Awaitable

import pytest

from screenpop.accounts.card_preferences import DEFAULT_PREFERENCES
from screenpop.accounts.users import Department, Role
from screenpop.store.accounts.board_links import make_board_link
from screenpop.store.accounts.hot_desks import HotDeskLogin, log_in_at, log_out
from screenpop.store.accounts.sessions import IDLE_S, start_session
from screenpop.store.accounts.staff_rows import (
    StaffPhone,
    StaffUser,
    read_staff_rows,
    staff_version,
)
from screenpop.store.accounts.teams import save_team
from screenpop.store.accounts.user_admin import change_role, disable_user, rename_user
from screenpop.store.accounts.users import (
    ANY_PBX,
    set_card_preferences,
    set_endpoints,
    set_language,
)
from screenpop.store.branches import save_branch, set_users_branch
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import Endpoint, PbxId
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio

NOW = 1_000_000.0
OFFICE = PbxId("office")


async def test_the_version_changes_with_everything_that_decides_about_cards(
    database: Database,
) -> None:
    maryam, nikos = await add_user(database, "maryam", "101"), await add_user(database, "nikos")
    sue = await add_user(database, "sue")
    session = await start_session(database, nikos.id, NOW)

    async def changes(work: Awaitable[object], *, at: float = NOW) -> bool:
        before = await staff_version(database, NOW)
        await work
        return await staff_version(database, at) != before

    assert not await changes(set_card_preferences(database, maryam.id, DEFAULT_PREFERENCES))
    assert await changes(rename_user(database, maryam.id, 'Maryam "M" \\ \x1f مریم'))
    assert await changes(set_language(database, maryam.id, "el"))
    assert await changes(set_endpoints(database, maryam.id, [Endpoint("101"), Endpoint("102")]))
    assert await changes(set_endpoints(database, nikos.id, [Endpoint("103")], OFFICE))
    assert await changes(log_in_at(database, session.token, ANY_PBX, Endpoint("105"), NOW))
    # Nothing is written when a login expires.
    assert await staff_version(database, NOW) != await staff_version(database, NOW + IDLE_S)
    assert await changes(log_out(database, nikos.id))
    assert await changes(change_role(database, sue.id, Role.SUPERVISOR, Department.SALES))
    assert await changes(save_team(database, None, "North", [maryam.id], [sue.id]))
    assert await changes(make_board_link(database, sue.id, "Wall", 1, NOW, shows_names=True))
    assert await staff_version(database, NOW) != await staff_version(database, NOW + 2 * 86400)
    branch = await save_branch(database, "North", now=NOW)
    assert await changes(set_users_branch(database, maryam.id, branch))
    await change_role(database, maryam.id, Role.ADMIN, Department.SALES)
    assert await changes(disable_user(database, nikos.id))


async def test_the_rows_are_as_in_the_database_whatever_a_name_has(database: Database) -> None:
    empty = await read_staff_rows(database, NOW)
    assert (empty.users, empty.phones, empty.logins) == ([], [], [])
    assert (empty.teams, empty.screens) == ({}, ())

    name = "M\"a'ry\\am [1,\n2] مریم"
    maryam = await add_user(database, "maryam", "101")
    await rename_user(database, maryam.id, name)
    await set_endpoints(database, maryam.id, [Endpoint("100"), Endpoint("099")], OFFICE)
    session = await start_session(database, maryam.id, NOW)
    await log_in_at(database, session.token, OFFICE, Endpoint("105"), NOW)
    rows = await read_staff_rows(database, NOW)
    role, department = maryam.role.value, maryam.department.value
    shown = StaffUser(maryam.id, "maryam", name, role, department, maryam.language, None)
    assert rows.users == [shown._replace(display_name=rows.users[0].display_name)]
    assert rows.users[0].display_name.split() == name.split()
    assert rows.phones == [
        StaffPhone(maryam.id, ANY_PBX, "101"),
        StaffPhone(maryam.id, OFFICE, "100"),
        StaffPhone(maryam.id, OFFICE, "099"),
    ]
    assert rows.logins == [HotDeskLogin(maryam.id, OFFICE, Endpoint("105"))]
