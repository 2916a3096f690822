"""What was removed from a customer is put back within a day, as it was; an erasure leaves none."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from screenpop.customers.documents import DocumentDraft, DocumentKind
from screenpop.store.customers.documents import add_document, load_documents, remove_document
from screenpop.store.customers.merge import merge_customers
from screenpop.store.customers.put_back import put_back
from screenpop.store.customers.queries import (
    CustomerRefusedError,
    create_customer,
    link_phone,
    unlink_phone,
)
from screenpop.store.customers.removed import KEPT_S, RemovedKind, list_removed
from screenpop.store.engine.database import Database, open_database
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.schema.customer_tables import removed_items
from screenpop.store.schema.tables import customer_phones
from tests.store.customers.drafts import HERS, HIS, draft, file_of

pytestmark = pytest.mark.anyio
NOW = 1_764_590_400.0
ALL = tuple(RemovedKind)
PASSPORT = DocumentDraft(
    kind=DocumentKind.PASSPORT, number="X12345678", country="IR", expires=date(2030, 1, 5)
)


@pytest.fixture
async def office(url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = open_database(url, tmp_path)
    yield database
    await database.close()


async def back(database: Database, customer: int, item: int, now: float = NOW) -> RemovedKind:
    return await put_back(database, customer, item, ALL, user_id=None, now=now)  # type: ignore[arg-type]


async def test_a_removed_number_comes_back_with_label_and_day(database: Database) -> None:
    karimi = await create_customer(database, draft("Karimi", HERS, HIS), NOW)
    async with database.writing() as connection:
        verified = update(customer_phones).values(verified_on=date(2026, 1, 2))
        await connection.execute(verified.where(customer_phones.c.label == "mobile"))
    before = (await file_of(database, karimi)).numbers
    await unlink_phone(database, karimi, before[0].id, NOW)
    [item] = await list_removed(database, karimi, NOW)
    assert (item.kind, item.what) == (RemovedKind.PHONE, HERS.e164)
    assert await back(database, karimi, item.id) is RemovedKind.PHONE
    after = (await file_of(database, karimi)).numbers
    assert {one.phone for one in after} == {one.phone for one in before}
    assert await list_removed(database, karimi, NOW) == ()
    with pytest.raises(CustomerRefusedError):
        await back(database, karimi, item.id)


async def test_a_number_that_was_added_again_is_not_put_back_twice(database: Database) -> None:
    karimi = await create_customer(database, draft("Karimi", HERS), NOW)
    [one] = (await file_of(database, karimi)).numbers
    await unlink_phone(database, karimi, one.id, NOW)
    await link_phone(database, karimi, HERS, NOW)
    [item] = await list_removed(database, karimi, NOW)
    with pytest.raises(CustomerRefusedError) as refused:
        await back(database, karimi, item.id)
    assert refused.value.code == "number_there"


async def test_a_removed_passport_comes_back_and_is_encrypted_meanwhile(
    office: Database,
) -> None:
    karimi = await create_customer(office, draft("Karimi"), NOW)
    number = await add_document(office, karimi, PASSPORT, user_id=None, now=NOW)
    await remove_document(office, karimi, number, user_id=None, now=NOW)
    assert (await load_documents(office, karimi)).documents == ()
    async with office.reading() as connection:
        kept = (await connection.execute(select(removed_items))).one()
    assert PASSPORT.number not in str(kept)
    assert await back(office, karimi, kept.id) is RemovedKind.DOCUMENT
    [again] = (await load_documents(office, karimi, with_numbers=True)).documents
    assert again.document == PASSPORT
    await remove_document(office, karimi, again.id, user_id=None, now=NOW)
    await add_document(office, karimi, PASSPORT, user_id=None, now=NOW)
    [item] = await list_removed(office, karimi, NOW)
    with pytest.raises(CustomerRefusedError) as refused:
        await back(office, karimi, item.id)
    assert refused.value.code == "document_there"


async def test_a_removal_is_undone_within_a_day_by_the_right_kind_and_customer(
    database: Database,
) -> None:
    karimi = await create_customer(database, draft("Karimi", HERS), NOW)
    other = await create_customer(database, draft("Moradi"), NOW)
    [one] = (await file_of(database, karimi)).numbers
    await unlink_phone(database, karimi, one.id, NOW)
    [item] = await list_removed(database, karimi, NOW + KEPT_S - 1)
    assert await list_removed(database, karimi, NOW + KEPT_S) == ()
    papers = (RemovedKind.DOCUMENT, RemovedKind.ATTACHMENT)
    for customer, kinds, now in (
        (other, ALL, NOW),
        (karimi, papers, NOW),
        (karimi, ALL, NOW + KEPT_S),
    ):
        with pytest.raises(CustomerRefusedError):
            await put_back(database, customer, item.id, kinds, user_id=None, now=now)
    await put_back(database, karimi, item.id, ALL, user_id=None, now=NOW + KEPT_S - 1)


async def test_removed_items_move_with_a_merge_and_are_erased_with_the_customer(
    database: Database,
) -> None:
    kept = await create_customer(database, draft("Karimi"), NOW)
    gone = await create_customer(database, draft("Karimi", HERS), NOW)
    [one] = (await file_of(database, gone)).numbers
    await unlink_phone(database, gone, one.id, NOW)
    await merge_customers(database, kept, gone, user_id=None, now=NOW)
    [item] = await list_removed(database, kept, NOW)
    assert item.what == HERS.e164
    await erase_customer(database, kept, now=NOW, user_id=None)
    async with database.reading() as connection:
        left = await connection.scalar(select(func.count()).select_from(removed_items))
    assert left == 0
