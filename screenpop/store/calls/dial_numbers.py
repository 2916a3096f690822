"""Stored numbers by id, for calls from a page: nothing typed is ever dialled."""

from sqlalchemy import select

from screenpop.accounts.permissions import has_right
from screenpop.accounts.users import Right, User
from screenpop.store.calls.access import may_open
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import calls, customer_phones


async def find_phone_number(database: Database, phone: int) -> str | None:
    """Return the E.164 number of a customer's phone; empty if it has none, None if unknown."""
    statement = select(customer_phones.c.e164).where(customer_phones.c.id == phone)
    async with database.reading() as connection:
        row = (await connection.execute(statement)).first()
    return None if row is None else row.e164 or ""


async def find_call_number(database: Database, user: User, call: int) -> str | None:
    """Return the E.164 number of the other side of a call; None unless the user may open it."""
    statement = select(calls.c.e164, calls.c.withheld).where(calls.c.id == call)
    if not has_right(user.role, Right.SEE_ALL_CALLS):
        statement = statement.where(may_open(user.id))
    async with database.reading() as connection:
        row = (await connection.execute(statement)).first()
    if row is None:
        return None
    return "" if row.withheld else row.e164 or ""
