"""Call lists of segments on pages and by API."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from screenpop.store.customers.queries import create_customer
from tests.store.customers.drafts import HERS, draft
from tests.web.customers.test_detail_pages import csrf_of
from tests.web.running_server import Running, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio
VIP = {"field": "tag", "op": "is_any", "value": ["vip"]}


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        await create_customer(up.database, draft("Karimi", HERS, tags=("VIP",)), NOON)
        yield up


async def test_a_supervisor_turns_a_segment_into_a_call_list_and_ends_it(office: Running) -> None:
    async with await office.client("sue") as sue:
        body = {"name": "VIPs", "condition": {"version": 1, "condition": VIP}}
        number = (await sue.post("/api/v1/segments", json=body)).json()["id"]
        form = {"csrf": await csrf_of(sue)}
        made = await sue.post(f"/segments/{number}/call-list", data=form)
        assert made.status_code == 303
        page = (await sue.get("/segments")).text
        assert 'href="/follow-ups?kind=call_list' in page
        listed = (await sue.get("/api/v1/follow-ups", params={"kind": "call_list"})).json()
        assert {"kind": "call_list", "count": 1} in listed["lists"]
        [row] = listed["rows"]
        assert row["params"] == {"segment": "VIPs"}
        [one] = (await sue.get("/api/v1/call-lists")).json()["call_lists"]
        assert (one["segment"]["name"], one["customers"], one["waiting"]) == ("VIPs", 1, 1)

        ended = await sue.post(f"/segments/{number}/call-list/end", data=form)
        assert ended.status_code == 303
        listed = (await sue.get("/api/v1/follow-ups", params={"kind": "call_list"})).json()
        assert listed["rows"] == []

        again = await sue.post(f"/api/v1/segments/{number}/call-list", json={})
        assert again.json()["waiting"] == 1
        assert (await sue.delete(f"/api/v1/segments/{number}/call-list")).status_code == 204
        assert (await sue.delete(f"/api/v1/segments/{number}/call-list")).status_code == 404


async def test_an_empty_segment_makes_no_call_list_and_agents_make_none(office: Running) -> None:
    async with await office.client("sue") as sue:
        none = {**VIP, "value": ["nobody"]}
        body = {"name": "Nobody", "condition": {"version": 1, "condition": none}}
        number = (await sue.post("/api/v1/segments", json=body)).json()["id"]
        refused = await sue.post(f"/api/v1/segments/{number}/call-list", json={})
        assert (refused.status_code, refused.json()["code"]) == (422, "empty")
        form = {"csrf": await csrf_of(sue)}
        back = await sue.post(f"/segments/{number}/call-list", data=form)
        assert back.headers["location"] == "/segments?problem=empty"
        assert 'role="alert"' in (await sue.get("/segments?problem=empty")).text
        assert (await sue.post("/api/v1/segments/99/call-list", json={})).status_code == 404
    async with await office.client("alice") as alice:
        form = {"csrf": await csrf_of(alice)}
        for path in (f"/segments/{number}/call-list", f"/segments/{number}/call-list/end"):
            assert (await alice.post(path, data=form)).status_code == 403
        assert (await alice.delete(f"/api/v1/segments/{number}/call-list")).status_code == 403
