"""Removes mentions of a person from what is stored about others, before the person is erased.

Every text column and every JSON column of the schema is read but those of ``NOT_READ``, a thousand
rows at a time, in reads of their own; a row with a mention is read again and changed in a short
transaction. What is only likely is returned and not changed.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    null,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.common.search_normalization import fold
from screenpop.customers.mentions import MentionKeys, cleaned_text, cleaned_value
from screenpop.store.customers.document_keys import usable_document_key
from screenpop.store.engine.database import Database
from screenpop.store.engine.document_key import DocumentKey, DocumentKeyError
from screenpop.store.engine.secure_delete import enable_secure_delete
from screenpop.store.schema.columns import FreeText
from screenpop.store.schema.customer_tables import all_tables
from screenpop.store.schema.tables import calls, cases, customers, households, trips
from screenpop.store.search.columns import number_as_digits, search_text
from screenpop.store.search.reindex import reindex_customers

_SLICE = 1000
_ROWS_AT_A_STRETCH, _PAUSE_S = 25, 0.0005
"""A thread that computes without a pause holds up the loop, and so a card, for 5 ms at each turn
(``sys.getswitchinterval``)."""
MOST_LIKELY = 200
"""Likely mentions that are returned; further ones are not."""
_NAMES_OF_TEXTS = frozenset(
    (
        *("name", "filename", "caller_name", "destination", "city", "title", "subject", "bank"),
        *("issuer", "doubt", "cheque_number", "why", "gift", "redeemed_place", "place"),
        *("reason", "reason_text", "holder"),
    )
)
"""Columns of the type Text that people type."""
_SEALED = frozenset({"name_sealed", "note_sealed"})
_TABLES_NOT_READ = {
    "users": "a user with the same name is another person",
    "user_endpoints": "names of phones",
    "api_tokens": "names of programs",
    "board_links": "names of screens",
    "branches": "names of branches",
    "teams": "names of teams",
    "webhook_targets": "names and addresses of programs",
    "settings": "settings of the office",
    "meta": "figures of the database",
    "privacy_records": "figures",
    "value_runs": "figures",
    "tier_rule_versions": "rules",
    "call_purposes": "labels of the office",
    "sessions": "of users",
    "login_records": "of users",
}
NOT_READ = {
    "customers.names": "a customer with the same name is another person",
    "customers.emails": "an address that others have too is theirs",
    "customers.consents": "answers and days",
    "customers.quiet_offers": "codes and days",
    "customers.title": "codes",
    "customers.folded_notes": "written again from the notes",
    "own_fields.names": "names of fields",
    "calls.answered_by": "phones of the office, and numbers, which erasure removes itself",
    "company_contacts.roles": "codes",
    "customer_values.reasons": "codes",
    "trip_progress.ticked": "codes",
    "webhook_deliveries.agents": "numbers of users",
    "watched_sheets.choice": "letters of columns",
    "work_list.subject": "codes",
    "work_list_marks.subject": "codes",
    "own_fields.subject": "codes",
}
"""Columns without a reading, and why; whole tables are in ``_TABLES_NOT_READ``."""
_OWNERS = frozenset({"customer_id", "kept_id", "gone_id"})


@dataclass(frozen=True, slots=True)
class LikelyMention:
    """A place that may mean the person, for the administrator to look at."""

    place: str
    """The table and the column: ``trips.note``."""
    row: int
    """The row's number; of a row with a key of its own the customer's or the call's."""
    customer_id: int | None = None
    """Whose file it is in, where it is in one."""
    call_id: int | None = None
    """Of which call it is, where it is of one."""


@dataclass(frozen=True, slots=True)
class Mentions:
    replaced: int = 0
    """Rows of others that were changed."""
    likely: tuple[LikelyMention, ...] = ()
    """At most ``MOST_LIKELY``."""


