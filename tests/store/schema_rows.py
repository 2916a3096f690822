# ruff: noqa: S608 -- names of our own tables
"""Invented rows for a database of any schema, by its columns alone, and what is left of them later.

Row ``k`` of a table has the key ``k``, points to row ``k`` (or ``k`` modulo the rows there are) of
other tables, and holds values that are computed from ``k``: so they can be computed again after an
upgrade, without a copy of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

SKIPPED = frozenset({"alembic_version", "customers_to_find", "customers_to_match", "last_contacts"})
"""Not filled: the revision itself, what the maintenance empties, and what triggers fill."""
_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class ColumnOf:
    name: str
    kind: str
    """As the database names its type, in small letters."""
    target: str
    """The table it points to; empty if none."""
    is_key: bool


Columns = Mapping[str, Sequence[ColumnOf]]
"""By table."""


def columns_of(connection: Connection) -> Columns:
    """Return the columns of our tables, in the order in which rows can be added."""
    read = _columns_sqlite if connection.dialect.name == "sqlite" else _columns_postgresql
    return {name: columns for name, columns in read(connection).items() if name not in SKIPPED}


def _columns_sqlite(connection: Connection) -> dict[str, list[ColumnOf]]:
    tables = connection.exec_driver_sql(
        "SELECT name, sql LIKE 'CREATE VIRTUAL%' FROM sqlite_master WHERE type = 'table'"
    ).all()
    indexes = tuple(f"{name}_" for name, is_virtual in tables if is_virtual)
    found: dict[str, list[ColumnOf]] = {}
    for name, is_virtual in tables:
        if is_virtual or name.startswith(("sqlite_", *indexes)):
            continue
        points = connection.exec_driver_sql(f"PRAGMA foreign_key_list({name})").all()
        targets = {row[3]: row[2] for row in points}
        found[name] = [
            ColumnOf(row[1], row[2].lower(), targets.get(row[1], ""), row[5] > 0)
            for row in connection.exec_driver_sql(f"PRAGMA table_info({name})").all()
        ]
    return found


_OF_POSTGRESQL = """
    SELECT c.relname, a.attname, format_type(a.atttypid, NULL),
        coalesce((SELECT t.relname FROM pg_constraint f JOIN pg_class t ON t.oid = f.confrelid
            WHERE f.contype = 'f' AND f.conrelid = c.oid AND f.conkey[1] = a.attnum LIMIT 1), ''),
        EXISTS (SELECT 1 FROM pg_constraint p WHERE p.contype = 'p' AND p.conrelid = c.oid
            AND a.attnum = ANY(p.conkey))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
        AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname, a.attnum
