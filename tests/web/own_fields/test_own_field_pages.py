"""Own fields: made on the admin's page, filled in on forms, shown on the page and over the API."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.queries import create_customer
from screenpop.store.own_fields.definitions import list_own_fields
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        yield up


async def customer(office: Running) -> CustomerId:
    draft = CustomerDraft(names={"en": PersonName("Laleh", "Karimi")})
    return await create_customer(office.database, draft, NOON)


async def post(browser: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    token = csrf_of((await browser.get("/customers")).text)
    return await browser.post(path, data={"csrf": token, **form})


MEAL = {
    "name_en": "Meal on board",
    "name_fa": "غذای پرواز",
    "kind": "choice",
    "active": "on",
    "new_0_en": "Halal",
    "new_0_fa": "حلال",
    "new_1_en": "Vegetarian",
}


async def make(office: Running, subject: str = "customer", **form: str) -> int:
    async with await office.client("adam") as admin:
        answer = await post(admin, f"/admin/fields/new?subject={subject}", **form)
        assert answer.status_code == 303, answer.text
    return (await list_own_fields(office.database))[-1].id


async def own_of(office: Running, whose: CustomerId) -> dict[str, object]:
    file = await load_customer_detail(office.database, whose)
    assert file is not None
    return dict(file.own)


async def test_an_agent_fills_in_a_field_that_an_admin_has_made(office: Running) -> None:
    whose = await customer(office)
    meal = await make(office, **MEAL)
    points = await make(office, name_en="Club points", kind="number", active="on")
    async with await office.client("alice") as alice:
        form = (await alice.get(f"/customers/{whose}/edit")).text
        assert "Meal on board" in form
        assert ">Halal</option>" in form

        names = {"name_en_given": "Laleh", "name_en_family": "Karimi"}
        fields = {f"own_{meal}": "1", f"own_{points}": "۱٬۲۵۰"}
        answer = await post(alice, f"/customers/{whose}/edit", **names, **fields)
        assert answer.status_code == 303, answer.text
        assert await own_of(office, whose) == {str(meal): 1, str(points): 1250}

        page = (await alice.get(f"/customers/{whose}")).text
        assert "Meal on board" in page
        assert "Halal" in page
        assert "own:" not in page

        wrong = await post(
            alice, f"/customers/{whose}/edit", **names, **fields | {f"own_{points}": "many"}
        )
        assert wrong.status_code == 422
        assert f'id="own_{points}-wrong"' in wrong.text
        assert 'value="many"' in wrong.text
        kept = await post(alice, f"/customers/{whose}/edit", **names)
        assert kept.status_code == 303
    assert await own_of(office, whose) == {str(meal): 1, str(points): 1250}


async def test_a_field_that_is_switched_off_is_not_asked_and_keeps_its_values(
    office: Running,
) -> None:
    whose = await customer(office)
    points = await make(office, name_en="Club points", kind="number", active="on")
    names = {"name_en_given": "Laleh", "name_en_family": "Karimi"}
    async with await office.client("adam") as admin:
        await post(admin, f"/customers/{whose}/edit", **names, **{f"own_{points}": "7"})
        await post(admin, f"/admin/fields/{points}", name_en="Club points", kind="number")
        for path in (f"/customers/{whose}", f"/customers/{whose}/edit"):
            assert "Club points</" not in (await admin.get(path)).text.split("history-title")[0]
        await post(admin, f"/customers/{whose}/edit", **names, **{f"own_{points}": "8"})
    assert await own_of(office, whose) == {str(points): 7}


async def test_a_refused_definition_is_explained_and_nothing_typed_is_lost(
    office: Running,
) -> None:
    await make(office, **MEAL)
    async with await office.client("adam") as admin:
        again = await post(
            admin, "/admin/fields/new", name_en="Flight food", name_fa="غذای پرواز", kind="text"
        )
        assert again.status_code == 422
        assert "Another field has the name “غذای پرواز” already" in again.text
        assert 'value="Flight food"' in again.text


async def test_a_choice_in_use_is_removed_only_with_a_place_for_its_records(
    office: Running,
) -> None:
    whose = await customer(office)
    meal = await make(office, **MEAL)
    async with await office.client("adam") as admin:
        names = {"name_en_given": "Laleh", "name_en_family": "Karimi"}
        await post(admin, f"/customers/{whose}/edit", **names, **{f"own_{meal}": "1"})
        form = {**MEAL, "new_0_en": "", "new_0_fa": "", "new_1_en": "", "choice_2_en": "Veg"}

        refused = await post(admin, f"/admin/fields/{meal}", **form, choice_1_en="")
        assert refused.status_code == 422
        assert "1 records have “Halal”" in refused.text

        moved = await post(
            admin, f"/admin/fields/{meal}", **form, choice_1_en="Halal", choice_1_remove="2"
        )
        assert moved.status_code == 303, moved.text
    assert await own_of(office, whose) == {str(meal): 2}


async def test_a_field_of_trips_is_on_the_form_and_the_page_of_a_trip(office: Running) -> None:
    whose = await customer(office)
    voucher = await make(office, "trip", name_en="Voucher code", kind="text", active="on")
    async with await office.client("alice") as alice:
        assert "Voucher code" in (await alice.get(f"/customers/{whose}/trips/new")).text
        answer = await post(
            alice,
            f"/customers/{whose}/trips/new",
            destination="Rome",
            adults="2",
            **{f"own_{voucher}": "ZX-81"},
        )
        assert answer.status_code == 303, answer.text
        page = (await alice.get(f"/customers/{whose}")).text
        assert "Voucher code" in page
        assert "ZX-81" in page
        [trip] = (await alice.get(f"/api/v1/customers/{whose}")).json()["trips"]
        assert trip["own"][0]["value"] == "ZX-81"
        assert 'value="ZX-81"' in (await alice.get(f"/customers/{whose}/trips/{trip['id']}")).text


async def test_built_in_fields_that_are_not_asked_stay_as_they_are(office: Running) -> None:
    whose = await customer(office)
    names = {"name_en_given": "Laleh", "name_en_family": "Karimi"}
    async with await office.client("adam") as admin:
        await post(admin, f"/customers/{whose}/edit", **names, city="Shiraz", wish_meals="halal")
        await post(admin, "/admin/fields/asked", ask_tier="on", ask_tags="on")
        form = (await admin.get(f"/customers/{whose}/edit")).text
        assert 'name="city"' not in form
        assert 'name="wish_meals"' not in form
        assert 'name="tier"' in form
        answer = await post(admin, f"/customers/{whose}/edit", **names, tier="gold")
        assert answer.status_code == 303
        shown = (await admin.get(f"/api/v1/customers/{whose}")).json()
        assert (shown["city"], shown["wishes"]["meals"], shown["tier"]) == (
            "Shiraz",
            "halal",
            "gold",
        )
        await post(admin, "/admin/fields/asked", **dict.fromkeys(("ask_city", "ask_wishes"), "on"))
        assert 'name="city"' in (await admin.get(f"/customers/{whose}/edit")).text


async def test_the_api_reads_and_changes_own_fields(office: Running) -> None:
    whose = await customer(office)
    meal = await make(office, **MEAL)
    points = await make(office, name_en="Club points", kind="number", active="on")
    path = f"/api/v1/customers/{whose}"
    async with await office.client("alice") as alice:
        [first, _] = (await alice.get("/api/v1/own-fields")).json()["fields"]
        assert first["names"] == {"en": "Meal on board", "fa": "غذای پرواز"}

        given = {"own": {str(meal): "حلال", str(points): 12.5}}
        shown = (await alice.patch(path, json=given)).json()["own"]
        assert [(one["value"], one["text"]) for one in shown] == [(1, "Halal"), (12.5, "12.5")]

        given = {"own": {str(meal): None}}
        assert len((await alice.patch(path, json=given)).json()["own"]) == 1
        for key, wrong in (
            (meal, "Roof"),
            (meal, 9),
            (points, True),
            (points, 10**20),
            (999, "x"),
        ):
            answer = await alice.patch(path, json={"own": {str(key): wrong}})
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["field"] == f"own.{key}"
    assert await own_of(office, whose) == {str(points): 12.5}


async def test_a_department_without_personal_data_sees_no_own_field_of_a_customer(
    office: Running,
) -> None:
    whose = await customer(office)
    points = await make(office, name_en="Club points", kind="number", active="on")
    names = {"name_en_given": "Laleh", "name_en_family": "Karimi"}
    async with await office.client("alice") as alice:
        await post(alice, f"/customers/{whose}/edit", **names, **{f"own_{points}": "7"})
    async with await office.client("bob") as bob:
        assert "own" not in (await bob.get(f"/api/v1/customers/{whose}")).json()
        assert "Club points" not in (await bob.get(f"/customers/{whose}")).text
        given = {"own": {str(points): 9}}
        answer = await bob.patch(f"/api/v1/customers/{whose}", json=given)
        assert answer.status_code == 403
    assert await own_of(office, whose) == {str(points): 7}


async def test_only_an_admin_makes_and_changes_fields(office: Running) -> None:
    async with await office.client("alice") as alice:
        for path in ("/admin/fields", "/admin/fields/new", "/admin/fields/1"):
            assert (await alice.get(path)).status_code == 403
        for path in ("/admin/fields/new", "/admin/fields/1", "/admin/fields/asked"):
            assert (await post(alice, path, **MEAL)).status_code == 403
    assert await list_own_fields(office.database) == ()
    async with await office.client("adam") as admin:
        assert (await admin.get("/admin/fields/77")).status_code == 404
        for path in ("/admin", "/admin/fields", "/admin/fields/new?subject=trip"):
            assert (await admin.get(path)).status_code == 200
