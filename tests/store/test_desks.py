"""Who sits where today, and the phones at which nobody does."""

import pytest

from screenpop.store.database import Database
from screenpop.store.desks import (
    DeskLogin,
    LonelyPhone,
    forget_lonely_phone,
    list_desk_logins,
    list_lonely_phones,
    note_lonely_phone,
    sit_down,
    stand_up,
)
from screenpop.store.sessions import IDLE_S, end_session, start_session
from screenpop.store.users import ANY_PBX, set_active
from screenpop.telephony.identifiers import Endpoint, PbxId

from .samples import add_user

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000.0
DESK = Endpoint("105")
OFFICE = PbxId("office")


async def test_somebody_sits_at_a_phone_for_as_long_as_the_session_lasts(
    database: Database,
) -> None:
    maryam = await add_user(database, "maryam")
    session = await start_session(database, maryam.id, NOW)

    assert await sit_down(database, session.token, ANY_PBX, DESK, NOW)

    here = (DeskLogin(maryam.id, ANY_PBX, DESK),)
    assert await list_desk_logins(database, NOW) == here
    assert await list_desk_logins(database, NOW + IDLE_S) == ()
    await end_session(database, session.token)
    assert await list_desk_logins(database, NOW) == ()


async def test_who_moves_to_another_phone_leaves_the_one_before(database: Database) -> None:
    maryam = await add_user(database, "maryam")
    at_home = await start_session(database, maryam.id, NOW)
    in_the_office = await start_session(database, maryam.id, NOW)
    await sit_down(database, at_home.token, ANY_PBX, DESK, NOW)
    await sit_down(database, in_the_office.token, OFFICE, Endpoint("106"), NOW + 1)

    assert await list_desk_logins(database, NOW) == (DeskLogin(maryam.id, OFFICE, Endpoint("106")),)
    await stand_up(database, maryam.id)
    assert await list_desk_logins(database, NOW) == ()


async def test_of_two_who_sit_down_at_one_phone_the_later_has_it(database: Database) -> None:
    maryam = await add_user(database, "maryam")
    eleni = await add_user(database, "eleni")
    for user in (maryam, eleni):
        session = await start_session(database, user.id, NOW)
        await sit_down(database, session.token, ANY_PBX, DESK, NOW)

    assert await list_desk_logins(database, NOW) == (DeskLogin(eleni.id, ANY_PBX, DESK),)


async def test_mallory_sits_nowhere(database: Database) -> None:
    maryam = await add_user(database, "maryam")
    session = await start_session(database, maryam.id, NOW)

    assert not await sit_down(database, "made up", ANY_PBX, DESK, NOW)
    assert not await sit_down(database, session.token, ANY_PBX, DESK, NOW + IDLE_S)
    await sit_down(database, session.token, ANY_PBX, DESK, NOW)
    await set_active(database, maryam.id, active=False)
    assert await list_desk_logins(database, NOW) == ()


async def test_a_lonely_phone_is_remembered_until_it_is_forgotten(database: Database) -> None:
    await note_lonely_phone(database, OFFICE, Endpoint("150"), NOW)
    await note_lonely_phone(database, OFFICE, Endpoint("151"), NOW + 1)
    await note_lonely_phone(database, OFFICE, Endpoint("150"), NOW + 2)

    assert await list_lonely_phones(database) == (
        LonelyPhone(OFFICE, Endpoint("150"), NOW, NOW + 2),
        LonelyPhone(OFFICE, Endpoint("151"), NOW + 1, NOW + 1),
    )
    assert await forget_lonely_phone(database, OFFICE, Endpoint("150"))
    assert not await forget_lonely_phone(database, OFFICE, Endpoint("150"))
    assert [phone.endpoint for phone in await list_lonely_phones(database)] == ["151"]
