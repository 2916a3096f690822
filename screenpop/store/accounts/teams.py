"""Teams: which agents a supervisor sees.

A supervisor of one or more teams sees their agents' calls; one of no team sees all calls, and so
does an administrator.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import Role, User, UserId
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.tables import calls, legs, receipts
from screenpop.store.schema.team_tables import team_members, team_supervisors, teams

LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Team:
    """A set of agents, and the supervisors who see their calls."""

    id: int
    name: str
    members: frozenset[UserId]
    supervisors: frozenset[UserId]


class TeamRefusedError(ValueError):
    """A team cannot be saved so; ``code``: ``no_name``, ``name_taken`` or ``unknown_team``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def visible_agents(database: Database, user: User) -> frozenset[UserId] | None:
    """Return the users whose calls a supervisor sees, themselves included; None for all users.

    Pass the result to ``visible_calls`` for conditions on the call log, and leave out rows of
    other agents where a list or a report is by agent.
    """
    if user.role is not Role.SUPERVISOR:
        return None
    async with database.reading() as connection:
        return (await restricted_supervisors(connection, user.id)).get(user.id)


async def restricted_supervisors(
    connection: AsyncConnection, user: UserId | None = None
) -> Mapping[UserId, frozenset[UserId]]:
    """Return the users that each supervisor of a team sees; those of no team are left out.

    ``user``: of this supervisor only.
    """
    statement = supervised_users()
    if user is not None:
        statement = statement.where(team_supervisors.c.user_id == user)
    return seen_by_supervisor(await connection.execute(statement))


def supervised_users() -> Select[tuple[int, int]]:
    """Return the statement for each supervisor with each member of their teams; None for the
    member of an empty team."""
    return (
        select(team_supervisors.c.user_id, team_members.c.user_id.label("member"))
        .select_from(team_supervisors)
        .join(users, users.c.id == team_supervisors.c.user_id)
        .outerjoin(team_members, team_members.c.team_id == team_supervisors.c.team_id)
        .where(users.c.role == Role.SUPERVISOR.value)
        .order_by(team_supervisors.c.user_id, team_members.c.user_id)
    )


def seen_by_supervisor(rows: Iterable[Any]) -> Mapping[UserId, frozenset[UserId]]:
    """Return the users that each supervisor sees, from rows of ``supervised_users``."""
    found: dict[UserId, set[UserId]] = {}
    for supervisor, member in rows:
        seen = found.setdefault(UserId(supervisor), {UserId(supervisor)})
        if member is not None:
            seen.add(UserId(member))
    return {supervisor: frozenset(seen) for supervisor, seen in found.items()}


def visible_calls(
    agents: Collection[UserId] | None, *, of_page: bool = False
) -> list[ColumnElement[bool]]:
    """Return conditions on ``calls``: calls of these users or of no user; none for None.

    A call is of a user whose phone rang, who talked, or who had its card. ``of_page``: the
    statement ends with its first rows, so that each call is asked for alone; else PostgreSQL
    reads all legs and cards of the users first, which is quicker for a whole report.
    """
    if agents is None:
        return []
    return [or_(_calls_of(agents, of_page=of_page), calls_of_no_user(of_page=of_page))]


def calls_of(agents: Collection[UserId]) -> ColumnElement[bool]:
    """True for calls that rang at a phone of one of these users, or whose card they had."""
    return _calls_of(agents, of_page=False)


def _calls_of(agents: Collection[UserId], *, of_page: bool) -> ColumnElement[bool]:
    return or_(
        calls.c.agent_id.in_(agents),
        _exists(legs, legs.c.user_id.in_(agents), of_page=of_page),
        _exists(receipts, receipts.c.user_id.in_(agents), of_page=of_page),
    )


def calls_of_no_user(*, of_page: bool = False) -> ColumnElement[bool]:
    """True for calls that rang at no phone of a user, and of which no user had a card."""
    return and_(
        calls.c.agent_id.is_(None),
        ~_exists(legs, legs.c.user_id.is_not(None), of_page=of_page),
        ~_exists(receipts, receipts.c.user_id.is_not(None), of_page=of_page),
    )


def _exists(table: Any, condition: ColumnElement[bool], *, of_page: bool) -> ColumnElement[bool]:
    found = select(table.c.call_id).where(table.c.call_id == calls.c.id, condition)
    # The statement around may read the same table, such as the legs of each call.
    found = found.correlate(calls)
    # With an offset PostgreSQL makes no hash of the whole table of it.
    return (found.limit(1).offset(0) if of_page else found).exists()


async def visible_of(database: Database, user: User, call_ids: Collection[int]) -> frozenset[int]:
    """Return those calls of the log that a user with the right to see all calls may see."""
    agents = await visible_agents(database, user)
    if agents is None or not call_ids:
        return frozenset(call_ids)
    statement = select(calls.c.id).where(calls.c.id.in_(call_ids), *visible_calls(agents))
    async with database.reading() as connection:
        return frozenset((await connection.execute(statement)).scalars())


async def list_teams(database: Database) -> tuple[Team, ...]:
    """Return all teams by name."""
    async with database.reading() as connection:
        members = await _by_team(connection, team_members)
        supervisors = await _by_team(connection, team_supervisors)
        rows = (await connection.execute(select(teams).order_by(teams.c.name))).all()
    none: frozenset[UserId] = frozenset()
    return tuple(
        Team(row.id, row.name, members.get(row.id, none), supervisors.get(row.id, none))
        for row in rows
    )


async def _by_team(connection: AsyncConnection, table: Any) -> Mapping[int, frozenset[UserId]]:
    found: dict[int, set[UserId]] = {}
    for team, user in await connection.execute(select(table.c.team_id, table.c.user_id)):
        found.setdefault(team, set()).add(UserId(user))
    return {team: frozenset(ids) for team, ids in found.items()}


async def save_team(
    database: Database,
    team: int | None,
    name: str,
    members: Collection[UserId],
    supervisors: Collection[UserId],
) -> int:
    """Create a team, or change the one with this id; return its id. Ids of no user are left out.

    Raises ``TeamRefusedError``.
    """
    name = " ".join(clean_for_database(name).split())
    if not name or len(name) > LONGEST_NAME:
        raise TeamRefusedError("no_name")
    try:
        async with database.writing() as connection:
            team = await _put_team(connection, team, name)
            await _replace(connection, team_members, team, members)
            await _replace(connection, team_supervisors, team, supervisors)
    except IntegrityError as error:
        raise TeamRefusedError("name_taken") from error
    return team


async def _put_team(connection: AsyncConnection, team: int | None, name: str) -> int:
    if team is None:
        statement = insert(teams).values(name=name).returning(teams.c.id)
        return int((await connection.execute(statement)).scalar_one())
    renamed = update(teams).where(teams.c.id == team).values(name=name)
    if not (await connection.execute(renamed)).rowcount:
        raise TeamRefusedError("unknown_team")
    return team


async def _replace(
    connection: AsyncConnection, table: Any, team: int, wanted: Collection[UserId]
) -> None:
    await connection.execute(delete(table).where(table.c.team_id == team))
    known = await connection.execute(select(users.c.id).where(users.c.id.in_(set(wanted))))
    rows = [{"team_id": team, "user_id": user} for user in known.scalars()]
    if rows:
        await connection.execute(insert(table), rows)


async def delete_team(database: Database, team: int) -> None:
    """Delete a team. Its supervisors see all calls again if they have no other."""
    async with database.writing() as connection:
        await connection.execute(delete(teams).where(teams.c.id == team))
