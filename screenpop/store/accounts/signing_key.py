"""The secret that signs cookies about browsers, kept in the database."""

import secrets

from sqlalchemy import func, select

from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.schema.tables import meta

_NAME = "device_cookie_key"
_SHORTEST = 32


async def find_signing_key(database: Database) -> bytes | None:
    """Return the key; None before the first login, and when the stored one is too short."""
    async with database.reading() as connection:
        found = (await connection.execute(select(meta.c.value).where(meta.c.key == _NAME))).scalar()
    return found.encode() if found and len(found) >= _SHORTEST else None


async def signing_key(database: Database) -> bytes | None:
    """Return the key, created at the first call; None while the database cannot be written."""
    found = await find_signing_key(database)
    if found is not None:
        return found
    made = insert_or_update(database.kind, meta).values(key=_NAME, value=secrets.token_urlsafe(48))
    statement = made.on_conflict_do_update(
        index_elements=["key"],
        set_={"value": made.excluded.value},
        where=func.length(meta.c.value) < _SHORTEST,
    )
    _ = await database.later.soon(lambda connection: connection.execute(statement))
    return await find_signing_key(database)
