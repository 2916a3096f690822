"""The agent of each phone today, and the phones without one."""

import pytest

from screenpop.store.accounts.hot_desks import (
    HotDeskLogin,
    UnassignedPhone,
    dismiss_unassigned_phone,
    list_hot_desk_logins,
    list_unassigned_phones,
    log_in_at,
    log_out,
    record_unassigned_phone,
)
from screenpop.store.accounts.sessions import IDLE_S, end_session, start_session
from screenpop.store.accounts.users import ANY_PBX
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import Endpoint, PbxId
from tests.store.samples import add_user, set_active

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000.0
HOT_DESK = Endpoint("105")
OFFICE = PbxId("office")


async def test_an_agent_has_a_phone_for_as_long_as_the_session_lasts(
    database: Database,
) -> None:
    maryam = await add_user(database, "maryam")
    session = await start_session(database, maryam.id, NOW)

    assert await log_in_at(database, session.token, ANY_PBX, HOT_DESK, NOW)

    here = (HotDeskLogin(maryam.id, ANY_PBX, HOT_DESK),)
    assert await list_hot_desk_logins(database, NOW) == here
    assert await list_hot_desk_logins(database, NOW + IDLE_S) == ()
    await end_session(database, session.token)
    assert await list_hot_desk_logins(database, NOW) == ()


async def test_an_agent_moving_to_another_phone_leaves_the_one_before(database: Database) -> None:
    maryam = await add_user(database, "maryam")
    at_home = await start_session(database, maryam.id, NOW)
    in_the_office = await start_session(database, maryam.id, NOW)
    await log_in_at(database, at_home.token, ANY_PBX, HOT_DESK, NOW)
    await log_in_at(database, in_the_office.token, OFFICE, Endpoint("106"), NOW + 1)

    assert await list_hot_desk_logins(database, NOW) == (
        HotDeskLogin(maryam.id, OFFICE, Endpoint("106")),
    )
    await log_out(database, maryam.id)
    assert await list_hot_desk_logins(database, NOW) == ()


async def test_of_two_agents_logging_in_at_one_phone_the_later_has_it(database: Database) -> None:
    maryam = await add_user(database, "maryam")
    eleni = await add_user(database, "eleni")
    for user in (maryam, eleni):
        session = await start_session(database, user.id, NOW)
        await log_in_at(database, session.token, ANY_PBX, HOT_DESK, NOW)

    assert await list_hot_desk_logins(database, NOW) == (HotDeskLogin(eleni.id, ANY_PBX, HOT_DESK),)


async def test_mallory_logs_in_at_no_phone(database: Database) -> None:
    maryam = await add_user(database, "maryam")
    session = await start_session(database, maryam.id, NOW)

    assert not await log_in_at(database, "made up", ANY_PBX, HOT_DESK, NOW)
    assert not await log_in_at(database, session.token, ANY_PBX, HOT_DESK, NOW + IDLE_S)
    await log_in_at(database, session.token, ANY_PBX, HOT_DESK, NOW)
    await set_active(database, maryam.id, active=False)
    assert await list_hot_desk_logins(database, NOW) == ()


async def test_a_lonely_phone_is_remembered_until_it_is_forgotten(database: Database) -> None:
    await record_unassigned_phone(database, OFFICE, Endpoint("150"), NOW)
    await record_unassigned_phone(database, OFFICE, Endpoint("151"), NOW + 1)
    await record_unassigned_phone(database, OFFICE, Endpoint("150"), NOW + 2)

    assert await list_unassigned_phones(database) == (
        UnassignedPhone(OFFICE, Endpoint("150"), NOW, NOW + 2),
        UnassignedPhone(OFFICE, Endpoint("151"), NOW + 1, NOW + 1),
    )
    assert await dismiss_unassigned_phone(database, OFFICE, Endpoint("150"))
    assert not await dismiss_unassigned_phone(database, OFFICE, Endpoint("150"))
    assert [phone.endpoint for phone in await list_unassigned_phones(database)] == ["151"]
