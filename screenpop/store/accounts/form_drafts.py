"""Unfinished forms and notes of users, kept for a day so that browsers need not store them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from screenpop.accounts.users import UserId
from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.engine.text import clean_for_database, free_json
from screenpop.store.schema.form_draft_tables import form_drafts

KEPT_S = 86_400.0
"""Seconds after its last change at which a draft is deleted."""
MOST_OF_USER = 50
"""Drafts of one user; with another one the oldest goes."""
_OF_CUSTOMER = re.compile(r"/customers/(\d{1,18})/")


@dataclass(frozen=True, slots=True)
class FormDraft:
    form: str
    """The path of the form's page, ``note:`` and a card's id, or ``answers``."""
    values: Mapping[str, str]
    """What was typed, by field: changed fields only."""
    given: Mapping[str, str]
    """What these fields held when the page was loaded."""
    version: str = ""
    """The version of the record that the page displayed."""
    saved_at: float = 0.0
    """Seconds since 1970."""


def customer_of_form(form: str) -> int | None:
    """Return the number of the customer whose form it is; None of a new one and of other drafts."""
    found = _OF_CUSTOMER.match(form)
    return int(found[1]) if found else None


async def keep_draft(database: Database, user: UserId, draft: FormDraft, now: float) -> None:
    """Store a draft in place of an earlier one of the form; numbers of cards are masked.

    The customer whose form it is must exist: the draft is erased with the file.
    """
    content = {
        "values": free_json(draft.values),
        "given": free_json(draft.given),
        "version": draft.version,
    }
    row = {
        "user_id": user,
        "form": clean_for_database(draft.form),
        "customer_id": customer_of_form(draft.form),
        "content": content,
        "saved_at": now,
    }
    statement = insert_or_update(database.kind, form_drafts).values(row)
    key = [form_drafts.c.user_id, form_drafts.c.form]
    changed = {"content": statement.excluded.content, "saved_at": now}
    kept = (
        select(form_drafts.c.id)
        .where(form_drafts.c.user_id == user)
        .order_by(form_drafts.c.saved_at.desc(), form_drafts.c.id.desc())
        .limit(MOST_OF_USER)
    )
    too_many = delete(form_drafts).where(
        form_drafts.c.user_id == user, form_drafts.c.id.not_in(kept)
    )
    async with database.writing() as connection:
        await connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changed))
        await connection.execute(too_many)


async def list_drafts(
    database: Database, user: UserId, now: float, begins: str = ""
) -> tuple[FormDraft, ...]:
    """Return the drafts of a user whose form's name begins so, newest first."""
    statement = (
        select(form_drafts)
        .where(form_drafts.c.user_id == user, form_drafts.c.saved_at > now - KEPT_S)
        .where(form_drafts.c.form.startswith(begins, autoescape=True))
        .order_by(form_drafts.c.saved_at.desc(), form_drafts.c.id.desc())
    )
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
    return tuple(FormDraft(row.form, **row.content, saved_at=row.saved_at) for row in rows)


async def forget_draft(database: Database, user: UserId, form: str) -> None:
    """Delete the draft of a form that was saved or emptied; it need not exist."""
    statement = delete(form_drafts).where(form_drafts.c.user_id == user, form_drafts.c.form == form)
    async with database.writing() as connection:
        await connection.execute(statement)


def forget_drafts_of(database: Database, user: UserId) -> None:
    """Delete all drafts of a user, deferred: a log-out does not wait for the database."""

    def write(connection: Connection) -> None:
        connection.execute(delete(form_drafts).where(form_drafts.c.user_id == user))

    _ = database.later.add(write)


async def forget_old_drafts(database: Database, now: float) -> int:
    """Delete the drafts whose time is over; return how many."""
    statement = delete(form_drafts).where(form_drafts.c.saved_at <= now - KEPT_S)
    async with database.writing() as connection:
        return (await connection.execute(statement)).rowcount
