"""Travel documents on a customer's page, on their form and over the API."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from screenpop.customers.documents import DocumentKind
from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips_edit import add_trip
from screenpop.store.schema.customer_tables import customer_changes
from screenpop.web.customers.document_pages import FIELDS_OF_KIND
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio

NUMBER = "K48213907"


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path_factory.mktemp("documents"), real_pages=True) as up:
        yield up


async def customer(office: Running) -> CustomerId:
    draft = CustomerDraft(names={"en": PersonName("Laleh", "Karimi")})
    return await create_customer(office.database, draft, NOON)


async def token_of(browser: httpx.AsyncClient) -> str:
    return csrf_of((await browser.get("/customers")).text)


async def add(browser: httpx.AsyncClient, whose: int, kind: str, **form: str) -> httpx.Response:
    data = {"csrf": await token_of(browser), **form}
    return await browser.post(f"/customers/{whose}/documents/new?kind={kind}", data=data)


async def changes(office: Running, whose: CustomerId) -> list[str]:
    async with office.database.reading() as connection:
        found = await connection.execute(
            select(customer_changes.c.what)
            .where(customer_changes.c.customer_id == whose)
            .order_by(customer_changes.c.id)
        )
        return list(found.scalars())


async def test_a_passport_is_entered_masked_changed_and_removed(office: Running) -> None:
    whose = await customer(office)
    async with await office.client("alice") as alice:
        answer = await add(
            alice,
            whose,
            "passport",
            number=NUMBER,
            country="ir",
            name="Laleh  Karimi",
            expires="۱۴۱۰/۰۲/۱۱",
        )
        assert answer.status_code == 303, answer.text
        page = (await alice.get(f"/customers/{whose}")).text
        assert "••••3907" in page
        assert "LALEH KARIMI" in page
        assert 'data-day="2031-05-01"' in page
        assert NUMBER not in page
        assert "documents/numbers" not in page

        [document] = (await alice.get(f"/api/v1/customers/{whose}/documents")).json()["documents"]
        path = f"/customers/{whose}/documents/{document['id']}"
        form = (await alice.get(path)).text
        assert NUMBER not in form
        assert "••••3907" in form
        data = {"csrf": await token_of(alice), "number": "", "expires": "2032-01-01"}
        assert (await alice.post(path, data=data)).status_code == 303
        [document] = (await alice.get(f"/api/v1/customers/{whose}/documents")).json()["documents"]
        assert (document["number"], document["expires"]) == ("••••3907", "2032-01-01")

        gone = await alice.post(f"{path}/remove", data={"csrf": await token_of(alice)})
        assert gone.status_code == 303
        assert "No documents yet." in (await alice.get(f"/customers/{whose}")).text


@pytest.mark.parametrize(
    ("kind", "number", "sentence"),
    [
        ("national_code", "0084575949", "the last one would be 8"),
        ("national_code", "008457594", "has ten digits"),
        ("national_code", "1111111111", "one digit repeated"),
        ("tax_number", "EL094014202", "the last one would be 1"),
        ("tax_number", "0940142", "has nine digits"),
        ("national_code", "", "Write the number."),
        ("passport", "X", "4 to 30 letters and digits"),
    ],
)
async def test_a_wrong_number_is_refused_with_what_is_wrong(
    office: Running, kind: str, number: str, sentence: str
) -> None:
    whose = await customer(office)
    async with await office.client("alice") as alice:
        answer = await add(alice, whose, kind, number=number)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert f'value="{number}"' in answer.text
        assert (await alice.get(f"/api/v1/customers/{whose}/documents")).json()["documents"] == []


async def test_a_wrong_name_country_and_day_are_reported_at_their_fields(office: Running) -> None:
    whose = await customer(office)
    async with await office.client("alice") as alice:
        answer = await add(
            alice, whose, "passport", number=NUMBER, name="لاله", country="Iran", expires="05-01"
        )
        assert answer.status_code == 422
        for field in ("name", "country", "expires"):
            assert f'id="{field}-wrong"' in answer.text
        visa = await add(alice, whose, "visa", valid_from="2027-02-01", expires="2027-01-31")
        for field in ("country", "expires"):
            assert f'id="{field}-wrong"' in visa.text


async def test_numbers_in_clear_need_a_right_and_are_recorded(office: Running) -> None:
    whose = await customer(office)
    async with await office.client("sue") as sue:  # a supervisor of sales
        await add(sue, whose, "passport", number=NUMBER)
        page = (await sue.get(f"/customers/{whose}")).text
        assert NUMBER not in page
        assert f"/customers/{whose}/documents/numbers" in page
        data = {"csrf": await token_of(sue)}
        shown = await sue.post(f"/customers/{whose}/documents/numbers", data=data)
        assert shown.status_code == 200
        assert NUMBER in shown.text
        api = await sue.post(f"/api/v1/customers/{whose}/documents/numbers", json={})
        assert [one["number"] for one in api.json()["documents"]] == [NUMBER]
    assert await changes(office, whose) == [
        "created",
        "document_added",
        "document_numbers_shown",
        "document_numbers_shown",
    ]
    async with await office.client("adam") as adam:
        assert "Document numbers shown" in (await adam.get(f"/customers/{whose}")).text


@pytest.mark.defends("document-numbers")
async def test_mallory_gets_no_number_and_changes_no_document(office: Running) -> None:
    whose = await customer(office)
    other = await customer(office)
    async with await office.client("alice") as alice:
        await add(alice, whose, "passport", number=NUMBER)
        [document] = (await alice.get(f"/api/v1/customers/{whose}/documents")).json()["documents"]
        path = f"/customers/{whose}/documents"
        token = {"csrf": await token_of(alice)}
        # An agent may not see numbers, and a form needs its token.
        assert (await alice.post(f"{path}/numbers", data=token)).status_code == 403
        assert (await alice.post(f"/api/v1{path}/numbers", json={})).status_code == 403
        assert (await alice.post(f"{path}/{document['id']}/remove", data={})).status_code == 403
        # A document is found on its own customer's page only.
        elsewhere = f"/customers/{other}/documents/{document['id']}"
        assert (await alice.get(elsewhere)).status_code == 404
        assert (await alice.post(elsewhere, data=token)).status_code == 404
        assert (await alice.delete(f"/api/v1{elsewhere}")).status_code == 404
    async with await office.client("bob") as bob:  # accounting does not see documents
        page = (await bob.get(f"/customers/{whose}")).text
        assert "3907" not in page
        assert "Travel documents" not in page
        for answer in (
            await bob.get(f"/api/v1{path}"),
            await bob.get(f"{path}/new"),
            await bob.get(f"{path}/{document['id']}"),
            await add(bob, whose, "passport", number="B7654321"),
            await bob.post(f"/api/v1{path}/numbers", json={}),
            await bob.delete(f"/api/v1{path}/{document['id']}"),
        ):
            assert answer.status_code == 403
    async with office.browser() as stranger:
        assert (await stranger.get(f"/api/v1{path}")).status_code == 401
    assert await changes(office, whose) == ["created", "document_added"]


async def test_documents_are_written_over_the_api_with_the_same_checks(office: Running) -> None:
    whose = await customer(office)
    path = f"/api/v1/customers/{whose}/documents"
    async with await office.client("alice") as alice:
        made = await alice.post(
            path, json={"kind": "frequent_flyer", "issuer": "AEGEAN", "number": "1001234567"}
        )
        assert made.status_code == 201
        item = made.json()["id"]
        wrong = await alice.post(path, json={"kind": "national_code", "number": "0084575949"})
        assert wrong.status_code == 422
        assert "national_code_digit" in wrong.text
        day = await alice.post(path, json={"kind": "visa", "country": "IT", "expires": "soon"})
        assert day.status_code == 422
        other_kind = await alice.put(
            f"{path}/{item}", json={"kind": "club", "number": "1001234567"}
        )
        assert other_kind.status_code == 422
        put = await alice.put(f"{path}/{item}", json={"kind": "frequent_flyer", "issuer": "A3"})
        assert put.status_code == 200
        [one] = (await alice.get(path)).json()["documents"]
        assert (one["issuer"], one["number"]) == ("A3", "••••4567")
        assert (await alice.delete(f"{path}/{item}")).status_code == 204
        assert (await alice.get(path)).json() == {"documents": [], "problem": ""}


async def test_without_the_key_the_page_has_one_sentence_and_the_rest_works(
    office: Running,
) -> None:
    whose = await customer(office)
    database = office.database
    async with await office.client("sue") as sue:
        await add(sue, whose, "passport", number=NUMBER, expires="2031-05-01")
        path = database.document_key_file
        assert path is not None
        right = path.read_bytes()
        try:
            path.unlink()
            database.document_key = None
            page = (await sue.get(f"/customers/{whose}")).text
            assert "Λείπει το αρχείο κλειδιού document.key" in page
            assert 'data-day="2031-05-01"' in page
            refused = await add(sue, whose, "passport", number="B7654321")
            assert refused.status_code == 422
            assert "Λείπει το αρχείο κλειδιού" in refused.text
            api = await sue.post(
                f"/api/v1/customers/{whose}/documents", json={"kind": "club", "number": "B7654321"}
            )
            assert (api.status_code, api.json()["code"]) == (503, "document_key")
            assert (await add(sue, whose, "visa", country="IT")).status_code == 303
        finally:
            path.write_bytes(right)
        assert "••••3907" in (await sue.get(f"/customers/{whose}")).text


async def test_a_passport_that_ends_before_a_trip_is_marked_on_the_page(office: Running) -> None:
    whose = await customer(office)
    today = datetime.now(UTC).date()
    trip = {
        "destination": "Rome",
        "country": "IT",
        "status": "booked",
        "departs": today + timedelta(days=60),
    }
    await add_trip(office.database, whose, trip, user_id=None, now=NOON)
    async with await office.client("adam") as adam:
        soon = (today + timedelta(days=20)).isoformat()
        await add(adam, whose, "passport", number=NUMBER, country="IR", expires=soon)
        assert "expires before the trip" in (await adam.get(f"/customers/{whose}")).text


@pytest.mark.parametrize("kind", DocumentKind)
async def test_each_kind_has_a_form_with_its_fields(office: Running, kind: DocumentKind) -> None:
    whose = await customer(office)
    async with await office.client("alice") as alice:
        form = (await alice.get(f"/customers/{whose}/documents/new?kind={kind}")).text
    fields = set(FIELDS_OF_KIND[kind])
    known = {name for names in FIELDS_OF_KIND.values() for name in names}
    assert {name for name in known if f'name="{name}"' in form} == fields
    # The browser must keep no number: neither as a draft nor for the next form.
    assert "form_draft.js" not in form


async def test_a_whole_number_finds_its_owner_where_documents_may_be_seen(
    office: Running,
) -> None:
    whose = await customer(office)
    async with await office.client("alice") as alice:
        await add(alice, whose, "passport", number="Z55501234")
        for order in ("newest", "best"):
            query = {"q": "z555-01234", "order": order}
            found = (await alice.get("/api/v1/customers", params=query)).json()["customers"]
            assert [one["id"] for one in found] == [whose]
            query = {"q": "Z5550123", "order": order}
            assert (await alice.get("/api/v1/customers", params=query)).json()["customers"] == []
        assert f'href="/customers/{whose}"' in (await alice.get("/customers?q=Z55501234")).text
    async with await office.client("bob") as bob:
        found = (await bob.get("/api/v1/customers", params={"q": "Z55501234"})).json()["customers"]
        assert found == []
