"""Payments of a trip on its page, with one tap on the customer's, and over the API."""

import re
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from persiantools.jdatetime import JalaliDate as _JalaliDate

from screenpop.customers.date_input import format_date
from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.customers.payments import StoredPayment
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.payments import load_payments
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips_edit import add_trip
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio

JalaliDate: Any = _JalaliDate  # the library has no types


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path_factory.mktemp("payments"), real_pages=True) as up:
        yield up


def today() -> date:
    """The day of the office, which is in UTC here."""
    return datetime.now(UTC).date()


async def with_trip(office: Running, **trip: Any) -> tuple[CustomerId, int]:
    draft = CustomerDraft(names={"en": PersonName("Laleh", "Karimi")})
    whose = await create_customer(office.database, draft, NOON)
    values = {"destination": "Rome", "price": 1000, "currency": "EUR", "status": "booked"} | trip
    return whose, await add_trip(office.database, whose, values, user_id=None, now=NOON)


async def send(browser: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    csrf = csrf_of((await browser.get("/customers")).text)
    return await browser.post(path, data={"csrf": csrf, **form})


async def add(browser: httpx.AsyncClient, whose: int, trip: int, **form: str) -> httpx.Response:
    return await send(browser, f"/customers/{whose}/trips/{trip}/payments", **form)


async def payments(office: Running, trip: int) -> list[StoredPayment]:
    return list(await load_payments(office.database, trip))


async def test_four_monthly_cheques_are_entered_in_persian_and_add_up(office: Running) -> None:
    whose, trip = await with_trip(office, price=100_000_003, currency="IRT")
    before = today()
    first = JalaliDate(1405, 10, 30).to_gregorian()
    async with await office.client("bob") as bob:
        answer = await add(
            bob,
            whose,
            trip,
            amount="۱۰۰٬۰۰۰٬۰۰۳",
            currency="IRT",
            method="cheque",
            parts="۴",
            due="۱۴۰۵/۱۰/۳۰",
            cheque_number="۰۰۸۹۹",
            bank="ملت",
        )
        assert answer.status_code == 303, answer.text
        page = (await bob.get(answer.headers["location"])).text

    found = [one.payment for one in await payments(office, trip)]
    assert [one.cents // 100 for one in found] == [25_000_000] * 3 + [25_000_003]
    assert found[0].due == first
    assert [JalaliDate(one.due).day for one in found] == [30, 30, 29, 30]
    assert {one.made_on for one in found} <= {before, today()}
    assert page.count('data-amount="25000000"') == 3
    assert 'data-amount="100000003"' in page


async def test_cheques_of_several_parts_count_up(office: Running) -> None:
    whose, trip = await with_trip(office)
    async with await office.client("bob") as bob:
        form = {"amount": "1000", "method": "cheque", "parts": "3", "due": "2027-01-31"}
        await add(bob, whose, trip, **form, cheque_number="00899")

    found = [one.payment for one in await payments(office, trip)]
    assert [one.cheque_number for one in found] == ["00899", "00900", "00901"]
    assert [one.cents for one in found] == [33333, 33333, 33334]


@pytest.mark.parametrize(
    ("number", "second"),
    [("9" * 17 + "0", "9" * 17 + "1"), ("9" * 18 + "0", "9" * 18 + "0")],
)
async def test_numbers_of_cheques_count_up_to_eighteen_digits(
    office: Running, number: str, second: str
) -> None:
    whose, trip = await with_trip(office)
    async with await office.client("bob") as bob:
        form = {"amount": "1000", "method": "cheque", "parts": "2", "due": "2027-01-31"}
        await add(bob, whose, trip, **form, cheque_number=number)
    found = [one.payment for one in await payments(office, trip)]
    assert [one.cheque_number for one in found] == [number, second]


async def test_one_tap_on_the_customers_page_marks_a_cheque(office: Running) -> None:
    whose, trip = await with_trip(office)
    before = today()
    soon = (before + timedelta(3)).isoformat()
    async with await office.client("bob") as bob:
        await add(bob, whose, trip, amount="400,40", method="cheque", due=soon)
        [cheque] = await payments(office, trip)
        page = (await bob.get(f"/customers/{whose}")).text
        path = f"/customers/{whose}/payments/{cheque.id}/state"
        assert f'action="{path}"' in page

        back = await send(bob, path, do="returned", back="customer")
        assert back.headers["location"] == f"/customers/{whose}#trip-{trip}"
        again = await send(bob, path, do="returned")
        assert again.status_code == 422
        assert "error." not in re.sub(r"<script.*?</script>", "", again.text, flags=re.DOTALL)
        await send(bob, path, do="paid")

        api = (await bob.get(f"/api/v1/customers/{whose}/trips/{trip}/payments")).json()
        [one] = api["payments"]
        assert one["state"] == "paid"
        assert one["paid_on"] in {before.isoformat(), today().isoformat()}
        assert (one["amount"], api["balance"]) == (400.4, 599.6)
        [view] = (await bob.get(f"/api/v1/customers/{whose}")).json()["trips"]
        assert (view["paid"], view["due"]) == (400.4, 599.6)
        history = (await bob.get(f"/customers/{whose}")).text
        assert "change.payment" not in history
        assert "field.payment" not in history


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"amount": "x"}, "payment_no_amount"),
        ({"amount": "-5"}, "payment_not_positive"),
        ({"amount": "5", "due": ""}, "payment_no_due_day"),
        ({"amount": "5", "currency": "GBP"}, "payment_other_currency"),
        ({"amount": "5", "parts": "61"}, "payment_parts"),
        ({"amount": "5", "parts": "0"}, "payment_parts"),
        ({"amount": "0.02", "parts": "3"}, "payment_parts_small"),
        ({"amount": "5", "parts": "2", "state": "paid"}, "payment_parts_due"),
        ({"amount": "5", "state": "paid", "paid_on": "2999-01-01"}, "payment_in_future"),
        (
            {"amount": "5", "state": "paid", "paid_on": "2025-01-01", "made_on": "2025-01-02"},
            "payment_paid_before_made",
        ),
        ({"amount": "5", "state": "returned", "method": "cash"}, "payment_only_cheques"),
    ],
)
async def test_a_wrong_payment_is_refused_with_one_sentence_and_nothing_is_stored(
    office: Running, form: dict[str, str], code: str
) -> None:
    whose, trip = await with_trip(office)
    given = {"due": "2027-01-31", **form}
    async with await office.client("bob") as bob:
        page = await add(bob, whose, trip, **given)
        assert page.status_code == 422
        assert "error." not in page.text
        assert 'class="wrong"' in page.text
        answer = await bob.post(
            f"/api/v1/customers/{whose}/trips/{trip}/payments",
            json={name: int(text) if name == "parts" else text for name, text in given.items()},
        )
        assert answer.status_code == 422
        if form.get("parts") not in ("0", "61"):
            assert code in answer.text
    assert await payments(office, trip) == []


