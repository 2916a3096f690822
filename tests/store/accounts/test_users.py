"""Users who log in, and their phones."""

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from screenpop.accounts.users import Department, Role, UserId
from screenpop.store.accounts import password_hash
from screenpop.store.accounts.password_hash import PasswordRefusedError
from screenpop.store.accounts.user_admin import find_account
from screenpop.store.accounts.users import (
    UserRefusedError,
    create_user,
    find_username,
    list_agents,
    list_users,
    set_endpoints,
    set_language,
    set_password,
    verify_login,
)
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users
from screenpop.telephony.identifiers import Endpoint, PbxId
from tests.store.samples import add_user, set_active

pytestmark = pytest.mark.anyio


async def test_a_user_logs_in_with_the_password_and_with_no_other(database: Database) -> None:
    user = await add_user(database)

    assert await verify_login(database, "maryam", "demo") == user
    for wrong in ("Demo", "demo ", "", "demo\0", "x" * 100_000):
        assert await verify_login(database, "maryam", wrong) is None
    assert await verify_login(database, "mallory", "demo") is None


async def test_a_username_is_the_same_in_any_case_and_width(database: Database) -> None:
    user = await add_user(database, "Maryam")

    assert user.username == "maryam"
    assert await find_username(database, " ＭＡＲＹＡＭ ") == user
    with pytest.raises(UserRefusedError) as refused:
        await add_user(database, "MARYAM")
    assert refused.value.code == "username_taken"


async def test_a_username_is_the_same_on_a_persian_and_an_arabic_keyboard(
    database: Database,
) -> None:
    user = await add_user(database, "علي.كريمى")

    assert user.username == "علی.کریمی"
    for typed in ("علي.كريمي", "علی.کریمی", "علی.كريمى"):
        assert await verify_login(database, typed, "demo") == user
        with pytest.raises(UserRefusedError) as refused:
            await add_user(database, typed)
        assert refused.value.code == "username_taken"
    assert await verify_login(database, "علا.کریمی", "demo") is None


async def test_a_username_stored_with_arabic_letters_logs_in_as_before_and_is_taken(
    database: Database,
) -> None:
    old = await add_user(database, "stored")
    async with database.writing() as connection:
        await connection.execute(update(users).values(username="علي"))
    for typed in ("علي", "علی"):
        found = await verify_login(database, typed, "demo")
        assert found is not None
        assert found.id == old.id
        assert (await find_account(database, typed)).id == old.id
    with pytest.raises(UserRefusedError) as refused:
        await add_user(database, "علی")
    assert refused.value.code == "username_taken"


async def test_two_stored_usernames_that_differ_in_arabic_letters_both_log_in(
    database: Database,
) -> None:
    people = {}
    for number, stored in enumerate(("علي", "علی")):
        people[stored] = (await add_user(database, f"stored{number}")).id
        async with database.writing() as connection:
            named = update(users).where(users.c.id == people[stored])
            await connection.execute(named.values(username=stored))
    for typed, user_id in people.items():
        found = await verify_login(database, typed, "demo")
        assert found is not None
        assert found.id == user_id


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "<script>", "x" * 65, "../etc", "\u202eabc", "-a"]
)
async def test_a_username_that_could_confuse_is_refused(database: Database, name: str) -> None:
    with pytest.raises(UserRefusedError) as refused:
        await add_user(database, name)
    assert refused.value.code == "bad_username"


async def test_a_username_of_letters_that_look_like_another_script_is_refused(
    database: Database,
) -> None:
    for name in ("\u0430dmin", "Νikos", "mаryam.2"):
        with pytest.raises(UserRefusedError) as refused:
            await add_user(database, name)
        assert refused.value.code == "mixed_username"
    assert (await add_user(database, "νίκος")).username == "νίκοσ"


async def test_a_persian_username_works(database: Database) -> None:
    user = await add_user(database, "مریم")

    assert await verify_login(database, "مریم", "demo") == user


