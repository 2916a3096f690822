"""Messages to customers: to whom one may go, and which were sent."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from screenpop.accounts.users import UserId
from screenpop.customers.consent import Consents, stored_consents
from screenpop.customers.models import CustomerId
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.follow_ups.listed_customers import ListedCustomer, load_listed_customers
from screenpop.store.follow_ups.work_lists import find_listed
from screenpop.store.schema.tables import customers
from screenpop.store.schema.work_list_tables import customer_messages

SENDING, SENT, FAILED = "sending", "sent", "failed"


@dataclass(frozen=True, slots=True)
class Addressee:
    customer: ListedCustomer
    consents: Consents
    params: dict[str, Any]
    """Of the work list they are on; empty for none."""


async def load_addressee(
    database: Database, customer_id: CustomerId, today: date
) -> Addressee | None:
    """Return a customer to write to; None for an unknown or merged one."""
    statement = select(customers.c.consents, customers.c.marketing_consent).where(
        customers.c.id == customer_id, customers.c.merged_into_id.is_(None)
    )
    async with database.reading() as connection:
        row = (await connection.execute(statement)).first()
        if row is None:
            return None
        people = await load_listed_customers(connection, [customer_id])
        listed = await find_listed(connection, customer_id, today)
    consents = stored_consents(row.consents, row.marketing_consent)
    params = {} if listed is None else dict(listed.params)
    return Addressee(people[customer_id], consents, params)


@dataclass(frozen=True, slots=True)
class NewMessage:
    key: str
    """Unique; a repeated request has the same."""
    customer_id: CustomerId
    reason: str
    number: str
    language: str
    text: str
    user_id: UserId


async def begin_message(database: Database, new: NewMessage, now: float) -> bool:
    """Record that a message is being sent; False if this one was sent already."""
    key = clean_for_database(new.key)
    values = {
        "customer_id": new.customer_id,
        "reason": new.reason,
        "number": new.number,
        "language": new.language,
        "text": clean_for_database(new.text),
        "user_id": actor_id(new.user_id),
        "state": SENDING,
        "made_at": now,
    }
    try:
        async with database.writing() as connection:
            await connection.execute(insert(customer_messages).values(request_key=key, **values))
    except IntegrityError:
        async with database.writing() as connection:
            again = await connection.execute(
                update(customer_messages)
                .where(customer_messages.c.request_key == key, customer_messages.c.state != SENT)
                .values(**values)
            )
        return again.rowcount > 0
    return True


async def end_message(database: Database, key: str, state: str, now: float) -> None:
    async with database.writing() as connection:
        await connection.execute(
            update(customer_messages)
            .where(customer_messages.c.request_key == clean_for_database(key))
            .values(state=state, ended_at=now)
        )
