"""Attachments: kept encrypted with their row or not at all, moved by merges, erased."""

import errno
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from screenpop.customers.attachments import (
    MAX_ATTACHMENTS,
    MAX_FILE_BYTES,
    AttachmentDraft,
    AttachmentKind,
    AttachmentProblem,
    MediaType,
)
from screenpop.customers.draft import CustomerDraft, IncomingRow
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.attachments.cleanup import (
    clean_up_attachments,
    count_missing_files,
    settle_file,
)
from screenpop.store.attachments.files import (
    NEW,
    AttachmentRefusedError,
    AttachmentUnreadableError,
)
from screenpop.store.attachments.records import (
    add_attachment,
    copy_attachments,
    load_attachments,
    open_attachment,
    remove_attachment,
)
from screenpop.store.customers.merge import merge_customers, undo_merge
from screenpop.store.customers.queries import CustomerRefusedError, create_customer
from screenpop.store.customers.removed import KEPT_S
from screenpop.store.customers.trips_edit import add_trip
from screenpop.store.engine.database import Database, open_database
from screenpop.store.imports.batch import import_rows
from screenpop.store.imports.undo import undo_import
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.privacy.subject_access import subject_access_report
from screenpop.store.schema.attachment_tables import attachment_removals, customer_attachments
from screenpop.store.schema.customer_tables import customer_changes
from screenpop.store.schema.tables import customers
from tests.customers.attached_files import PDF, PNG, pdf_of

pytestmark = pytest.mark.anyio

NOW = 1_795_300_000.0
NUMBER = "K48213907"
SCAN = AttachmentDraft(AttachmentKind.PASSPORT_COPY, f"scan {NUMBER}.pdf", f"number {NUMBER}")
CONTENT = PDF.replace(b"/Type/Catalog", f"/Type/Catalog/{NUMBER}".encode())


@pytest.fixture
async def office(url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = open_database(url, tmp_path)
    yield database
    await database.close()


async def pieces_of(content: bytes, size: int = 65536) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def customer(database: Database, given: str = "Laleh") -> CustomerId:
    return await create_customer(
        database, CustomerDraft(names={"en": PersonName(given, "Karimi")}), NOW
    )


async def add(
    database: Database, whose: CustomerId, content: bytes = CONTENT, draft: AttachmentDraft = SCAN
) -> int:
    pieces = pieces_of(content)
    return await add_attachment(database, whose, draft, pieces, user_id=None, now=NOW)


async def content_of(database: Database, whose: CustomerId, item: int) -> bytes:
    opened = await open_attachment(database, whose, item, user_id=None, now=NOW)
    return b"".join([piece async for piece in opened.pieces])


def folder_of(database: Database) -> Path:
    assert database.attachments_folder is not None
    return database.attachments_folder


def files_in(database: Database) -> list[str]:
    folder = folder_of(database)
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


@pytest.mark.defends("attachments")
async def test_a_file_comes_back_as_it_was_and_lies_encrypted_with_a_random_name(
    office: Database,
) -> None:
    whose = await customer(office)
    item = await add(office, whose)
    [kept] = (await load_attachments(office, whose)).attachments
    assert (kept.id, kept.name, kept.note) == (item, f"scan {NUMBER}.pdf", f"number {NUMBER}")
    assert (kept.media_type, kept.size) == (MediaType.PDF, len(CONTENT))
    assert await content_of(office, whose, item) == CONTENT
    [file] = files_in(office)
    path = folder_of(office) / file
    assert NUMBER not in file
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert NUMBER.encode() not in path.read_bytes()
    async with office.reading() as connection:
        row = (await connection.execute(select(customer_attachments))).one()
        changes = (await connection.execute(select(customer_changes.c.what))).scalars().all()
    assert NUMBER not in str(row)
    assert changes == ["created", "attachment_added", "attachment_opened"]


@pytest.mark.parametrize("size", [256 * 1024, 256 * 1024 + 1, 3 * 256 * 1024])
async def test_a_file_of_several_pieces_comes_back_whole_and_a_cut_one_does_not_open(
    office: Database, size: int
) -> None:
    whose, content = await customer(office), pdf_of(size)
    item = await add(office, whose, content)
    assert await content_of(office, whose, item) == content
    [file] = files_in(office)
    path = folder_of(office) / file
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole[: 4 + 256 * 1024 + 16], whole[:200] + b"x" + whole[201:]):
        if damaged == whole:
            continue
        path.write_bytes(damaged)
        with pytest.raises(AttachmentUnreadableError):
            await content_of(office, whose, item)


