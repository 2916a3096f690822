"""The exchange of document.key: everything opens afterwards, wherever it was interrupted."""

import base64
import re
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select, update

from screenpop.accounts.users import UserId
from screenpop.customers.attachments import AttachmentDraft, AttachmentKind
from screenpop.customers.documents import DocumentDraft, DocumentKind
from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store import document_key_exchange
from screenpop.store.accounts.second_factor import CodeResult, check_code, new_setup, turn_on
from screenpop.store.attachments.files import PIECE_BYTES
from screenpop.store.attachments.records import (
    add_attachment,
    load_attachments,
    open_attachment,
    remove_attachment,
)
from screenpop.store.customers.document_keys import load_document_key
from screenpop.store.customers.documents import add_document, load_documents, remove_document
from screenpop.store.customers.queries import CustomerRefusedError, create_customer
from screenpop.store.document_key_exchange import BATCH, exchange_document_key
from screenpop.store.engine.database import Database, open_database
from screenpop.store.engine.document_key import DocumentKeyError, KeyProblem, next_key_file
from screenpop.store.schema.customer_tables import all_tables, customer_documents
from screenpop.store.webhooks.targets import NewTarget, create_target
from screenpop.webhooks.events import CHOSEN_TYPES
from screenpop.webhooks.targets import TargetShape
from tests.customers.attached_files import pdf_of
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio

NOW = 1_795_300_000.0
NUMBER = "K48213907"
EVENTS = frozenset(CHOSEN_TYPES)
CONTENT = pdf_of(PIECE_BYTES + 100)
SEALED = re.compile(r"1:[A-Za-z0-9+/]{20,}={0,2}")


class InterruptedHere(BaseException):
    """In the place of a kill."""


async def pieces() -> AsyncIterator[bytes]:
    yield CONTENT


@pytest.fixture
async def office(url: str, tmp_path: Path) -> AsyncGenerator[Database]:
    database = open_database(url, tmp_path)
    yield database
    await database.close()


@dataclass(frozen=True)
class Filled:
    customer: CustomerId
    attachment: int
    user: UserId
    codes: pyotp.TOTP


async def filled(database: Database) -> Filled:
    """Fill each place that holds sealed values, also what was removed and can be put back."""
    draft = CustomerDraft(names={"en": PersonName("Laleh", "Karimi")})
    whose = await create_customer(database, draft, NOW)
    documents, attachments = [], []
    for number in (NUMBER, "M777123"):
        passport = DocumentDraft(kind=DocumentKind.PASSPORT, number=number, country="IR")
        documents.append(await add_document(database, whose, passport, user_id=None, now=NOW))
        scan = AttachmentDraft(AttachmentKind.PASSPORT_COPY, f"{number}.pdf", f"number {number}")
        attachments.append(
            await add_attachment(database, whose, scan, pieces(), user_id=None, now=NOW)
        )
    await remove_document(database, whose, documents[1], user_id=None, now=NOW)
    await remove_attachment(database, whose, attachments[1], user_id=None, now=NOW)
    user = await add_user(database)
    setup = await new_setup(database, user.id, NOW)
    codes = pyotp.TOTP(setup.secret)
    assert await turn_on(database, user.id, setup, codes.at(int(NOW)), NOW)
    target = NewTarget(
        "CRM", "https://crm.example.com/", TargetShape.STANDARD, frozenset(CHOSEN_TYPES)
    )
    await create_target(database, target, user_id=user.id, now=NOW)
    return Filled(whose, attachments[0], user.id, codes)


async def sealed_values(database: Database) -> list[str]:
    """Return every text that looks sealed, in whatever table."""
    async with database.reading() as connection:
        rows = [
            str(tuple(row))  # a row abridges long values
            for table in all_tables.sorted_tables
            for row in (await connection.execute(select(table))).all()
        ]
    return SEALED.findall("\n".join(rows))


