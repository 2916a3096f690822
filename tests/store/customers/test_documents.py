"""Travel documents: sealed at rest, found by number, merged, and erased with the person."""

import logging
import sqlite3
import stat
from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from screenpop.customers.documents import DocumentDraft, DocumentKind
from screenpop.customers.draft import PhoneDraft
from screenpop.customers.models import CustomerId
from screenpop.store.customers.document_keys import load_document_key, usable_document_key
from screenpop.store.customers.documents import (
    add_document,
    customers_with_number,
    load_documents,
    log_numbers_shown,
    remove_document,
    update_document,
)
from screenpop.store.customers.merge import merge_customers, undo_merge
from screenpop.store.customers.queries import CustomerRefusedError, create_customer
from screenpop.store.engine.database import Database, open_database
from screenpop.store.engine.document_key import DocumentKey, DocumentKeyError, KeyProblem
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.privacy.subject_access import subject_access_report
from screenpop.store.schema.customer_tables import customer_changes, customer_documents
from tests.store.customers.drafts import HERS, HIS, draft

pytestmark = pytest.mark.anyio

NUMBER = "K48213907"
PASSPORT = DocumentDraft(
    kind=DocumentKind.PASSPORT,
    number=NUMBER,
    country="IR",
    name="SARA KARIMI",
    expires=date(2029, 5, 1),
)


@pytest.fixture
async def opened(url: str, tmp_path: Path) -> Database:
    return open_database(url, tmp_path)


@pytest.fixture
async def office(opened: Database) -> AsyncGenerator[Database]:
    yield opened
    await opened.close()


async def customer(database: Database, phone: PhoneDraft = HERS) -> CustomerId:
    return await create_customer(database, draft("Karimi", phone), 1.0)


async def add(database: Database, whose: CustomerId, document: DocumentDraft = PASSPORT) -> int:
    return await add_document(database, whose, document, user_id=None, now=2.0)


def bytes_with(needle: str, folder: Path) -> list[str]:
    wanted = (needle.encode(), needle.lower().encode(), needle.encode("utf-16-le"))
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and any(one in path.read_bytes() for one in wanted)
    ]


@pytest.mark.defends("document-numbers")
async def test_numbers_are_masked_unless_they_are_asked_for(office: Database) -> None:
    whose = await customer(office)
    document_id = await add(office, whose)

    [masked] = (await load_documents(office, whose)).documents
    assert (masked.id, masked.masked, masked.document.number) == (document_id, "••••3907", "")
    assert masked.document == replace(PASSPORT, number="")
    [clear] = (await load_documents(office, whose, with_numbers=True)).documents
    assert clear.document == PASSPORT


async def test_a_number_is_found_in_any_spelling_and_never_stored_in_clear(
    office: Database, tmp_path: Path
) -> None:
    whose = await customer(office)
    await add(office, whose)
    await add(office, await customer(office, HIS), replace(PASSPORT, number="K48213908"))

    assert await customers_with_number(office, "k 4821-3907") == (whose,)
    assert await customers_with_number(office, "K4821390") == ()
    assert await customers_with_number(office, "Karimi") == ()
    assert bytes_with(NUMBER, tmp_path) == []
    async with office.reading() as connection:
        row = (await connection.execute(select(customer_documents))).first()
    assert row is not None
    assert NUMBER not in repr(row)


@pytest.mark.defends("document-numbers")
async def test_two_seals_of_one_number_differ_and_open_to_it(office: Database) -> None:
    key = await load_document_key(office)
    assert key.seal(NUMBER) != key.seal(NUMBER)
    assert key.unseal(key.seal(NUMBER)) == NUMBER
    assert key.unseal(DocumentKey(b"x" * 32).seal(NUMBER)) is None
    assert key.unseal("1:no base64") is None
    assert (key.seal(""), key.unseal(""), key.mark(" - ")) == ("", "", "")


@pytest.mark.defends("document-numbers")
async def test_changes_are_logged_without_the_number(office: Database) -> None:
    whose = await customer(office)
    document_id = await add(office, whose)
    later = replace(PASSPORT, number="", expires=date(2035, 1, 1))
    for _ in range(2):  # the second time nothing changes
        await update_document(office, whose, document_id, later, user_id=None, now=3.0)
    await log_numbers_shown(office, whose, user_id=None, now=4.0)
    await remove_document(office, whose, document_id, user_id=None, now=5.0)

    async with office.reading() as connection:
        rows = (
            await connection.execute(
                select(customer_changes.c.what, customer_changes.c.changes).order_by(
                    customer_changes.c.id
                )
            )
        ).all()
    assert [row.what for row in rows] == [
        "created",
        "document_added",
        "document_edited",
        "document_numbers_shown",
        "document_removed",
    ]
    assert rows[2].changes == {
        "document": [None, "passport"],
        "document_expires": ["2029-05-01", "2035-01-01"],
    }
    assert NUMBER not in repr(rows)
    assert (await load_documents(office, whose)).documents == ()