def columns_read(table: Table) -> tuple[Column[Any], ...]:
    """Return the columns of a table in which mentions are looked for; none of some tables."""
    if table.name in _TABLES_NOT_READ:
        return ()
    return tuple(
        column
        for column in table.columns
        if f"{table.name}.{column.name}" not in NOT_READ
        and (
            isinstance(column.type, FreeText | JSON)
            or (isinstance(column.type, Text) and column.name in _NAMES_OF_TEXTS | _SEALED)
        )
    )


async def remove_mentions(database: Database, ids: Sequence[int], keys: MentionKeys) -> Mentions:
    """Replace certain mentions in what is stored about others; return how many rows, and the rest.

    ``ids``: the person's files, which are not changed: they will be deleted. Stored names and notes
    of attached files are decrypted for it where the key is there. Takes about a minute for some
    million rows, others read and write meanwhile.
    """
    key = await usable_document_key(database)
    usable = None if isinstance(key, DocumentKeyError) else key
    replaced = 0
    likely: list[LikelyMention] = []
    for table in all_tables.sorted_tables:
        columns = columns_read(table)
        if columns:
            reader = _Reader(table, columns, keys, frozenset(ids), usable)
            replaced += await _clean_table(database, reader, likely)
    return Mentions(replaced, tuple(likely))


async def still_there(
    connection: AsyncConnection, likely: Iterable[LikelyMention]
) -> tuple[LikelyMention, ...]:
    """Return the mentions whose rows were not deleted with the person, and whose they are."""
    by_table: dict[str, list[LikelyMention]] = {}
    for one in likely:
        by_table.setdefault(one.place.partition(".")[0], []).append(one)
    left: list[LikelyMention] = []
    for name, some in by_table.items():
        statement, key = _owners(all_tables.tables[name])
        rows = await connection.execute(statement.where(key.in_({one.row for one in some})))
        known = {row.row: row for row in rows}
        left += [
            LikelyMention(one.place, one.row, known[one.row].customer, known[one.row].call)
            for one in some
            if one.row in known
        ]
    return tuple(left)


def _owners(table: Table) -> tuple[Select[Any], Column[Any]]:
    """Return a statement of the rows of a table with the customer and the call they are of."""
    key = next(iter(table.primary_key.columns))
    source: FromClause = table
    customer: ColumnElement[Any] = null()
    call: ColumnElement[Any] = null()
    if table is customers:
        customer = key
    elif "customer_id" in table.columns:
        customer = table.c.customer_id
    elif "kept_id" in table.columns:
        customer = table.c.kept_id
    elif "trip_id" in table.columns:
        source, customer = table.join(trips, trips.c.id == table.c.trip_id), trips.c.customer_id
    elif "case_id" in table.columns:
        source, customer = table.join(cases, cases.c.id == table.c.case_id), cases.c.customer_id
    if table is calls:
        call = key
    elif "call_id" in table.columns:
        call = table.c.call_id
    columns = (key.label("row"), customer.label("customer"), call.label("call"))
    return select(*columns).select_from(source), key


class _Reader:
    """Reads rows of a table for mentions."""

    def __init__(
        self,
        table: Table,
        columns: Sequence[Column[Any]],
        keys: MentionKeys,
        ids: frozenset[int],
        key: DocumentKey | None,
    ) -> None:
        self.table, self.columns, self.primary = table, columns, tuple(table.primary_key.columns)
        self.owners = [column for column in table.columns if column.name in _OWNERS]
        self._keys, self._ids, self._key = keys, ids, key

    def is_own(self, row: Any) -> bool:
        own = [row[column.name] for column in self.owners]
        return any(one in self._ids for one in own) or (
            self.table is customers and row["id"] in self._ids
        )

    def changes(self, row: Any) -> tuple[dict[str, Any], list[str]]:
        """Return new values of columns, and the columns with likely mentions."""
        changed, likely = {}, []
        for column in self.columns:
            value = row[column.name]
            if not value:
                continue
            new, is_likely = self._cleaned(column.name, value)
            if new != value:
                changed[column.name] = new
            if is_likely:
                likely.append(column.name)
        return changed, likely

    def _cleaned(self, name: str, value: Any) -> tuple[Any, bool]:
        if name not in _SEALED:
            return cleaned_value(value, self._keys)
        plain = None if self._key is None else self._key.unseal(value)
        if self._key is None or plain is None:
            return value, False
        new, is_likely = cleaned_text(plain, self._keys)
        return (self._key.seal(new) if new != plain else value), is_likely

    def read(self, rows: Sequence[Any]) -> list[tuple[Any, dict[str, Any], list[str]]]:
        found = []
        for place, row in enumerate(rows):
            if place % _ROWS_AT_A_STRETCH == 0:
                time.sleep(_PAUSE_S)
            if not self.is_own(row):
                changed, likely = self.changes(row)
                if changed or likely:
                    found.append((row, changed, likely))
        return found