"""


def _columns_postgresql(connection: Connection) -> dict[str, list[ColumnOf]]:
    found: dict[str, list[ColumnOf]] = {}
    for table, *column in connection.exec_driver_sql(_OF_POSTGRESQL).all():
        found.setdefault(table, []).append(ColumnOf(*column))
    return found


def _names(k: int) -> object:
    # One of seven has an invisible mark, which a later step removes.
    given = "Lal\N{RIGHT-TO-LEFT MARK}eh" if k % 7 == 0 else "Laleh"
    return [{"script": "latin", "given": given, "family": f"Karimi {k}"}]


def _trace(k: int) -> object:
    answer = {"step": "offer_answered", "offer": f"visa:{k}", "answer": "no", "at": k + 0.5}
    return [{"step": "arrived", "at": float(k)}, *([answer] if k % 5 == 0 else [])]


INVENTED: Mapping[tuple[str, str], Callable[[int], object]] = {
    ("customers", "names"): _names,
    ("customers", "tags"): lambda k: [f"tag {k % 10}"],
    ("customers", "emails"): lambda k: [f"k{k}@example.org"],
    ("customers", "quiet_offers"): lambda k: {f"birthday:{k}": "2030-01-01"},
    ("call_traces", "steps"): _trace,
    ("calls", "folded"): lambda k: f"laleh karimi 3069{k:08d}",
    ("calls", "e164"): lambda k: f"+3069{k:08d}",
    ("calls", "direction"): lambda k: ("inbound", "outbound", "inbound")[k % 3],
    ("calls", "disposition"): lambda k: ("answered", "no_answer", "answered")[k % 3],
    ("calls", "queue"): lambda k: ("sales", "")[k % 2],
    ("calls", "answered_by"): lambda _: ["PJSIP/101"],
    ("trips", "status"): lambda k: ("booked", "quoted", "travelled")[k % 3],
    ("users", "language"): lambda k: ("fa", "el", "fa")[k % 3],
}
"""What steps of the schema read or change, in the form in which the program wrote it."""


def value_of(table: str, column: ColumnOf, k: int, sizes: Mapping[str, int] | None = None) -> Any:
    """Return the value of a column of row ``k``.

    ``sizes``: how many rows each table has, numbered from 1; none: each table has a row ``k``.
    """
    if (invent := INVENTED.get((table, column.name))) is not None:
        return invent(k)
    if column.target:
        return k if sizes is None else 1 + (k - 1) % sizes[column.target]
    kind = column.kind
    if "bool" in kind:
        return k % 2 == 0
    if "int" in kind:
        return k
    if "double" in kind or "float" in kind or "real" in kind:
        return k + 0.5
    if kind == "date":
        return _DAY + timedelta(days=k % 10_000)
    if kind == "json":
        return {"k": k}
    if kind in {"blob", "bytea"}:
        return b"%d" % k
    return f"{column.name} {k}"


def _type_of(column: ColumnOf) -> sa.types.TypeEngine[Any]:
    kind = column.kind
    if "bool" in kind:
        return sa.Boolean()
    if "int" in kind:
        return sa.BigInteger()
    if kind == "date":
        return sa.Date()
    if kind == "json":
        return sa.JSON()
    if kind in {"blob", "bytea"}:
        return sa.LargeBinary()
    return sa.Double() if "double" in kind or "float" in kind or "real" in kind else sa.Text()


def table_of(name: str, columns: Sequence[ColumnOf]) -> sa.TableClause:
    """Return the table with the columns that it has in that schema."""
    return sa.table(name, *(sa.column(each.name, _type_of(each)) for each in columns))


def add_rows(
    connection: Connection,
    columns: Columns,
    rows: Mapping[str, Sequence[int]],
    sizes: Mapping[str, int] | None = None,
    at_once: int = 5_000,
) -> None:
    """Add these rows, without checks of where they point. The connection is in a transaction."""
    is_sqlite = connection.dialect.name == "sqlite"
    if not is_sqlite:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    for name, keys in rows.items():
        insert = sa.insert(table_of(name, columns[name]))
        for start in range(0, len(keys), at_once):
            connection.execute(
                insert,
                [
                    {each.name: value_of(name, each, k, sizes) for each in columns[name]}
                    for k in keys[start : start + at_once]
                ],
            )
    if not is_sqlite:
        connection.exec_driver_sql("SET LOCAL session_replication_role = origin")


def leave_ids_free(connection: Connection, tables: Sequence[str], above: int) -> None:
    """Make PostgreSQL number further rows from here on, as if it had numbered ours."""
    if connection.dialect.name == "sqlite":
        return
    for name in tables:
        connection.exec_driver_sql(
            f"SELECT setval(s, {above}) FROM (SELECT pg_get_serial_sequence('{name}', a.attname) s"
            f" FROM pg_attribute a WHERE a.attrelid = '{name}'::regclass AND a.attname = 'id') q"
            " WHERE s IS NOT NULL"
        )


def changed_values(
    connection: Connection,
    before: Columns,
    after: Columns,
    rows: Mapping[str, Sequence[int]],
    sizes: Mapping[str, int] | None = None,
) -> Iterator[tuple[str, str, int, object]]:
    """Yield table, column, row and value of each of these rows that is not as it was added.

    The column is empty for a row that is gone. Columns that are no more are left out.
    """
    for name, keys in rows.items():
        if name not in after or not keys:
            continue
        kept = {each.name for each in after[name]}
        columns = [each for each in before[name] if each.name in kept]
        [key, *_] = [each for each in columns if each.is_key]
        table = table_of(name, columns)
        wanted = {value_of(name, key, k, sizes): k for k in keys}
        found = connection.execute(
            sa.select(table).where(table.c[key.name].in_(list(wanted)))
        ).mappings()
        seen = {wanted[row[key.name]]: row for row in found}
        for k in keys:
            if k not in seen:
                yield name, "", k, None
                continue
            for each in columns:
                value = seen[k][each.name]
                if value != value_of(name, each, k, sizes):
                    yield name, each.name, k, value
