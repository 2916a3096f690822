"""Customers for the pages: list and search, details of one, creating and changing one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Column, Select, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import (
    Customer,
    CustomerId,
    Phone,
)
from screenpop.store.customers.audit import log_change
from screenpop.store.customers.rows import (
    clean_names,
    phone_values,
    write_drafts,
)
from screenpop.store.engine.database import Database
from screenpop.store.lookup import lookup_sql as hot
from screenpop.store.lookup.lookup_rows import (
    Row,
    customer_from_row,
)
from screenpop.store.schema.tables import (
    calls,
    customer_phones,
    customers,
    households,
)
from screenpop.store.search.queries import planner_settings, search_statement
from screenpop.store.search.reindex import reindex_customers

_PAGE = 50
_MAX_PAGE_SIZE = 200

_company = households.alias("firm")
_CUSTOMER: tuple[Any, ...] = (
    *hot.CUSTOMER_COLUMNS[:15],
    func.coalesce(households.c.name, "").label("household"),
)
_PHONE: tuple[Column[Any], ...] = (
    customer_phones.c.id,
    customer_phones.c.customer_id,
    customer_phones.c.e164,
    customer_phones.c.raw,
    customer_phones.c.label,
    customer_phones.c.since,
    customer_phones.c.verified_on,
)


class CustomerRefusedError(ValueError):
    """A change is refused; ``code``: ``unknown_customer``, ``no_name`` or ``number_there``."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class NumberedPhone:
    id: int
    phone: Phone


@dataclass(frozen=True, slots=True)
class CustomerRow:
    customer: Customer
    phones: tuple[NumberedPhone, ...]
    city: str = ""


@dataclass(frozen=True, slots=True)
class CustomerPage:
    rows: tuple[CustomerRow, ...]
    after: CustomerId | None
    """Where the next page begins; None on the last page."""


async def list_customers(
    database: Database,
    *,
    search: str = "",
    after: CustomerId | None = None,
    limit: int = _PAGE,
    notes: bool = False,
    whole: bool = False,
) -> CustomerPage:
    """Return one page of customers, newest first.

    ``search``: every word begins a word of a name, a number or a place; with ``notes`` also of the
    notes, for users who may read them. ``whole``: only whole words match.
    """
    most = max(1, min(limit, _MAX_PAGE_SIZE))
    ids = search_statement(
        database.kind, search, notes=notes, before=after, most=most + 1, whole=whole
    )
    async with database.reading() as connection:
        for setting in planner_settings(database.kind, search):
            await connection.execute(text(setting))
        who = (await connection.execute(ids)).scalars().all()
        rows = (
            await connection.execute(
                _people()
                .add_columns(customers.c.city)
                .where(customers.c.id.in_(who))
                .order_by(customers.c.id.desc())
            )
        ).all()
        people = [customer_from_row(_plain(row)) for row in rows[:most]]
        phones = await _phones_of(connection, [person.id for person in people])
    return CustomerPage(
        tuple(
            CustomerRow(person, phones.get(person.id, ()), row.city)
            for person, row in zip(people, rows, strict=False)
        ),
        people[-1].id if len(rows) > most else None,
    )


async def create_customer(
    database: Database, draft: CustomerDraft, now: float, by: UserId | None = None
) -> CustomerId:
    """Create one customer. Past calls of a number that only this customer has are linked to it.

    Raises ``CustomerRefusedError``.
    """
    _check_name(draft)
    async with database.writing() as connection:
        [who] = await write_drafts(connection, database.kind, [draft], now=now)
        for phone in draft.phones:
            await assign_past_calls(connection, who, phone.e164)
        await log_change(connection, who, "created", {}, by=by, now=now)
    return who


