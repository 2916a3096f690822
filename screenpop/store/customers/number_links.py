"""Several customers on one number: remember which of them the agent chose."""

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.calls.call_state import CallKey
from screenpop.customers.draft import PhoneDraft
from screenpop.customers.models import CustomerId
from screenpop.service.ports import NumberLink
from screenpop.store.customers.audit import actor_id, log_change
from screenpop.store.customers.queries import CustomerRefusedError, claim_call_ids
from screenpop.store.customers.rows import phone_values
from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.schema.customer_tables import number_choices
from screenpop.store.schema.tables import calls, customer_phones, customers
from screenpop.store.search.reindex import reindex_customers


async def link_number(
    database: Database,
    customer_id: CustomerId,
    phone: PhoneDraft,
    *,
    user_id: UserId | None,
    now: float,
) -> int:
    """As ``link_caller``; return how many past calls of the number were linked."""
    return len((await link_caller(database, customer_id, phone, user_id=user_id, now=now)).claimed)


async def link_caller(
    database: Database,
    customer_id: CustomerId,
    phone: PhoneDraft,
    *,
    user_id: UserId | None,
    now: float,
) -> NumberLink:
    """Link a number to a customer and remember it as the caller's; return what an undo needs.

    A stored number without E.164 that has the same last nine digits is completed. Raises
    ``CustomerRefusedError``: ``unknown_customer``.
    """
    number = phone.e164 or phone.raw
    async with database.writing() as connection:
        known = await connection.execute(
            select(customers.c.id).where(
                customers.c.id == customer_id, customers.c.merged_into_id.is_(None)
            )
        )
        if known.first() is None:
            raise CustomerRefusedError(
                "unknown_customer", f"There is no customer number {customer_id}."
            )
        phone_id, was_unread = await _put_number(connection, customer_id, phone)
        if phone_id is not None:
            await _changed(connection, customer_id, now)
            await log_change(
                connection,
                customer_id,
                "number_linked",
                {"number": (None, number)},
                user_id=user_id,
                now=now,
            )
        chosen_before = None
        if phone.e164 is not None:
            chosen_before = await connection.scalar(
                select(number_choices.c.customer_id).where(number_choices.c.e164 == phone.e164)
            )
            await _remember(connection, database, phone.e164, customer_id, user_id, now)
        claimed = await claim_call_ids(connection, customer_id, phone.e164)
    before = None if chosen_before is None else CustomerId(chosen_before)
    return NumberLink(customer_id, number, phone.e164, phone_id, was_unread, before, claimed)


async def undo_link(
    database: Database, link: NumberLink, call: CallKey, *, user_id: UserId | None, now: float
) -> None:
    """Undo ``link_caller``: the number, the remembered choice, past calls.

    ``call``: the call on which it was linked; it is unlinked from this customer too.
    """
    async with database.writing() as connection:
        await _take_number_back(connection, link)
        await _changed(connection, link.customer, now)
        if link.e164 is not None:
            await connection.execute(
                delete(number_choices).where(
                    number_choices.c.e164 == link.e164,
                    number_choices.c.customer_id == link.customer,
                )
            )
            if link.chosen_before is not None:
                await _remember(connection, database, link.e164, link.chosen_before, user_id, now)
        pbx, boot, linkedid = call
        this_call = and_(calls.c.pbx == pbx, calls.c.boot == boot, calls.c.linkedid == linkedid)
        await connection.execute(
            update(calls)
            .where(
                or_(calls.c.id.in_(link.claimed), this_call),
                calls.c.customer_id == link.customer,
            )
            .values(customer_id=None)
        )
        await log_change(
            connection,
            link.customer,
            "link_undone",
            {"number": (link.number, None)},
            user_id=user_id,
            now=now,
        )


async def _take_number_back(connection: AsyncConnection, link: NumberLink) -> None:
    if link.phone_id is None:
        return
    row = and_(
        customer_phones.c.id == link.phone_id, customer_phones.c.customer_id == link.customer
    )
    if link.was_unread:
        await connection.execute(
            update(customer_phones).where(row).values(e164=None, verified_on=None)
        )
    else:
        await connection.execute(delete(customer_phones).where(row))


async def _changed(connection: AsyncConnection, customer_id: CustomerId, now: float) -> None:
    await connection.execute(
        update(customers).where(customers.c.id == customer_id).values(changed_at=now)
    )
    await reindex_customers(connection, [customer_id])


async def _put_number(
    connection: AsyncConnection, customer_id: CustomerId, phone: PhoneDraft
) -> tuple[int | None, bool]:
    """Return the id of the row that was added or completed, and whether it existed before."""
    rows = (
        await connection.execute(
            select(customer_phones)
            .where(customer_phones.c.customer_id == customer_id)
            .order_by(customer_phones.c.id)
        )
    ).all()
    if any(row.e164 == phone.e164 if phone.e164 else row.raw == phone.raw for row in rows):
        return None, False
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
        return unread[0], True
    added = await connection.execute(
        insert(customer_phones)
        .values(**phone_values(customer_id, phone))
        .returning(customer_phones.c.id)
    )
    return added.scalar_one(), False


async def _remember(
    connection: AsyncConnection,
    database: Database,
    e164: str,
    customer_id: CustomerId,
    user_id: UserId | None,
    now: float,
) -> None:
    values = {"customer_id": customer_id, "user_id": actor_id(user_id), "at": now}
    statement = insert_or_update(database.kind, number_choices).values(e164=e164, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["e164"], set_=values))
