"""Vouchers on pages and in the API: made, looked up, redeemed, refused with what to do, counted."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from screenpop.customers.models import CustomerId
from screenpop.exporting.client import ExportService
from screenpop.loyalty.vouchers import MAX_BATCH, MAX_KEY, MAX_PLACE, MAX_REASON
from screenpop.store.customers.queries import create_customer
from screenpop.store.offers.saved import list_offers
from screenpop.store.vouchers.issuing import issue_for_answer
from tests.store.customers.drafts import draft
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio
WORDS = {"en": "A week in Rome?", "fa": "یک هفته در رم؟", "el": "Μια εβδομάδα στη Ρώμη;"}
GIVES = {"kind": "amount", "amount": {"amount": 50, "currency": "EUR"}, "days": 90}


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    export = ExportService(f"sqlite:///{tmp_path / 'web.db'}", tmp_path)
    async with running(prepared, tmp_path, real_pages=True, export=export) as up:
        for family in ("Karimi", "Moradi"):
            await create_customer(up.database, draft(family), NOON)
        async with await up.client("adam") as adam:
            offer = {"version": 1, "offer": {"name": "Rome", "words": WORDS, "voucher": GIVES}}
            assert (await adam.post("/api/v1/offers", json=offer)).status_code == 201
        yield up


async def batch(browser: httpx.AsyncClient, count: int = 1, **more: Any) -> list[dict[str, Any]]:
    made = await browser.post("/api/v1/offers/1/vouchers", json={"count": count, **more})
    assert made.status_code == 201, made.text
    found: list[dict[str, Any]] = made.json()["vouchers"]
    return found


async def post(browser: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    token = csrf_of((await browser.get("/vouchers")).text)
    return await browser.post(path, data={"csrf": token, **form})


async def bound(office: Running) -> str:
    """Return the code of a voucher of the first customer."""
    (saved,) = await list_offers(office.database)
    async with office.database.writing() as connection:
        made = await issue_for_answer(
            connection,
            saved.offer.id,
            CustomerId(1),
            "answer:1",
            today=datetime.now(UTC).date(),
            user_id=None,
            now=NOON,
        )
    assert made is not None
    return made.code


async def test_voucher_is_redeemed_once_over_the_api_and_repeats_have_no_effect(
    office: Running,
) -> None:
    async with await office.client("adam") as adam, await office.client("alice") as alice:
        (made,) = await batch(adam)
        path = f"/api/v1/vouchers/{made['code']}"
        assert (made["state"], made["amount"], made["customer"]) == ("open", 50, None)
        given = {"place": "Athens", "key": "till-1"}
        first = await alice.post(f"{path}/redeem", json=given)
        again = await alice.post(f"{path}/redeem", json=given)
        assert first.status_code == again.status_code == 200
        assert first.json() == again.json()
        assert first.json()["state"] == "redeemed"
        other = await alice.post(f"{path}/redeem", json={"key": "till-2"})
        problem = other.json()
        assert (other.status_code, problem["code"]) == (409, "voucher_used")
        assert "by Alice" in problem["detail"]
        assert "(Athens)" in problem["detail"]
        assert problem["voucher"]["redeemed_place"] == "Athens"
        history = (await alice.get(path)).json()["history"]
        assert [one["what"] for one in history] == ["redeemed", "issued"]

        for act in ("reverse", "cancel"):
            refused = await alice.post(f"{path}/{act}", json={"reason": "x"})
            assert refused.status_code == 403
        nothing = await adam.post(f"{path}/reverse", json={"reason": " "})
        assert (nothing.status_code, nothing.json()["code"]) == (422, "voucher_reason_needed")
        back = await adam.post(f"{path}/reverse", json={"reason": "wrong guest"})
        assert back.json()["state"] == "open"
        gone = await adam.post(f"{path}/cancel", json={"reason": "stolen"})
        assert gone.json()["state"] == "cancelled"
        report = (await adam.get("/api/v1/vouchers/report")).json()["report"]
        assert report == [
            {
                "offer": {"id": 1, "name": "Rome"},
                "currency": "EUR",
                "issued": {"count": 1, "amount": 50},
                "open": {"count": 0, "amount": 0},
                "redeemed": {"count": 0, "amount": 0},
                "expired": {"count": 0, "amount": 0},
                "cancelled": {"count": 1, "amount": 50},
            }
        ]


async def test_refusals_name_the_likely_code_the_customer_and_the_day(office: Running) -> None:
    async with await office.client("adam") as adam:
        (made,) = await batch(adam)
        code = made["code"]
        wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
        missing = await adam.get(f"/api/v1/vouchers/{wrong}")
        assert (missing.status_code, missing.json()["code"]) == (404, "voucher_mistyped")
        assert missing.json()["likely"] == [code]
        hers = await bound(office)
        unnamed = await adam.post(f"/api/v1/vouchers/{hers}/redeem", json={})
        assert (unnamed.status_code, unnamed.json()["code"]) == (422, "voucher_customer_needed")
        other = await adam.post(f"/api/v1/vouchers/{hers}/redeem", json={"customer": 2})
        assert (other.status_code, other.json()["code"]) == (409, "voucher_other_customer")
        assert other.json()["voucher"]["customer"] == {"id": 1, "name": "Laleh Karimi"}
        listed = (await adam.get("/api/v1/customers/1/vouchers")).json()["vouchers"]
        assert [one["code"].replace("-", "") for one in listed] == [hers]


async def test_batch_is_refused_beyond_its_limit_and_for_a_text_that_is_no_day(
    office: Running,
) -> None:
    async with await office.client("adam") as adam, await office.client("alice") as alice:
        path = "/api/v1/offers/1/vouchers"
        assert (await alice.post(path, json={"count": 1})).status_code == 403
        many = await adam.post(path, json={"count": MAX_BATCH + 1})
        assert (many.status_code, many.json()["code"]) == (422, "voucher_count")
        day = await adam.post(path, json={"count": 1, "valid_to": "soon"})
        assert (day.status_code, day.json()["errors"][0]["field"]) == (422, "not_a_day")
        past = await adam.post(path, json={"count": 1, "valid_to": "2001-01-01"})
        assert past.json()["code"] == "voucher_days_reversed"
        assert await batch(adam, 3, key="k") == await batch(adam, 3, key="k")


async def test_page_redeems_a_code_however_it_is_typed_and_names_its_worth(
    office: Running,
) -> None:
    async with await office.client("bob") as bob, await office.client("adam") as adam:
        (made,) = await batch(adam)
        typed = made["code"].lower().replace("-", " ")
        page = (await bob.get("/vouchers", params={"code": typed})).text
        assert f'<bdi class="n" dir="ltr">{made["code"]}</bdi>' in page
        assert 'data-amount="50" data-currency="EUR"' in page
        done = await post(bob, "/vouchers/redeem", code=made["code"], place="تهران")
        assert done.status_code == 303
        shown = (await bob.get(done.headers["location"])).text
        assert "<bdi>تهران</bdi>" in shown
        assert "/vouchers/redeem" not in shown
        twice = await post(bob, "/vouchers/redeem", code=made["code"])
        assert twice.status_code == 409
        assert 'role="alert"' in twice.text
        assert "<bdi>تهران</bdi>" in twice.text
        unknown = await bob.get("/vouchers", params={"code": made["code"][:-1] + "-"})
        assert unknown.status_code == 404
        assert f'href="/vouchers?code={made["code"]}"' in unknown.text
        assert (await post(bob, "/vouchers/reverse", code=made["code"])).status_code == 403
        back = await post(adam, "/vouchers/reverse", code=made["code"], reason="mistake")
        assert back.status_code == 303
        assert "mistake" in (await adam.get(back.headers["location"])).text


async def test_page_of_a_customer_lists_vouchers_and_refuses_those_of_others(
    office: Running,
) -> None:
    code = await bound(office)
    async with await office.client("sue") as sue:
        hers = (await sue.get("/customers/1")).text
        assert "customer=1" in hers[hers.index('id="vouchers"') :]
        page = (await sue.get("/vouchers", params={"code": code, "customer": "2"})).text
        assert "/vouchers/redeem" not in page
        assert "Laleh Karimi" in page
        refused = await post(sue, "/vouchers/redeem", code=code, customer="2")
        assert refused.status_code == 409
        assert (await post(sue, "/vouchers/redeem", code=code, customer="1")).status_code == 303
        changes = (await sue.get("/customers/1")).text
        assert changes.count(f"{code[:4]}-{code[4:]}") >= 3


async def test_report_makes_a_batch_lists_it_and_is_exported(office: Running) -> None:
    async with await office.client("sue") as sue, await office.client("alice") as alice:
        made = await post(sue, "/vouchers/batch", offer="1", count="۱۲")
        assert made.status_code == 303
        page = (await sue.get(made.headers["location"])).text
        assert page.count('class="row-link" href="/vouchers?code=') == 12
        zero = await post(sue, "/vouchers/batch", offer="1", count="0")
        assert zero.status_code == 422
        assert "/vouchers/batch" not in (await alice.get("/vouchers/report")).text
        assert (await post(alice, "/vouchers/export", format="csv")).status_code == 403
        sheet = await post(sue, "/vouchers/export", format="csv")
        lines = sheet.content.decode("utf-8-sig").splitlines()
        assert len(lines) == 13
        assert lines[1].split(",")[1:6] == ["Rome", "Ανοιχτό", "Ποσό", "50", "EUR"]
        book = await post(sue, "/vouchers/export", format="xlsx")
        assert book.content.startswith(b"PK")


async def test_texts_are_read_up_to_their_limits(office: Running) -> None:
    async with await office.client("adam") as adam:
        first, second = await batch(adam, 2)
        path = f"/api/v1/vouchers/{first['code']}"
        for name, most in (("place", MAX_PLACE), ("key", MAX_KEY)):
            assert (
                await adam.post(f"{path}/redeem", json={name: "x" * (most + 1)})
            ).status_code == 422
        limits = {"place": "p" * MAX_PLACE, "key": "k" * MAX_KEY}
        assert (await adam.post(f"{path}/redeem", json=limits)).status_code == 200
        long = await adam.post(f"{path}/reverse", json={"reason": "r" * (MAX_REASON + 1)})
        assert long.status_code == 422
        done = await adam.post(f"{path}/reverse", json={"reason": "r" * MAX_REASON})
        assert done.status_code == 200
        # 18 digits are a customer's number, 19 are none: a voucher of a batch needs none.
        for digits in (18, 19):
            form = {"code": second["code"], "customer": "9" * digits, "key": "same"}
            assert (await post(adam, "/vouchers/redeem", **form)).status_code == 303