async def test_an_empty_password_or_name_is_refused(database: Database) -> None:
    with pytest.raises(PasswordRefusedError):
        await create_user(
            database,
            username="a",
            display_name="A",
            password=" ",
            role=Role.ADMIN,
            department=Department.SALES,
            language="en",
            now=1.0,
        )
    with pytest.raises(UserRefusedError, match="name"):
        await create_user(
            database,
            username="a",
            display_name=" ",
            password="p",
            role=Role.ADMIN,
            department=Department.SALES,
            language="en",
            now=1.0,
        )
    assert await list_users(database) == ()


async def test_a_phone_belongs_to_one_user_and_nothing_is_half_done(database: Database) -> None:
    await add_user(database, "maryam", "101")

    with pytest.raises(UserRefusedError) as refused:
        await add_user(database, "eleni", "102", "101")

    assert refused.value.code == "endpoint_taken"
    assert [user.username for user in await list_users(database)] == ["maryam"]


async def test_agents_are_those_with_phones_on_this_pbx_or_on_any(database: Database) -> None:
    maryam = await add_user(database, "maryam", "101", "101", " ")
    await add_user(database, "sara")
    await set_endpoints(database, maryam.id, [Endpoint("201"), Endpoint("202")], PbxId("branch"))

    every = await list_agents(database)
    main = await list_agents(database, PbxId("main"))
    branch = await list_agents(database, PbxId("branch"))

    assert [agent.endpoints for agent in every] == [("101", "201", "202")]
    assert [agent.endpoints for agent in main] == [("101",)]
    assert [agent.endpoints for agent in branch] == [("101", "201", "202")]
    assert (int(every[0].id), every[0].display_name) == (maryam.id, "Maryam")


async def test_phones_move_from_one_user_to_another(database: Database) -> None:
    maryam = await add_user(database, "maryam", "101")
    eleni = await add_user(database, "eleni", "102")

    with pytest.raises(UserRefusedError):
        await set_endpoints(database, eleni.id, [Endpoint("101")])
    await set_endpoints(database, maryam.id, [])
    await set_endpoints(database, eleni.id, [Endpoint("101")])

    assert [(a.username, a.endpoints) for a in await list_agents(database)] == [("eleni", ("101",))]
    with pytest.raises(UserRefusedError):
        await set_endpoints(database, UserId(99), [Endpoint("105")])


async def test_a_deactivated_user_logs_in_no_more(database: Database) -> None:
    user = await add_user(database, "maryam", "101")

    await set_active(database, user.id, active=False)

    assert await verify_login(database, "maryam", "demo") is None
    assert await find_username(database, "maryam") is None
    assert (await list_users(database), await list_agents(database)) == ((), ())
    await set_active(database, user.id, active=True)
    assert await find_username(database, "maryam") == user


async def test_a_new_password_replaces_the_old_one(database: Database) -> None:
    user = await add_user(database)

    await set_password(database, user.id, "گذرواژه نو")

    assert await verify_login(database, "maryam", "demo") is None
    assert await verify_login(database, "maryam", "گذرواژه\u00a0نو") == user
    with pytest.raises(UserRefusedError, match="no user"):
        await set_password(database, UserId(99), "x")


async def test_a_language_is_kept(database: Database) -> None:
    user = await add_user(database)
    await set_language(database, user.id, "fa")

    found = await find_username(database, user.username)
    assert found is not None
    assert found.language == "fa"


@pytest.mark.defends("password-hash")
async def test_a_hash_of_yesterdays_costs_is_made_anew_at_the_next_login(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_user(database)
    dearer = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr(password_hash, "_hasher", dearer)

    assert await verify_login(database, "maryam", "wrong") is None
    assert "m=8,t=1" in await stored_hash(database)
    assert await verify_login(database, "maryam", "demo") is not None
    assert "m=16,t=2" in await stored_hash(database)
    assert await verify_login(database, "maryam", "demo") is not None


async def stored_hash(database: Database) -> str:
    async with database.reading() as connection:
        found: str = (await connection.execute(select(users.c.password_hash))).scalar_one()
    return found
