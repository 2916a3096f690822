"""The board of trips over its API, with only what a user may see and change."""

import time
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips_edit import add_trip
from tests.web.running_server import Running, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio

BOARD = "/api/v1/trip-board"


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path_factory.mktemp("board"), real_pages=True) as up:
        yield up


def office_day() -> date:
    return datetime.now(UTC).date()


async def trip(office: Running, **values: object) -> tuple[CustomerId, int]:
    draft = CustomerDraft(names={"en": PersonName("Laleh", "<b>Karimi</b>")})
    whose = await create_customer(office.database, draft, NOON)
    values = {"destination": "Rome", **values}
    return whose, await add_trip(office.database, whose, values, user_id=None, now=time.time())


async def on_board(browser: httpx.AsyncClient, number: int, **query: str) -> dict[str, Any]:
    columns = (await browser.get(BOARD, params=query)).json()["columns"]
    found = [one for column in columns for one in column["trips"] if one["id"] == number]
    assert len(found) == 1, columns
    return dict(found[0])


async def test_a_trip_is_moved_ticked_and_given_an_owner(office: Running) -> None:
    _, number = await trip(office)
    path = f"{BOARD}/trips/{number}"
    async with await office.client("alice") as alice:
        assert 'id="trips"' in (await alice.get("/trips")).text
        seen = await on_board(alice, number)
        moved = await alice.post(f"{path}/move", json={"to": "quoted", "version": seen["version"]})
        now = moved.json()["trip"]
        assert (moved.status_code, now["status"], now["days"]) == (200, "quoted", 0)
        late = await alice.post(f"{path}/move", json={"to": "booked", "version": seen["version"]})
        assert (late.status_code, late.json()["code"]) == (409, "trip_changed")
        assert late.json()["trip"] == now
        ticked = await alice.post(
            f"{path}/tick", json={"item": "seats", "done": True, "version": now["version"]}
        )
        now = ticked.json()["trip"]
        items = {one["item"]: one["done"] for one in now["checklist"]}
        assert items == {"passport": False, "visa": True, "seats": True, "voucher": False}
        owner = {"user_id": office.id("alice"), "version": now["version"]}
        now = (await alice.post(f"{path}/owner", json=owner)).json()["trip"]
        assert now["owner"]["id"] == office.id("alice")
        seen = await on_board(alice, number, owner=str(office.id("alice")))
        assert seen == now


async def test_a_balance_is_an_item_only_where_prices_may_be_seen(office: Running) -> None:
    departs = (office_day() + timedelta(days=3)).isoformat()
    _, number = await trip(
        office,
        status="booked",
        departs=office_day() + timedelta(days=3),
        price=900,
        currency="EUR",
    )
    async with await office.client("bob") as bob:  # accounting
        seen = await on_board(bob, number)
        assert {"item": "balance", "done": False, "by_hand": False} in seen["checklist"]
        assert (seen["departs"], seen["stuck"]) == (departs, ["near_departure"])
    async with await office.client("alice") as alice:  # sales
        seen = await on_board(alice, number)
        assert "balance" not in [one["item"] for one in seen["checklist"]]
        now = seen
        for item in ("passport", "seats", "voucher"):
            path = f"{BOARD}/trips/{number}/tick"
            body = {"item": item, "done": True, "version": now["version"]}
            now = (await alice.post(path, json=body)).json()["trip"]
        # That only the balance is open is not given away by the mark either.
        assert now["stuck"] == []
    async with await office.client("bob") as bob:
        assert (await on_board(bob, number, stuck="true"))["stuck"] == ["near_departure"]


async def test_mallory_moves_nothing(office: Running) -> None:
    _, number = await trip(office)
    path = f"{BOARD}/trips/{number}"
    async with await office.client("alice") as alice:
        version = (await on_board(alice, number))["version"]
        for what, body in (
            ("move", {"to": "gone", "version": version}),
            ("move", {"to": "quoted"}),
            ("move", {"to": "quoted", "version": -1}),
            ("tick", {"item": "balance", "done": True, "version": version}),
            ("tick", {"item": "visa", "done": True, "version": version}),
            ("owner", {"user_id": 10**9, "version": version}),
        ):
            assert (await alice.post(f"{path}/{what}", json=body)).status_code == 422, body
        good = {"to": "quoted", "version": version}
        assert (await alice.post(f"{BOARD}/trips/{10**9}/move", json=good)).status_code == 404
        form = {"Content-Type": "text/plain"}
        plain = await alice.post(f"{path}/move", content='{"to":"quoted"}', headers=form)
        assert plain.status_code in {415, 422}
        for cursor in ("x", "2026-13-01.5", f"none.{10**18 * 9999}", "2026-01-01.5;"):
            bad = await alice.get(f"{BOARD}/asked", params={"after": cursor})
            assert bad.status_code == 422, cursor
        assert (await alice.get(f"{BOARD}/cancelled")).status_code == 404
        page = await alice.get(f"{BOARD}/asked", params={"after": "2026-01-01.5"})
        assert page.status_code == 200
        assert (await on_board(alice, number))["status"] == "asked"
    async with office.browser() as stranger:
        assert (await stranger.get(BOARD)).status_code == 401
        assert (await stranger.post(f"{path}/move", json=good)).status_code == 401
