"""Points on the customer's page and in the API: spent, corrected and refused."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from screenpop.store.customers.queries import create_customer
from screenpop.store.points.ledger import MAX_REASON
from tests.store.customers.drafts import draft
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        await create_customer(up.database, draft("Karimi"), NOON)
        yield up


async def post(browser: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    token = csrf_of((await browser.get("/customers")).text)
    return await browser.post(path, data={"csrf": token, **form})


async def test_points_are_corrected_spent_and_refused_over_the_api(office: Running) -> None:
    path = "/api/v1/customers/1/points"
    async with await office.client("adam") as adam, await office.client("alice") as alice:
        empty = (await alice.get(path)).json()
        assert (empty["used"], empty["balance"], empty["entries"]) == (False, 0, [])
        given = {"points": 12, "reason": "opening", "key": "k"}
        assert (await alice.post(f"{path}/correct", json=given)).status_code == 403
        for _ in range(2):
            assert (await adam.post(f"{path}/correct", json=given)).json()["balance"] == 12
        spent = await alice.post(f"{path}/spend", json={"points": 5, "reason": "upgrade"})
        assert spent.json()["balance"] == 7
        assert [one["points"] for one in spent.json()["entries"]] == [-5, 12]
        few = await alice.post(f"{path}/spend", json={"points": 8, "reason": "upgrade"})
        assert (few.status_code, few.json()["code"], few.json()["balance"]) == (
            *(409, "points_too_few", 7),
        )
        none = await alice.post(f"{path}/spend", json={"points": 0, "reason": "upgrade"})
        assert (none.status_code, none.json()["code"]) == (422, "points_number")
        long = {"points": 1, "reason": "r" * (MAX_REASON + 1)}
        assert (await alice.post(f"{path}/spend", json=long)).status_code == 422
        long["reason"] = "r" * MAX_REASON
        assert (await alice.post(f"{path}/spend", json=long)).status_code == 200
        missing = await alice.post("/api/v1/customers/99/points/spend", json=long)
        assert missing.status_code == 404


async def test_points_are_spent_on_the_page_in_any_digits(office: Running) -> None:
    async with await office.client("sue") as sue, await office.client("bob") as bob:
        assert 'id="points"' not in (await bob.get("/customers/1")).text
        made = await post(sue, "/customers/1/points/correct", points="+۱۲", reason="opening")
        assert (made.status_code, made.headers["location"]) == (303, "/customers/1#points")
        page = (await bob.get("/customers/1")).text
        assert 'data-count="12"' in page
        assert "/points/spend" in page
        assert "/points/correct" not in page
        assert (
            await post(bob, "/customers/1/points/correct", points="1", reason="x")
        ).status_code == 403
        for wrong in ("13", "x", "1" * 8, "1" * 9):
            refused = await post(bob, "/customers/1/points/spend", points=wrong, reason="ارتقا")
            assert refused.status_code == 422
            assert f'value="{wrong}"' in refused.text
            assert "ارتقا" in refused.text
        assert (
            await post(bob, "/customers/1/points/spend", points="۱۲", reason="ارتقا")
        ).status_code == 303
        assert 'data-count="0"' in (await bob.get("/customers/1")).text
