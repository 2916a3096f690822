"""How a database would read a statement."""

import re
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
    sql = sql.replace(":", "\\:")
    async with database.reading() as connection:
        if kind == "sqlite":
            rows = await connection.execute(text(f"EXPLAIN QUERY PLAN {sql}"))
            return Plan(tuple(row.detail for row in rows))
        for setting in ("enable_seqscan", "enable_sort", "enable_bitmapscan"):
            await connection.execute(text(f"SET LOCAL {setting} = off"))
        rows = await connection.execute(text(f"EXPLAIN {sql}"))
        return Plan(tuple(row[0] for row in rows))
