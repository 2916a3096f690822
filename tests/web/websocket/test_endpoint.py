"""``/ws/v1`` over real sockets: accepted clients, their messages, and refusals."""

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from screenpop.accounts.users import Department, Role
from screenpop.protocol.client_messages import MAX_MESSAGE_LENGTH, Stage
from screenpop.protocol.session import RateLimit
from screenpop.store.accounts.sessions import end_all_sessions
from screenpop.store.accounts.user_admin import change_role, delete_user, disable_user
from screenpop.store.accounts.users import change_password
from screenpop.web.websocket.endpoint import SocketLimits
from tests.web.running_server import Running, csrf_of, running

pytestmark = pytest.mark.anyio

QUICK = SocketLimits(
    tabs=3,
    heartbeat_s=0.05,
    session_recheck_s=0.1,
    session_check_s=0.05,
    allowance=RateLimit(per_second=50, burst=40),
)


async def test_an_agent_sends_hello_and_gets_the_whole_picture(server: Running) -> None:
    server.bus.publish([server.id("alice")], "card", "c1", b'{"id":"c1","rev":1}')
    async with server.socket("alice") as alice:
        welcome, snapshot = await alice.greet()
        assert welcome["mode"] == "snapshot"
        assert snapshot["cards"] == [{"id": "c1", "rev": 1}]


@pytest.mark.defends("socket-ownership")
async def test_a_card_reaches_every_tab_of_its_agent_and_no_other_user(server: Running) -> None:
    async with (
        server.socket("alice") as first,
        server.socket("alice") as second,
        server.socket("bob") as bob,
    ):
        for page in (first, second, bob):
            await page.greet()
        server.bus.publish([server.id("alice")], "card", "c", '{"id":"c","by":"مریم"}'.encode())
        server.bus.publish([server.id("bob")], "card", "d", b'{"id":"d"}')
        for page in (first, second):
            assert (await page.hear())["card"] == {"id": "c", "by": "مریم"}
        assert (await bob.hear())["card"] == {"id": "d"}


async def test_a_client_that_comes_back_gets_only_what_was_missed(server: Running) -> None:
    user = [server.id("alice")]
    async with server.socket("alice") as alice:
        welcome, _ = await alice.greet()
    for rev in (1, 2):
        server.bus.publish(user, "card", "c", b'{"id":"c","rev":%d}' % rev)
    async with server.socket("alice") as alice:
        (welcome,) = await alice.greet({"epoch": welcome["epoch"], "seq": welcome["seq"]})
        assert welcome["mode"] == "resumed"
        missed = [await alice.hear(), await alice.hear()]
        assert [one["card"] for one in missed] == [{"id": "c", "rev": 1}, {"id": "c", "rev": 2}]


async def test_receipts_come_out_with_the_user_that_sent_them(server: Running) -> None:
    async with server.socket("alice") as alice:
        await alice.greet()
        before = time.time()
        await alice.send_message(
            "receipt", card="p/1/2", rev=1, stages={"received": 5_000, "painted": 0}
        )
        async with asyncio.timeout(10):
            await server.recorded.heard.wait()
    ((user, card, rev, stages),) = server.recorded.receipts
    assert (user, card, rev) == (server.id("alice"), "p/1/2", 1)
    assert before <= stages[Stage.PAINTED] <= time.time()
    assert stages[Stage.PAINTED] - stages[Stage.RECEIVED] == pytest.approx(5.0)


async def test_a_client_of_version_1_0_sends_a_receipt_a_stage_and_an_ack_a_message(
    server: Running,
) -> None:
    async with server.socket("alice") as alice:
        await alice.greet()
        server.bus.publish([server.id("alice")], "card", "c", b'{"id":"c","rev":1}')
        await alice.hear_until("card")
        for stage in ("received", "painted", "seen"):
            await alice.send_message("receipt", card="c", rev=1, stage=stage)
            await alice.send_message("ack", seq=1)
        await alice.send_message("hb")
        await alice.send_message("command", id="last", op="note")
        await alice.hear_until("result")
    assert [list(stages) for _, _, _, stages in server.recorded.receipts] == [
        [Stage.RECEIVED],
        [Stage.PAINTED],
        [Stage.SEEN],
    ]


async def test_a_command_asked_again_over_a_new_line_is_done_once(server: Running) -> None:
    server.recorded.hold = asyncio.Event()
    ask = {"id": "c1", "op": "note", "args": {"text": "x"}}
    async with server.socket("alice") as before:
        await before.greet()
        await before.send_message("command", **ask)
        await before.send_message("receipt", card="c", rev=1, stage="seen")
        async with asyncio.timeout(10):
            await server.recorded.heard.wait()  # so the command has arrived as well
    async with server.socket("alice") as after:
        await after.greet()
        await after.send_message("command", **ask)
        server.recorded.hold.set()
        result = {"type": "result", "id": "c1", "ok": True, "value": {"number": 1}}
        assert await after.hear() == result
        await after.send_message("command", **ask)
        assert await after.hear() == result
    assert server.recorded.commands == [(server.id("alice"), "note", {"text": "x"})]


