"""Contact persons on a company's page, on the person's page and over the API."""

from pathlib import Path

import pytest

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import PersonName
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.queries import create_customer
from tests.web.running_server import csrf_of, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio


async def test_a_contact_person_is_on_the_pages_of_the_company_and_of_the_person(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path, real_pages=True) as office:
        draft = CustomerDraft(names={"en": PersonName("Laleh", "Karimi")}, company="Aria <b>Ltd")
        whose = await create_customer(office.database, draft, NOON)
        detail = await load_customer_detail(office.database, whose)
        assert detail is not None
        assert detail.company is not None
        company = detail.company.id
        async with await office.client("alice") as alice:
            page = (await alice.get(f"/households/{company}")).text
            assert "Aria &lt;b&gt;Ltd" in page
            form = {"csrf": csrf_of(page), "books": "on"}
            path = f"/households/{company}/contacts/{whose}"
            assert (await alice.post(path, data=form)).status_code == 303
            assert 'name="books" checked' in (await alice.get(f"/households/{company}")).text
            own = (await alice.get(f"/customers/{whose}")).text
            assert '<span class="pill">books</span>' in own
            assert "Roles at the company changed" in own

            api = f"/api/v1/companies/{company}/contacts"
            put = await alice.put(f"{api}/{whose}", json={"roles": ["pays", "travels"]})
            assert put.status_code == 200
            assert (await alice.get(api)).json() == {
                "contacts": [{"customer": whose, "roles": ["pays", "travels"]}]
            }
            # Mallory: another company, an unknown role, a form without its token.
            elsewhere = f"/api/v1/companies/{company + 1}/contacts/{whose}"
            assert (await alice.put(elsewhere, json={"roles": []})).status_code == 404
            assert (await alice.put(f"{api}/{whose}", json={"roles": ["x"]})).status_code == 422
            assert (await alice.post(path, data={"books": "on"})).status_code == 403
        async with office.browser() as stranger:
            assert (await stranger.get(api)).status_code == 401
