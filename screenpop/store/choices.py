"""Several customers on one number: who it was the last time, as the agent said."""

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.draft import PhoneDraft
from screenpop.customers.records import CustomerId
from screenpop.store.customer_rows import phone_values
from screenpop.store.customers import CustomerRefusedError, claim_calls
from screenpop.store.database import Database
from screenpop.store.engines import insert_or_update
from screenpop.store.history import note_change, person
from screenpop.store.people_tables import number_choices
from screenpop.store.refolding import refold
from screenpop.store.tables import customer_phones, customers


async def link_number(
    database: Database, who: CustomerId, phone: PhoneDraft, *, by: UserId | None, now: float
) -> int:
    """This number is theirs (too), and it is they who are calling. Gives how many past calls of
    the number became theirs. A number that stood on their file without being understood, with the
    same last nine digits, is mended. Raises ``CustomerRefusedError``: ``unknown_customer``."""
    async with database.writing() as connection:
        known = await connection.execute(
            select(customers.c.id).where(
                customers.c.id == who, customers.c.merged_into_id.is_(None)
            )
        )
        if known.first() is None:
            raise CustomerRefusedError("unknown_customer", f"There is no customer number {who}.")
        changed = await _put_number(connection, who, phone)
        if changed:
            await connection.execute(
                update(customers).where(customers.c.id == who).values(changed_at=now)
            )
            await refold(connection, [who])
            number = phone.e164 or phone.raw
            await note_change(
                connection, who, "number_linked", {"number": (None, number)}, by=by, now=now
            )
        if phone.e164 is not None:
            await _remember(connection, database, phone.e164, who, by, now)
        return await claim_calls(connection, who, phone.e164)


async def _put_number(connection: AsyncConnection, who: CustomerId, phone: PhoneDraft) -> bool:
    rows = (
        await connection.execute(
            select(customer_phones)
            .where(customer_phones.c.customer_id == who)
            .order_by(customer_phones.c.id)
        )
    ).all()
    if any(row.e164 == phone.e164 if phone.e164 else row.raw == phone.raw for row in rows):
        return False
    unread = [
        row.id
        for row in rows
        if row.e164 is None and row.last_nine is not None and row.last_nine == phone.last_nine
    ]
    if unread and phone.e164 is not None:
        await connection.execute(
            update(customer_phones)
            .where(customer_phones.c.id == unread[0])
            .values(e164=phone.e164, verified_on=phone.verified_on)
        )
        return True
    await connection.execute(insert(customer_phones).values(**phone_values(who, phone)))
    return True


async def _remember(
    connection: AsyncConnection,
    database: Database,
    e164: str,
    who: CustomerId,
    by: UserId | None,
    now: float,
) -> None:
    values = {"customer_id": who, "user_id": person(by), "at": now}
    statement = insert_or_update(database.kind, number_choices).values(e164=e164, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["e164"], set_=values))
