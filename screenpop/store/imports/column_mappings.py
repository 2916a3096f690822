"""Column mappings chosen by users, stored by headings and reused for the same headings."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.schema.tables import settings

_PREFIX = "sheet_columns:"
_MOST = 200


async def save_column_mapping(
    database: Database, key: str, choice: Mapping[str, Any], now: float
) -> None:
    """Store a mapping. ``key``: of the headings; ``choice``: plain values. Prunes the oldest."""
    values = {"value": dict(choice), "changed_at": now}
    statement = insert_or_update(database.kind, settings).values(key=_PREFIX + key, **values)
    ours = settings.c.key.startswith(_PREFIX, autoescape=True)
    kept = select(settings.c.key).where(ours).order_by(settings.c.changed_at.desc()).limit(_MOST)
    async with database.writing() as connection:
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["key"], set_=values)
        )
        await connection.execute(delete(settings).where(ours, settings.c.key.not_in(kept)))


async def load_column_mappings(database: Database) -> dict[str, Any]:
    """Return all mappings by the key of their headings."""
    async with database.reading() as connection:
        rows = await connection.execute(
            select(settings.c.key, settings.c.value).where(
                settings.c.key.startswith(_PREFIX, autoescape=True)
            )
        )
        return {row.key.removeprefix(_PREFIX): row.value for row in rows}
