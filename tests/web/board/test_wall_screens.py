"""A wall screen sees the board by its link alone, and nothing once the link has ended."""

import html
import re
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import orjson
import pytest
from websockets.exceptions import InvalidStatus

from screenpop.protocol.close_codes import CloseCode
from screenpop.store.accounts.board_links import (
    list_board_links,
    make_board_link,
    take_back_board_link,
)
from screenpop.store.accounts.teams import save_team
from screenpop.store.accounts.user_admin import disable_user
from screenpop.web.websocket.endpoint import SocketLimits
from tests.web.running_server import Running, csrf_of, running

pytestmark = pytest.mark.anyio

DAY = 86_400.0


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    limits = SocketLimits(session_check_s=0.05, heartbeat_s=0.2)
    async with running(prepared, tmp_path, real_pages=True, limits=limits) as up:
        yield up


async def make(office: Running, days: int = 1, now: float | None = None) -> str:
    at = time.time() if now is None else now
    return await make_board_link(
        office.database, office.id("sue"), "Hall", days, at, shows_names=False
    )


def at(token: str) -> str:
    return f"/ws/v1?screen={token}"


async def test_a_link_is_made_and_taken_back_and_its_address_is_in_one_answer_only(
    office: Running,
) -> None:
    async with await office.client("sue") as sue:
        csrf = csrf_of((await sue.get("/board/links")).text)
        form = {"csrf": csrf, "name": "<b>Hall</b>", "days": "30", "names": "no"}
        made = await sue.post("/board/links?queue=sales&x=y", data=form)
        assert made.status_code == 200
        assert made.headers["cache-control"] == "no-store"
        (link_address,) = re.findall(r'href="(/screen/[^"]+)"', made.text)
        assert f"<bdi>http://{sue.base_url.netloc.decode()}{link_address}</bdi>" in made.text
        address = html.unescape(link_address)
        assert address.endswith("?lang=el&queue=sales")
        listed = (await sue.get("/board/links")).text
        assert "/screen/" not in listed
        assert "&lt;b&gt;Hall" in listed
        async with office.browser() as stranger:
            page = await stranger.get(address)
            assert page.status_code == 200
            assert (await stranger.get(address.replace("?", "/figures?"))).status_code == 200
            assert "sue" not in page.text.lower()
            for asked, language in (("fa", "fa"), ("xx", "en")):
                wanted = address.replace("lang=el", f"lang={asked}")
                page = await stranger.get(wanted, headers={"Accept-Language": "en"})
                assert f'<html lang="{language}"' in page.text
        (link,) = await list_board_links(office.database, time.time())
        for refused in ({"csrf": "x"}, {}):
            answer = await sue.post(f"/board/links/{link.id}/end", data=refused)
            assert answer.status_code == 403
        await sue.post(f"/board/links/{link.id}/end", data={"csrf": csrf})
        assert (
            await sue.post(f"/board/links/{link.id}/end", data={"csrf": csrf})
        ).status_code == 404
        bad = await sue.post("/board/links", data={"csrf": csrf, "name": " ", "days": "30"})
        assert bad.status_code == 422
        async with office.browser() as stranger:
            for path in (address, address.replace("?", "/figures?")):
                assert (await stranger.get(path)).status_code == 404


@pytest.mark.defends("wall-links")
async def test_a_guessed_expired_or_absent_token_opens_neither_page_nor_socket(
    office: Running,
) -> None:
    token = await make(office)
    expired = await make(office, now=time.time() - 2 * DAY)
    for guess in (expired, token[:-1], token + "x", token.swapcase(), "x", "%00", "a" * 99):
        async with office.browser() as stranger:
            for path in (f"/screen/{guess}", f"/screen/{guess}/figures"):
                answer = await stranger.get(path)
                assert answer.status_code in {404, 422}, path
        async with office.socket(None, path=at(guess)) as socket:
            bye = await socket.hear()
            assert bye["code"] == CloseCode.REFUSED
            assert await socket.closed() == CloseCode.REFUSED
    async with office.browser() as stranger:
        assert (await stranger.get("/board")).status_code in {303, 401}
        # The token is no session: it opens nothing else.
        for path in ("/calls", "/api/v1/calls", "/api/v1/board", "/customers", "/board/links"):
            for name in ("screen", "token"):
                answer = await stranger.get(path, params={name: token})
                assert answer.status_code in {303, 401}, path


@pytest.mark.defends("wall-links")
async def test_a_screen_gets_its_own_stream_and_may_send_nothing(office: Running) -> None:
    token = await make(office)
    (link,) = await list_board_links(office.database, time.time())
    office.bus.publish([office.id("sue")], "card", "c", b'{"id":"c"}')
    async with office.socket("sue", path=at(token)) as socket:  # a login beside it is not used
        welcome, snapshot = await socket.greet()
        assert (welcome["mode"], snapshot["cards"]) == ("snapshot", [])
        office.bus.publish(
            [link.reader], "call", "x", orjson.dumps({"id": "x", "state": "waiting"})
        )
        heard = await socket.hear_until("call")
        assert heard[-1]["call"] == {"id": "x", "state": "waiting"}
        await socket.send_message("command", id="abc123", op="note", args={"card": "c"})
        await socket.send_message("receipt", card="c", rev=1, stages={"seen": 1})
        result = (await socket.hear_until("result"))[-1]
        assert (result["ok"], result["error"]) == (False, "not_allowed")
        assert office.recorded.commands == []
        assert office.recorded.receipts == []
    with pytest.raises(InvalidStatus, match="403"):
        async with office.socket(None, path=at(token), origin="https://evil.example"):
            pass


@pytest.mark.defends("wall-links")
async def test_an_open_socket_closes_after_its_link_ends(office: Running) -> None:
    for end in ("taken back here", "taken back elsewhere", "maker disabled"):
        token = await make(office)
        link = (await list_board_links(office.database, time.time()))[0]
        async with office.socket(None, path=at(token)) as socket:
            await socket.greet()
            if end == "taken back here":
                async with await office.client("sue") as sue:
                    csrf = csrf_of((await sue.get("/board/links")).text)
                    await sue.post(f"/board/links/{link.id}/end", data={"csrf": csrf})
            elif end == "taken back elsewhere":
                sue_user = office.people["sue"]
                assert await take_back_board_link(office.database, link.id, sue_user)
            else:
                await disable_user(office.database, office.id("sue"))
            assert await socket.closed() == CloseCode.REFUSED, end
    # The server looks this often; it is asked to close them within 5 s.
    assert SocketLimits().session_check_s < 5


async def test_links_are_for_supervisors_and_those_of_teams_manage_only_their_own(
    office: Running,
) -> None:
    async with await office.client("alice") as alice:
        csrf = csrf_of((await alice.get("/me")).text)
        form = {"csrf": csrf, "name": "Hall", "days": "1"}
        assert (await alice.post("/board/links", data=form)).status_code == 403
        assert (await alice.post("/board/links/1/end", data=form)).status_code == 403
    await make_board_link(
        office.database, office.id("adam"), "Boss", 1, time.time(), shows_names=True
    )
    await save_team(office.database, None, "A", [office.id("alice")], [office.id("sue")])
    (link,) = await list_board_links(office.database, time.time())
    async with await office.client("sue") as sue:
        page = (await sue.get("/board/links")).text
        assert "Boss" not in page
        form = {"csrf": csrf_of(page)}
        assert (await sue.post(f"/board/links/{link.id}/end", data=form)).status_code == 404