async def link_phone(
    database: Database,
    who: CustomerId,
    phone: PhoneDraft,
    now: float,
    by: UserId | None = None,
) -> int:
    """Add a number to a customer; return how many past calls of it were linked.

    Raises ``CustomerRefusedError``.
    """
    try:
        async with database.writing() as connection:
            await _change(connection, who, {"changed_at": now})
            await connection.execute(insert(customer_phones).values(**phone_values(who, phone)))
            await reindex_customers(connection, [who])
            number = phone.e164 or phone.raw
            await log_change(
                connection, who, "number_added", {"number": (None, number)}, by=by, now=now
            )
            return await assign_past_calls(connection, who, phone.e164)
    except IntegrityError as error:
        raise CustomerRefusedError(
            "number_there", f"This customer has the number {phone.e164 or phone.raw} already."
        ) from error


async def unlink_phone(
    database: Database, who: CustomerId, phone: int, now: float, by: UserId | None = None
) -> bool:
    """Remove a number from a customer; False when it was not theirs. Past calls stay linked."""
    async with database.writing() as connection:
        gone = await connection.execute(
            delete(customer_phones)
            .where(customer_phones.c.id == phone, customer_phones.c.customer_id == who)
            .returning(customer_phones.c.raw, customer_phones.c.e164)
        )
        taken = gone.first()
        if taken is None:
            return False
        await _change(connection, who, {"changed_at": now})
        await reindex_customers(connection, [who])
        number = taken.e164 or taken.raw
        await log_change(
            connection, who, "number_removed", {"number": (number, None)}, by=by, now=now
        )
        return True


def _people() -> Select[Any]:
    return select(*_CUSTOMER).select_from(
        customers.outerjoin(households, households.c.id == customers.c.household_id).outerjoin(
            _company, _company.c.id == customers.c.company_id
        )
    )


def _plain(row: Sequence[Any]) -> Row:
    """Return a row as the caller lookup gives it: days as ISO text."""
    return [value.isoformat() if isinstance(value, date) else value for value in row]


async def _phones_of(
    connection: AsyncConnection, people: Iterable[CustomerId]
) -> Mapping[int, tuple[NumberedPhone, ...]]:
    rows = await connection.execute(
        select(*_PHONE)
        .where(customer_phones.c.customer_id.in_(list(people)))
        .order_by(customer_phones.c.id)
    )
    found: dict[int, tuple[NumberedPhone, ...]] = {}
    for row in rows:
        phone = Phone(row.e164, row.raw, row.label, row.since, row.verified_on)
        found[row.customer_id] = (
            *found.get(row.customer_id, ()),
            NumberedPhone(row.id, phone),
        )
    return found


async def _change(connection: AsyncConnection, who: CustomerId, values: dict[str, Any]) -> None:
    done = await connection.execute(
        update(customers).where(customers.c.id == who).values(**values).returning(customers.c.id)
    )
    if done.first() is None:
        raise CustomerRefusedError("unknown_customer", f"There is no customer number {who}.")


async def assign_past_calls(connection: AsyncConnection, who: int, e164: str | None) -> int:
    """Link unlinked past calls of a number to a customer, if no other customer has the number."""
    return len(await claim_call_ids(connection, who, e164))


async def claim_call_ids(
    connection: AsyncConnection, who: int, e164: str | None
) -> tuple[int, ...]:
    """As ``assign_past_calls``; return the ids of the calls in the log."""
    if e164 is None:
        return ()
    sharing = await connection.execute(
        select(customer_phones.c.customer_id)
        .where(customer_phones.c.e164 == e164, customer_phones.c.customer_id != who)
        .limit(1)
    )
    if sharing.first() is not None:
        return ()
    claimed = await connection.execute(
        update(calls)
        .where(calls.c.e164 == e164, calls.c.customer_id.is_(None))
        .values(customer_id=who)
        .returning(calls.c.id)
    )
    return tuple(claimed.scalars())


def _check_name(draft: CustomerDraft) -> None:
    if not any(name.full for name in clean_names(draft.names).values()):
        raise CustomerRefusedError("no_name", "The customer has no name. Write one.")
