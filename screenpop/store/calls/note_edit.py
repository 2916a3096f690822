"""Notes on a call's page: written and corrected after the call, with user and time.

Notes typed on a card come through ``writer`` instead; both are rows of ``call_notes``.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.service.commands import MAX_NOTE_LENGTH
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import free_text
from screenpop.store.schema.customer_tables import call_note_changes
from screenpop.store.schema.tables import call_notes, calls

_LOG_WAIT_S = 3.0


class NoteRefusedError(Exception):
    """A note is refused: ``not_found``, ``note_changed`` (since it was read), ``note_too_long``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class WrittenNote:
    """A note as stored. ``author`` is None for the command line and for deleted users."""

    id: int
    author: UserId | None
    text: str


async def add_note(
    database: Database, call: int, text: str, *, user_id: UserId, now: float
) -> WrittenNote:
    """Add a user's note on a logged call, below the note that user has there already.

    Raises ``NoteRefusedError``.
    """
    await _typed_notes_first(database)
    text, author = free_text(text), actor_id(user_id)
    async with database.writing() as connection:
        place = (
            await connection.execute(
                select(calls.c.pbx, calls.c.boot, calls.c.linkedid).where(calls.c.id == call)
            )
        ).first()
        if place is None:
            raise NoteRefusedError("not_found")
        before = None if author is None else await _own_note(connection, call, author)
        if before is None:
            added = await connection.execute(
                insert(call_notes)
                .values(call_id=call, user_id=author, text=text, changed_at=now, **place._asdict())
                .returning(call_notes.c.id)
            )
            note = WrittenNote(int(added.scalar_one()), author, text)
        else:
            note = WrittenNote(before.id, author, _below(before.text, text))
        await _put(connection, note, user_id, now)
    return note


async def correct_note(
    database: Database,
    call: int,
    note: int,
    text: str,
    *,
    user_id: UserId,
    now: float,
    read_at: float | None = None,
) -> WrittenNote:
    """Replace the text of a note on this call.

    ``read_at``: its ``changed_at`` as the user read it; None skips the check for changes since.
    Raises ``NoteRefusedError``.
    """
    await _typed_notes_first(database)
    async with database.writing() as connection:
        row = (
            await connection.execute(
                select(call_notes.c.user_id, call_notes.c.changed_at).where(
                    call_notes.c.id == note, call_notes.c.call_id == call
                )
            )
        ).first()
        if row is None:
            raise NoteRefusedError("not_found")
        if read_at is not None and row.changed_at != read_at:
            raise NoteRefusedError("note_changed")
        author = None if row.user_id is None else UserId(row.user_id)
        written = WrittenNote(note, author, free_text(text))
        await _put(connection, written, user_id, now)
    return written


async def _typed_notes_first(database: Database) -> None:
    """Wait for queued notes from cards, so that they do not overwrite the row later."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LOG_WAIT_S):
            await database.log.flush()


async def _own_note(connection: AsyncConnection, call: int, author: UserId) -> WrittenNote | None:
    row = (
        await connection.execute(
            select(call_notes.c.id, call_notes.c.text).where(
                call_notes.c.call_id == call, call_notes.c.user_id == author
            )
        )
    ).first()
    return None if row is None else WrittenNote(row.id, author, row.text)


async def _put(connection: AsyncConnection, note: WrittenNote, user_id: UserId, now: float) -> None:
    if len(note.text) > MAX_NOTE_LENGTH:
        raise NoteRefusedError("note_too_long")
    await connection.execute(
        update(call_notes).where(call_notes.c.id == note.id).values(text=note.text, changed_at=now)
    )
    await connection.execute(
        insert(call_note_changes).values(note_id=note.id, user_id=actor_id(user_id), at=now)
    )


def _below(before: str, text: str) -> str:
    """Return both texts, the earlier first; a text sent twice is not repeated."""
    if before == text or before.endswith(f"\n{text}"):
        return before
    return f"{before}\n{text}" if before else text
