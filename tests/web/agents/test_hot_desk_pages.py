"""Hot desks of today: which agent may take which phone, and what an administrator sees of it."""

import time

import pytest

from screenpop.store.accounts.hot_desks import (
    HotDeskLogin,
    list_hot_desk_logins,
    record_unassigned_phone,
)
from screenpop.telephony.identifiers import Endpoint, PbxId
from tests.web.running_server import Running, csrf_of

pytestmark = pytest.mark.anyio


async def _hot_desk(server: Running, name: str, endpoint: str, **more: str) -> tuple[int, str]:
    async with await server.client(name) as client:
        page = await client.get("/me")
        form = {"csrf": csrf_of(page.text), "endpoint": endpoint} | more
        answer = await client.post("/me/seat", data=form)
        return answer.status_code, answer.text


async def _logins(server: Running) -> list[HotDeskLogin]:
    return list(await list_hot_desk_logins(server.database, time.time()))


async def test_an_agent_logs_in_at_a_phone_and_out_again(server: Running) -> None:
    assert (await _hot_desk(server, "bob", " 105 "))[0] == 303
    assert await _logins(server) == [HotDeskLogin(server.id("bob"), PbxId(""), Endpoint("105"))]
    async with await server.client("bob") as bob:
        assert '<p id="seat">105</p>' in (await bob.get("/me")).text
        assert '<p id="phones">105 102</p>' in (await bob.get("/")).text
    assert (await _hot_desk(server, "bob", ""))[0] == 303
    assert await _logins(server) == []


async def test_a_hot_desk_is_left_with_the_session(server: Running) -> None:
    await _hot_desk(server, "bob", "105")
    async with await server.client("bob") as bob:
        csrf = csrf_of((await bob.get("/me")).text)
        await bob.post("/logout", data={"csrf": csrf})
    assert await _logins(server) == []


async def test_mallory_cannot_take_the_phone_of_an_agent_at_work(server: Running) -> None:
    async with server.socket("alice") as alice:
        await alice.greet()
        status, text = await _hot_desk(server, "bob", "101")
        assert status == 422
        assert '<p id="problem">taken</p>' in text
    assert await _logins(server) == []


async def test_the_phone_of_an_absent_colleague_can_be_taken(server: Running) -> None:
    assert (await _hot_desk(server, "bob", "101"))[0] == 303
    assert [one.endpoint for one in await _logins(server)] == ["101"]


@pytest.mark.parametrize("pbx", ["another", "' OR 1=1"])
async def test_there_is_no_hot_desk_at_a_pbx_that_is_not_ours(server: Running, pbx: str) -> None:
    status, text = await _hot_desk(server, "bob", "105", pbx=pbx)
    assert status == 422
    assert '<p id="problem">no_phone</p>' in text


async def test_mallory_without_the_forms_token_logs_no_agent_in(server: Running) -> None:
    async with await server.client("bob") as bob:
        answer = await bob.post("/me/seat", data={"endpoint": "105", "csrf": "x"})
        assert answer.status_code == 403
    async with server.browser() as mallory:
        answer = await mallory.post("/me/seat", data={"endpoint": "105", "csrf": "x"})
        assert answer.headers["location"] == "/login"
    assert await _logins(server) == []


async def test_an_administrator_hears_of_phones_without_an_agent(server: Running) -> None:
    await record_unassigned_phone(server.database, PbxId("office"), Endpoint("150"), 1.8e9)
    async with await server.client("adam") as adam:
        page = (await adam.get("/admin")).text
        assert '<p class="lonely">150</p>' in page
        form = {"csrf": csrf_of(page), "pbx": "office", "endpoint": "150"}
        assert (await adam.post("/admin/lonely", data=form)).status_code == 303
        assert "lonely" not in (await adam.get("/admin")).text
    for name in ("alice", "sue"):
        async with await server.client(name) as client:
            assert (await client.get("/admin")).status_code == 403
