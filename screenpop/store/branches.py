"""The office's own branches: listed, named, deleted."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.branches import (
    MAX_BRANCHES,
    BranchProblem,
    branch_key,
    clean_branch_name,
    name_problem,
)
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.branch_tables import branches
from screenpop.store.schema.tables import customers


class BranchRefusedError(Exception):
    """The branch was not saved."""

    def __init__(self, problem: BranchProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class BranchRow:
    """A branch with the numbers of its customers and users; merged and deleted ones left out."""

    id: int
    name: str
    customers: int
    users: int


async def branch_names(database: Database) -> dict[int, str]:
    """Return the names of all branches by id, in their order."""
    return await database.read(branch_names_now)


def branch_names_now(connection: Connection) -> dict[int, str]:
    """As ``branch_names``, for a read in a thread."""
    rows = connection.execute(select(branches).order_by(branches.c.name_key, branches.c.id))
    return {row.id: row.name for row in rows}


async def branches_by_key(database: Database) -> dict[str, int]:
    """Return the ids of branches by ``branch_key`` of their names."""
    return {branch_key(name): number for number, name in (await branch_names(database)).items()}


async def list_branches(database: Database) -> tuple[BranchRow, ...]:
    return await database.read(_listed)


def _listed(connection: Connection) -> tuple[BranchRow, ...]:
    people = (
        select(customers.c.branch_id, func.count().label("number"))
        .where(customers.c.merged_into_id.is_(None), customers.c.branch_id.is_not(None))
        .group_by(customers.c.branch_id)
    )
    staff = (
        select(users.c.branch_id, func.count().label("number"))
        .where(users.c.deleted_at.is_(None), users.c.branch_id.is_not(None))
        .group_by(users.c.branch_id)
    )
    of_people = {row.branch_id: row.number for row in connection.execute(people)}
    of_staff = {row.branch_id: row.number for row in connection.execute(staff)}
    return tuple(
        BranchRow(number, name, of_people.get(number, 0), of_staff.get(number, 0))
        for number, name in branch_names_now(connection).items()
    )


async def save_branch(
    database: Database, name: str, *, now: float, number: int | None = None
) -> int | None:
    """Add a branch, or rename the one with this number; return its id, None for one not there.

    Raises ``BranchRefusedError``.
    """
    clean = clean_for_database(clean_branch_name(name))
    if (problem := name_problem(clean)) is not None:
        raise BranchRefusedError(problem)
    key = branch_key(clean)
    async with database.writing() as connection:
        await _check_free(connection, key, number)
        if number is not None:
            changed = update(branches).where(branches.c.id == number)
            done = await connection.execute(changed.values(name=clean, name_key=key))
            return number if done.rowcount else None
        added = insert(branches).values(name=clean, name_key=key, created_at=now)
        return int((await connection.execute(added.returning(branches.c.id))).scalar_one())


async def _check_free(connection: AsyncConnection, key: str, number: int | None) -> None:
    rows = (await connection.execute(select(branches.c.id, branches.c.name_key))).all()
    if any(row.name_key == key and row.id != number for row in rows):
        raise BranchRefusedError(BranchProblem.TAKEN)
    if number is None and len(rows) >= MAX_BRANCHES:
        raise BranchRefusedError(BranchProblem.MANY)


async def delete_branch(database: Database, number: int) -> bool:
    """Delete a branch; its customers and users belong to none then. Return whether it was there."""
    async with database.writing() as connection:
        for table in (customers, users):
            theirs = update(table).where(table.c.branch_id == number)
            await connection.execute(theirs.values(branch_id=None))
        done = await connection.execute(delete(branches).where(branches.c.id == number))
        return bool(done.rowcount)


async def has_branch(connection: AsyncConnection, number: int) -> bool:
    """Return whether there is a branch with this id."""
    found = await connection.execute(select(branches.c.id).where(branches.c.id == number))
    return found.first() is not None


async def set_users_branch(database: Database, user_id: UserId, number: int | None) -> None:
    """Set the branch of a user, None for none; a branch that is not there changes nothing."""
    async with database.writing() as connection:
        if number is None or await has_branch(connection, number):
            theirs = update(users).where(users.c.id == user_id)
            await connection.execute(theirs.values(branch_id=number))


async def branches_of_users(database: Database) -> dict[int, int]:
    """Return the branch of each user who belongs to one, by their ids."""
    return await database.read(
        lambda connection: {
            row.id: row.branch_id
            for row in connection.execute(
                select(users.c.id, users.c.branch_id).where(users.c.branch_id.is_not(None))
            )
        }
    )