async def test_a_change_without_a_number_keeps_the_number(office: Database) -> None:
    whose = await customer(office)
    document_id = await add(office, whose)
    await update_document(
        office,
        whose,
        document_id,
        replace(PASSPORT, number="", country="GR"),
        user_id=None,
        now=3.0,
    )
    [one] = (await load_documents(office, whose, with_numbers=True)).documents
    assert (one.document.number, one.document.country) == (NUMBER, "GR")
    new = replace(PASSPORT, number="B9999999")
    await update_document(office, whose, document_id, new, user_id=None, now=4.0)
    assert await customers_with_number(office, NUMBER) == ()
    assert await customers_with_number(office, "B9999999") == (whose,)


async def test_the_same_document_twice_and_an_unknown_one_are_refused(office: Database) -> None:
    whose = await customer(office)
    await add(office, whose)
    for refused, code in (
        (add(office, whose, replace(PASSPORT, number="k48213907")), "document_there"),
        (add(office, CustomerId(999)), "unknown_customer"),
        (remove_document(office, whose, 999, user_id=None, now=3.0), "unknown_document"),
    ):
        with pytest.raises(CustomerRefusedError) as error:
            await refused
        assert error.value.code == code


async def test_a_merge_keeps_the_documents_of_both_and_its_undo_gives_them_back(
    office: Database,
) -> None:
    one, other = await customer(office), await customer(office, HIS)
    await add(office, one)
    await add(office, other, replace(PASSPORT, number="B7654321"))

    merge = await merge_customers(office, one, other, user_id=None, now=5.0)
    assert len((await load_documents(office, one)).documents) == 2
    assert await customers_with_number(office, "B7654321") == (one,)
    await undo_merge(office, merge, user_id=None, now=6.0)
    assert [one.masked for one in (await load_documents(office, other)).documents] == ["••••4321"]
    assert len((await load_documents(office, one)).documents) == 1


async def test_the_whole_file_of_a_person_has_the_numbers(office: Database) -> None:
    whose = await customer(office)
    await add(office, whose)
    report = await subject_access_report(office, whose)
    assert report is not None
    [document] = report["documents"]
    assert (document["number"], document["expires"]) == (NUMBER, "2029-05-01")
    assert not {"number_sealed", "number_mark", "customer_id"} & document.keys()


@pytest.mark.defends("erasure")
async def test_an_erased_person_leaves_no_byte_of_a_document(
    office: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whose = await customer(office)
    with caplog.at_level(logging.DEBUG):
        await add(office, whose)
        key = await load_document_key(office)
        async with office.reading() as connection:
            sealed = (await connection.execute(select(customer_documents.c.number_sealed))).scalar()
        await erase_customer(office, whose, user_id=None, now=9.0)
    async with office.reading() as connection:
        left = await connection.scalar(select(func.count()).select_from(customer_documents))
    assert left == 0
    assert NUMBER not in caplog.text
    assert sealed is not None
    if office.path is not None:
        with (
            closing(sqlite3.connect(office.path)) as source,
            closing(sqlite3.connect(tmp_path / "backup.db")) as backup,
        ):
            source.backup(backup)
    for needle in (NUMBER, "SARA KARIMI", sealed, key.mark(NUMBER)):
        assert bytes_with(needle, tmp_path) == []


async def test_the_key_is_a_file_that_only_its_user_can_read(
    office: Database, tmp_path: Path
) -> None:
    assert isinstance(await usable_document_key(office), DocumentKeyError)
    assert not (tmp_path / "document.key").exists()
    key = await load_document_key(office)
    path = tmp_path / "document.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert await usable_document_key(office) is key


@pytest.mark.parametrize(
    ("what", "problem"),
    [
        ("removed", KeyProblem.MISSING),
        ("exchanged", KeyProblem.WRONG),
        ("emptied", KeyProblem.WRONG),
    ],
)
async def test_without_its_key_a_document_keeps_all_but_its_number(
    opened: Database, url: str, tmp_path: Path, what: str, problem: KeyProblem
) -> None:
    whose = await customer(opened)
    document_id = await add(opened, whose)
    await opened.close()
    path = tmp_path / "document.key"
    right = path.read_bytes()
    match what:
        case "removed":
            path.unlink()
        case "exchanged":
            path.write_bytes(b"eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=\n")
        case _:
            path.write_bytes(b"")
    again = open_database(url, tmp_path)

    found = await load_documents(again, whose, with_numbers=True)
    assert found.problem == problem
    [one] = found.documents
    assert (one.masked, one.document) == ("••••", replace(PASSPORT, number=""))
    with pytest.raises(DocumentKeyError, match="everything else works"):
        await add(again, whose, replace(PASSPORT, number="B7654321"))
    assert await customers_with_number(again, NUMBER) == ()
    changed = replace(PASSPORT, number="", country="GR")
    await update_document(again, whose, document_id, changed, user_id=None, now=3.0)
    await add(again, whose, DocumentDraft(kind=DocumentKind.VISA, country="IT"))
    assert path.exists() is (what != "removed")

    path.write_bytes(right)  # brought back from the backup: no restart is needed
    [one, visa] = (await load_documents(again, whose, with_numbers=True)).documents
    assert (one.document.number, one.document.country) == (NUMBER, "GR")
    assert visa.masked == ""
    await again.close()
