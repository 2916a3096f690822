"""Requests that a right is missing for are recorded, and no one can fill the record with them."""

import shutil
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from screenpop.accounts.token_scopes import Scope
from screenpop.store.accounts.refusal_records import (
    Refusal,
    forget_refusals,
    list_refusals,
    record_refusal,
)
from screenpop.store.engine.database import opened
from screenpop.web.auth.refusal_log import (
    MOST_OF_ALL,
    MOST_OF_ONE,
    MOST_OF_STRANGERS,
    SPAN_S,
    RefusalLog,
)
from screenpop.web.websocket.endpoint import SocketLimits
from tests.web.running_server import running
from tests.web.tokens import bearer, make_token

pytestmark = pytest.mark.anyio


@pytest.fixture
def blank(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The URL of a database with nothing in it."""
    shutil.copy(migrated_sqlite, tmp_path / "blank.db")
    return f"sqlite:///{tmp_path / 'blank.db'}"


def refusal(token: str = "", address: str = "192.0.2.1", route: str = "/admin") -> Refusal:
    return Refusal(None, token, address, "GET", route, "not_allowed")


@pytest.mark.defends("refusal-records")
async def test_refused_requests_are_listed_for_the_administrator_without_numbers_of_records(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path, real_pages=True) as office:
        async with await office.client("alice") as alice:
            for path in ("/admin", "/admin", "/admin/users/77?name=Zarringol"):
                assert (await alice.get(path)).status_code == 403
            # A form that is too old, and a page that is not there, are no refusals of a right.
            assert (await alice.post("/logout", data={"csrf": "old"})).status_code == 403
            assert (await alice.get("/customers/999999")).status_code == 404
        token = await make_token(office, Scope.CUSTOMERS_READ)
        async with office.browser() as program:
            assert (await program.get("/api/v1/calls", headers=bearer(token))).status_code == 403
        await office.database.later.flush()
        found = await list_refusals(office.database)
        assert [(one.by, one.method, one.route, one.code) for one in found] == [
            ("A program", "GET", "/api/v1/calls", "missing_scope"),
            ("Alice <b>Agent</b>", "GET", "/admin/users/{user_id}", "not_allowed"),
            ("Alice <b>Agent</b>", "GET", "/admin", "not_allowed"),
        ]
        async with await office.client("adam") as adam:
            page = (await adam.get("/admin")).text
        assert "/admin/users/{user_id}" in page
        assert "Zarringol" not in page


async def test_a_refusal_is_recorded_once_in_ten_minutes(blank: str) -> None:
    now = [0.0]
    async with opened(blank) as database:
        log = RefusalLog(database, lambda: 1.0, lambda: now[0])
        assert [log.add(refusal()), log.add(refusal())] == [True, False]
        now[0] = SPAN_S - 0.1
        assert log.add(refusal()) is False
        now[0] = SPAN_S
        assert log.add(refusal()) is True


@pytest.mark.defends("refusal-records")
async def test_only_so_many_of_one_and_of_all_are_recorded(blank: str) -> None:
    async with opened(blank) as database:
        log = RefusalLog(database, lambda: 1.0, lambda: 0.0)
        of_one = [log.add(refusal(route=f"/{number}")) for number in range(MOST_OF_ONE + 1)]
        assert of_one == [True] * MOST_OF_ONE + [False]
        left = MOST_OF_STRANGERS - MOST_OF_ONE
        strangers = [log.add(refusal(address=f"host-{number}")) for number in range(left + 1)]
        assert strangers == [True] * left + [False]
        # Strangers leave room for those who logged in.
        left = MOST_OF_ALL - MOST_OF_STRANGERS
        of_all = [log.add(refusal(token=f"{number}")) for number in range(left + 1)]
        assert of_all == [True] * left + [False]


@pytest.mark.defends("refusal-records")
async def test_pages_of_other_sites_and_refused_sockets_are_recorded(
    prepared: Path, tmp_path: Path
) -> None:
    limits = SocketLimits(tabs=1)
    async with running(prepared, tmp_path, real_pages=True, limits=limits) as office:
        evil = {"Origin": "https://evil.example"}
        async with office.browser() as browser:
            for path in ("/customers/77/edit?name=Zarringol", "/logout"):
                assert (await browser.post(path, headers=evil)).status_code == 403
        with pytest.raises(InvalidStatus):
            async with office.socket("alice", origin=evil["Origin"]):
                pass
        async with office.socket(None) as socket:
            await socket.closed()
        async with office.socket("alice") as first:
            await first.greet()
            async with office.socket("alice") as second:
                await second.closed()
        await office.database.later.flush()
        found = await list_refusals(office.database)
    assert [(one.by, one.method, one.route, one.code) for one in found] == [
        ("Alice <b>Agent</b>", "SOCKET", "/ws/v1", "too_many_tabs"),
        ("", "SOCKET", "/ws/v1", "no_session"),
        ("", "SOCKET", "/ws/v1", "cross_site"),
        ("", "POST", "", "cross_site"),
    ]
    assert {one.address for one in found} == {"127.0.0.1"}


async def test_records_older_than_the_limit_go(blank: str) -> None:
    async with opened(blank) as database:
        for at in (9.0, 10.0):
            record_refusal(database, refusal(), at)
        await database.later.flush()
        assert [await forget_refusals(database, 10.0) for _ in range(2)] == [1, 0]
        assert [one.at for one in await list_refusals(database)] == [10.0]
