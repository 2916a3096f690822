"""Teams: which agents and calls a supervisor sees."""

import pytest
from sqlalchemy import select

from screenpop.accounts.users import Department, Role, User
from screenpop.store.accounts.teams import (
    LONGEST_NAME,
    TeamRefusedError,
    delete_team,
    list_teams,
    save_team,
    visible_agents,
    visible_calls,
    visible_of,
)
from screenpop.store.accounts.user_admin import change_role, delete_user
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import calls
from tests.store.calls.written_calls import kept
from tests.store.samples import add_user, finished_call

pytestmark = pytest.mark.anyio


async def supervisor(database: Database, name: str) -> User:
    user = await add_user(database, name)
    await change_role(database, user.id, Role.SUPERVISOR, Department.SALES)
    return User(user.id, name, name, Role.SUPERVISOR, user.department, "en")


async def test_a_supervisor_of_teams_sees_their_agents_and_another_sees_all(
    database: Database,
) -> None:
    one, two, three = [await add_user(database, name) for name in ("one", "two", "three")]
    north, south, free = [await supervisor(database, name) for name in ("north", "south", "free")]
    await save_team(database, None, "North", [one.id], [north.id])
    both = await save_team(database, None, "South", [one.id, two.id], [south.id, north.id])
    assert await visible_agents(database, north) == frozenset({one.id, two.id, north.id})
    assert await visible_agents(database, south) == frozenset({one.id, two.id, south.id})
    assert await visible_agents(database, free) is None
    assert await visible_agents(database, three) is None  # rights decide first

    await save_team(database, both, "South", [], [south.id])
    assert await visible_agents(database, south) == frozenset(
        {south.id}
    )  # an empty team has no agents
    await delete_team(database, both)
    assert await visible_agents(database, south) is None
    await delete_user(database, one.id, 5.0)
    assert [(team.name, team.members) for team in await list_teams(database)] == [
        ("North", frozenset({one.id}))  # their calls stay the team's
    ]


async def test_an_administrator_sees_all_whatever_team_they_lead(database: Database) -> None:
    boss = await supervisor(database, "boss")
    await save_team(database, None, "Empty", [], [boss.id])
    await change_role(database, boss.id, Role.ADMIN, Department.SALES)
    admin = User(boss.id, "boss", "boss", Role.ADMIN, boss.department, "en")
    assert await visible_agents(database, admin) is None


async def test_supervisors_see_calls_that_rang_at_their_agents_or_whose_card_those_had(
    database: Database,
) -> None:
    # The legs of the sample calls ring at 101 and 102.
    rings, card = await add_user(database, "rings", "102"), await add_user(database, "card")
    lead_a, lead_b = await supervisor(database, "a"), await supervisor(database, "b")
    await save_team(database, None, "A", [rings.id], [lead_a.id])
    await save_team(database, None, "B", [card.id], [lead_b.id])
    await kept(database, finished_call("1.1"), finished_call("2.1", agent=card.id))
    await database.log.flush()

    async def seen_by(user: User) -> set[str]:
        condition = visible_calls(await visible_agents(database, user))
        statement = select(calls.c.id, calls.c.linkedid)
        async with database.reading() as connection:
            every = [row.id for row in await connection.execute(statement)]
            rows = (await connection.execute(statement.where(*condition))).all()
        assert await visible_of(database, user, every) == {row.id for row in rows}
        return {row.linkedid for row in rows}

    assert await seen_by(lead_a) == {"1.1", "2.1"}
    assert await seen_by(lead_b) == {"2.1"}
    await delete_user(database, rings.id, 9.0)
    assert await seen_by(lead_b) == {"2.1"}  # the call of a former colleague is not everyone's


async def test_a_call_without_any_user_is_seen_by_every_supervisor(database: Database) -> None:
    lead = await supervisor(database, "lead")
    await save_team(database, None, "Empty", [], [lead.id])
    await kept(database, finished_call("1.1"))
    async with database.reading() as connection:
        found = (await connection.execute(select(calls.c.id))).scalars().all()
    assert await visible_of(database, lead, found) == set(found)
    assert await visible_of(database, lead, ()) == frozenset()


async def test_a_team_without_a_name_of_its_own_is_refused(database: Database) -> None:
    await save_team(database, None, "x" * LONGEST_NAME, [], [])
    number = await save_team(database, None, "  North \n Sea ", [], [])
    assert (await list_teams(database))[0].name == "North Sea"
    for name, team, code in (
        ("x" * (LONGEST_NAME + 1), None, "no_name"),
        (" \n ", None, "no_name"),
        ("North Sea", None, "name_taken"),
        ("x" * LONGEST_NAME, number, "name_taken"),
        ("East", number + 99, "unknown_team"),
    ):
        with pytest.raises(TeamRefusedError) as refused:
            await save_team(database, team, name, [], [])
        assert refused.value.code == code
    assert len(await list_teams(database)) == 2
