"""Missed calls over the API, and the links between the pages."""

import re
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from screenpop.calls.events import Disposition
from screenpop.protocol.session import RateLimit
from screenpop.service.ports import LoggedCall
from screenpop.telephony.identifiers import E164
from screenpop.web.calls.missed_versions import SPREAD_MS_A_PAGE
from screenpop.web.websocket.endpoint import SocketLimits
from tests.web.running_server import Running, running
from tests.web.samples import add_customer, keep, record

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        yield up


def missed(number: int, at: float, endpoint: str = "101", **more: Any) -> LoggedCall:
    """A missed call of one caller of their own."""
    found = record(number, at=at, endpoint=endpoint, disposition=Disposition.NO_ANSWER, **more)
    e164 = E164(f"+98912{number:07}")
    return replace(found, caller=replace(found.caller, e164=e164))


async def get(server: Running, name: str, path: str) -> Any:
    async with await server.client(name) as client:
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def test_a_missed_call_is_marked_as_done_and_brought_back(office: Running) -> None:
    customer = await add_customer(office.database)
    now = time.time()
    await keep(office.database, missed(1, now - 90, customer=customer), missed(2, now - 80))
    body = await get(office, "alice", "/api/v1/missed-calls")
    assert [one["call"]["call"] for one in body["missed"]] == ["2.1", "1.1"]
    assert (body["total"], body["next_cursor"], body["done"]) == (2, None, [])
    assert body["missed"][1]["call"]["customer"]["id"] == customer
    call = body["missed"][1]["call"]["id"]
    async with await office.client("alice") as alice:
        answer = await alice.post(f"/api/v1/missed-calls/{call}/done", json={})
        assert answer.json() == {"calls": 1}
        body = (await alice.get("/api/v1/missed-calls")).json()
        assert (body["total"], body["done"][0]["call"]["id"]) == (1, call)
        answer = await alice.post(f"/api/v1/missed-calls/{call}/undo", json={})
        assert answer.json() == {"calls": 1}
        assert (await alice.get("/api/v1/missed-calls")).json()["total"] == 2


async def test_a_heartbeat_brings_another_version_when_the_list_has_changed(
    prepared: Path, tmp_path: Path
) -> None:
    limits = SocketLimits(heartbeat_s=0.05, missed_read_s=0.05, allowance=RateLimit(100, 100))
    async with (
        running(prepared, tmp_path, limits=limits) as office,
        office.socket("alice") as alice,
    ):
        await alice.greet()
        before = (await get(office, "alice", "/api/v1/missed-calls"))["version"]
        await keep(office.database, missed(1, time.time() - 90))
        while (await alice.hear_until("hb"))[-1].get("missed") == before:
            await alice.send_message("hb")
        after = await get(office, "alice", "/api/v1/missed-calls")
        assert after["version"] != before
        assert after["spread_ms"] == SPREAD_MS_A_PAGE
        await alice.send_message("hb")
        assert (await alice.hear_until("hb"))[-1]["missed"] == after["version"]


async def test_done_refuses_the_calls_of_others_forms_and_what_is_no_missed_call(
    office: Running,
) -> None:
    now = time.time()
    await keep(office.database, missed(1, now - 90), record(2, at=now - 80))
    call = (await get(office, "alice", "/api/v1/missed-calls"))["missed"][0]["call"]["id"]
    [answered] = [
        one["id"]
        for one in (await get(office, "sue", "/api/v1/calls"))["calls"]
        if one["call"] == "2.1"
    ]
    async with await office.client("bob") as bob:
        assert (await bob.get("/api/v1/missed-calls")).json()["total"] == 0
        assert (await bob.post(f"/api/v1/missed-calls/{call}/done", json={})).status_code == 404
    async with await office.client("alice") as alice:
        for path in (f"{answered}/done", f"{answered}/undo", "99999/done", "99999/undo"):
            answer = await alice.post(f"/api/v1/missed-calls/{path}", json={})
            assert answer.status_code == 404, path
        form = await alice.post(f"/api/v1/missed-calls/{call}/done", data={"a": "b"})
        assert form.status_code == 415
    async with office.browser() as stranger:
        assert (await stranger.get("/api/v1/missed-calls")).status_code == 401


async def test_the_call_list_filters_by_a_queue_of_the_log(office: Running) -> None:
    now = time.time()
    await keep(
        office.database,
        record(1, at=now - 30, queue="sales"),
        record(2, at=now - 20, queue="support"),
        record(3, at=now - 10, queue=""),
    )
    async with await office.client("sue") as sue:
        page = (await sue.get("/calls", params={"queue": "sales"})).text
    options = re.findall(r'<select name="queue">(.*?)</select>', page, re.DOTALL)[0]
    assert re.findall(r'value="([^"]*)"', options) == ["", "sales", "support"]
    assert 'value="sales" selected' in options
    assert len(re.findall(r'class="row-link"', page)) == 1
    found = (await get(office, "sue", "/api/v1/calls?queue=support"))["calls"]
    assert [one["call"] for one in found] == ["2.1"]


async def test_a_call_links_to_its_customer_and_the_customer_to_the_call(
    office: Running,
) -> None:
    customer = await add_customer(office.database)
    now = time.time()
    await keep(
        office.database,
        record(1, at=now - 30, customer=customer),
        record(2, at=now - 20, customer=customer, endpoint="102"),
    )
    calls = (await get(office, "sue", "/api/v1/calls"))["calls"]
    first, second = calls[1]["id"], calls[0]["id"]
    async with await office.client("sue") as sue:
        assert f'href="/customers/{customer}"' in (await sue.get(f"/calls/{first}")).text
        assert f'href="/customers/{customer}"' in (await sue.get("/calls")).text
        page = (await sue.get(f"/customers/{customer}")).text
        assert f'href="/calls/{first}"' in page
        assert f'href="/calls/{second}"' in page
    # An agent opens the calls they may see: a link never ends in "not found".
    async with await office.client("alice") as alice:
        page = (await alice.get(f"/customers/{customer}")).text
        assert f'href="/calls/{first}"' in page
        assert f'href="/calls/{second}"' not in page
        assert (await alice.get(f"/calls/{first}")).status_code == 200
        assert (await alice.get(f"/calls/{second}")).status_code == 404


async def test_a_call_of_a_number_on_file_names_the_possible_customers(office: Running) -> None:
    customer = await add_customer(office.database)
    await keep(office.database, record(1, at=time.time()), record(2, withheld=True))
    calls = (await get(office, "sue", "/api/v1/calls"))["calls"]
    detail = await get(office, "sue", f"/api/v1/calls/{calls[0]['id']}")
    assert [one["id"] for one in detail["sharing"]] == [customer]
    async with await office.client("sue") as sue:
        assert f'href="/customers/{customer}"' in (await sue.get(f"/calls/{calls[0]['id']}")).text
    hidden = await get(office, "sue", f"/api/v1/calls/{calls[1]['id']}")
    assert hidden["sharing"] == []


async def test_a_missed_call_that_rang_at_a_phone_without_an_agent_opens_for_every_agent(
    office: Running,
) -> None:
    await keep(office.database, missed(1, time.time(), endpoint="199"))
    for name in ("alice", "bob"):
        body = await get(office, name, "/api/v1/missed-calls")
        assert body["total"] == 1
        async with await office.client(name) as agent:
            path = f"/calls/{body['missed'][0]['call']['id']}"
            assert (await agent.get(path)).status_code == 200
