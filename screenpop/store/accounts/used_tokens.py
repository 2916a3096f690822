"""Tokens of logins by the provider that count once, over all processes and restarts.

Rows hold digests, with the time of their use by the database's clock.
"""

import hashlib

from sqlalchemy import delete, select

from screenpop.store.engine.database import Database
from screenpop.store.engine.database_time import database_time
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.schema.process_tables import used_tokens

KEPT_S = 24 * 3600.0
"""Seconds after which a use is deleted: a state counts for ten minutes, and providers end their
log-out tokens after a few."""
_DELETED_AT_ONCE = 1000


async def use_token(database: Database, kind: str, token: str) -> bool:
    """Return whether a token comes for the first time, of any process.

    ``kind``: tokens of different kinds are different. Raises ``DatabaseProblemError``.
    """
    digest = hashlib.sha256(f"{kind}\0{token}".encode("utf-8", "replace")).hexdigest()
    now = database_time(database.kind)
    used = insert_or_update(database.kind, used_tokens).values(digest=digest, used_at=now)
    added = used.on_conflict_do_nothing().returning(used_tokens.c.digest)
    old = select(used_tokens.c.digest).where(used_tokens.c.used_at <= now - KEPT_S)
    # Without waiting for another process that deletes them.
    old = old.limit(_DELETED_AT_ONCE).with_for_update(skip_locked=True)
    async with database.writing() as connection:
        await connection.execute(delete(used_tokens).where(used_tokens.c.digest.in_(old)))
        return (await connection.execute(added)).scalar() is not None
