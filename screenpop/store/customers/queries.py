"""Customers for the pages: list and search, details of one, creating and changing one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    any_,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import (
    Customer,
    CustomerId,
    Phone,
)
from screenpop.store.branches import has_branch
from screenpop.store.customers.audit import log_change
from screenpop.store.customers.removed import RemovedKind, keep_removed
from screenpop.store.customers.rows import (
    clean_names,
    phone_values,
    write_drafts,
)
from screenpop.store.customers.trips import row_to_plain
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import to_json
from screenpop.store.engine.url import Kind
from screenpop.store.lookup import lookup_sql as hot
from screenpop.store.lookup.lookup_rows import (
    customer_from_row,
)
from screenpop.store.schema.tables import (
    calls,
    customer_phones,
    customers,
    households,
)
from screenpop.store.search.begun_words import begun_words
from screenpop.store.search.newest import newest_found, newest_id
from screenpop.store.search.queries import (
    WORDS_VERSION,
    may_find_many,
    planner_settings,
    search_statement,
    typed_words,
)
from screenpop.store.search.reindex import reindex_customers

_PAGE = 50
_MAX_PAGE_SIZE = 200

_company = households.alias("firm")
_CUSTOMER: tuple[Any, ...] = (*hot.customer_columns(func.coalesce(households.c.name, "")),)
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
class MatchReason:
    """Why a customer was found; ``code``: number_ends, similar_name, document or trip."""

    code: str
    detail: str = ""
    """The digits typed, or the year of the trip."""


@dataclass(frozen=True, slots=True)
class CustomerPage:
    rows: tuple[CustomerRow, ...]
    after: CustomerId | None
    """Where the next page begins; None on the last page."""
    reasons: Mapping[CustomerId, MatchReason] = field(default_factory=dict)


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

    def ids(not_below: int | None = None, begun: Sequence[tuple[str, ...]] = ()) -> Select[Any]:
        return search_statement(
            database.kind,
            search,
            notes=notes,
            before=after,
            not_below=not_below,
            most=most + 1,
            whole=whole,
            begun=begun,
        )

    def read(connection: Connection) -> CustomerPage:
        customer_id: Select[Any] | Sequence[int] = ids()
        if database.kind == "postgresql":  # its planner must not mix the search with the rest
            customer_id = _newest_ids(connection, search, ids, after, most + 1, whole=whole)
        rows = _customer_rows(connection, database.kind, customer_id, most + 1)
        more = len(rows) > most
        return CustomerPage(rows[:most], rows[most - 1].customer.id if more else None)

    return await database.read(read)


async def load_customer_rows(
    database: Database, ids: Sequence[CustomerId]
) -> tuple[CustomerRow, ...]:
    """Return the list entries of some customers, the newest first."""
    return await database.read(
        lambda connection: _customer_rows(connection, database.kind, ids, _MAX_PAGE_SIZE)
    )


def _customer_rows(
    connection: Connection, kind: Kind, ids: Select[Any] | Sequence[int], most: int
) -> tuple[CustomerRow, ...]:
    if not isinstance(ids, Select) and not ids:
        return ()
    rows = connection.execute(
        _people()
        .add_columns(customers.c.city)
        .where(customers.c.id.in_(ids))
        .order_by(customers.c.id.desc())
    ).all()[:most]
    people = [customer_from_row(row_to_plain(row)) for row in rows]
    phones = _phones_by_customer(
        connection.execute(_phones_statement(kind, [person.id for person in people]))
    )
    return tuple(
        CustomerRow(person, tuple(phones.get(person.id, ())), row.city)
        for person, row in zip(people, rows, strict=True)
    )


def _newest_ids(
    connection: Connection,
    search: str,
    ids: Callable[[int | None, Sequence[tuple[str, ...]]], Select[Any]],
    before: int | None,
    wanted: int,
    *,
    whole: bool,
) -> Sequence[int]:
    """Return the newest ids found, on PostgreSQL; ``before``: only smaller ones."""
    newest = 0
    if may_find_many(search):
        newest = newest_id(connection) + 1 if before is None else before
    for setting in planner_settings("postgresql", search, whole=whole):
        connection.execute(text(setting))
    begun = () if whole else begun_words(connection, typed_words(search), WORDS_VERSION)
    return newest_found(connection, lambda lowest: ids(lowest, begun), newest, wanted)


async def create_customer(
    database: Database, draft: CustomerDraft, now: float, user_id: UserId | None = None
) -> CustomerId:
    """Create one customer. Past calls of a number that only this customer has are linked to it.

    Raises ``CustomerRefusedError``.
    """
    _check_name(draft)
    async with database.writing() as connection:
        await check_branch(connection, draft.branch)
        [customer_id] = await write_drafts(connection, database.kind, [draft], now=now)
        for phone in draft.phones:
            await assign_past_calls(connection, customer_id, phone.e164)
        await log_change(connection, customer_id, "created", {}, user_id=user_id, now=now)
    return customer_id


async def check_branch(connection: AsyncConnection, branch: int | None) -> None:
    """Check that a branch is there; None is no branch. Raises ``CustomerRefusedError``."""
    if branch is not None and not await has_branch(connection, branch):
        raise CustomerRefusedError("unknown_branch", f"There is no branch number {branch}.")


async def link_phone(
    database: Database,
    customer_id: CustomerId,
    phone: PhoneDraft,
    now: float,
    user_id: UserId | None = None,
) -> int:
    """Add a number to a customer; return how many past calls of it were linked.

    Raises ``CustomerRefusedError``.
    """
    try:
        async with database.writing() as connection:
            await touch_customer(connection, customer_id, now)
            await connection.execute(
                insert(customer_phones).values(**phone_values(customer_id, phone))
            )
            await reindex_customers(connection, [customer_id])
            number = phone.e164 or phone.raw
            await log_change(
                connection,
                customer_id,
                "number_added",
                {"number": (None, number)},
                user_id=user_id,
                now=now,
            )
            return await assign_past_calls(connection, customer_id, phone.e164)
    except IntegrityError as error:
        raise CustomerRefusedError(
            "number_there", f"This customer has the number {phone.e164 or phone.raw} already."
        ) from error


async def unlink_phone(
    database: Database,
    customer_id: CustomerId,
    phone: int,
    now: float,
    user_id: UserId | None = None,
) -> bool:
    """Remove a number from a customer; False when it was not theirs. Past calls stay linked."""
    async with database.writing() as connection:
        gone = await connection.execute(
            delete(customer_phones)
            .where(customer_phones.c.id == phone, customer_phones.c.customer_id == customer_id)
            .returning(*customer_phones.c)
        )
        taken = gone.first()
        if taken is None:
            return False
        await keep_removed(connection, RemovedKind.PHONE, taken, user_id, now)
        await touch_customer(connection, customer_id, now)
        await reindex_customers(connection, [customer_id])
        number = taken.e164 or taken.raw
        await log_change(
            connection,
            customer_id,
            "number_removed",
            {"number": (number, None)},
            user_id=user_id,
            now=now,
        )
        return True


def _people() -> Select[Any]:
    return select(*_CUSTOMER).select_from(
        customers.outerjoin(households, households.c.id == customers.c.household_id).outerjoin(
            _company, _company.c.id == customers.c.company_id
        )
    )


def _phones_statement(kind: Kind, people: Iterable[CustomerId]) -> Select[Any]:
    return (
        select(*_PHONE)
        .where(is_one_of_ids(kind, customer_phones.c.customer_id, list(people)))
        .order_by(customer_phones.c.id)
    )


def is_one_of_ids(kind: Kind, column: Column[int], ids: Sequence[int]) -> ColumnElement[bool]:
    """Return whether a column is one of some ids, which are one parameter of the statement.

    SQLAlchemy takes a quarter of a page's time to write a parameter for each of fifty.
    """
    if kind == "sqlite":
        one = func.json_each(to_json(list(ids))).table_valued("value").c.value
        return column.in_(select(cast(one, Integer)))
    return column == any_(literal(list(ids), ARRAY(BigInteger)))


def _phones_by_customer(rows: Iterable[Any]) -> Mapping[int, list[NumberedPhone]]:
    found: dict[int, list[NumberedPhone]] = {}
    for number, customer_id, e164, raw, label, since, verified_on in rows:
        phone = NumberedPhone(number, Phone(e164, raw, label, since, verified_on))
        found.setdefault(customer_id, []).append(phone)
    return found


async def touch_customer(connection: AsyncConnection, customer_id: int, now: float) -> None:
    """Set when a customer was changed. Raises ``CustomerRefusedError``."""
    done = await connection.execute(
        update(customers)
        # A page from before a merge must not put anything into the file that is gone.
        .where(customers.c.id == customer_id, customers.c.merged_into_id.is_(None))
        .values(changed_at=now)
        .returning(customers.c.id)
    )
    if done.first() is None:
        raise CustomerRefusedError(
            "unknown_customer", f"There is no customer number {customer_id}."
        )


async def assign_past_calls(connection: AsyncConnection, customer_id: int, e164: str | None) -> int:
    """Link unlinked past calls of a number to a customer, if no other customer has the number."""
    return len(await claim_call_ids(connection, customer_id, e164))


async def claim_call_ids(
    connection: AsyncConnection, customer_id: int, e164: str | None
) -> tuple[int, ...]:
    """As ``assign_past_calls``; return the ids of the calls in the log."""
    if e164 is None:
        return ()
    sharing = await connection.execute(
        select(customer_phones.c.customer_id)
        .where(customer_phones.c.e164 == e164, customer_phones.c.customer_id != customer_id)
        .limit(1)
    )
    if sharing.first() is not None:
        return ()
    claimed = await connection.execute(
        update(calls)
        .where(calls.c.e164 == e164, calls.c.customer_id.is_(None))
        .values(customer_id=customer_id)
        .returning(calls.c.id)
    )
    return tuple(claimed.scalars())


def _check_name(draft: CustomerDraft) -> None:
    if not any(name.full for name in clean_names(draft.names).values()):
        raise CustomerRefusedError("no_name", "The customer has no name. Write one.")