async def test_a_file_of_another_customer_does_not_open_under_ones_own_name(
    office: Database,
) -> None:
    whose = await customer(office)
    items = [await add(office, whose), await add(office, whose, PNG)]
    async with office.reading() as connection:
        rows = await connection.execute(
            select(customer_attachments.c.file).order_by(customer_attachments.c.id)
        )
        first, second = rows.scalars()
    folder = folder_of(office)
    (folder / first).replace(folder / second)
    with pytest.raises(AttachmentUnreadableError):
        await content_of(office, whose, items[1])
    with pytest.raises(AttachmentUnreadableError):
        await content_of(office, whose, items[0])
    assert await count_missing_files(office) == 1


async def test_a_file_has_at_most_ten_megabytes_and_nothing_stays_of_a_larger_one(
    office: Database,
) -> None:
    whose = await customer(office)
    await add(office, whose, pdf_of(MAX_FILE_BYTES))
    with pytest.raises(AttachmentRefusedError) as refused:
        await add(office, whose, pdf_of(MAX_FILE_BYTES + 1))
    assert refused.value.problem is AttachmentProblem.TOO_LARGE
    assert len(files_in(office)) == 1


async def test_a_customer_has_at_most_a_hundred_files(office: Database) -> None:
    whose = await customer(office)
    rows = [
        {
            "customer_id": whose,
            "kind": "other",
            "media_type": "image/png",
            "size": 1,
            "file": f"f{n}",
        }
        | {"created_at": NOW}
        for n in range(MAX_ATTACHMENTS - 1)
    ]
    async with office.writing() as connection:
        await connection.execute(insert(customer_attachments), rows)
    await add(office, whose)
    with pytest.raises(AttachmentRefusedError) as refused:
        await add(office, whose)
    assert refused.value.problem is AttachmentProblem.TOO_MANY
    assert len(files_in(office)) == 1


async def test_two_files_of_one_name_are_both_kept(office: Database) -> None:
    whose = await customer(office)
    items = [await add(office, whose), await add(office, whose, PDF)]
    assert [await content_of(office, whose, item) for item in items] == [CONTENT, PDF]


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"<html>", AttachmentProblem.TYPE), (b"", AttachmentProblem.EMPTY)],
)
async def test_a_refused_file_leaves_nothing(
    office: Database, content: bytes, problem: AttachmentProblem
) -> None:
    whose = await customer(office)
    with pytest.raises(AttachmentRefusedError) as refused:
        await add(office, whose, content)
    assert refused.value.problem is problem
    assert files_in(office) == []
    assert (await load_attachments(office, whose)).attachments == ()


