"""The key of an open database, checked against the fingerprint that the database keeps."""

import asyncio

from sqlalchemy import select

from screenpop.store.engine.database import Database
from screenpop.store.engine.document_key import (
    DocumentKey,
    DocumentKeyError,
    KeyProblem,
    next_key_file,
    read_key_file,
)
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.schema.tables import meta

FINGERPRINT = "document_key_fingerprint"
"""Name in ``meta``."""


async def load_document_key(database: Database, *, create: bool = True) -> DocumentKey:
    """Return the key; ``create``: make it where no number was ever sealed.

    Read again after a failure, so that a file brought back works without a restart. Raises
    ``DocumentKeyError``.
    """
    if database.document_key is not None:
        return database.document_key
    path = database.document_key_file
    if path is None:
        raise DocumentKeyError(KeyProblem.UNREADABLE, None)
    if next_key_file(path).exists():
        raise DocumentKeyError(KeyProblem.EXCHANGE, path)
    known = await fingerprint_of(database)
    if known is None and not create:
        raise DocumentKeyError(KeyProblem.MISSING, path)
    key = await asyncio.to_thread(read_key_file, path, create=known is None)
    if known is None:
        known = await _keep_fingerprint(database, key.fingerprint)
    if key.fingerprint != known:
        raise DocumentKeyError(KeyProblem.WRONG, path)
    database.document_key = key
    return key


async def usable_document_key(database: Database) -> DocumentKey | DocumentKeyError:
    """Return the key to read numbers with, or why there is none; never makes or writes one."""
    try:
        return await load_document_key(database, create=False)
    except DocumentKeyError as error:
        return error


async def fingerprint_of(database: Database) -> str | None:
    """Return the fingerprint of the key in use; None if nothing was ever sealed."""
    async with database.reading() as connection:
        found = await connection.execute(select(meta.c.value).where(meta.c.key == FINGERPRINT))
    return found.scalar()


async def _keep_fingerprint(database: Database, fingerprint: str) -> str:
    """Store the fingerprint unless another process was first; return the stored one."""
    statement = insert_or_update(database.kind, meta).values(key=FINGERPRINT, value=fingerprint)
    async with database.writing() as connection:
        await connection.execute(statement.on_conflict_do_nothing(index_elements=["key"]))
        found = await connection.execute(select(meta.c.value).where(meta.c.key == FINGERPRINT))
        return str(found.scalar_one())
