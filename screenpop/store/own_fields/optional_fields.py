"""Built-in fields of the customer's form that an office does not ask for."""

from collections.abc import Iterable

from sqlalchemy import select

from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.schema.tables import settings

_KEY = "form_fields_off"


async def load_fields_off(database: Database) -> frozenset[str]:
    """Return the names of the fields that are switched off."""
    async with database.reading() as connection:
        found = await connection.execute(select(settings.c.value).where(settings.c.key == _KEY))
        names = found.scalar()
    return frozenset(map(str, names)) if isinstance(names, list) else frozenset()


async def save_fields_off(database: Database, names: Iterable[str], now: float) -> None:
    values = {"value": sorted(names), "changed_at": now}
    statement = insert_or_update(database.kind, settings).values(key=_KEY, **values)
    async with database.writing() as connection:
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["key"], set_=values)
        )
