"""Conditions and counts of the board, beside those that the reports have."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from sqlalchemy import ColumnElement, and_, distinct, func, select, text

from screenpop.accounts.users import UserId
from screenpop.store.accounts.teams import visible_calls
from screenpop.store.calls.open_callbacks import listed_since, open_callers
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.promises import PromiseFilter, count_promises
from screenpop.store.follow_ups.queries import is_due
from screenpop.store.schema.customer_tables import follow_ups
from screenpop.store.schema.tables import calls, customers


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which calls a board shows; None or empty means no condition."""

    visible: frozenset[UserId] | None = None
    """The users whose calls may be seen at all."""
    team: frozenset[UserId] | None = None
    """The agents of the chosen team."""
    queue: str = ""
    line: str = ""
    """The dialled number as the PBX sends it."""
    tier: str = ""
    """Of the customer."""

    @property
    def agents(self) -> frozenset[UserId] | None:
        """The users that are both visible and of the team."""
        if self.visible is None or self.team is None:
            return self.team if self.visible is None else self.visible
        return self.visible & self.team


def board_conditions(wanted: BoardFilter) -> list[ColumnElement[bool]]:
    """Return the conditions on ``calls``."""
    found = [*visible_calls(wanted.visible), *visible_calls(wanted.team)]
    if wanted.queue:
        # The second condition lets SQLite use the index of queued calls.
        found.append(and_(calls.c.queue == wanted.queue, text("calls.queue <> ''")))
    if wanted.line:
        found.append(calls.c.did == wanted.line)
    if wanted.tier:
        of_tier = select(customers.c.id).where(customers.c.tier == wanted.tier)
        found.append(calls.c.customer_id.in_(of_tier))
    return found


async def count_open_callbacks(
    database: Database, now: float, only: Sequence[ColumnElement[bool]] = ()
) -> int:
    """Return how many callbacks are open, as ``list_callbacks`` counts them.

    Waits for calls that are queued for the log. ``only``: with an attempt for which these
    conditions on ``calls`` are true.
    """
    await database.log.flush()
    async with database.reading() as connection:
        found, _, _ = open_callers(await listed_since(connection), now)
        statement = select(func.count(distinct(found.c.caller_key)))
        if only:
            statement = statement.select_from(found.join(calls, calls.c.id == found.c.id))
        return int(await connection.scalar(statement.where(*only)) or 0)


async def count_due_promises(
    database: Database, today: date, zone: tzinfo, wanted: BoardFilter
) -> int:
    """Return how many promises are due, as ``count_promises``, of the agents and tier of a filter.

    A promise has no queue and no line.
    """
    users = None if wanted.agents is None else tuple(sorted(wanted.agents))
    if users == ():
        return 0
    ids = await _of_tier(database, today, wanted.tier) if wanted.tier else None
    return await count_promises(database, PromiseFilter(today, zone, users or (), ids))


async def _of_tier(database: Database, today: date, tier: str) -> Collection[int]:
    statement = (
        select(follow_ups.c.id)
        .join(customers, customers.c.id == follow_ups.c.customer_id)
        .where(is_due(today), customers.c.tier == tier)
    )
    async with database.reading() as connection:
        return (await connection.execute(statement)).scalars().all()
