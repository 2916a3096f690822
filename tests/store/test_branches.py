"""The office's own branches in the database."""

import pytest
from sqlalchemy import insert, select

from screenpop.customers.branches import MAX_BRANCHES, BranchProblem
from screenpop.store.branches import (
    BranchRefusedError,
    branch_names,
    branches_by_key,
    delete_branch,
    list_branches,
    save_branch,
)
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.branch_tables import branches
from screenpop.store.schema.tables import customers

pytestmark = pytest.mark.anyio
_CUSTOMER = {"names": [], "tags": [], "created_at": 1.0, "changed_at": 1.0}
_USER = {
    "password_hash": "",
    "role": "agent",
    "department": "sales",
    "language": "en",
    "created_at": 1.0,
}


async def test_a_branch_is_added_renamed_and_listed_with_its_people(database: Database) -> None:
    athens = await save_branch(database, " Αθήνα ", now=1.0)
    tehran = await save_branch(database, "شعبه تهران", now=1.0)
    async with database.writing() as connection:
        for number, merged in ((1, None), (2, None), (3, 1)):
            row = {**_CUSTOMER, "branch_id": athens, "merged_into_id": merged}
            await connection.execute(insert(customers).values(id=number, **row))
        for number, gone in ((1, None), (2, 5.0)):
            row = {**_USER, "username": f"u{number}", "display_name": "U", "deleted_at": gone}
            await connection.execute(insert(users).values(branch_id=tehran, **row))

    listed = {(one.name, one.customers, one.users) for one in await list_branches(database)}
    assert listed == {("Αθήνα", 2, 0), ("شعبه تهران", 0, 1)}
    assert await save_branch(database, "ΑΘΗΝΑ", now=2.0, number=athens) == athens
    assert (await branch_names(database))[athens or 0] == "ΑΘΗΝΑ"
    assert set((await branches_by_key(database)).values()) == {athens, tehran}


async def test_a_name_that_is_taken_empty_or_one_branch_too_many_is_refused(
    database: Database,
) -> None:
    await save_branch(database, "Athens", now=1.0)
    with pytest.raises(BranchRefusedError) as taken:
        await save_branch(database, "ATHENS", now=1.0)
    assert taken.value.problem is BranchProblem.TAKEN
    with pytest.raises(BranchRefusedError) as empty:
        await save_branch(database, "  ", now=1.0)
    assert empty.value.problem is BranchProblem.EMPTY

    async with database.writing() as connection:
        more = [
            {"name": str(number), "name_key": str(number), "created_at": 1.0}
            for number in range(MAX_BRANCHES - 2)
        ]
        await connection.execute(insert(branches), more)
    last = await save_branch(database, "The last", now=1.0)
    with pytest.raises(BranchRefusedError) as many:
        await save_branch(database, "One more", now=1.0)
    assert many.value.problem is BranchProblem.MANY
    assert await save_branch(database, "The very last", now=1.0, number=last) == last


async def test_a_deleted_branch_leaves_its_customers_and_users_without_one(
    database: Database,
) -> None:
    number = await save_branch(database, "Athens", now=1.0)
    async with database.writing() as connection:
        await connection.execute(insert(customers).values(id=1, branch_id=number, **_CUSTOMER))
        named = {**_USER, "username": "u", "display_name": "U"}
        await connection.execute(insert(users).values(id=1, branch_id=number, **named))
    assert await delete_branch(database, number or 0)
    async with database.reading() as connection:
        for table in (customers, users):
            assert (await connection.execute(select(table.c.branch_id))).scalar_one() is None
    assert not await delete_branch(database, number or 0)
    assert await save_branch(database, "Nowhere", now=1.0, number=number) is None
