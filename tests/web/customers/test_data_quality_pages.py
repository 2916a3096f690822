"""Duplicates, merging, taking apart, and numbers that need mending, as pages."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.queries import create_customer
from screenpop.telephony.identifiers import E164
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path_factory.mktemp("order"), real_pages=True) as up:
        yield up


async def person(office: Running, *phones: PhoneDraft, **more: object) -> CustomerId:
    draft = CustomerDraft(
        names={"en": PersonName("Laleh", "<b>K</b>")},
        phones=phones,
        **more,  # type: ignore[arg-type]
    )
    return await create_customer(office.database, draft, NOON)


HERS = PhoneDraft("0912 345 6789", E164("+989123456789"), "123456789")


async def test_duplicates_are_merged_and_taken_apart_again(office: Running) -> None:
    one, other = await person(office, HERS), await person(office, HERS)
    async with await office.client("alice") as alice:
        csrf = csrf_of((await alice.get("/me")).text)
        page = (await alice.get("/customers/duplicates")).text
        assert f"/customers/{one}/merge?with={other}" in page
        assert "<b>K</b>" not in page
        assert (await alice.get(f"/customers/{one}/merge?with={other}")).status_code == 200

        done = await alice.post(f"/customers/{one}/merge", data={"csrf": csrf, "gone": str(other)})

        assert done.headers["location"] == f"/customers/{one}"
        assert (await alice.get(f"/customers/{other}")).headers["location"] == f"/customers/{one}"
        page = (await alice.get(f"/customers/{one}")).text
        undo = f"/customers/merges/{1}/undo"
        assert undo in page
        assert (await alice.post(undo, data={"csrf": csrf})).status_code == 303
        assert (await alice.get(f"/customers/{other}")).status_code == 200
        assert (await alice.post(undo, data={"csrf": csrf})).status_code == 404


async def test_mallory_merges_nothing_without_the_forms_token(office: Running) -> None:
    one, other = await person(office, HERS), await person(office, HERS)
    async with await office.client("alice") as mallory:
        assert (
            await mallory.post(f"/customers/{one}/merge", data={"gone": str(other)})
        ).status_code == 403
        assert (await mallory.post("/customers/merges/1/undo")).status_code == 403
        assert (await mallory.post("/customers/numbers/mend", data={"ids": "1"})).status_code == 403
        assert (await mallory.get(f"/customers/{other}")).status_code == 200


@pytest.mark.parametrize("other", ["x", "0", "999999", "9" * 20, "9" * 30])
async def test_a_file_that_is_not_there_cannot_be_merged(office: Running, other: str) -> None:
    one = await person(office, HERS)
    async with await office.client("alice") as alice:
        answer = await alice.get(f"/customers/{one}/merge", params={"with": other})
        assert answer.status_code in {200, 404, 422}
        csrf = csrf_of((await alice.get("/me")).text)
        done = await alice.post(f"/customers/{one}/merge", data={"csrf": csrf, "gone": other})
        assert done.status_code in {404, 422}


async def test_numbers_are_mended_where_their_reading_is_sure(office: Running) -> None:
    customer_id = await person(office, PhoneDraft("0912 345 6789", None, "123456789", "mobile"))
    greek = await person(office, PhoneDraft("6912345678", None, "912345678"), language="el")
    await person(office, PhoneDraft("ask", None, None))
    async with await office.client("alice") as alice:
        page = (await alice.get("/customers/numbers")).text
        assert "+98 912 345 6789" in page
        assert "+30 691 234 5678" in page
        csrf = csrf_of((await alice.get("/me")).text)
        await alice.post("/customers/numbers/mend", data={"csrf": csrf, "ids": "1 2 x 99"})
        for number, shown in ((customer_id, "+98 912 345 6789"), (greek, "+30 691 234 5678")):
            assert shown in (await alice.get(f"/customers/{number}")).text
        page = (await alice.get("/customers/numbers", params={"problem": "unparseable"})).text
        assert "ask" in page


@pytest.mark.parametrize("ids", ["9" * 30, "9" * 5000, "-1", "\u00b2", "9223372036854775808"])
async def test_a_number_that_no_row_can_have_mends_nothing(office: Running, ids: str) -> None:
    customer_id = await person(office, PhoneDraft("0912 345 6789", None, "123456789", "mobile"))
    async with await office.client("alice") as alice:
        csrf = csrf_of((await alice.get("/me")).text)
        form = {"csrf": csrf, "ids": ids}
        assert (await alice.post("/customers/numbers/mend", data=form)).status_code == 303
        assert "+98 912 345 6789" not in (await alice.get(f"/customers/{customer_id}")).text


async def test_a_household_shows_its_members(office: Running) -> None:
    await person(office, HERS, household="Karimi")
    async with await office.client("alice") as alice:
        page = (await alice.get("/households/1")).text
        assert "&lt;b&gt;K&lt;/b&gt;" in page
        assert (await alice.get("/households/99")).status_code == 404