async def test_a_payment_in_another_currency_counts_as_what_it_covers(office: Running) -> None:
    whose, trip = await with_trip(office)
    async with await office.client("bob") as bob:
        form = {"amount": "90000000", "currency": "IRR", "state": "paid", "counts_as": "900,50"}
        assert (await add(bob, whose, trip, **form)).status_code == 303
        api = (await bob.get(f"/api/v1/customers/{whose}/trips/{trip}/payments")).json()
    assert (api["balance"], api["uncounted"]) == (99.5, 0)


async def test_more_than_the_price_is_a_warning_and_no_refusal(office: Running) -> None:
    whose, trip = await with_trip(office)
    async with await office.client("adam") as adam:
        answer = await add(adam, whose, trip, amount="1000.01", due="2027-01-31")
        page = (await adam.get(answer.headers["location"])).text
    assert "The payments come to more than the price" in page
    assert 'data-amount="0.01"' in page


async def test_a_payment_is_corrected_and_removed_and_the_trip_keeps_its_rest(
    office: Running,
) -> None:
    whose, trip = await with_trip(office, paid=250)
    async with await office.client("adam") as adam:
        await add(adam, whose, trip, amount="500", due="2027-01-31")
        before, payment = await payments(office, trip)
        path = f"/customers/{whose}/payments/{payment.id}"
        page = (await adam.get(path)).text
        assert 'value="2027-01-31"' in page
        form = {"amount": "600", "currency": "EUR", "method": "card", "due": "2027-02-01"}
        assert (await send(adam, path, **form)).status_code == 303
        assert (await payments(office, trip))[1].payment.cents == 60_000
        trip_form = (await adam.get(f"/customers/{whose}/trips/{trip}")).text
        assert 'name="paid"' not in trip_form

        assert (await send(adam, f"{path}/remove")).status_code == 303
        assert await payments(office, trip) == [before]
        assert (await adam.get(path)).status_code == 404


