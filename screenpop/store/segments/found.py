"""The customers that meet a condition: how many, and which."""

from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

from sqlalchemy import Connection, Select, func, select, text

from screenpop.conditions.tree import Node
from screenpop.store.engine.database import Database
from screenpop.store.engine.url import Kind
from screenpop.store.schema.tables import customers
from screenpop.store.segments.compile import Compiler
from screenpop.store.segments.spellings import read_spellings

_POSTGRES_SETTINGS = ("SET LOCAL work_mem = '128MB'", "SET LOCAL jit = off")
"""A set of ids that does not fit into the memory is otherwise searched once for each customer."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A condition with the day and the time zone for which it is evaluated."""

    condition: Node
    today: date
    zone: tzinfo


def segment_statement(connection: Connection, kind: Kind, wanted: Wanted) -> Select[Any]:
    """Return the select of the ids of the customers that meet a condition.

    Prepares the connection's transaction; the statement is for the same transaction.
    """
    if kind == "postgresql":
        for setting in _POSTGRES_SETTINGS:
            connection.execute(text(setting))
    spellings = read_spellings(connection, kind, wanted.condition)
    compiler = Compiler(kind, wanted.today, wanted.zone, spellings)
    return select(customers.c.id).where(
        customers.c.merged_into_id.is_(None), compiler.compile(wanted.condition)
    )


async def count_customers(database: Database, wanted: Wanted) -> int:
    """Return how many customers meet a condition."""

    def read(connection: Connection) -> int:
        found = segment_statement(connection, database.kind, wanted)
        return int(connection.execute(found.with_only_columns(func.count())).scalar_one())

    return await database.read(read)
