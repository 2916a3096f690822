"""How a database would read a statement."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, text
from sqlalchemy.dialects import postgresql, sqlite

from screenpop.store.engine.database import Database


@dataclass(frozen=True)
class Plan:
    steps: tuple[str, ...]

    @property
    def scans(self) -> list[str]:
        """Reads of whole tables; not of lists given and of results of a subquery."""
        lists = re.compile(r"SCAN (?!anon_|.*VIRTUAL TABLE)|Seq Scan")
        return [step for step in self.steps if lists.search(step)]

    @property
    def sorts(self) -> list[str]:
        return [step for step in self.steps if "B-TREE FOR ORDER" in step or "Sort" in step]


async def plan_of(database: Database, statement: Select[Any]) -> Plan:
    """Return the plan. PostgreSQL is asked for the plan without reads of whole tables and sorts,
    which it prefers for the few rows of a test; where no index helps, the plan has them still."""
    kind = database.kind
    dialect: Any = sqlite.dialect() if kind == "sqlite" else postgresql.dialect()  # type: ignore[no-untyped-call]
    sql = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    return await _explained(database, sql.replace(":", "\\:"), {})


async def plan_with_values(database: Database, statement: Select[Any]) -> Plan:
    """As ``plan_of``, for values that cannot be written into the text of a statement: bytes."""
    kind = database.kind
    dialect: Any = (
        sqlite.dialect(paramstyle="named")
        if kind == "sqlite"
        else postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
    )
    compiled = statement.compile(dialect=dialect)
    sql = re.sub(r"(:\w+)::(\w+)", r"CAST(\1 AS \2)", str(compiled))  # "text" reads ":" itself
    return await _explained(database, sql, compiled.params)


async def _explained(database: Database, sql: str, values: Mapping[str, Any]) -> Plan:
    async with database.reading() as connection:
        if database.kind == "sqlite":
            rows = await connection.execute(text(f"EXPLAIN QUERY PLAN {sql}"), values)
            return Plan(tuple(row.detail for row in rows))
        for setting in ("enable_seqscan", "enable_sort", "enable_bitmapscan"):
            await connection.execute(text(f"SET LOCAL {setting} = off"))
        rows = await connection.execute(text(f"EXPLAIN {sql}"), values)
        return Plan(tuple(row[0] for row in rows))
