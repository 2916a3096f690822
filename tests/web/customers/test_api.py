"""Customers over the API."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.web.running_server import TOKEN, Running, running

pytestmark = pytest.mark.anyio

PATH = "/api/v1/customers"
ANYWAY = "?anyway=true"
"""Also when other tests' customers may be the same person."""
NEW = {
    "names": {
        "fa": {"given": "مینا", "family": "رضایی"},
        "en": {"given": "Mina", "called": "Mina"},
    },
    "birthday": "۱۳۶۶/۵/۱۲",
    "notes": "a private matter",
    "numbers": [{"number": "0912 777 0001", "label": "mobile"}],
}


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path_factory.mktemp("api"), real_pages=True) as up:
        yield up


async def test_a_customer_is_made_read_and_changed(office: Running) -> None:
    async with await office.client("alice") as alice:
        made = await alice.post(PATH, json=NEW)
        assert made.status_code == 201, made.text
        customer = made.json()
        assert customer["birthday"] == "1987-08-03"
        assert customer["numbers"][0]["e164"] == "+989127770001"

        changed = await alice.patch(f"{PATH}/{customer['id']}", json={"tier": "gold"})

        assert changed.json()["tier"] == "gold"
        assert changed.json()["notes"] == "a private matter"
        read = (await alice.get(f"{PATH}/{customer['id']}")).json()
        assert [one["what"] for one in read["history"]] == ["edited", "created"]
        found = (await alice.get(PATH, params={"q": "رضايي"})).json()["customers"]
        assert customer["id"] in [one["id"] for one in found]


async def test_the_city_is_written_read_and_in_the_search_results(office: Running) -> None:
    async with await office.client("alice") as alice:
        new = {"names": {"en": {"given": "Zoe"}}, "city": "Volos"}
        customer = (await alice.post(PATH, json=new)).json()
        assert customer["city"] == "Volos"
        changed = await alice.patch(f"{PATH}/{customer['id']}", json={"city": "Larissa"})
        assert changed.json()["city"] == "Larissa"
        query = {"q": "larissa", "order": "best"}
        [found] = (await alice.get(PATH, params=query)).json()["customers"]
        assert (found["id"], found["city"]) == (customer["id"], "Larissa")
        too_long = await alice.patch(f"{PATH}/{customer['id']}", json={"city": "x" * 201})
        assert too_long.status_code == 422


async def test_a_misspelt_name_is_found_by_the_best_matches_too(office: Running) -> None:
    async with await office.client("alice") as alice:
        new = {"names": {"en": {"given": "Zenobia", "family": "Anagnostopoulou"}}}
        customer = (await alice.post(PATH, json=new)).json()
        for typed in ("Zenobia Anagnostopoulou", "Zenobia Anagnostopulou"):
            query = {"q": typed, "order": "best"}
            [found] = (await alice.get(PATH, params=query)).json()["customers"]
            assert found["id"] == customer["id"]


@pytest.mark.defends("department-view")
async def test_mallory_of_another_department_reads_and_writes_no_notes(office: Running) -> None:
    async with await office.client("alice") as alice:
        customer_id = (await alice.post(PATH + ANYWAY, json=NEW)).json()["id"]
    async with await office.client("bob") as mallory:
        read = await mallory.get(f"{PATH}/{customer_id}")
        assert read.status_code == 200
        assert "private matter" not in read.text
        assert "1987-08-03" not in read.text
        answer = await mallory.patch(f"{PATH}/{customer_id}", json={"notes": "mine"})
        assert answer.status_code == 403
        for typed in ("private", "matter"):
            found = await mallory.get(PATH, params={"q": typed})
            assert found.json()["customers"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"names": {}}, 422),
        ({"names": {"en": {"given": " "}}}, 422),
        ({**NEW, "birthday": "soon"}, 422),
        ({**NEW, "balance": 5}, 403),
        ({**NEW, "unknown": 1}, 422),
        ({**NEW, "numbers": [{"number": "none"}]}, 422),
        ({**NEW, "tier": "diamond"}, 422),
    ],
)
async def test_what_makes_no_sense_is_refused(
    office: Running, body: dict[str, object], status: int
) -> None:
    async with await office.client("alice") as alice:
        answer = await alice.post(PATH, json=body)
        assert answer.status_code == status, answer.text


async def test_the_token_of_the_data_folder_may_do_everything(office: Running) -> None:
    async with office.browser(Authorization=f"Bearer {TOKEN}") as program:
        customer = (
            await program.post(PATH + ANYWAY, json={**NEW, "balance": 5, "currency": "EUR"})
        ).json()
        assert customer["balance"] == 5
        more = await program.post(
            f"{PATH}/{customer['id']}/numbers", json={"number": "0912 777 0001"}
        )
        assert more.status_code == 422
        assert (await program.get(f"{PATH}/987654")).status_code == 404
        assert (await program.patch(f"{PATH}/987654", json={"vip": True})).status_code == 404


async def test_strangers_and_forms_of_other_sites_write_nothing(office: Running) -> None:
    async with office.browser() as stranger:
        assert (await stranger.post(PATH, json=NEW)).status_code == 401
        assert (await stranger.get(f"{PATH}/1")).status_code == 401
    async with await office.client("alice") as alice:
        answer = await alice.post(PATH, content=b"{}", headers={"Content-Type": "text/plain"})
        assert answer.status_code in {415, 422}


async def test_openapi_describes_customers(office: Running) -> None:
    async with await office.client("alice") as alice:
        paths = (await alice.get("/api/v1/openapi.json")).json()["paths"]
    assert {"get", "post"} <= set(paths[PATH])
    assert {"get", "patch"} <= set(paths[PATH + "/{number}"])


@pytest.mark.parametrize("number", ["999999", str(2**63 - 1)])
async def test_a_customer_that_is_not_on_file_is_not_found(office: Running, number: str) -> None:
    async with await office.client("alice") as alice:
        answer = await alice.get(f"{PATH}/{number}")
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"


async def test_one_repeated_digit_is_refused_as_a_number(office: Running) -> None:
    async with await office.client("alice") as alice:
        for digits in ("0000000", "9999999999", "09999999999", "۱۱۱۱۱۱۱"):
            given = {**NEW, "numbers": [{"number": digits, "label": "mobile"}]}
            assert (await alice.post(PATH, json=given)).status_code == 422
        customer_id = (await alice.post(PATH + ANYWAY, json={**NEW, "numbers": []})).json()["id"]
        answer = await alice.post(f"{PATH}/{customer_id}/numbers", json={"number": "1111111"})
        assert answer.status_code == 422
        assert (await alice.get(f"{PATH}/{customer_id}")).json()["numbers"] == []
