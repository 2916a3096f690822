"""Stored numbers by id, for calls from a page: nothing typed is ever dialled."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select

from screenpop.accounts.permissions import has_right
from screenpop.accounts.users import Right, User
from screenpop.customers.models import CustomerId
from screenpop.store.accounts.teams import visible_agents, visible_calls
from screenpop.store.calls.access import may_open
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.tables import calls, customer_phones
from screenpop.telephony.identifiers import CallId, PbxId


@dataclass(frozen=True, slots=True)
class CustomerPhone:
    number: str
    """E.164; empty if it cannot be dialled."""
    customer_id: CustomerId


@dataclass(frozen=True, slots=True)
class CallNumber:
    number: str
    """E.164 of the other side; empty if it cannot be dialled."""
    customer_id: CustomerId | None
    """The customer that the call is logged with."""


async def find_customer_phone(database: Database, phone: int) -> CustomerPhone | None:
    columns = (customer_phones.c.e164, customer_phones.c.customer_id)
    statement = select(*columns).where(customer_phones.c.id == phone)
    async with database.reading() as connection:
        row = (await connection.execute(statement)).first()
    return None if row is None else CustomerPhone(row.e164 or "", CustomerId(row.customer_id))


async def find_call_number(database: Database, user: User, call: int) -> CallNumber | None:
    """Return the number of the other side of a call; None unless the user may open it."""
    return await _number_of_call(database, user, calls.c.id == call)


async def find_card_number(
    database: Database, user: User, pbx: PbxId, call: CallId
) -> CallNumber | None:
    """Return the number as ``find_call_number``, of the newest call with this Linkedid."""
    await database.log.flush()
    condition = and_(
        calls.c.pbx == clean_for_database(pbx), calls.c.linkedid == clean_for_database(call)
    )
    return await _number_of_call(database, user, condition)


async def _number_of_call(
    database: Database, user: User, condition: ColumnElement[bool]
) -> CallNumber | None:
    statement = (
        select(calls.c.e164, calls.c.withheld, calls.c.customer_id)
        .where(condition)
        .order_by(calls.c.arrived_at.desc())
        .limit(1)
    )
    if not has_right(user.role, Right.SEE_ALL_CALLS):
        statement = statement.where(may_open(user.id))
    else:
        statement = statement.where(*visible_calls(await visible_agents(database, user)))
    async with database.reading() as connection:
        row = (await connection.execute(statement)).first()
    if row is None:
        return None
    customer_id = None if row.customer_id is None else CustomerId(row.customer_id)
    return CallNumber("" if row.withheld else row.e164 or "", customer_id)
