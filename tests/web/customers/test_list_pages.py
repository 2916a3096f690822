"""The list of customers: found in any language, without fields that need a permission."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import PersonName
from screenpop.store.customers.list_order import OrderBy
from screenpop.store.customers.queries import create_customer
from screenpop.web.customers.list_sorting import sort_links
from tests.web.running_server import Running, running
from tests.web.samples import NOON, add_customer

pytestmark = pytest.mark.anyio

PATH = "/api/v1/customers"


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path_factory.mktemp("customers")) as up:
        await add_customer(up.database)
        for number in range(60):
            draft = CustomerDraft(names={"en": PersonName("Ann", f"Number{number}")})
            await create_customer(up.database, draft, NOON)
        yield up


async def test_a_customer_is_called_as_the_reader_speaks(office: Running) -> None:
    for name, called in (("alice", "Karimi <i>"), ("bob", "لاله کریمی")):
        async with await office.client(name) as client:
            (customer,) = (await client.get(PATH, params={"q": "کریمی"})).json()["customers"]
            assert customer["name"].endswith(called)
            (phone,) = customer["phones"]
            assert phone.pop("id")
            assert [phone] == [
                {"number": "+98 912 345 6789", "e164": "+989123456789", "label": "mobile"}
            ]


async def test_what_is_not_for_every_department_is_not_in_the_list(office: Running) -> None:
    async with await office.client("bob") as bob:
        for path in (PATH, "/customers"):
            text = (await bob.get(path, params={"q": "karimi"})).text
            assert "+98 912 345 6789" in text
            assert "12400000" not in text
            assert "private" not in text


async def test_the_list_is_read_page_by_page(office: Running) -> None:
    async with await office.client("sue") as sue:
        names: list[str] = []
        query: dict[str, str] = {}
        while query.get("after") != "None":
            answer = (await sue.get(PATH, params=query)).json()
            names += [one["name"] for one in answer["customers"]]
            query = {"after": str(answer["next_cursor"])}
    assert len(names) == len(set(names)) == 61


async def test_a_name_is_displayed_as_text_on_the_page(office: Running) -> None:
    async with await office.client("alice") as alice:
        text = (await alice.get("/customers", params={"q": "karimi"})).text
        assert "Karimi &lt;i&gt;|+98 912 345 6789" in text
        assert "<i>|" not in text


@pytest.mark.parametrize("query", [{"after": "x"}, {"after": "0"}, {"q": "x" * 201}])
async def test_a_place_or_a_search_that_makes_no_sense_is_reported(
    office: Running, query: dict[str, str]
) -> None:
    async with await office.client("sue") as sue:
        answer = await sue.get(PATH, params=query)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == next(iter(query))


async def test_strangers_get_no_customer(office: Running) -> None:
    async with office.browser() as mallory:
        answer = await mallory.get(PATH)
        assert answer.status_code == 401
        assert "Karimi" not in answer.text


async def test_the_list_is_sorted_page_by_page_with_search_and_direction(office: Running) -> None:
    async with await office.client("sue") as sue:
        found: list[str] = []
        query = {"sort": "-name", "q": "ann"}
        while "after" not in query or query["after"] != "None":
            answer = (await sue.get(PATH, params=query)).json()
            found += [one["name"] for one in answer["customers"]]
            query["after"] = str(answer["next_cursor"])
    names = sorted((f"Number{number}" for number in range(60)), reverse=True)
    assert [name.split()[-1] for name in found] == names


def test_headings_are_links_that_keep_search_and_turn_the_direction() -> None:
    filters = {"q": "ann", "segment": "", "sort": "name"}

    for sort, name, contact in (
        ("", ("/customers?q=ann&sort=name", ""), ("/customers?q=ann&sort=-contact", "")),
        (
            "name",
            ("/customers?q=ann&sort=-name", "ascending"),
            ("/customers?q=ann&sort=-contact", ""),
        ),
        ("-name", ("/customers?q=ann", "descending"), ("/customers?q=ann&sort=-contact", "")),
        (
            "-contact",
            ("/customers?q=ann&sort=name", ""),
            ("/customers?q=ann&sort=contact", "descending"),
        ),
    ):
        links = sort_links(sort, filters, [OrderBy.NAME, OrderBy.CONTACT])

        assert (links["name"]["href"], links["name"]["direction"]) == name
        assert (links["contact"]["href"], links["contact"]["direction"]) == contact


async def test_an_order_by_what_the_department_may_not_see_is_refused(office: Running) -> None:
    async with await office.client("alice") as alice:
        for path in (PATH, "/customers"):
            assert (await alice.get(path, params={"sort": "trip"})).status_code == 200
            assert (await alice.get(path, params={"sort": "value"})).status_code == 403


@pytest.mark.parametrize(
    "query", [{"sort": "size"}, {"after": "YQ==.1"}, {"after": "7", "sort": "name"}]
)
async def test_an_unknown_order_or_the_place_of_another_one_is_reported(
    office: Running, query: dict[str, str]
) -> None:
    async with await office.client("sue") as sue:
        answer = await sue.get(PATH, params=query)
        assert answer.status_code == 422