async def _clean_table(database: Database, reader: _Reader, likely: list[LikelyMention]) -> int:
    key = tuple_(*reader.primary) if len(reader.primary) > 1 else reader.primary[0]
    wanted = dict.fromkeys((*reader.primary, *reader.owners, *reader.columns))
    statement = select(*wanted).order_by(*reader.primary).limit(_SLICE)
    last: Any = None
    replaced = 0
    while True:
        async with database.reading() as connection:
            after = statement if last is None else statement.where(key > last)
            rows = (await connection.execute(after)).mappings().all()
        if not rows:
            return replaced
        found = await asyncio.to_thread(reader.read, rows)
        ids = [_key_of(reader, row) for row, changed, _ in found if changed]
        if ids:
            await _replace(database, reader, statement.where(key.in_(ids)))
            replaced += len(ids)
        for row, _, columns in found:
            number = row[reader.primary[0].name]
            room = MOST_LIKELY - len(likely)
            likely += [
                LikelyMention(f"{reader.table.name}.{one}", number) for one in columns[:room]
            ]
        last = _key_of(reader, rows[-1])


def _key_of(reader: _Reader, row: Any) -> Any:
    values = tuple(row[column.name] for column in reader.primary)
    return values if len(values) > 1 else values[0]


async def _replace(database: Database, reader: _Reader, statement: Any) -> None:
    """Read the rows again, as they may have changed, and write them without the mentions."""
    table = reader.table
    async with database.writing() as connection:
        await enable_secure_delete(connection, database.kind)
        rows = (await connection.execute(statement.with_for_update())).mappings().all()
        for row in rows:
            changed, _ = reader.changes(row)
            if not changed:
                continue
            where = [column == row[column.name] for column in reader.primary]
            if "name_key" in table.columns and "name" in changed:
                # Unique among names: two may have been the same but for the person's name.
                changed["name"] = f"{changed['name']} {row['id']}"
                changed["name_key"] = fold(changed["name"])
            await connection.execute(update(table).where(*where).values(changed))
        await _refold(connection, table, rows)


async def _refold(connection: AsyncConnection, table: Table, rows: Sequence[Any]) -> None:
    if table is calls:
        numbers = [row["id"] for row in rows]
        for one in await connection.execute(select(calls).where(calls.c.id.in_(numbers))):
            folded = search_text([one.caller_name], [number_as_digits(one.caller_raw, one.e164)])
            await connection.execute(
                update(calls).where(calls.c.id == one.id).values(folded=folded)
            )
    elif table is households:
        groups = [row["id"] for row in rows]
        members = await connection.execute(
            select(customers.c.id).where(
                customers.c.household_id.in_(groups) | customers.c.company_id.in_(groups)
            )
        )
        await reindex_customers(connection, members.scalars().all(), match_later=True)
    elif table is customers:
        await reindex_customers(connection, [row["id"] for row in rows], match_later=True)
    elif table.name == "trips":
        owners = [row["customer_id"] for row in rows]
        await reindex_customers(connection, sorted(set(owners)), match_later=True)
