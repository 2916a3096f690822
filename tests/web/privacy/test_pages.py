"""Which users may export customers, give a file out, erase a customer; and that no other can."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date
from pathlib import Path

import pytest

from screenpop.accounts.departments import Section
from screenpop.conditions.json_format import read_condition
from screenpop.customers.consent import Consent
from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.merge import merge_customers
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips_edit import add_trip
from screenpop.store.export_rows import export_customers
from screenpop.store.privacy.records import list_privacy_records
from screenpop.store.segments.found import Wanted
from screenpop.store.segments.saved import Audience, save_segment
from screenpop.web.export_port import ExportOrder, ExportRefusedError, ExportRequestSpec
from screenpop.web.translations import our_catalogues
from tests.store.customers.drafts import draft
from tests.web.customers.test_detail_pages import SECRETS, csrf_of, put_on_file
from tests.web.running_server import PASSWORD, TOKEN, Running, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio

BEARER = {"Authorization": f"Bearer {TOKEN}"}


class Orders:
    """What was ordered; the file is three pieces."""

    def __init__(self) -> None:
        self.orders: list[ExportRequestSpec] = []
        self.left = 0
        self.refuse = ""
        self.breaks = False

    @asynccontextmanager
    async def __call__(self, order: ExportOrder) -> AsyncGenerator[AsyncIterator[bytes]]:
        if self.refuse:
            raise ExportRefusedError(self.refuse)
        assert isinstance(order, ExportRequestSpec)
        self.orders.append(order)

        async def pieces() -> AsyncGenerator[bytes]:
            yield b"one "
            if self.breaks:
                raise ExportRefusedError("failed")
            yield b"two "
            yield b"three"

        try:
            yield pieces()
        finally:
            self.left += 1


@pytest.fixture
def orders() -> Orders:
    return Orders()


@pytest.fixture
async def office(prepared: Path, tmp_path: Path, orders: Orders) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True, export=orders) as up:
        yield up


async def test_a_supervisor_takes_along_what_their_department_sees(
    office: Running, orders: Orders
) -> None:
    await put_on_file(office)
    async with await office.client("sue") as sue:
        page = await sue.get("/customers?q=karimi")
        assert 'action="/customers/export"' in page.text
        form = {"csrf": await csrf_of(sue), "format": "xlsx", "q": "karimi"}
        answer = await sue.post("/customers/export", data=form)
    assert (answer.status_code, answer.text) == (200, "one two three")
    assert answer.headers["content-disposition"].startswith('attachment; filename="customers-2')
    assert answer.headers["cache-control"] == "no-store"
    [order] = orders.orders
    assert (order.kind, order.search, order.language) == ("xlsx", "karimi", "el")
    assert order.sections == {Section.OFFERS, Section.TRIPS, Section.PERSONAL, Section.CALLS}
    assert orders.left == 1
    [record] = await list_privacy_records(office.database)
    assert (record.by, record.what) == ("Sue", "exported")
    assert record.figures == {"kind": "xlsx", "filtered": True}


async def test_numbers_of_documents_are_exported_only_when_asked_for_and_it_is_recorded(
    office: Running, orders: Orders
) -> None:
    await put_on_file(office)
    async with await office.client("sue") as sue:
        assert 'name="documents"' in (await sue.get("/customers")).text
        form = {"csrf": await csrf_of(sue), "format": "csv"}
        await sue.post("/customers/export", data=form)
        await sue.post("/customers/export", data=form | {"documents": "on"})
        json = {"format": "csv", "documents": True}
        await sue.post("/api/v1/customers/export", json=json)
    assert [order.documents for order in orders.orders] == [False, True, True]
    kinds = [record.figures["kind"] for record in await list_privacy_records(office.database)]
    assert sorted(map(str, kinds)) == ["csv", "csv+documents", "csv+documents"]


async def test_the_export_of_a_segment_has_only_customers_with_consent_to_offers(
    office: Running, orders: Orders
) -> None:
    answers = {"Karimi": True, "Moradi": False, "Nouri": None}
    for family, given in answers.items():
        consents = {} if given is None else {"offers": Consent(given, date(2026, 1, 1), "phone")}
        await create_customer(
            office.database, draft(family, tags=("VIP",), consents=consents), NOON
        )
    vip = read_condition(
        {"version": 1, "condition": {"field": "tag", "op": "is_any", "value": ["vip"]}}
    )
    number = await save_segment(office.database, "VIPs", vip, Audience.ALL, user_id=None, now=NOON)
    async with await office.client("sue") as sue:
        page = await sue.get("/customers", params={"segment": number})
        assert our_catalogues()["el"].gettext("Only customers who agreed to offers") in page.text
        assert all(family in page.text for family in answers)
        form = {"csrf": await csrf_of(sue), "format": "csv", "segment": str(number)}
        await sue.post("/customers/export", data=form)
        await sue.post("/api/v1/customers/export", json={"format": "csv", "segment": number})
    assert len(orders.orders) == 2
    for order in orders.orders:
        assert order.segment is not None
        wanted = Wanted(read_condition(order.segment["condition"]), date(2026, 11, 30), UTC)
        people = [
            one
            async for page_of in export_customers(office.database, segment=wanted)
            for one in page_of
        ]
        assert [one.draft.names["en"].family for one in people] == ["Karimi"]


async def test_an_administrators_program_takes_everything_along(
    office: Running, orders: Orders
) -> None:
    async with office.browser(**BEARER) as program:
        answer = await program.post("/api/v1/customers/export", json={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert orders.orders[0].sections == frozenset(Section)


async def test_a_file_that_cannot_be_written_is_reported_and_half_of_one_is_no_file(
    office: Running, orders: Orders
) -> None:
    async with await office.client("sue") as sue:
        form = {"csrf": await csrf_of(sue), "format": "csv"}
        orders.refuse = "busy"
        answer = await sue.post("/customers/export", data=form)
        assert answer.status_code == 503
        assert "Δύο" in answer.text or "εξαγωγές" in answer.text
        orders.refuse, orders.breaks = "", True
        with pytest.raises(Exception, match=r"(?i)peer closed|incomplete|disconnected"):
            await sue.post("/customers/export", data=form)
    assert orders.left == 1


@pytest.mark.parametrize("name", ["alice", "bob"])
async def test_mallory_exports_no_customer(office: Running, orders: Orders, name: str) -> None:
    """An agent; a client without a session; another site's form; a form without its token."""
    async with await office.client(name) as mallory:
        assert "/customers/export" not in (await mallory.get("/customers")).text
        form = {"csrf": await csrf_of(mallory), "format": "csv"}
        assert (await mallory.post("/customers/export", data=form)).status_code == 403
        answer = await mallory.post("/api/v1/customers/export", json={"format": "csv"})
        assert answer.status_code == 403
    async with office.browser() as stranger:
        assert (await stranger.post("/customers/export", data={})).status_code == 303
        assert (await stranger.post("/api/v1/customers/export", json={})).status_code == 401
    async with await office.client("sue") as sue:
        assert (await sue.post("/customers/export", data={"format": "csv"})).status_code == 403
        assert (await sue.get("/customers/export")).status_code in {404, 405}
        text = '{"format": "csv"}'
        headers = {"Content-Type": "text/plain"}
        answer = await sue.post("/api/v1/customers/export", content=text, headers=headers)
        assert answer.status_code in {415, 422}
    assert orders.orders == []


