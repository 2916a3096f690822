"""Attached files on a customer's page, on their form and over the API."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from screenpop.customers.attachments import MAX_FILE_BYTES, MAX_NOTE_LENGTH
from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips_edit import add_trip
from screenpop.store.schema.customer_tables import customer_changes
from screenpop.web.imports.uploads import FORM_AROUND_FILE
from tests.customers.attached_files import JPEG, PDF, PNG, WEBP, pdf_of
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio

BYTES = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    folder = tmp_path_factory.mktemp("attachments")
    async with running(prepared, folder, real_pages=True) as up:
        yield up


async def customer(office: Running) -> CustomerId:
    draft = CustomerDraft(names={"en": PersonName("Laleh", "Karimi")})
    return await create_customer(office.database, draft, NOON)


async def upload(
    browser: httpx.AsyncClient,
    whose: int,
    content: bytes = PDF,
    name: str = "passport.pdf",
    kind: str = "ticket",
    **form: str,
) -> httpx.Response:
    token = csrf_of((await browser.get("/customers")).text)
    return await browser.post(
        f"/customers/{whose}/attachments/new",
        data={"csrf": token, "kind": kind, **form},
        files={"file": (name, content, "application/x-anything")},
    )


async def listed(browser: httpx.AsyncClient, whose: int) -> list[dict[str, object]]:
    answer = await browser.get(f"/api/v1/customers/{whose}/attachments")
    found = answer.json()["attachments"]
    assert isinstance(found, list)
    return found


def files_in(office: Running) -> int:
    folder = office.database.attachments_folder
    assert folder is not None
    return len(list(folder.iterdir())) if folder.is_dir() else 0


async def changes(office: Running, whose: CustomerId) -> list[str]:
    async with office.database.reading() as connection:
        found = await connection.execute(
            select(customer_changes.c.what)
            .where(customer_changes.c.customer_id == whose)
            .order_by(customer_changes.c.id)
        )
        return list(found.scalars())


@pytest.mark.defends("recorded-openings")
@pytest.mark.parametrize(
    ("content", "media_type", "name", "place"),
    [
        (PDF, "application/pdf", "scan.pdf", "attachment"),
        (JPEG, "image/jpeg", "scan.jpg", "inline"),
        (PNG, "image/png", "scan.png", "inline"),
        (WEBP, "image/webp", "scan.webp", "inline"),
    ],
)
async def test_a_file_is_attached_listed_opened_with_its_true_type_and_removed(
    office: Running, content: bytes, media_type: str, name: str, place: str
) -> None:
    whose = await customer(office)
    trip = await add_trip(office.database, whose, {"destination": "Rome"}, user_id=None, now=NOON)
    async with await office.client("alice") as alice:
        form = (await alice.get(f"/customers/{whose}/attachments/new?trip={trip}")).text
        assert f'value="{trip}" selected' in form
        done = await upload(alice, whose, content, "scan", trip=str(trip), note="both pages")
        assert done.status_code == 303, done.text
        page = (await alice.get(f"/customers/{whose}")).text
        assert name in page
        assert "both pages" in page
        [one] = await listed(alice, whose)
        assert (one["media_type"], one["size"], one["trip"]) == (media_type, len(content), trip)
        path = f"/customers/{whose}/attachments/{one['id']}"
        for address in (path, f"/api/v1{path}/content"):
            sent = await alice.get(address)
            assert sent.content == content
            assert sent.headers["content-type"] == media_type
            assert sent.headers["x-content-type-options"] == "nosniff"
            assert sent.headers["cache-control"] == "private, no-store"
            assert "sandbox; default-src 'none'" in sent.headers["content-security-policy"]
            assert sent.headers["content-disposition"].startswith(f'{place}; filename="{name}"')
        token = csrf_of(page)
        assert (await alice.post(f"{path}/remove", data={"csrf": token})).status_code == 303
        assert "No files yet." in (await alice.get(f"/customers/{whose}")).text
    assert await changes(office, whose) == [
        *("created", "trip_added", "attachment_added", "attachment_opened", "attachment_opened"),
        "attachment_removed",
    ]


@pytest.mark.defends("attachments")
@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"<html><script>alert(1)</script>", "passport.pdf", "not a PDF, JPEG, PNG or WebP"),
        (b"<svg xmlns='x' onload='alert(1)'/>", "photo.png", "not a PDF, JPEG, PNG or WebP"),
        (b"<html>" + PDF, "passport.pdf", "not a PDF, JPEG, PNG or WebP"),
        (b"PK\x03\x04" + PDF, "sheet.pdf", "not a PDF, JPEG, PNG or WebP"),
        (b"\0\0\0\x18ftypheic" + bytes(8), "IMG_1.HEIC", "HEIC photo"),
        (PDF[:-40], "cut.pdf", "damaged or was cut off"),
        (b"", "nothing.pdf", "The file is empty."),
    ],
)
async def test_a_file_that_is_not_what_it_claims_is_refused_with_a_sentence(
    office: Running, content: bytes, name: str, sentence: str
) -> None:
    whose, before = await customer(office), files_in(office)
    async with await office.client("alice") as alice:
        answer = await upload(alice, whose, content, name)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert 'id="file-wrong"' in answer.text
        assert await listed(alice, whose) == []
    assert files_in(office) == before


@pytest.mark.defends("attachments")
async def test_a_file_that_is_two_things_at_once_is_only_ever_sent_as_what_it_begins_as(
    office: Running,
) -> None:
    whose = await customer(office)
    both = PDF.replace(b"%PDF-1.4\n", b"%PDF-1.4\n%<script>alert(document.cookie)</script>\n")
    async with await office.client("alice") as alice:
        assert (await upload(alice, whose, both, "x.html")).status_code == 303
        [one] = await listed(alice, whose)
        assert one["name"] == "x.html.pdf"
        sent = await alice.get(f"/customers/{whose}/attachments/{one['id']}")
    assert sent.headers["content-type"] == "application/pdf"
    assert sent.headers["x-content-type-options"] == "nosniff"
    assert sent.headers["content-disposition"].startswith("attachment;")
    policies = sent.headers.get_list("content-security-policy")
    assert any("sandbox" in policy and "allow-scripts" not in policy for policy in policies)


async def test_a_file_may_have_ten_megabytes_on_the_form_and_over_the_api(office: Running) -> None:
    whose = await customer(office)
    path = f"/api/v1/customers/{whose}/attachments?kind=contract"
    most, more = pdf_of(MAX_FILE_BYTES), pdf_of(MAX_FILE_BYTES + 1)
    async with await office.client("alice") as alice:
        assert (await upload(alice, whose, most)).status_code == 303
        refused = await upload(alice, whose, more)
        assert refused.status_code == 413
        assert "larger than 10 MB" in refused.text
        assert (await alice.post(path, content=most, headers=BYTES)).status_code == 201
        assert (await alice.post(path, content=more, headers=BYTES)).status_code == 413
        much = await upload(alice, whose, pdf_of(MAX_FILE_BYTES + FORM_AROUND_FILE))
        assert much.status_code == 413
        assert len(await listed(alice, whose)) == 2

        async def without_a_length() -> AsyncIterator[bytes]:
            for start in range(0, len(more), 1024 * 1024):
                yield more[start : start + 1024 * 1024]

        endless = await alice.post(path, content=without_a_length(), headers=BYTES)
        assert endless.status_code == 413
        assert len(await listed(alice, whose)) == 2


@pytest.mark.defends("header-injection")
async def test_a_name_cannot_leave_the_folder_nor_turn_a_header_over(office: Running) -> None:
    whose, before = await customer(office), files_in(office)
    async with await office.client("alice") as alice:
        for name in ("../../../screenpop.db", "a%0d%0aSet-Cookie: x=1.pdf", "π\u202efdp.exe"):
            assert (await upload(alice, whose, PDF, name)).status_code == 303
        names = [str(one["name"]) for one in await listed(alice, whose)]
        assert names == ["πfdp.exe.pdf", "a%0d%0aSet-Cookie_ x=1.pdf", "screenpop.db.pdf"]
        for one in await listed(alice, whose):
            sent = await alice.get(f"/customers/{whose}/attachments/{one['id']}")
            assert "set-cookie" not in sent.headers
            assert sent.headers["content-disposition"].isprintable()
    assert files_in(office) == before + 3


@pytest.mark.defends("attachments")
async def test_a_copy_of_a_passport_opens_only_with_the_right_to_see_numbers(
    office: Running,
) -> None:
    whose = await customer(office)
    async with await office.client("alice") as alice:  # an agent
        assert (await upload(alice, whose, PDF, "K48213907.pdf", "passport_copy")).is_redirect
        [one] = await listed(alice, whose)
        assert (one["name"], one["can_open"]) == ("", False)
        path = f"/customers/{whose}/attachments/{one['id']}"
        page = (await alice.get(f"/customers/{whose}")).text
        assert "K48213907" not in page
        assert f'href="{path}"' not in page
        assert (await alice.get(path)).status_code == 403
        assert (await alice.get(f"/api/v1{path}/content")).status_code == 403
    async with await office.client("sue") as sue:  # a supervisor
        assert "K48213907" in (await sue.get(f"/customers/{whose}")).text
        assert (await sue.get(path)).content == PDF
    assert await changes(office, whose) == ["created", "attachment_added", "attachment_opened"]


@pytest.mark.defends("attachments")
async def test_mallory_reads_attaches_and_removes_nothing(office: Running) -> None:
    whose, other = await customer(office), await customer(office)
    async with await office.client("alice") as alice:
        await upload(alice, whose)
        [one] = await listed(alice, whose)
        path, elsewhere = (
            f"/customers/{owner}/attachments/{one['id']}" for owner in (whose, other)
        )
        token = csrf_of((await alice.get("/customers")).text)
        # A file is found on its own customer only; a form needs its token, before the file.
        assert (await alice.get(elsewhere)).status_code == 404
        assert (await alice.delete(f"/api/v1{elsewhere}")).status_code == 404
        assert (await alice.post(f"{path}/remove", data={})).status_code == 403
        late: Mapping[str, tuple[str | None, bytes]] = {
            "file": ("a.pdf", PDF),
            "csrf": (None, token.encode()),
            "kind": (None, b"other"),
        }
        new = f"/customers/{whose}/attachments/new"
        assert (await alice.post(new, files=late)).status_code == 403
        wrong = await upload(alice, whose, kind="program")
        assert wrong.status_code == 422
        strange = await upload(alice, whose, trip="1 OR 1=1")
        assert strange.status_code == 422
        longest = await upload(alice, whose, note="x" * (MAX_NOTE_LENGTH + 1))
        assert longest.status_code == 422
        api = f"/api/v1/customers/{whose}/attachments?kind=other"
        form = {"Content-Type": "multipart/form-data; boundary=x"}
        assert (await alice.post(api, content=PDF, headers=form)).status_code == 415
    async with await office.client("bob") as bob:  # accounting does not see documents
        assert "Attached files" not in (await bob.get(f"/customers/{whose}")).text
        for answer in (
            await bob.get(path),
            await bob.get(f"/api/v1{path}/content"),
            await bob.get(f"/api/v1/customers/{whose}/attachments"),
            await upload(bob, whose),
            await bob.post(api, content=PDF, headers=BYTES),
            await bob.delete(f"/api/v1{path}"),
        ):
            assert answer.status_code == 403
    async with office.browser() as stranger:
        assert (await stranger.get(f"/api/v1{path}/content")).status_code == 401
        assert (await stranger.post(api, content=PDF, headers=BYTES)).status_code == 401
    async with await office.client("alice") as alice:
        assert len(await listed(alice, whose)) == 1
    assert await changes(office, whose) == ["created", "attachment_added"]


async def test_a_missing_file_and_a_missing_key_are_answered_with_a_sentence(
    office: Running,
) -> None:
    whose, database = await customer(office), office.database
    folder, key = database.attachments_folder, database.document_key_file
    async with await office.client("adam") as adam:
        await upload(adam, whose)
        assert folder is not None
        assert key is not None
        [one] = await listed(adam, whose)
        path = f"/customers/{whose}/attachments/{one['id']}"
        right = key.read_bytes()
        key.unlink()
        database.document_key = None
        try:
            assert "document.key is missing" in (await adam.get(f"/customers/{whose}")).text
            assert (await adam.get(f"/api/v1{path}/content")).status_code == 503
            refused = await upload(adam, whose)
            assert (refused.status_code, "document.key is missing" in refused.text) == (503, True)
        finally:
            key.write_bytes(right)
        for file in folder.iterdir():
            file.unlink()
        gone = await adam.get(path)
        assert gone.status_code == 404
        assert "bring the folder attachments back" in gone.text
        api = await adam.get(f"/api/v1{path}/content")
        assert api.json()["code"] == "attachment_unreadable"
