"""An erased person leaves no byte in files of others; what is only likely is listed."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Integer,
    LargeBinary,
    Table,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.common.search_normalization import fold
from screenpop.customers.documents import DocumentDraft, DocumentKind
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.document_keys import load_document_key
from screenpop.store.customers.documents import add_document
from screenpop.store.customers.queries import create_customer, list_customers
from screenpop.store.engine.database import Database, open_database
from screenpop.store.engine.document_key import DocumentKey
from screenpop.store.export_rows import export_customers
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.privacy.mention_keys import _FEWEST_DIGITS, _MOST_NAMESAKES, mention_keys
from screenpop.store.privacy.mentions import MOST_LIKELY, NOT_READ, columns_read
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.attachment_tables import customer_attachments
from screenpop.store.schema.tables import calls, cases, customers, metadata, trips
from screenpop.store.search.reindex import reindex_customers
from screenpop.telephony.identifiers import E164
from tests.store.customers.drafts import draft
from tests.store.privacy.test_erasure import everything_in
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio

NAMES = {
    "en": PersonName("Laleh", "Zarringol"),
    "fa": PersonName("لاله", "زرین‌گل"),
    "el": PersonName("Λαλέ", "Ζαρινγκόλ"),
}
PHONE = PhoneDraft("0912 771 8834", E164("+989127718834"), "127718834", "mobile")
MAIL, PASSPORT, CODE = "zg@example.com", "K48213907", "C-10017"
WHOLE = [name.full for name in NAMES.values()]
WRITTEN = [
    *WHOLE,
    *map(str.upper, WHOLE),
    *map(fold, WHOLE),
    *map(quote, WHOLE),
    *map(quote_plus, WHOLE),
    *(PHONE.raw, "+98-912-771-8834", "00989127718834", "۰۹۱۲۷۷۱۸۸۳۴", MAIL, MAIL.upper()),
    *(quote(MAIL), PASSPORT, "k 48213907", CODE, "Mr Zarringol", "خانم زرین‌گل"),
]
TEXT = "; ".join(WRITTEN)
NEEDLES = {
    *WRITTEN,
    *(fold(one) for one in WRITTEN),
    *(json.dumps(one)[1:-1] for one in WRITTEN),
    *("Zarringol", "zarringol", "زرین", "Ζαρινγκόλ", "ζαρινγκολ", "9127718834", "771 8834"),
}


@pytest.fixture
async def office(url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = open_database(url, tmp_path)
    yield database
    await database.close()


async def laleh_and_kaveh(database: Database) -> tuple[CustomerId, CustomerId]:
    kaveh = await create_customer(database, draft("Moradi"), 1.0)
    person = CustomerDraft(names=NAMES, phones=(PHONE,), emails=(MAIL,), code=CODE)
    laleh = await create_customer(database, person, 1.0)
    document = DocumentDraft(kind=DocumentKind.PASSPORT, number=PASSPORT, country="IR")
    await add_document(database, laleh, document, user_id=None, now=2.0)
    return laleh, kaveh


async def mention_everywhere(database: Database, kaveh: CustomerId) -> set[str]:
    """Write the text into every column that is read, of one row of each table; return the names."""
    key, filled = await load_document_key(database), set()
    async with database.writing() as connection:
        for table in metadata.sorted_tables:
            columns = columns_read(table)
            filled |= {f"{table.name}.{column.name}" for column in columns}
            values = {column.name: _value_with_text(column, key) for column in columns}
            if table is customers:
                changed = update(customers).where(customers.c.id == kaveh)
                await connection.execute(changed.values(values))
            elif columns or table.name in _PARENTS:
                await connection.execute(
                    insert(table).values(await _row(connection, table, kaveh) | values)
                )
        await connection.execute(update(calls).values(folded=fold(TEXT)))
        await reindex_customers(connection, [kaveh])
    return filled


_PARENTS = {"users", "watched_sheets", "import_batches", "webhook_targets", "vouchers", "offers"}


def _value_with_text(column: Column[Any], key: DocumentKey) -> Any:
    if isinstance(column.type, JSON):
        return {"1": [TEXT, {"deep": TEXT}], TEXT: 1}
    return key.seal(TEXT) if column.name.endswith("_sealed") else TEXT


async def _row(connection: AsyncConnection, table: Table, kaveh: CustomerId) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.foreign_keys:
            [foreign] = column.foreign_keys
            target = foreign.column
            first = await connection.execute(select(func.min(target)))
            row[column.name] = kaveh if target.table is customers else first.scalar()
        elif not column.nullable and column.name != "id":
            row[column.name] = _filler(column)
    return row


def _filler(column: Column[Any]) -> Any:
    kinds = {Boolean: False, Date: date(2026, 1, 2), Double: 1.0, JSON: {}, LargeBinary: b""}
    for kind, value in (kinds | {BigInteger: 1, Integer: 1}).items():
        if isinstance(column.type, kind):
            return value
    return "x"


def _in_files(folder: Path) -> list[tuple[str, str]]:
    files = [(path.name, path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
    return [(name, one) for name, raw in files for one in NEEDLES if one.encode() in raw]


async def test_an_erased_person_leaves_no_byte_in_records_of_others(
    office: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "screenpop")
    laleh, kaveh = await laleh_and_kaveh(office)
    filled = await mention_everywhere(office, kaveh)
    assert len(filled) > 50
    before = "\n".join((await everything_in(office)).values())
    assert "zarringol" in before

    erased = await erase_customer(office, laleh, user_id=None, now=3.0)

    assert erased.mentions > 30
    assert erased.likely == ()
    after = await everything_in(office)
    folded = {needle.casefold() for needle in NEEDLES}
    assert [(name, one) for name, text in after.items() for one in folded if one in text] == []
    assert _in_files(tmp_path) == []
    exported = [repr(page) async for page in export_customers(office, documents=True)]
    assert [one for one in NEEDLES if one in "".join(exported) + caplog.text] == []
    async with office.reading() as connection:
        sealed = (await connection.execute(select(customer_attachments.c.note_sealed))).scalar_one()
    note = (await load_document_key(office)).unseal(sealed)
    assert note is not None
    assert note.count("[حذف‌شده]") == len(WRITTEN)
    found = await list_customers(office, search="حذف", notes=True)
    assert [row.customer.id for row in found.rows] == [kaveh]


async def test_a_name_that_others_have_is_listed_with_its_place_and_not_changed(
    database: Database,
) -> None:
    namesake = draft("Karimi")
    laleh = await create_customer(database, replace(namesake, phones=()), 1.0)
    other = await create_customer(database, replace(namesake, phones=()), 1.0)
    full = namesake.names["en"].full
    async with database.writing() as connection:
        trip = insert(trips).values(customer_id=other, destination="Rome", note=f"with {full}")
        await connection.execute(trip)
        await connection.execute(insert(trips).values(customer_id=laleh, note=f"of {full}"))

    erased = await erase_customer(database, laleh, user_id=None, now=2.0)

    assert [(one.place, one.customer_id) for one in erased.likely] == [("trips.note", other)]
    assert erased.mentions == 0
    async with database.reading() as connection:
        left = (await connection.execute(select(trips.c.note))).scalars().all()
    assert left == [f"with {full}"]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_at_most_two_hundred_likely_places_are_listed(database: Database) -> None:
    assert MOST_LIKELY == 200
    laleh, kaveh = await laleh_and_kaveh(database)
    row: dict[str, Any] = {"customer_id": kaveh, "kind": "question", "state": "open"}
    row |= {"opened": date(2026, 1, 2), "subject": "Zarringol asks"}
    async with database.writing() as connection:
        await connection.execute(insert(cases), [row] * 199)
    for more, listed in ((0, 199), (1, 200), (2, 200)):
        person = laleh
        if more:
            person = await create_customer(database, CustomerDraft(names=NAMES, phones=()), 1.0)
            async with database.writing() as connection:
                await connection.execute(insert(cases).values(row))
        erased = await erase_customer(database, person, user_id=None, now=2.0)
        assert len(erased.likely) == listed


def test_each_column_that_is_not_read_exists() -> None:
    known = {
        f"{table.name}.{one.name}" for table in metadata.sorted_tables for one in table.columns
    }
    assert set(NOT_READ) <= known


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_name_that_five_hundred_others_mention_counts_as_taken(database: Database) -> None:
    assert _MOST_NAMESAKES == 500
    laleh, _ = await laleh_and_kaveh(database)
    row: dict[str, Any] = {
        "names": {"en": ["Ali", "Amini"]},
        "tags": [],
        "folded": "friend of zarringol",
    }
    row |= {"created_at": 1.0, "changed_at": 1.0}
    for number, is_certain in ((499, True), (1, False), (1, False)):
        async with database.writing() as connection:
            await connection.execute(insert(customers), [row] * number)
        keys = await mention_keys(database, [laleh], [])
        assert ("lalehzarringol" in keys.certain) is is_certain
        assert ("zarringol" in keys.rare_families) is is_certain


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_numbers_of_nine_digits_and_names_of_users_are_looked_at(database: Database) -> None:
    assert _FEWEST_DIGITS == 9
    laleh, kaveh = await laleh_and_kaveh(database)
    numbers = ["+12345678", "+123456789", "+1234567890"]
    keys = await mention_keys(database, [laleh], numbers)
    assert keys.numbers == {"123456789", "1234567890"}
    await add_user(database, "laleh", "101")
    async with database.writing() as connection:
        await connection.execute(update(users).values(display_name="Laleh Zarringol"))
        shared = update(customers).where(customers.c.id == kaveh).values(emails=[MAIL.upper()])
        await connection.execute(shared)
        await reindex_customers(connection, [kaveh])
    keys = await mention_keys(database, [laleh], [])
    assert "lalehzarringol" in keys.likely
    assert keys.common_families == {"zarringol"}
    assert not any(one.search(MAIL) for one in keys.written)
