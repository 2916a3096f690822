"""A removed number is put back from the customer's page."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from screenpop.store.customers.queries import create_customer, link_phone
from tests.store.customers.drafts import HERS, draft, file_of
from tests.web.customers.test_detail_pages import csrf_of
from tests.web.running_server import Running, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        yield up


async def test_a_removed_number_has_an_undo_that_puts_it_back(office: Running) -> None:
    karimi = await create_customer(office.database, draft("Karimi", HERS), NOON)
    [one] = (await file_of(office.database, karimi)).numbers
    async with await office.client("sue") as sue:
        form = {"csrf": await csrf_of(sue)}
        path = f"/customers/{karimi}"
        await sue.post(f"{path}/numbers/{one.id}", data={**form, "do": "remove"})
        found = re.search(r"/removed/(\d+)/undo", (await sue.get(path)).text)
        assert found is not None
        undo = f"{path}/removed/{found[1]}/undo"
        assert (await sue.post(undo, data={"csrf": "wrong"})).status_code == 403
        back = await sue.post(undo, data=form)
        assert (back.status_code, back.headers["location"]) == (303, f"{path}#numbers")
        assert "/undo" not in (await sue.get(path)).text
        assert (await sue.post(undo, data=form)).status_code == 404

        [again] = (await file_of(office.database, karimi)).numbers
        await sue.post(f"{path}/numbers/{again.id}", data={**form, "do": "remove"})
        await link_phone(office.database, karimi, HERS, NOON)
        found = re.search(r"/removed/\d+/undo", (await sue.get(path)).text)
        assert found is not None
        twice = await sue.post(path + found[0], data=form)
        assert twice.status_code == 422
        assert "Ο αριθμός υπάρχει ήδη στην καρτέλα." in twice.text