async def test_an_administrator_reads_and_gives_out_the_whole_file(office: Running) -> None:
    customer_id = await put_on_file(office)
    async with await office.client("adam") as adam:
        asked = await adam.get(f"/customers/{customer_id}/whole-file")
        assert 'action="/me/confirm"' in asked.text
        assert "Secret" not in asked.text
        api = await adam.get(f"/api/v1/customers/{customer_id}/whole-file")
        assert (api.status_code, api.json()["code"]) == (403, "confirm_password")
        form = {"csrf": await csrf_of(adam), "next": f"/customers/{customer_id}/whole-file"}
        wrong = await adam.post("/me/confirm", data=form | {"password": "wrong"})
        assert wrong.status_code == 422
        right = await adam.post("/me/confirm", data=form | {"password": PASSWORD})
        assert right.headers["location"] == f"/customers/{customer_id}/whole-file"
        page = await adam.get(f"/customers/{customer_id}/whole-file")
        assert page.status_code == 200
        for secrets in SECRETS.values():
            for secret in secrets:
                # Amounts and days are written by the page's script.
                assert secret in page.text or secret in {"Secret Supplier", "7654321"}, secret
        assert "&lt;b&gt;Karimi" in page.text
        kept = (await adam.get(f"/api/v1/customers/{customer_id}/whole-file")).json()
    assert kept["person"]["balance"] == 7654321
    assert kept["trips"][0]["supplier"] == "Secret Supplier"
    assert kept["looks"][0]["by"] == "Adam"


@pytest.mark.defends("erasure")
@pytest.mark.parametrize("name", ["alice", "bob", "sue"])
async def test_mallory_gets_no_whole_file_and_erases_no_customer(
    office: Running, name: str
) -> None:
    customer_id = await put_on_file(office)
    async with await office.client(name) as mallory:
        for path in (f"/customers/{customer_id}/whole-file", f"/customers/{customer_id}/erase"):
            assert (await mallory.get(path)).status_code == 403
        assert (await mallory.get(f"/api/v1/customers/{customer_id}/whole-file")).status_code == 403
        form = {"csrf": await csrf_of(mallory), "name": "Laleh <b>Karimi</b>"}
        assert (await mallory.post(f"/customers/{customer_id}/erase", data=form)).status_code == 403
        answer = await mallory.post(
            f"/api/v1/customers/{customer_id}/erase", json={"name": form["name"]}
        )
        assert answer.status_code == 403
        page = (await mallory.get(f"/customers/{customer_id}")).text
        assert "whole-file" not in page
        assert "/erase" not in page
    assert await load_customer_detail(office.database, customer_id) is not None