async def test_payments_need_the_section_of_prices(office: Running) -> None:
    whose, trip = await with_trip(office)
    page, api = f"/customers/{whose}/trips/{trip}/payments", "/api/v1/customers"
    async with await office.client("bob") as bob:
        await add(bob, whose, trip, amount="77123", due="2027-01-31", cheque_number="551234")
    [payment] = await payments(office, trip)
    async with await office.client("alice") as alice:  # of sales
        for path in (page, f"/customers/{whose}/payments/{payment.id}", f"{api}{page[10:]}"):
            assert (await alice.get(path)).status_code == 403
        assert (await add(alice, whose, trip, amount="1")).status_code == 403
        tap = await send(alice, f"/customers/{whose}/payments/{payment.id}/state", do="paid")
        assert tap.status_code == 403
        for path in (f"/customers/{whose}", f"{api}/{whose}"):
            text = (await alice.get(path)).text
            assert "77123" not in text
            assert "551234" not in text
    async with office.browser() as browser:
        assert (await browser.get(page)).status_code in (303, 401)


async def test_a_page_with_two_balances_names_both(office: Running) -> None:
    whose, trip = await with_trip(office)
    values = {"balance": 480, "currency": "EUR"}
    await update_customer_fields(office.database, whose, values, user_id=None, now=NOON)
    async with await office.client("adam") as adam:
        alone = (await adam.get(f"/customers/{whose}")).text
        await add(adam, whose, trip, amount="1000", due="2027-01-31")
        both = (await adam.get(f"/customers/{whose}")).text
    assert "<dt>Balance</dt>" in alone
    assert "<dt>Balance</dt>" not in both
    assert "<dt>Balance from payments</dt>" in both
    assert "<dt>Balance as entered or imported</dt>" in both


async def test_a_form_has_the_due_day_in_the_calendar_of_the_reader(office: Running) -> None:
    whose, trip = await with_trip(office)
    async with await office.client("bob") as bob:
        await add(bob, whose, trip, amount="5", due="2027-01-31")
        [payment] = await payments(office, trip)
        page = (await bob.get(f"/customers/{whose}/payments/{payment.id}")).text
    assert f'value="{format_date(date(2027, 1, 31), "fa")}"' in page


async def test_an_amount_with_cents_is_not_rounded_by_a_form(office: Running) -> None:
    whose, trip = await with_trip(office)
    async with await office.client("adam") as adam:
        path = f"/customers/{whose}/trips/{trip}"
        for text, status in (("1.250,40", 422), ("1.250", 303), ("۱٬۲۵۰", 303), ("1250.00", 303)):
            form = {"destination": "Rome", "price": text, "currency": "EUR"}
            assert (await send(adam, path, **form)).status_code == status, text
            [view] = (await adam.get(f"/api/v1/customers/{whose}")).json()["trips"]
            assert view["price"] == (1000 if status == 422 else 1250)
