"""Attachments of customers: listed, added, opened and removed, each change in the audit log.

Raises ``CustomerRefusedError`` (``unknown_customer``, ``unknown_attachment``),
``AttachmentRefusedError`` and ``DocumentKeyError``. The name and the note of a file are encrypted
as its content is: names of scans often have a passport number in them.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.attachments import (
    MAX_ATTACHMENTS,
    MAX_FILE_BYTES,
    MAX_NOTE_LENGTH,
    Attachment,
    AttachmentDraft,
    AttachmentKind,
    AttachmentProblem,
    MediaType,
    clean_filename,
    detect_media_type,
)
from screenpop.customers.models import CustomerId
from screenpop.store.attachments.cleanup import (
    settle_file,
)
from screenpop.store.attachments.files import (
    AttachmentRefusedError,
    AttachmentUnreadableError,
    WrittenFile,
    publish_file,
    read_file,
    write_new_file,
)
from screenpop.store.customers.audit import actor_id, log_change
from screenpop.store.customers.document_keys import load_document_key, usable_document_key
from screenpop.store.customers.queries import CustomerRefusedError, touch_customer
from screenpop.store.customers.removed import RemovedKind, keep_removed
from screenpop.store.engine.database import Database
from screenpop.store.engine.document_key import DocumentKey, DocumentKeyError
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.text import clean_for_database, free_text
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.attachment_tables import customer_attachments
from screenpop.store.schema.tables import trips

_KINDS = {kind.value: kind for kind in AttachmentKind}
_TYPES = {kind.value: kind for kind in MediaType}


@dataclass(frozen=True, slots=True)
class AttachmentList:
    attachments: tuple[Attachment, ...] = ()
    problem: str = ""
    """Why names and files cannot be read, as ``KeyProblem``; empty if they can."""


@dataclass(frozen=True, slots=True)
class OpenedAttachment:
    attachment: Attachment
    pieces: AsyncIterator[bytes]


async def load_attachments(database: Database, customer_id: CustomerId) -> AttachmentList:
    """Return the attachments of a customer, the newest first."""
    async with database.reading() as connection:
        rows = await _rows(connection, [customer_id])
    if not rows:
        return AttachmentList()
    key = await usable_document_key(database)
    if isinstance(key, DocumentKeyError):
        return AttachmentList(tuple(_attachment(row, None) for row in rows), key.code)
    return AttachmentList(tuple(_attachment(row, key) for row in rows))


async def add_attachment(
    database: Database,
    customer_id: CustomerId,
    draft: AttachmentDraft,
    pieces: AsyncIterator[bytes],
    *,
    user_id: UserId | None,
    now: float,
) -> int:
    """Store a file that arrives in pieces; return its id. After an error nothing of it is kept."""
    key, folder = await load_document_key(database), database.attachments_folder
    if folder is None:
        raise AttachmentRefusedError(AttachmentProblem.FOLDER)
    async with database.reading() as connection:
        await _check_room(connection, customer_id, draft.trip_id)
    written = await write_new_file(folder, key, pieces, MAX_FILE_BYTES)
    is_committed = False
    try:
        media_type = detect_media_type(written.head, written.tail, written.size)
        if isinstance(media_type, AttachmentProblem):
            raise AttachmentRefusedError(media_type)
        values = _values(draft, written, media_type, key) | {"user_id": actor_id(user_id)}
        async with database.writing() as connection:
            item_id = await _insert(connection, customer_id, values, user_id, now)
        is_committed = True
    finally:
        if not is_committed:
            # The commit may have succeeded although its answer was lost.
            with suppress(DatabaseProblemError):
                await settle_file(database, folder, written.file)
    await asyncio.to_thread(publish_file, folder, written.file)
    return item_id


async def open_attachment(
    database: Database,
    customer_id: CustomerId,
    attachment_id: int,
    *,
    user_id: UserId | None,
    now: float,
) -> OpenedAttachment:
    """Return a file to send, after a record that the user opened it.

    Raises ``AttachmentUnreadableError`` as well.
    """
    key, folder = await load_document_key(database, create=False), database.attachments_folder
    async with database.reading() as connection:
        row = await _row(connection, customer_id, attachment_id)
    if folder is None:
        raise AttachmentUnreadableError(row.file)
    pieces = await read_file(folder, key, row.file)
    async with database.writing() as connection:
        opened = {"attachment": (None, row.kind)}
        await log_change(
            connection, customer_id, "attachment_opened", opened, user_id=user_id, now=now
        )
    return OpenedAttachment(_attachment(row, key), pieces)


async def remove_attachment(
    database: Database,
    customer_id: CustomerId,
    attachment_id: int,
    *,
    user_id: UserId | None,
    now: float,
) -> None:
    async with database.writing() as connection:
        row = await _row(connection, customer_id, attachment_id)
        await connection.execute(
            delete(customer_attachments).where(customer_attachments.c.id == attachment_id)
        )
        await keep_removed(connection, RemovedKind.ATTACHMENT, row, user_id, now)
        await touch_customer(connection, customer_id, now)
        gone = {"attachment": (row.kind, None)}
        await log_change(
            connection, customer_id, "attachment_removed", gone, user_id=user_id, now=now
        )


async def attachments_of(
    connection: AsyncConnection, customer_ids: Sequence[int], key: DocumentKey | None
) -> tuple[Attachment, ...]:
    """Return the attachments of several customers, the newest first, for the export of a person."""
    return tuple(_attachment(row, key) for row in await _rows(connection, customer_ids))


async def copy_attachments(
    database: Database, customer_id: CustomerId, folder: Path, *, now: float
) -> int:
    """Write the decrypted files of a customer into a new folder; return how many."""
    found = (await load_attachments(database, customer_id)).attachments
    await asyncio.to_thread(folder.mkdir, mode=0o700)
    for one in found:
        opened = await open_attachment(database, customer_id, one.id, user_id=None, now=now)
        path = folder / f"{one.id}-{one.name}"
        content = b"".join([piece async for piece in opened.pieces])
        await asyncio.to_thread(_write_private, path, content)
    return len(found)


def _write_private(path: Path, content: bytes) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(content)


async def _check_room(
    connection: AsyncConnection, customer_id: CustomerId, trip_id: int | None
) -> None:
    count = await connection.scalar(
        select(func.count())
        .select_from(customer_attachments)
        .where(customer_attachments.c.customer_id == customer_id)
    )
    if (count or 0) >= MAX_ATTACHMENTS:
        raise AttachmentRefusedError(AttachmentProblem.TOO_MANY)
    if trip_id is not None:
        found = await connection.execute(
            select(trips.c.id).where(trips.c.id == trip_id, trips.c.customer_id == customer_id)
        )
        if found.first() is None:
            raise AttachmentRefusedError(AttachmentProblem.UNKNOWN_TRIP)


async def _insert(
    connection: AsyncConnection,
    customer_id: CustomerId,
    values: dict[str, Any],
    user_id: UserId | None,
    now: float,
) -> int:
    await touch_customer(connection, customer_id, now)
    await _check_room(connection, customer_id, values["trip_id"])
    done = await connection.execute(
        insert(customer_attachments)
        .values(customer_id=customer_id, created_at=now, **values)
        .returning(customer_attachments.c.id)
    )
    item_id = int(done.scalar_one())
    added = {"attachment": (None, values["kind"])}
    await log_change(connection, customer_id, "attachment_added", added, user_id=user_id, now=now)
    return item_id


def _values(
    draft: AttachmentDraft, written: WrittenFile, media_type: MediaType, key: DocumentKey
) -> dict[str, Any]:
    name = clean_for_database(clean_filename(draft.filename, media_type))
    return {
        "trip_id": draft.trip_id,
        "kind": draft.kind.value,
        "media_type": media_type.value,
        "size": written.size,
        "name_sealed": key.seal(name),
        "note_sealed": key.seal(free_text(draft.note.strip())[:MAX_NOTE_LENGTH]),
        "file": written.file,
    }


async def _rows(connection: AsyncConnection, customer_ids: Sequence[int]) -> Sequence[Any]:
    found = await connection.execute(
        _select()
        .where(customer_attachments.c.customer_id.in_(customer_ids))
        .order_by(customer_attachments.c.id.desc())
    )
    return found.all()


async def _row(connection: AsyncConnection, customer_id: CustomerId, attachment_id: int) -> Any:
    found = await connection.execute(
        _select().where(
            customer_attachments.c.id == attachment_id,
            customer_attachments.c.customer_id == customer_id,
        )
    )
    row = found.first()
    if row is None:
        raise CustomerRefusedError("unknown_attachment", "This file is not on this customer.")
    return row


def _select() -> Any:
    return select(customer_attachments, users.c.display_name).select_from(
        customer_attachments.outerjoin(users, users.c.id == customer_attachments.c.user_id)
    )


def _attachment(row: Any, key: DocumentKey | None) -> Attachment:
    return Attachment(
        id=row.id,
        # A kind of a newer version is treated as the one that fewest users may open.
        kind=_KINDS.get(row.kind, AttachmentKind.PASSPORT_COPY),
        name=(key.unseal(row.name_sealed) or "") if key is not None else "",
        note=(key.unseal(row.note_sealed) or "") if key is not None else "",
        media_type=_TYPES.get(row.media_type, MediaType.PDF),
        size=row.size,
        trip_id=row.trip_id,
        added_at=row.created_at,
        added_by=row.display_name or "",
    )