async def test_a_command_that_is_refused_or_breaks_is_answered_with_a_code(
    server: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async with server.socket("alice") as alice:
        await alice.greet()
        for op, error in (("refuse", "no_such_card"), ("break", "failed")):
            args = {"card": "office/1795315000.7/3"}
            await alice.send_message("command", id=op, op=op, args=args)
            assert await alice.hear() == {"type": "result", "id": op, "ok": False, "error": error}
    [failed] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "the command break failed" in failed.getMessage()
    assert vars(failed).items() >= {"pbx": "office", "call": "1795315000.7"}.items()


@pytest.mark.defends("socket-origin")
async def test_a_client_without_a_session_is_sent_to_log_in_and_an_expired_one_again(
    server: Running,
) -> None:
    for headers, code in (({}, 4001), ({"Cookie": "screenpop_session=made-up"}, 4003)):
        async with server.socket(None, **headers) as mallory:
            bye = await mallory.hear()
            assert (bye["type"], bye["code"], bye["retry_ms"]) == ("bye", code, None)
            assert await mallory.closed() == code


@pytest.mark.defends("socket-origin")
@pytest.mark.parametrize(
    ("origin", "headers", "path"),
    [
        ("http://evil.example", {}, "/ws/v1"),
        ("null", {}, "/ws/v1"),
        ("own", {"Sec-Fetch-Site": "cross-site"}, "/ws/v1"),
        ("own", {"Sec-Fetch-Site": "same-site"}, "/ws/v1"),
        ("own", {}, "/ws/v2"),
        ("own", {}, "/"),
    ],
)
async def test_another_sites_page_gets_no_socket(
    shared: Running, origin: str, headers: dict[str, str], path: str
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with shared.socket("alice", origin=origin, path=path, **headers):
            pass
    assert refused.value.response.status_code == 403


async def test_a_name_that_is_not_ours_gets_no_socket(shared: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", shared.port)
    writer.write(
        b"GET /ws/v1 HTTP/1.1\r\nHost: rebound.example\r\nOrigin: http://rebound.example\r\n"
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Cookie: " + (await shared.log_in("alice")).encode() + b"\r\n\r\n"
    )
    assert (await reader.readline()).startswith(b"HTTP/1.1 403")
    writer.close()
    await writer.wait_closed()


async def test_a_program_without_an_origin_may_listen(server: Running) -> None:
    async with server.socket("alice", origin=None) as program:
        assert (await program.greet())[0]["mode"] == "snapshot"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("not json", 4004),
        ('{"type":"ack","seq":1}', 4004),
        ('{"type":"hello","last":"x"}', 4004),
        (" " * (MAX_MESSAGE_LENGTH + 1), 4004),
        (b"\x00\x01", 4004),
        (" " * (MAX_MESSAGE_LENGTH * 4 + 1), 1009),
    ],
)
async def test_what_is_no_message_ends_the_socket(
    shared: Running, message: str | bytes, code: int
) -> None:
    async with shared.socket("bob") as mallory:
        await mallory.line.send(message)
        assert await mallory.closed() == code


async def test_a_flood_ends_the_socket(prepared: Path, tmp_path: Path) -> None:
    async with (
        running(prepared, tmp_path, limits=QUICK) as server,
        server.socket("bob") as mallory,
    ):
        await mallory.greet()
        with suppress(ConnectionClosed):  # perhaps while we still talk
            for _ in range(500):
                await mallory.send_message("hb")
        assert await mallory.closed() == 4009


async def test_one_user_can_have_so_many_tabs_and_another_still_comes_in(
    prepared: Path, tmp_path: Path
) -> None:
    async with (
        running(prepared, tmp_path, limits=QUICK) as server,
        AsyncExitStack() as open_,
    ):
        for _ in range(3):
            page = await open_.enter_async_context(server.socket("alice"))
            await page.greet()
        async with server.socket("alice") as one_more:
            assert (await one_more.hear())["code"] == 4005
            assert await one_more.closed() == 4005
        assert server.web.tabs(server.id("alice")) == 3
        async with server.socket("bob") as bob:
            await bob.greet()


async def test_more_browsers_than_the_server_can_carry_are_asked_to_come_later(
    prepared: Path, tmp_path: Path
) -> None:
    async with (
        running(prepared, tmp_path, limits=SocketLimits(sockets=1)) as server,
        server.socket("alice") as alice,
    ):
        await alice.greet()
        async with server.socket("bob") as bob:
            assert await bob.closed() == 1013


async def test_the_heartbeat_has_the_head_of_the_stream(prepared: Path, tmp_path: Path) -> None:
    async with (
        running(prepared, tmp_path, limits=QUICK) as server,
        server.socket("alice") as alice,
    ):
        welcome, _ = await alice.greet()
        server.bus.publish([server.id("alice")], "card", "c", b'{"id":"c","rev":1}')
        await alice.hear_until("card")
        *_, beat = await alice.hear_until("hb")
        assert (beat["epoch"], beat["seq"]) == (welcome["epoch"], 1)


@pytest.mark.defends("session-end")
async def test_logging_out_ends_the_sockets_of_that_session_only(server: Running) -> None:
    async with server.socket("alice") as alice, server.socket("bob") as bob:
        await alice.greet()
        await bob.greet()
        async with await server.client("alice") as browser:
            csrf = csrf_of((await browser.get("/")).text)
            await browser.post("/logout", data={"csrf": csrf})
        assert (await alice.hear())["code"] == 4001
        assert await alice.closed() == 4001
        server.bus.publish([server.id("bob")], "card", "d", b'{"id":"d"}')
        assert (await bob.hear())["card"] == {"id": "d"}


async def test_a_session_ended_elsewhere_ends_its_sockets_soon(
    prepared: Path, tmp_path: Path
) -> None:
    async with (
        running(prepared, tmp_path, limits=QUICK) as server,
        server.socket("alice") as alice,
    ):
        await alice.greet()
        await end_all_sessions(server.database, server.id("alice"))
        *_, bye = await alice.hear_until("bye")
        assert bye["code"] == 4003
        assert await alice.closed() == 4003


@pytest.mark.parametrize(
    ("change", "code", "reason"),
    [
        ("password", 4006, "password_changed"),
        ("disable", 4007, "user_disabled"),
        ("delete", 4007, "user_disabled"),
        ("role", 4010, "rights_changed"),
    ],
)
async def test_a_change_of_a_user_by_another_process_closes_that_users_sockets(
    prepared: Path, tmp_path: Path, change: str, code: int, reason: str
) -> None:
    async with (
        running(prepared, tmp_path, limits=QUICK) as server,
        server.socket("alice") as alice,
        server.socket("bob") as bob,
    ):
        await alice.greet()
        await bob.greet()
        user = server.id("alice")
        match change:
            case "password":
                words = "another four words"
                await change_password(server.database, user, words, time.time())
            case "disable":
                await disable_user(server.database, user)
            case "delete":
                await delete_user(server.database, user, time.time())
            case _:
                await change_role(server.database, user, Role.SUPERVISOR, Department.SALES)
        *_, bye = await alice.hear_until("bye")
        assert (bye["code"], bye["reason"], bye["retry_ms"]) == (code, reason, None)
        assert await alice.closed() == code
        server.bus.publish([server.id("bob")], "card", "d", b'{"id":"d"}')
        *_, card = await bob.hear_until("card")
        assert card["card"] == {"id": "d"}


@pytest.mark.defends("session-end")
def test_sessions_that_end_elsewhere_are_noticed_within_five_seconds() -> None:
    assert SocketLimits().session_check_s <= 2.5  # once in vain, once in time


async def test_a_restart_sends_every_browser_a_bye_to_come_back(
    prepared: Path, tmp_path: Path
) -> None:
    async with AsyncExitStack() as pages:
        async with running(prepared, tmp_path) as server:
            alice = await pages.enter_async_context(server.socket("alice"))
            await alice.greet()
        bye = await alice.hear()
        assert (bye["type"], bye["code"]) == ("bye", 1012)
        assert await alice.closed() == 1012


@pytest.mark.defends("socket-frames")
async def test_a_browser_that_reads_nothing_is_cut_and_delays_no_other_client(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path) as server:
        users = [server.id("alice"), server.id("bob")]
        async with server.socket("bob") as bob:
            await bob.greet()
            asleep, wake = await fall_asleep(server, "alice")
            big = b'{"id":"c","text":"' + b"x" * 50_000 + b'"}'
            for seq in range(1, 301):
                server.bus.publish(users, "card", "c", big)
                assert (await bob.hear())["seq"] == seq
                await bob.send_message("ack", seq=seq)
            async with asyncio.timeout(15):
                await server.bus.left.wait()
            assert server.web.tabs(server.id("alice")) == 0
            assert server.web.tabs(server.id("bob")) == 1
            assert not asleep.at_eof()
            wake.close()


async def fall_asleep(
    server: Running, name: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A browser that sends hello and then never reads again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
    writer.write(
        f"GET /ws/v1 HTTP/1.1\r\nHost: {server.host}\r\nOrigin: {server.url}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Cookie: {await server.log_in(name)}\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    hello = b'{"type":"hello"}'
    writer.write(bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)
    await reader.readuntil(b'"snapshot"')
    return reader, writer
