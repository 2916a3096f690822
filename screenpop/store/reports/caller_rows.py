"""Inbound calls by what was known of the caller."""

from collections.abc import Callable, Collection

from sqlalchemy import Connection, case, exists, func, select

from screenpop.accounts.users import UserId
from screenpop.calls.events import Direction
from screenpop.reports.callers import RecognisedCalls, Recognition
from screenpop.store.accounts.teams import visible_calls
from screenpop.store.engine.database import Database
from screenpop.store.reports.conditions import of_period
from screenpop.store.schema.tables import calls, customer_phones
from screenpop.telephony.caller_id import CallerIdKind


async def recognised_calls(
    database: Database,
    since: float,
    until: float,
    name_of: Callable[[str, str], str],
    *,
    agents: Collection[UserId] | None,
    simulated: bool,
) -> list[RecognisedCalls]:
    """Return the calls that arrived from ``since`` to before ``until``, by line and recognition.

    ``name_of``: the name of a PBX's dialled number. Waits for calls that are queued for the log.
    ``agents``: only calls that a supervisor of these sees; None: all.
    """
    await database.log.flush()
    recognition = case(
        (calls.c.customer_id.is_not(None), Recognition.CUSTOMER.value),
        (
            calls.c.withheld | (calls.c.caller_kind == CallerIdKind.WITHHELD.value),
            Recognition.WITHHELD.value,
        ),
        (calls.c.e164.is_(None), Recognition.UNREADABLE.value),
        (exists().where(customer_phones.c.e164 == calls.c.e164), Recognition.SHARED.value),
        else_=Recognition.UNKNOWN.value,
    ).label("recognition")
    found = (
        select(calls.c.pbx, calls.c.did, recognition)
        .where(
            *of_period(since, until, simulated=simulated),
            calls.c.direction == Direction.INBOUND.value,
            *visible_calls(agents),
        )
        .subquery()
    )
    statement = select(found, func.count().label("calls")).group_by(*found.c)

    def read(connection: Connection) -> list[RecognisedCalls]:
        return [
            RecognisedCalls(name_of(row.pbx, row.did), Recognition(row.recognition), row.calls)
            for row in connection.execute(statement)
        ]

    return await database.read(read)


async def count_numbers(database: Database) -> int:
    """Return how many numbers are on file."""
    async with database.reading() as connection:
        found = await connection.scalar(select(func.count()).select_from(customer_phones))
    return found or 0