async def check_all_opens(database: Database, there: Filled, now: float) -> None:
    """Check documents, search by number, attachments, put-back, second factor."""
    listed = await load_documents(database, there.customer, with_numbers=True)
    assert [one.document.number for one in listed.documents] == [NUMBER]
    again = DocumentDraft(kind=DocumentKind.PASSPORT, number=NUMBER.lower(), country="IR")
    with pytest.raises(CustomerRefusedError):
        await add_document(database, there.customer, again, user_id=None, now=NOW)
    [scan] = (await load_attachments(database, there.customer)).attachments
    assert (scan.name, scan.note) == (f"{NUMBER}.pdf", f"number {NUMBER}")
    opened = await open_attachment(
        database, there.customer, there.attachment, user_id=None, now=NOW
    )
    assert b"".join([piece async for piece in opened.pieces]) == CONTENT
    code = there.codes.at(int(now))
    assert await check_code(database, there.user, code, now) is CodeResult.RIGHT


@pytest.mark.defends("key-exchange")
async def test_exchange_interrupted_after_each_step_goes_on_and_leaves_nothing_under_the_old_key(
    office: Database,
) -> None:
    there = await filled(office)
    old = await load_document_key(office)
    assert office.document_key_file is not None
    assert office.attachments_folder is not None
    before = await sealed_values(office)
    assert len(before) == 8
    assert all(old.unseal(one) is not None for one in before)
    steps: list[str] = []
    for number in count(1):
        reached: list[str] = []

        def interrupt(step: str, number: int = number, reached: list[str] = reached) -> None:
            reached.append(step)
            steps.append(step)
            if len(reached) == number:
                raise InterruptedHere

        office.document_key = None  # each run is a process of its own
        try:
            assert await exchange_document_key(office, interrupt)
            break
        except InterruptedHere:
            pass
        if "recorded" not in reached:
            (office.attachments_folder / "0123.resealed").write_bytes(b"SPA1 half")
        # No process reads or writes with one of two keys.
        with pytest.raises(DocumentKeyError) as refused:
            await load_document_key(office)
        assert refused.value.code is KeyProblem.EXCHANGE
        assert (await load_documents(office, there.customer)).problem == "exchange"
    assert set(steps) == {"begun", "rows", "file", "recorded", "finished"}
    new = await load_document_key(office)
    assert new.fingerprint != old.fingerprint
    assert not next_key_file(office.document_key_file).exists()
    after = await sealed_values(office)
    assert len(after) == len(before)
    assert all(old.unseal(one) is None and new.unseal(one) is not None for one in after)
    assert not list(office.attachments_folder.glob("*.resealed"))
    await check_all_opens(office, there, NOW + 60)
    # Once more, whole: nothing of the last exchange is left behind.
    report = await exchange_document_key(office)
    assert report is not None
    assert (report.values, report.files, report.unreadable) == (8, 2, 0)
    await check_all_opens(office, there, NOW + 120)


async def test_more_rows_than_a_batch_are_all_sealed_again_and_damaged_ones_stay(
    office: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert BATCH == 500
    monkeypatch.setattr(document_key_exchange, "BATCH", 2)
    draft = CustomerDraft(names={"en": PersonName("Laleh", "Karimi")})
    whose = await create_customer(office, draft, NOW)
    numbers = [f"K1000{number}" for number in range(5)]
    for number in numbers:
        passport = DocumentDraft(kind=DocumentKind.PASSPORT, number=number, country="IR")
        await add_document(office, whose, passport, user_id=None, now=NOW)
    async with office.writing() as connection:
        damaged = update(customer_documents).where(customer_documents.c.id == 3)
        await connection.execute(damaged.values(number_sealed="1:AAAA"))
    report = await exchange_document_key(office)
    assert report is not None
    assert (report.values, report.unreadable) == (4, 1)
    listed = await load_documents(office, whose, with_numbers=True)
    found = [one.document.number for one in listed.documents]
    assert [one for one in found if one] == [*numbers[:2], *numbers[3:]]


async def test_nothing_is_exchanged_where_nothing_is_sealed_or_the_key_is_another(
    office: Database,
) -> None:
    assert await exchange_document_key(office) is None
    await load_document_key(office)
    path = office.document_key_file
    assert path is not None
    kept = path.read_bytes()
    path.write_bytes(base64.b64encode(bytes(32)))
    office.document_key = None
    with pytest.raises(DocumentKeyError) as refused:
        await exchange_document_key(office)
    assert refused.value.code is KeyProblem.WRONG
    assert not next_key_file(path).exists()
    path.unlink()
    with pytest.raises(DocumentKeyError) as refused:
        await exchange_document_key(office)
    assert refused.value.code is KeyProblem.MISSING
    path.write_bytes(kept)
    assert await exchange_document_key(office) is not None
