"""Travel documents of customers: stored with sealed numbers, each change in the audit log.

Raises ``CustomerRefusedError`` (``unknown_customer``, ``unknown_document``, ``document_there``) and
``DocumentKeyError`` where a number is to be stored and the key cannot be used.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.documents import (
    DocumentDraft,
    DocumentKind,
    StoredDocument,
    mask_number,
    normalize_number,
)
from screenpop.customers.models import CustomerId
from screenpop.store.customers.audit import log_change
from screenpop.store.customers.document_keys import load_document_key, usable_document_key
from screenpop.store.customers.queries import CustomerRefusedError, touch_customer
from screenpop.store.customers.removed import RemovedKind, keep_removed
from screenpop.store.engine.database import Database
from screenpop.store.engine.document_key import DocumentKey, DocumentKeyError
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.customer_tables import customer_documents

Values = dict[str, Any]

_KINDS = {kind.value: kind for kind in DocumentKind}
_SLICE = 500
_LOGGED = ("country", "issuer", "name", "valid_from", "expires")
_HIDDEN = "••••"


@dataclass(frozen=True, slots=True)
class DocumentList:
    documents: tuple[StoredDocument, ...] = ()
    problem: str = ""
    """Why numbers cannot be read, as ``KeyProblem``; empty if they can."""


async def load_documents(
    database: Database, customer_id: CustomerId, *, with_numbers: bool = False
) -> DocumentList:
    """Return the documents of a customer, the first stored first; numbers only if asked for."""
    async with database.reading() as connection:
        rows = (await _rows(connection, [customer_id]))[customer_id]
    if not any(row.number_sealed for row in rows):
        return DocumentList(tuple(_stored(row, None, with_numbers=False) for row in rows))
    key = await usable_document_key(database)
    if isinstance(key, DocumentKeyError):
        found = tuple(_stored(row, None, with_numbers=False) for row in rows)
        return DocumentList(found, key.code)
    return DocumentList(tuple(_stored(row, key, with_numbers=with_numbers) for row in rows))


async def add_document(
    database: Database,
    customer_id: CustomerId,
    draft: DocumentDraft,
    *,
    user_id: UserId | None,
    now: float,
) -> int:
    """Store a document; return its id."""
    key = await load_document_key(database) if draft.number else None
    async with database.writing() as connection:
        await touch_customer(connection, customer_id, now)
        await _check_twice(connection, customer_id, draft, key)
        done = await connection.execute(
            insert(customer_documents)
            .values(customer_id=customer_id, **document_values(draft, key, now))
            .returning(customer_documents.c.id)
        )
        changes = _changes(None, draft)
        await log_change(
            connection, customer_id, "document_added", changes, user_id=user_id, now=now
        )
        return int(done.scalar_one())


async def update_document(
    database: Database,
    customer_id: CustomerId,
    document_id: int,
    draft: DocumentDraft,
    *,
    user_id: UserId | None,
    now: float,
) -> None:
    """Change a document; a draft without a number leaves the stored number as it is."""
    key = await load_document_key(database) if draft.number else None
    async with database.writing() as connection:
        row = await _document(connection, customer_id, document_id)
        await _check_twice(connection, customer_id, draft, key, document_id)
        values = document_values(draft, key, now)
        del values["created_at"]
        if not draft.number:
            for name in ("number_sealed", "number_mark", "doubt"):
                del values[name]
        before = _draft(row, "")
        same_number = not draft.number or values["number_mark"] == row.number_mark
        if same_number and replace(draft, number="", doubt=before.doubt) == before:
            return
        await connection.execute(
            update(customer_documents)
            .where(customer_documents.c.id == document_id)
            .values(**values)
        )
        await touch_customer(connection, customer_id, now)
        changes = _changes(before, replace(draft, number="" if same_number else draft.number))
        await log_change(
            connection, customer_id, "document_edited", changes, user_id=user_id, now=now
        )


async def remove_document(
    database: Database,
    customer_id: CustomerId,
    document_id: int,
    *,
    user_id: UserId | None,
    now: float,
) -> None:
    async with database.writing() as connection:
        row = await _document(connection, customer_id, document_id)
        await connection.execute(
            delete(customer_documents).where(customer_documents.c.id == document_id)
        )
        await keep_removed(connection, RemovedKind.DOCUMENT, row, user_id, now)
        await touch_customer(connection, customer_id, now)
        changes = {"document": (row.kind, None), "document_expires": (row.expires, None)}
        await log_change(
            connection, customer_id, "document_removed", changes, user_id=user_id, now=now
        )


async def fill_passport_day(
    database: Database, customer_id: CustomerId, day: date, *, user_id: UserId | None, now: float
) -> None:
    """Store the last day of the passport, which is made if there is none.

    A passport with that day is left as it is; one with another day is refused with ``fact_known``.
    """
    async with database.reading() as connection:
        rows = (await _rows(connection, [customer_id]))[customer_id]
    passports = [row for row in rows if row.kind == DocumentKind.PASSPORT.value]
    known = [row.expires for row in passports if row.expires is not None]
    if day in known:
        return
    if known:
        raise CustomerRefusedError("fact_known", "The passport's last day is on file already.")
    if not passports:
        draft = DocumentDraft(kind=DocumentKind.PASSPORT, expires=day)
        await add_document(database, customer_id, draft, user_id=user_id, now=now)
        return
    row = passports[0]
    draft = replace(_draft(row, ""), expires=day)
    await update_document(database, customer_id, row.id, draft, user_id=user_id, now=now)


async def log_numbers_shown(
    database: Database, customer_id: CustomerId, *, user_id: UserId | None, now: float
) -> None:
    """Store that a user has seen the numbers; call it before they are sent."""
    async with database.writing() as connection:
        await log_change(
            connection, customer_id, "document_numbers_shown", {}, user_id=user_id, now=now
        )


async def customers_with_number(database: Database, text: str) -> tuple[CustomerId, ...]:
    """Return the customers that have a document with this number, in any spelling."""
    if not any(char.isdigit() for char in normalize_number(text)):
        return ()
    key = await usable_document_key(database)
    if isinstance(key, DocumentKeyError):
        return ()
    mark = key.mark(text)
    async with database.reading() as connection:
        found = await connection.execute(
            select(customer_documents.c.customer_id)
            .where(customer_documents.c.number_mark == mark, customer_documents.c.number_mark != "")
            .distinct()
        )
        return tuple(CustomerId(one) for one in found.scalars())


async def document_drafts(
    connection: AsyncConnection, people: Sequence[int], key: DocumentKey | None
) -> Mapping[int, tuple[DocumentDraft, ...]]:
    """Return the documents of many customers, with numbers where ``key`` is given."""
    rows = await _rows(connection, people)
    return {customer_id: documents_from_rows(theirs, key) for customer_id, theirs in rows.items()}


def documents_from_rows(rows: Iterable[Any], key: DocumentKey | None) -> tuple[DocumentDraft, ...]:
    return tuple(
        _draft(row, (key.unseal(row.number_sealed) or "") if key is not None else "")
        for row in rows
    )


def document_values(draft: DocumentDraft, key: DocumentKey | None, now: float) -> Values:
    """Return the columns of a document; ``key`` is needed where it has a number."""
    number = clean_for_database(draft.number)
    if number and key is None:
        raise ValueError("a number needs the key")
    return {
        "kind": draft.kind.value,
        "country": clean_for_database(draft.country),
        "issuer": clean_for_database(draft.issuer),
        "name": clean_for_database(draft.name),
        "number_sealed": key.seal(number) if key is not None else "",
        "number_mark": key.mark(number) if key is not None else "",
        "doubt": draft.doubt,
        "valid_from": draft.valid_from,
        "expires": draft.expires,
        "created_at": now,
        "changed_at": now,
    }


async def _rows(connection: AsyncConnection, people: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for start in range(0, len(people), _SLICE):
        rows = await connection.execute(
            select(customer_documents)
            .where(customer_documents.c.customer_id.in_(people[start : start + _SLICE]))
            .order_by(customer_documents.c.id)
        )
        for row in rows:
            found[row.customer_id].append(row)
    return found


async def _document(connection: AsyncConnection, customer_id: CustomerId, document: int) -> Any:
    found = await connection.execute(
        select(customer_documents).where(
            customer_documents.c.id == document, customer_documents.c.customer_id == customer_id
        )
    )
    row = found.first()
    if row is None:
        raise CustomerRefusedError("unknown_document", "This document is not on the file.")
    return row


async def _check_twice(
    connection: AsyncConnection,
    customer_id: CustomerId,
    draft: DocumentDraft,
    key: DocumentKey | None,
    document: int = 0,
) -> None:
    if key is None:
        return
    found = await connection.execute(
        select(customer_documents.c.id).where(
            customer_documents.c.customer_id == customer_id,
            customer_documents.c.kind == draft.kind.value,
            customer_documents.c.number_mark == key.mark(draft.number),
            customer_documents.c.id != document,
        )
    )
    if found.first() is not None:
        raise CustomerRefusedError(
            "document_there", "This customer has a document with this number already."
        )


def _stored(row: Any, key: DocumentKey | None, *, with_numbers: bool) -> StoredDocument:
    number = key.unseal(row.number_sealed) if key is not None else None
    masked = mask_number(number or "") or (_HIDDEN if row.number_sealed else "")
    return StoredDocument(
        id=row.id, document=_draft(row, (number or "") if with_numbers else ""), masked=masked
    )


def _draft(row: Any, number: str) -> DocumentDraft:
    return DocumentDraft(
        # A kind of a newer version is shown as the plainest one.
        kind=_KINDS.get(row.kind, DocumentKind.ID_CARD),
        number=number,
        country=row.country,
        issuer=row.issuer,
        name=row.name,
        valid_from=row.valid_from,
        expires=row.expires,
        doubt=row.doubt,
    )


def _changes(
    before: DocumentDraft | None, after: DocumentDraft
) -> dict[str, tuple[object, object]]:
    """Return the entry for the audit log, which never has the number."""
    changes: dict[str, tuple[object, object]] = {"document": (None, after.kind.value)}
    if after.number:
        changes["document_number"] = (None, _HIDDEN)
    for name in _LOGGED:
        old = getattr(before, name) if before is not None else None
        if (old or None) != (getattr(after, name) or None):
            changes[f"document_{name}"] = (old, getattr(after, name))
    return changes