async def test_a_full_disk_is_a_refusal_and_nothing_is_half_kept(
    office: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    whose = await customer(office)
    write, left = os.write, [300 * 1024]

    def filling(handle: int, data: bytes) -> int:
        if left[0] <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        left[0] -= len(data)
        return write(handle, data)

    monkeypatch.setattr(os, "write", filling)
    with pytest.raises(AttachmentRefusedError) as refused:
        await add(office, whose, pdf_of(1024 * 1024))
    monkeypatch.undo()
    assert refused.value.problem is AttachmentProblem.DISK_FULL
    assert files_in(office) == []
    assert (await load_attachments(office, whose)).attachments == ()


async def test_an_upload_that_breaks_off_leaves_nothing(office: Database) -> None:
    whose = await customer(office)

    async def broken() -> AsyncIterator[bytes]:
        yield pdf_of(600 * 1024)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await add_attachment(office, whose, SCAN, broken(), user_id=None, now=NOW)
    assert files_in(office) == []


async def test_a_file_is_on_a_trip_of_the_same_customer_only(office: Database) -> None:
    whose, other = await customer(office), await customer(office, "Sara")
    mine = await add_trip(office, whose, {"destination": "Rome"}, user_id=None, now=NOW)
    theirs = await add_trip(office, other, {"destination": "Paris"}, user_id=None, now=NOW)
    await add(office, whose, draft=AttachmentDraft(AttachmentKind.TICKET, "t.pdf", "", mine))
    with pytest.raises(AttachmentRefusedError) as refused:
        await add(office, whose, draft=AttachmentDraft(AttachmentKind.TICKET, "t.pdf", "", theirs))
    assert refused.value.problem is AttachmentProblem.UNKNOWN_TRIP
    [kept] = (await load_attachments(office, whose)).attachments
    assert kept.trip_id == mine
    with pytest.raises(CustomerRefusedError):
        await open_attachment(office, other, kept.id, user_id=None, now=NOW)
    with pytest.raises(CustomerRefusedError):
        await remove_attachment(office, other, kept.id, user_id=None, now=NOW)


async def test_a_crash_before_and_after_the_row_leaves_neither_a_file_nor_a_row_alone(
    office: Database,
) -> None:
    whose = await customer(office)
    item = await add(office, whose)
    [file] = files_in(office)
    folder = folder_of(office)
    # After the commit and before the renaming; before the commit; a removal before its file went.
    (folder / file).replace(folder / (file + NEW))
    (folder / ("ab" * 16 + NEW)).write_bytes(b"half")
    (folder / ("cd" * 16)).write_bytes(b"whole")
    async with office.writing() as connection:
        await connection.execute(insert(attachment_removals).values(file="cd" * 16, at=NOW))
    assert await content_of(office, whose, item) == CONTENT

    await clean_up_attachments(office, older_than_s=3600)
    assert files_in(office) == sorted([file + NEW, "ab" * 16 + NEW])
    await clean_up_attachments(office)
    assert files_in(office) == [file]
    assert await content_of(office, whose, item) == CONTENT
    async with office.reading() as connection:
        assert (await connection.execute(select(attachment_removals))).all() == []


async def test_a_file_of_an_unknown_origin_stays_as_the_database_may_be_an_older_backup(
    office: Database,
) -> None:
    folder = folder_of(office)
    folder.mkdir()
    (folder / ("ef" * 16)).write_bytes(b"from before")
    await clean_up_attachments(office)
    assert files_in(office) == ["ef" * 16]
    await settle_file(office, folder, "ef" * 16)
    assert files_in(office) == []


async def test_a_removed_file_is_deleted_a_day_later(office: Database) -> None:
    whose = await customer(office)
    item = await add(office, whose)
    await remove_attachment(office, whose, item, user_id=None, now=time.time())
    assert (await load_attachments(office, whose)).attachments == ()
    await clean_up_attachments(office)
    assert len(files_in(office)) == 1
    await remove_attachment(
        office, whose, await add(office, whose), user_id=None, now=time.time() - KEPT_S
    )
    await clean_up_attachments(office)
    assert len(files_in(office)) == 1


async def test_a_merge_moves_files_and_its_undo_moves_them_back(office: Database) -> None:
    kept, gone = await customer(office), await customer(office, "Lale")
    item = await add(office, gone)
    merge = await merge_customers(office, kept, gone, user_id=None, now=NOW)
    assert await content_of(office, kept, item) == CONTENT
    with pytest.raises(CustomerRefusedError):
        await add(office, gone)
    await undo_merge(office, merge, user_id=None, now=NOW)
    assert await content_of(office, gone, item) == CONTENT
    assert (await load_attachments(office, kept)).attachments == ()


@pytest.mark.defends("erasure")
async def test_an_erasure_deletes_files_also_those_of_merged_customers(office: Database) -> None:
    kept, gone, other = [await customer(office, name) for name in ("Laleh", "Lale", "Sara")]
    await add(office, kept)
    await add(office, gone)
    theirs = await add(office, other, PNG)
    await merge_customers(office, kept, gone, user_id=None, now=NOW)
    erased = await erase_customer(office, kept, user_id=None, now=NOW)
    assert erased.attachments == 2
    assert len(files_in(office)) == 1
    assert await content_of(office, other, theirs) == PNG
    for path in folder_of(office).parent.rglob("*"):
        if path.is_file():
            assert NUMBER.encode() not in path.read_bytes(), path
    async with office.reading() as connection:
        assert len((await connection.execute(select(customer_attachments.c.id))).all()) == 1
        assert (await connection.execute(select(attachment_removals))).all() == []


async def test_a_forced_undo_of_an_import_deletes_the_files_of_its_customers(
    office: Database,
) -> None:
    draft = CustomerDraft(names={"en": PersonName("Laleh", "Karimi")})

    async def rows() -> AsyncIterator[list[IncomingRow]]:
        yield [IncomingRow(2, draft)]

    batch = (await import_rows(office, rows(), filename="sheet.xlsx", now=NOW)).batch
    async with office.reading() as connection:
        whose = CustomerId((await connection.execute(select(customers.c.id))).scalar_one())
    await add(office, whose)
    kept = await undo_import(office, batch, NOW)
    assert [one.customer for one in kept.kept] == [whose]
    assert len(files_in(office)) == 1
    await undo_import(office, batch, NOW, force=True)
    assert files_in(office) == []


async def test_the_export_of_a_person_has_the_list_and_a_copy_of_each_file(
    office: Database, tmp_path: Path
) -> None:
    whose = await customer(office)
    item = await add(office, whose)
    report = await subject_access_report(office, whose)
    assert report is not None
    [one] = report["attachments"]
    assert (one["number"], one["name"]) == (item, f"scan {NUMBER}.pdf")
    assert await copy_attachments(office, whose, tmp_path / "copy", now=NOW) == 1
    assert (tmp_path / "copy" / f"{item}-scan {NUMBER}.pdf").read_bytes() == CONTENT


async def test_without_the_key_names_are_empty_and_no_file_is_stored(office: Database) -> None:
    whose = await customer(office)
    await add(office, whose)
    path = office.document_key_file
    assert path is not None
    path.unlink()
    office.document_key = None
    found = await load_attachments(office, whose)
    assert found.problem == "missing"
    assert [one.name for one in found.attachments] == [""]
    async with office.writing() as connection:
        await connection.execute(delete(customer_attachments))
