"""Branches of the office: named by an administrator, on forms, in the list, the API, exports."""

from collections.abc import AsyncGenerator
from datetime import UTC, date
from pathlib import Path

import pytest

from screenpop.conditions.json_format import read_condition
from screenpop.store.branches import branch_names, save_branch
from screenpop.store.customers.queries import create_customer
from screenpop.store.export_rows import export_customers
from screenpop.store.segments.found import Wanted
from tests.store.customers.drafts import draft
from tests.web.customers.test_detail_pages import csrf_of
from tests.web.privacy.test_pages import Orders
from tests.web.running_server import Running, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio


@pytest.fixture
def orders() -> Orders:
    return Orders()


@pytest.fixture
async def office(prepared: Path, tmp_path: Path, orders: Orders) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True, export=orders) as up:
        yield up


async def test_an_administrator_adds_renames_and_deletes_a_branch(office: Running) -> None:
    async with await office.client("adam") as adam:
        csrf = {"csrf": await csrf_of(adam)}
        added = await adam.post("/admin/branches", data={**csrf, "name": " Athens "})
        assert added.status_code == 303
        [number] = await branch_names(office.database)
        twice = await adam.post("/admin/branches", data={**csrf, "name": "ATHENS"})
        assert twice.status_code == 422
        assert "Another branch has this name." in twice.text
        renamed = await adam.post(f"/admin/branches/{number}", data={**csrf, "name": "Αθήνα"})
        assert renamed.status_code == 303
        page = await adam.get("/admin/branches")
        assert 'value="Αθήνα"' in page.text
        assert "Αθήνα" in (await adam.get("/admin")).text
        asked = await adam.post(f"/admin/branches/{number}/delete", data=csrf)
        assert "Delete the branch" in asked.text
        gone = await adam.post(f"/admin/branches/{number}/delete", data={**csrf, "sure": "yes"})
        assert gone.status_code == 303
        assert await branch_names(office.database) == {}
        for path in (f"/admin/branches/{number}", f"/admin/branches/{number}/delete"):
            lost = await adam.post(path, data={**csrf, "name": "X", "sure": "yes"})
            assert lost.status_code == 404


async def test_only_administrators_change_branches(office: Running) -> None:
    async with await office.client("sue") as sue:
        assert (await sue.get("/admin/branches")).status_code == 403
        for path in ("/admin/branches", "/admin/branches/1", "/admin/branches/1/delete"):
            assert (await sue.post(path, data={"name": "X", "sure": "1"})).status_code == 403
        assert (await sue.get("/api/v1/branches")).json() == {"branches": []}


async def test_a_customer_and_a_user_belong_to_a_branch(office: Running) -> None:
    athens = await save_branch(office.database, "Athens", now=NOON)
    karimi = await create_customer(office.database, draft("Karimi"), NOON)
    await create_customer(office.database, draft("Moradi"), NOON)
    async with await office.client("sue") as sue:
        page = await sue.get(f"/customers/{karimi}/edit")
        assert 'name="branch"' in page.text
        csrf = {"csrf": await csrf_of(sue)}
        form = {**csrf, "name_en_given": "Laleh", "name_en_family": "Karimi", "branch": str(athens)}
        saved = await sue.post(f"/customers/{karimi}/edit", data=form)
        assert saved.status_code == 303
        shown = (await sue.get(f"/customers/{karimi}")).text
        assert "<dt>Υποκατάστημα</dt><dd><bdi>Athens</bdi></dd>" in shown
        lost = await sue.post(f"/customers/{karimi}/edit", data={**form, "branch": "99"})
        assert lost.status_code == 422
        assert "Αυτό το υποκατάστημα δεν υπάρχει πια." in lost.text

        listed = await sue.get("/customers", params={"branch": athens})
        assert "Karimi" in listed.text
        assert "Moradi" not in listed.text
        for more in ({}, {"sort": "name"}, {"q": "kar"}):
            found = await sue.get("/api/v1/customers", params={"branch": athens, **more})
            assert [one["id"] for one in found.json()["customers"]] == [karimi]

        read = await sue.get(f"/api/v1/customers/{karimi}")
        assert read.json()["branch"] == {"id": athens, "name": "Athens"}
        [change] = read.json()["history"][0]["fields"]
        assert change == {"field": "branch", "before": None, "after": "Athens"}
        assert (await sue.get("/api/v1/branches")).json() == {
            "branches": [{"id": athens, "name": "Athens"}]
        }
        taken = await sue.patch(f"/api/v1/customers/{karimi}", json={"branch": 0})
        assert taken.json()["branch"] is None
        wrong = await sue.patch(f"/api/v1/customers/{karimi}", json={"branch": 99})
        assert wrong.status_code == 422
        many = {"action": "set_branch", "branch": athens, "ids": [karimi]}
        step = (await sue.post("/api/v1/customers/bulk", json=many)).json()
        assert (await sue.get(f"/api/v1/customers/{karimi}")).json()["branch"]["id"] == athens
        await sue.post(f"/api/v1/bulk-edits/{step['id']}/undo", json={})
        assert (await sue.get(f"/api/v1/customers/{karimi}")).json()["branch"] is None
        unknown = await sue.post("/api/v1/customers/bulk", json={**many, "branch": 99})
        assert unknown.status_code == 422
    async with await office.client("adam") as adam:
        number = office.id("adam")
        page = await adam.get(f"/admin/users/{number}")
        assert 'name="branch"' in page.text
        csrf = {"csrf": await csrf_of(adam)}
        form = {**csrf, "name": "Adam", "role": "admin", "department": "sales", "phones": ""}
        done = await adam.post(f"/admin/users/{number}", data={**form, "branch": str(athens)})
        assert done.status_code == 303
        page = await adam.get(f"/admin/users/{number}")
        assert f'<option value="{athens}" selected>Athens' in page.text


async def test_an_export_of_a_branch_has_its_customers_with_its_name(
    office: Running, orders: Orders
) -> None:
    athens = await save_branch(office.database, "Athens", now=NOON)
    await create_customer(office.database, draft("Karimi", branch=athens), NOON)
    await create_customer(office.database, draft("Moradi"), NOON)
    async with await office.client("sue") as sue:
        form = {"csrf": await csrf_of(sue), "format": "csv", "branch": str(athens)}
        assert (await sue.post("/customers/export", data=form)).status_code == 200
    segment = orders.orders[0].segment
    assert segment is not None
    node = read_condition(segment["condition"])
    wanted = Wanted(node, date(2025, 12, 1), UTC)
    [[one]] = [page async for page in export_customers(office.database, segment=wanted)]
    assert (one.draft.names["en"].family, one.branch) == ("Karimi", "Athens")
