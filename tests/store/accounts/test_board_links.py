"""Links of wall screens: who makes them, how they end, what of them is stored."""

import pytest
from sqlalchemy import select

from screenpop.accounts.users import Department, Role, User
from screenpop.store.accounts.board_links import (
    LONGEST_NAME,
    MOST_LINKS,
    BoardLinkRefusedError,
    find_board_link,
    list_board_links,
    make_board_link,
    take_back_board_link,
    usable_board_links,
)
from screenpop.store.accounts.staff_rows import read_staff_rows
from screenpop.store.accounts.teams import save_team
from screenpop.store.accounts.user_admin import change_role, disable_user
from screenpop.store.engine.database import Database
from screenpop.store.schema.board_link_tables import board_links
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio

NOW, DAY = 1_000_000.0, 86_400.0


async def supervisor(database: Database, name: str) -> User:
    user = await add_user(database, name)
    await change_role(database, user.id, Role.SUPERVISOR, Department.SALES)
    return User(user.id, name, name, Role.SUPERVISOR, user.department, "en")


async def make(database: Database, maker: User, name: str = "Hall", days: int = 1) -> str:
    return await make_board_link(database, maker.id, name, days, NOW, shows_names=False)


async def test_a_link_is_found_by_its_token_until_it_expires_and_only_the_hash_is_stored(
    database: Database,
) -> None:
    sue = await supervisor(database, "sue")
    token = await make(database, sue)
    found = await find_board_link(database, token, NOW + DAY - 1)
    assert found is not None
    assert (found.name, found.shows_names, found.reader) == ("Hall", False, -found.id)
    assert await find_board_link(database, token, NOW + DAY) is None
    assert await usable_board_links(database, [found.id, 99], NOW) == {found.id}
    assert await usable_board_links(database, [found.id], NOW + DAY) == frozenset()
    async with database.reading() as connection:
        row = (await connection.execute(select(board_links))).one()
    assert token not in str(row)
    for guess in ("", "x", token[:-1], token + "=", row.token_hash, token.swapcase(), "ب" * 999):
        assert await find_board_link(database, guess, NOW) is None, guess


@pytest.mark.defends("wall-links")
async def test_a_link_ends_with_its_taking_back_and_with_the_rights_of_its_maker(
    database: Database,
) -> None:
    sue, boss = await supervisor(database, "sue"), await supervisor(database, "boss")
    tokens = [await make(database, sue), await make(database, sue)]
    (second, first) = await list_board_links(database, NOW)
    assert await take_back_board_link(database, first.id, boss)
    assert not await take_back_board_link(database, first.id, boss)
    assert await find_board_link(database, tokens[0], NOW) is None
    assert [one.id for one in await list_board_links(database, NOW)] == [second.id]
    await change_role(database, sue.id, Role.AGENT, Department.SALES)
    assert await find_board_link(database, tokens[1], NOW) is None
    await change_role(database, sue.id, Role.SUPERVISOR, Department.SALES)
    assert await find_board_link(database, tokens[1], NOW) is not None
    await add_admin(database)
    await disable_user(database, sue.id)
    assert (await read_staff_rows(database, NOW)).screens == ()


async def add_admin(database: Database) -> None:
    admin = await add_user(database, "admin")
    await change_role(database, admin.id, Role.ADMIN, Department.SALES)


async def test_a_screen_shows_the_teams_of_the_links_maker_as_they_are_now(
    database: Database,
) -> None:
    sue, one = await supervisor(database, "sue"), await add_user(database, "one")
    await make(database, sue)
    (screen,) = (await read_staff_rows(database, NOW)).screens
    assert screen.agents is None
    await save_team(database, None, "North", [one.id], [sue.id])
    (screen,) = (await read_staff_rows(database, NOW)).screens
    assert screen.agents == frozenset({one.id, sue.id})
    other = await supervisor(database, "other")
    await make(database, other)
    theirs = next(
        link for link in await list_board_links(database, NOW) if link.made_by == other.id
    )
    assert not await take_back_board_link(database, theirs.id, sue)


async def test_a_link_that_cannot_be_is_refused(database: Database) -> None:
    sue = await supervisor(database, "sue")
    await make(database, sue, "x" * LONGEST_NAME)
    for name, days, code in (
        (" \n", 1, "no_name"),
        ("x" * (LONGEST_NAME + 1), 1, "no_name"),
        ("Hall", 2, "bad_lifetime"),
        ("Hall", 10**9, "bad_lifetime"),
    ):
        with pytest.raises(BoardLinkRefusedError) as refused:
            await make(database, sue, name, days)
        assert refused.value.code == code
    for _ in range(MOST_LINKS - 1):
        await make(database, sue)
    with pytest.raises(BoardLinkRefusedError, match="too_many"):
        await make(database, sue)
    later = NOW + DAY  # expired links leave room
    await make_board_link(database, sue.id, "Hall", 1, later, shows_names=True)
    assert len(await list_board_links(database, later)) == 1
