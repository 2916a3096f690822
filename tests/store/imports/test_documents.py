"""Travel documents of sheets: sealed for new and existing customers, taken out by an undo."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from screenpop.customers.documents import DocumentDraft, DocumentKind
from screenpop.customers.draft import CustomerDraft, IncomingRow
from screenpop.customers.models import CustomerId
from screenpop.store.customers.documents import load_documents, log_numbers_shown, update_document
from screenpop.store.customers.queries import create_customer, list_customers
from screenpop.store.engine.database import Database, open_database
from screenpop.store.engine.document_key import DocumentKeyError
from screenpop.store.export_rows import export_customers
from screenpop.store.imports.batch import check_rows, import_rows, undo_import
from screenpop.store.schema.customer_tables import customer_documents
from screenpop.store.schema.tables import import_changes
from tests.store.customers.drafts import HERS, HIS, draft

pytestmark = pytest.mark.anyio

NUMBER = "K48213907"
BY_NUMBER = DocumentDraft(kind=DocumentKind.PASSPORT, number=NUMBER, country="IR")
WHOLE = replace(BY_NUMBER, expires=date(2029, 5, 1))
CODE = DocumentDraft(
    kind=DocumentKind.NATIONAL_CODE, number="0084575949", doubt="national_code_digit"
)


@pytest.fixture
async def office(url: str, tmp_path: Path) -> AsyncGenerator[Database]:
    database = open_database(url, tmp_path)
    yield database
    await database.close()


async def rows(*drafts: CustomerDraft) -> AsyncIterator[Sequence[IncomingRow]]:
    yield [IncomingRow(2 + place, one) for place, one in enumerate(drafts)]


async def bring_in(database: Database, *drafts: CustomerDraft) -> int:
    return (await import_rows(database, rows(*drafts), filename="list.csv", now=5.0)).batch


async def documents(database: Database, whose: CustomerId) -> list[DocumentDraft]:
    found = await load_documents(database, whose, with_numbers=True)
    return [one.document for one in found.documents]


async def test_new_customers_have_their_documents_sealed_and_an_undo_takes_them_out(
    office: Database,
) -> None:
    one = draft("Karimi", HERS, documents=(WHOLE, CODE))
    other = draft("Nouri", HIS, documents=(replace(BY_NUMBER, number="B7654321"),))
    assert (await check_rows(office, rows(one, other))).new == 2
    batch = await bring_in(office, one, other)
    [second, first] = [row.customer.id for row in (await list_customers(office)).rows]
    assert await documents(office, first) == [WHOLE, CODE]
    assert [one.number for one in await documents(office, second)] == ["B7654321"]
    await log_numbers_shown(office, first, user_id=None, now=6.0)  # which is no change
    undone = await undo_import(office, batch, 7.0)
    assert (undone.gone, undone.kept) == (2, ())
    async with office.reading() as connection:
        assert (await connection.execute(select(customer_documents))).all() == []


async def test_a_sheet_adds_and_completes_documents_and_its_undo_restores_them(
    office: Database,
) -> None:
    await bring_in(office, draft("Karimi", HERS, documents=(BY_NUMBER,)))
    [whose] = [row.customer.id for row in (await list_customers(office)).rows]
    batch = await bring_in(office, draft("Karimi", HERS, documents=(WHOLE, CODE)))
    assert await documents(office, whose) == [WHOLE, CODE]
    async with office.reading() as connection:
        kept = (await connection.execute(select(import_changes.c.changes))).scalars().all()
    assert NUMBER not in repr(kept)
    assert CODE.number not in repr(kept)
    undone = await undo_import(office, batch, 7.0)
    assert (undone.restored, undone.kept) == (1, ())
    assert await documents(office, whose) == [BY_NUMBER]


async def test_the_same_sheet_again_adds_nothing_and_another_value_is_reported(
    office: Database,
) -> None:
    sheet = draft("Karimi", HERS, documents=(WHOLE, CODE))
    await bring_in(office, sheet)
    [whose] = [row.customer.id for row in (await list_customers(office)).rows]
    counts = await check_rows(office, rows(sheet))
    assert (counts.on_file, counts.changed) == (1, 0)
    later = replace(WHOLE, expires=date(2035, 1, 1))
    await bring_in(office, draft("Karimi", HERS, documents=(later,)))
    assert await documents(office, whose) == [WHOLE, CODE]


async def test_a_document_changed_since_stays_unless_the_undo_is_forced(office: Database) -> None:
    whose = await create_customer(office, draft("Karimi", HERS), 1.0)
    batch = await bring_in(office, draft("Karimi", HERS, documents=(WHOLE,)))
    [stored] = (await load_documents(office, whose)).documents
    changed = replace(WHOLE, number="", country="GR")
    await update_document(office, whose, stored.id, changed, user_id=None, now=6.0)
    undone = await undo_import(office, batch, 7.0)
    assert [(one.customer, one.why) for one in undone.kept] == [(whose, ("documents",))]
    assert len(await documents(office, whose)) == 1
    assert (await undo_import(office, batch, 8.0, force=True)).kept == ()
    assert await documents(office, whose) == []


async def test_without_the_key_a_sheet_with_documents_is_refused_and_one_without_comes_in(
    office: Database, url: str, tmp_path: Path
) -> None:
    await bring_in(office, draft("Karimi", HERS, documents=(WHOLE,)))
    (tmp_path / "document.key").unlink()
    again = open_database(url, tmp_path)
    with pytest.raises(DocumentKeyError, match="is missing"):
        await bring_in(again, draft("Nouri", HIS, documents=(CODE,)))
    assert len((await list_customers(again)).rows) == 1
    await bring_in(again, draft("Nouri", HIS))
    assert len((await list_customers(again)).rows) == 2
    await again.close()


async def test_an_export_has_numbers_only_where_it_was_asked_to(office: Database) -> None:
    await bring_in(office, draft("Karimi", HERS, documents=(WHOLE, CODE)))
    [asked] = [page async for page in export_customers(office, documents=True)]
    assert asked[0].draft.documents == (WHOLE, CODE)
    [plain] = [page async for page in export_customers(office)]
    assert plain[0].draft.documents == ()
