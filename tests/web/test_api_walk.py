"""A program works with one customer through the API: numbers, payments, many at once, offers."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips_edit import add_trip
from tests.web.running_server import Running, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio


async def answered(program: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    answer = await program.request(method, f"/api/v1{path}", json=body)
    assert answer.is_success, (path, answer.text)
    return answer.json()


async def with_trip(office: Running) -> tuple[CustomerId, int]:
    draft = CustomerDraft(names={"en": PersonName("Laleh", "Karimi")})
    whose = await create_customer(office.database, draft, NOON)
    values = {"destination": "Rome", "price": 1000, "currency": "EUR", "status": "booked"}
    return whose, await add_trip(office.database, whose, values, user_id=None, now=NOON)


async def test_a_customer_is_kept_by_a_program(prepared: Path, tmp_path: Path) -> None:
    async with running(prepared, tmp_path) as office, await office.client("adam") as program:
        whose, trip = await with_trip(office)
        numbers = f"/customers/{whose}/numbers"
        kept = await answered(program, "POST", numbers, {"number": "+30 691 234 5678"})
        assert "306912345678" in str(kept)

        payments = f"/customers/{whose}/trips/{trip}/payments"
        due = {"amount": "400", "currency": "EUR", "method": "transfer", "due": "2031-05-01"}
        (payment,) = (await answered(program, "POST", payments, due))["ids"]
        path = f"/customers/{whose}/payments/{payment}"
        assert await answered(program, "PUT", path, {**due, "amount": "450"}) == {"id": payment}
        await answered(program, "POST", f"{path}/state", {"state": "paid"})
        assert (await answered(program, "GET", payments))["balance"] == 550

        many = {"action": "add_tag", "tag": "Rome", "ids": [whose]}
        counted = await answered(program, "POST", "/customers/bulk", {**many, "preview": True})
        assert counted == {"selected": 1, "changing": 1}
        step = await answered(program, "POST", "/customers/bulk", {**many, "expected": 1})
        assert (await answered(program, "GET", f"/bulk-edits/{step['id']}"))["id"] == step["id"]

        condition = {"version": 1, "condition": {"field": "vip", "op": "is", "value": True}}
        saved = {"name": "Rome", "condition": condition, "audience": "all"}
        segment = await answered(program, "POST", "/segments", saved)
        assert (await answered(program, "GET", f"/segments/{segment['id']}"))["name"] == "Rome"


async def test_templates_of_offers_are_read_and_stored_as_offers(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path) as office, await office.client("adam") as program:
        templates = (await answered(program, "GET", "/offers/templates"))["templates"]
        made = await answered(program, "POST", "/offers", templates["open_quote"])
        offer = await answered(program, "GET", f"/offers/{made['id']}")
        assert offer["id"] == made["id"]
