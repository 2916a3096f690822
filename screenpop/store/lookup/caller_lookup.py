"""The caller lookup: customers with this number, with all that a card needs.

On SQLite it runs inline, on the loop, through one kept connection of its own: microseconds, where
a thread or the async driver costs milliseconds. The SQL comes from Core statements compiled once
and goes to the driver as it is. On PostgreSQL it is one statement through the async driver.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from screenpop.customers.models import CallerRecord, CustomerFile
from screenpop.service.ports import RecordsUnreachableError
from screenpop.store.engine.inline_reads import (
    INLINE_ERRORS,
    Execute,
    InlineReads,
    Row,
    compile_statement,
)
from screenpop.store.lookup import lookup_sql as hot
from screenpop.store.lookup.lookup_rows import (
    calls_from_rows,
    customer_file_from_rows,
    distinct_customers,
    found_customer,
)
from screenpop.telephony.caller_id import CallerId


class SqliteCallerLookup:
    """Reads inline, on the loop's thread; each answer sees everything committed before."""

    def __init__(self, reads: InlineReads) -> None:
        self._reads = reads
        self._exact = compile_statement(hot.EXACT, "number")
        self._phones = compile_statement(hot.PHONES, "nine")
        self._by_phone = compile_statement(hot.BY_PHONE, "phone")
        self._chosen = compile_statement(hot.CHOSEN, "number")
        self._number_calls = compile_statement(hot.CALLS_OF_NUMBER, "number")

    def now_or_later(self, caller: CallerId) -> CallerRecord | Awaitable[CallerRecord]:
        """Return the record of a caller at once; after a failure an awaitable that connects again.

        Both raise ``RecordsUnreachableError``.
        """
        if caller.e164 is None and caller.last_nine is None:
            return CallerRecord(None)
        try:
            execute = self._reads.ready()
            return self._reconnect(caller) if execute is None else self._look_up(execute, caller)
        except INLINE_ERRORS as error:
            self._reads.fail()
            raise RecordsUnreachableError(str(error)) from error

    async def _reconnect(self, caller: CallerId) -> CallerRecord:
        try:
            return self._look_up(await self._reads.reconnect(), caller)
        except INLINE_ERRORS as error:
            self._reads.fail()
            raise RecordsUnreachableError(str(error)) from error

    async def close(self) -> None:
        self._reads.close()

    def _look_up(self, read: Execute, caller: CallerId) -> CallerRecord:
        number, nine = caller.e164, caller.last_nine
        exact = self._exact.rows(read, number) if number is not None else []
        maybe = self._by_digits(read, nine) if nine is not None and not exact else []
        calls: list[Row] = []
        if number is not None and len(exact) != 1:
            calls = [orjson.loads(text) for (text,) in self._number_calls.rows(read, number)]
        chosen = self._chosen.rows(read, number) if len(exact) > 1 else []
        return CallerRecord(
            number,
            tuple([_file_from_json(row) for row in exact]),
            tuple([_file_from_json(row) for row in maybe]),
            calls_from_rows(calls),
            chosen[0][0] if chosen else None,
        )

    def _by_digits(self, read: Execute, nine: str) -> list[Row]:
        """Return the first customers with these last nine digits, each once."""
        first_phones: dict[int, int] = {}
        for phone, customer_id in self._phones.rows(read, nine):
            first_phones.setdefault(customer_id, phone)
        phones = [*first_phones.values()][: hot.MAX_MAYBE_MATCHES]
        return [row for phone in phones for row in self._by_phone.rows(read, phone)]


def _file_from_json(columns: Row) -> CustomerFile:
    """Return the file of a customer from the columns of ``lookup_sql``'s ``EXACT``."""
    person, trips, cases, calls, travels, household_cases, documents = columns
    # One text: parsing seven takes 3 µs longer.
    text = (
        f"[{person},[{trips or ''}],[{cases or ''}],[{calls or ''}],[{travels or ''}],"
        f"[{household_cases or ''}],[{documents or ''}]]"
    )
    found, *rows = orjson.loads(text)
    return customer_file_from_rows(found_customer(found), *rows)


@dataclass(frozen=True, slots=True)
class _LookupConnection:
    """An open SQLAlchemy connection and the driver's connection inside it."""

    connection: AsyncConnection
    driver: Any


@cache  # composing and compiling it takes 25 ms
def _compiled_lookup() -> tuple[str, tuple[str, ...], dict[str, Any]]:
    """Return the SQL, the names of its parameters in their order, and those that are constant."""
    compiled = hot.lookup_statement().compile(
        dialect=asyncpg.dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"render_postcompile": True},
    )
    return str(compiled), tuple(compiled.positiontup or ()), dict(compiled.params)


class PostgresCallerLookup:
    """One statement that returns everything as JSON: a round trip costs more than the read.

    It goes to the driver as compiled, over connections kept for the lookup alone: a checkout from a
    pool with its ping takes longer than the statement.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        from asyncpg import (
            InterfaceError,
            InternalClientError,
            PostgresError,
        )

        self._engine = engine
        # InternalClientError: the server closed the connection while it was idle.
        self._errors = (
            SQLAlchemyError,
            PostgresError,
            InterfaceError,
            InternalClientError,
            OSError,
        )
        self._idle: list[_LookupConnection] = []
        self._sql, self._names, self._constants = _compiled_lookup()

    def now_or_later(self, caller: CallerId) -> CallerRecord | Awaitable[CallerRecord]:
        """Return an awaitable of the caller's record; it raises ``RecordsUnreachableError``."""
        if caller.e164 is None and caller.last_nine is None:
            return CallerRecord(None)
        return self._look_up(caller)

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        for kept in idle:
            await kept.connection.close()
        await self._engine.dispose()

    async def _look_up(self, caller: CallerId) -> CallerRecord:
        values = self._constants | {"number": caller.e164, "nine": caller.last_nine}
        row = await self._ask([values[name] for name in self._names])
        exact, maybe, calls, chosen = row
        exact_files = [(found_customer(person), *more) for person, *more in exact or ()]
        maybe_files = [(found_customer(person), *more) for person, *more in maybe or ()]
        files = {found.customer.id: (found, *more) for found, *more in reversed(maybe_files)}
        kept = distinct_customers([found for found, *_ in maybe_files], hot.MAX_MAYBE_MATCHES)
        return CallerRecord(
            caller.e164,
            tuple([customer_file_from_rows(*file) for file in exact_files]),
            tuple([customer_file_from_rows(*files[found.customer.id]) for found in kept]),
            calls_from_rows(calls if len(exact_files) != 1 else ()),
            chosen if len(exact_files) > 1 else None,
        )

    async def _ask(self, values: list[object]) -> Row:
        while True:
            fresh = not self._idle
            try:
                kept = await self._open() if fresh else self._idle.pop()
                return await self._fetch(kept, values)
            except self._errors as error:
                # A kept connection may have died with the server: retry on a new one before
                # reporting.
                if fresh:
                    raise RecordsUnreachableError(str(error)) from error

    async def _open(self) -> _LookupConnection:
        connection = await self._engine.connect()
        raw = await connection.get_raw_connection()
        return _LookupConnection(connection, raw.driver_connection)

    async def _fetch(self, kept: _LookupConnection, values: list[object]) -> Row:
        try:
            row: Row = await kept.driver.fetchrow(self._sql, *values)
        except BaseException:  # also when no task waits any more: its answer may still arrive
            kept.driver.terminate()
            await kept.connection.invalidate()
            await kept.connection.close()
            raise
        self._idle.append(kept)
        return row
