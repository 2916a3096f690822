"""Reads stored numbers again when the phone number library has new metadata."""

from collections.abc import Callable

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.common.text import is_repeated_digit
from screenpop.customers.draft import PhoneDraft
from screenpop.store.customers.queries import assign_past_calls
from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.schema.tables import customer_phones, meta
from screenpop.store.search.reindex import reindex_customers

_SLICE = 500
_DONE, _COMING, _UNTIL = "numbers_version", "numbers_coming", "numbers_until"


async def renumber_if_outdated(
    database: Database, version: str, understand: Callable[[str], PhoneDraft]
) -> int:
    """Read every number again unless this ``version`` did; return how many customers changed.

    A number that is still valid is kept as it is: its country was known when the text was read
    first.
    A number that can no longer be read is kept too. Can be interrupted.
    """
    changed = 0
    while (last := await renumbered_until(database, version)) is not None:
        async with database.writing() as connection:
            rows = (
                await connection.execute(
                    select(customer_phones)
                    .where(customer_phones.c.id > last)
                    .order_by(customer_phones.c.id)
                    .limit(_SLICE)
                )
            ).all()
            people = set()
            for row in rows:
                read = _read_anew(row.raw, row.e164, understand)
                if _is_better(read, row.e164, row.last_nine):
                    people |= await _renumber(connection, row.id, row.customer_id, read)
            await reindex_customers(connection, sorted(people))
            await _keep(connection, database, version, rows[-1].id if rows else None)
        changed += len(people)
    return changed


def _is_better(read: PhoneDraft, e164: str | None, last_nine: str | None) -> bool:
    """Return whether to store the new reading.

    A number is never replaced by none, except one repeated digit, which is no number.
    """
    if read.e164 is not None:
        return read.e164 != e164
    return last_nine is not None and is_repeated_digit(last_nine) and read.last_nine is None


def _read_anew(raw: str, e164: str | None, understand: Callable[[str], PhoneDraft]) -> PhoneDraft:
    if e164 is not None:
        read = understand(e164)
        if read.e164 is not None:
            return read
    return understand(raw)


async def _renumber(
    connection: AsyncConnection, phone: int, customer_id: int, read: PhoneDraft
) -> set[int]:
    try:
        async with connection.begin_nested():
            await connection.execute(
                update(customer_phones)
                .where(customer_phones.c.id == phone)
                .values(e164=read.e164, last_nine=read.last_nine)
            )
    except IntegrityError:  # the customer has the same number in another spelling
        return set()
    if read.e164 is not None:
        await assign_past_calls(connection, customer_id, read.e164)
    return {customer_id}


async def renumbered_until(database: Database, version: str) -> int | None:
    async with database.reading() as connection:
        rows = await connection.execute(
            select(meta.c.key, meta.c.value).where(meta.c.key.in_((_DONE, _COMING, _UNTIL)))
        )
        found = {row.key: row.value for row in rows}
    if found.get(_DONE) == version:
        return None
    until = found.get(_UNTIL, "")
    return int(until) if found.get(_COMING) == version and until.isdigit() else 0


async def _keep(
    connection: AsyncConnection, database: Database, version: str, last: int | None
) -> None:
    values = {_DONE: version, _UNTIL: ""} if last is None else {_COMING: version, _UNTIL: str(last)}
    for key, value in values.items():
        statement = insert_or_update(database.kind, meta).values(key=key, value=value)
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["key"], set_={"value": value})
        )