async def test_the_name_must_be_typed_and_then_the_person_is_gone(office: Running) -> None:
    customer_id = await put_on_file(office)
    async with await office.client("adam") as adam:
        asked = await adam.get(f"/customers/{customer_id}/erase")
        assert asked.status_code == 200
        csrf = await csrf_of(adam)
        for form in ({"name": "Laleh <b>Karimi</b>"}, {"csrf": "x", "name": "Laleh <b>Karimi</b>"}):
            assert (
                await adam.post(f"/customers/{customer_id}/erase", data=form)
            ).status_code == 403
        wrong = await adam.post(
            f"/customers/{customer_id}/erase", data={"csrf": csrf, "name": "Laleh"}
        )
        assert wrong.status_code == 422
        assert "not the name on the file" in wrong.text
        assert await load_customer_detail(office.database, customer_id) is not None
        right = {"csrf": csrf, "name": " laleh <B>karimi</B> "}
        for password in ("", "wrong"):
            refused = await adam.post(
                f"/customers/{customer_id}/erase", data=right | {"password": password}
            )
            assert refused.status_code == 422
            assert "password is not correct" in refused.text
        by_api = await adam.post(
            f"/api/v1/customers/{customer_id}/erase", json={"name": "Laleh <b>Karimi</b>"}
        )
        assert by_api.status_code == 403
        assert await load_customer_detail(office.database, customer_id) is not None
        right["password"] = PASSWORD
        gone = await adam.post(f"/customers/{customer_id}/erase", data=right)
        assert gone.headers["location"] == "/customers?erased=1"
        assert "was erased" in (await adam.get("/customers?erased=1")).text
        assert (await adam.get(f"/customers/{customer_id}")).status_code == 404
    [record] = await list_privacy_records(office.database)
    assert (record.by, record.what, record.figures["trips"]) == ("Adam", "erased", 1)


async def test_a_program_erases_with_the_name_too(office: Running) -> None:
    customer_id = await put_on_file(office)
    async with office.browser(**BEARER) as program:
        path = f"/api/v1/customers/{customer_id}/erase"
        assert (await program.post(path, json={"name": "Kaveh"})).status_code == 422
        done = await program.post(path, json={"name": "Laleh <b>Karimi</b>"})
        assert done.json() == {
            "files": 1,
            "numbers": 1,
            "trips": 1,
            "calls": 0,
            "attachments": 0,
            "mentions": 0,
            "likely": [],
        }
        assert (await program.post(path, json={"name": "x"})).status_code == 404
        assert (await program.get(f"/api/v1/customers/{customer_id}/whole-file")).status_code == 404


async def test_a_file_that_was_merged_leads_to_the_one_that_stays(office: Running) -> None:
    kept, gone = await put_on_file(office), await _another(office)
    await merge_customers(office.database, kept, gone, user_id=None, now=1.0)
    async with await office.client("adam") as adam:
        answer = await adam.get(f"/customers/{gone}/erase")
        assert answer.headers["location"] == f"/customers/{kept}/erase"
    async with office.browser(**BEARER) as program:
        answer = await program.post(f"/api/v1/customers/{gone}/erase", json={"name": "Eva Kanaki"})
        assert answer.status_code == 409


async def _another(office: Running) -> CustomerId:
    draft = CustomerDraft(names={"en": PersonName("Eva", "Kanaki")})
    return await create_customer(office.database, draft, 1.0)


async def test_places_that_may_mean_the_erased_person_are_listed_once(office: Running) -> None:
    twins = [await create_customer(office.database, draft("Karimi"), NOON) for _ in range(3)]
    whose = await create_customer(office.database, draft("Moradi"), NOON)
    full = draft("Karimi").names["en"].full
    trip = {"destination": "Rome", "note": f"with {full}"}
    await add_trip(office.database, whose, trip, user_id=None, now=NOON)
    async with await office.client("adam") as adam:
        form = {"csrf": await csrf_of(adam), "name": full, "password": PASSWORD}
        page = await adam.post(f"/customers/{twins[0]}/erase", data=form)
        assert page.status_code == 200
        assert "Places to look at" in page.text
        assert f'href="/customers/{whose}"' in page.text
        assert "trips.note" in page.text
        json = {"name": full, "password": PASSWORD}
        answer = (await adam.post(f"/api/v1/customers/{twins[1]}/erase", json=json)).json()
    [place] = [one for one in answer["likely"] if one["place"] == "trips.note"]
    assert (place["customer"], place["call"], answer["mentions"]) == (whose, None, 0)
