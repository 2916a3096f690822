"""Saved views and orders of the call log, and what a supervisor of a team sees of it."""

from collections.abc import AsyncGenerator
from datetime import date
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from screenpop.calls.events import Disposition
from screenpop.store.accounts.teams import save_team
from screenpop.store.calls.call_views import LONGEST_NAME, MAX_VIEWS, save_view
from screenpop.store.schema.tables import legs
from screenpop.web.context import WebContext
from screenpop.web.reports.period import REPORT_CODES
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import NOON, keep, record
from tests.web.test_real_pages import check

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        await keep(
            up.database,
            record(1),
            record(2, at=NOON + 60, queue="sales"),
            record(3, at=NOON + 120, disposition=Disposition.NO_ANSWER),
        )
        yield up


async def save(client: httpx.AsyncClient, name: str, **fields: str) -> httpx.Response:
    csrf = csrf_of((await client.get("/me")).text)
    return await client.post("/calls/views", data={"csrf": csrf, "name": name, **fields})


async def views(client: httpx.AsyncClient) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await client.get("/api/v1/call-views")).json()["views"]
    return found


async def test_a_view_keeps_filters_and_order_and_never_a_search(office: Running) -> None:
    async with await office.client("sue") as sue:
        wanted = {"queue": "sales", "sort": "longest_wait", "q": "Karimi", "customer": "7"}
        answer = await save(sue, " My   sales <i> ", **wanted)
        assert answer.headers["location"] == "/calls?queue=sales&sort=longest_wait"
        [view] = await views(sue)
        assert (view["name"], view["own"], view["shared"]) == ("My sales <i>", True, False)
        page = await sue.get("/calls")
        check(office, "/calls", page.text, "el")
        assert "My sales &lt;i&gt;" in page.text
        opened = await sue.get(f"/calls/views/{view['id']}")
        assert opened.headers["location"] == "/calls?queue=sales&sort=longest_wait"
        # One of the same name is replaced.
        await save(sue, "MY SALES <i>", queue="support", shared="yes")
        [view] = await views(sue)
        assert (view["filters"], view["shared"]) == ({"queue": "support"}, True)


async def test_view_of_relative_days_lists_the_days_of_each_day_it_is_opened_on(
    office: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened_on(day: int) -> None:
        monkeypatch.setattr(WebContext, "today", lambda _: date(2025, 12, day))

    async with await office.client("sue") as sue:
        await save(sue, "Week", days="last_7_days", sort="oldest")
        [view] = await views(sue)
        assert view["filters"] == {"days": "last_7_days", "sort": "oldest"}
        path = "/api/v1/calls?days=last_7_days"
        # Three calls on 2025-12-01: seen from that day to the sixth after it.
        for day, found in ((1, 3), (7, 3), (8, 0)):
            opened_on(day)
            assert len((await sue.get(path)).json()["calls"]) == found, day
        opened_on(3)
        assert len((await sue.get("/api/v1/calls?days=this_month")).json()["calls"]) == 3
        narrowed = await sue.get("/api/v1/calls?days=this_month&since=2025-12-02")
        assert narrowed.json()["calls"] == []
        for days in ("tomorrow", "last_7_days; DROP TABLE calls"):
            assert (await sue.get("/calls", params={"days": days})).status_code == 422
            assert (await save(sue, "Bad", days=days)).status_code == 422
    await keep(office.database, record(9, endpoint="102"))
    async with await office.client("sue") as greek, await office.client("bob") as persian:
        # 2025-12-01 is 10 Azar 1404; 22 December is 1 Dey.
        for client, day, found in (
            (greek, 21, 4),
            (greek, 22, 4),
            (persian, 21, 1),
            (persian, 22, 0),
        ):
            opened_on(day)
            page = await client.get("/calls?days=this_month")
            assert page.text.count('class="row-link"') == found, day


async def test_a_private_view_is_refused_to_others_and_a_shared_one_gives_no_rights(
    office: Running,
) -> None:
    async with await office.client("sue") as sue, await office.client("alice") as alice:
        await save(sue, "Private", queue="sales")
        await save(sue, "Of Bob", agent=str(office.id("bob")), shared="yes")
        shared, private = await views(sue)
        assert [one["id"] for one in await views(alice)] == [shared["id"]]
        refused = await alice.get(f"/calls/views/{private['id']}")
        assert refused.status_code == 404
        assert "private" in refused.text
        opened = await alice.get(f"/calls/views/{shared['id']}")
        assert opened.status_code == 303
        page = await alice.get(opened.headers["location"])
        assert "of an agent whose calls you may not see" in page.text
        assert 'class="row-link"' not in page.text
        csrf = csrf_of((await alice.get("/me")).text)
        for one in (shared, private):
            gone = await alice.post(f"/calls/views/{one['id']}/delete", data={"csrf": csrf})
            assert gone.status_code == 404
        assert (await save(alice, "For all", shared="yes")).status_code == 403
        csrf = csrf_of((await sue.get("/me")).text)
        path = f"/calls/views/{shared['id']}/delete"
        assert (await sue.post(path, data={})).status_code == 403
        assert (await sue.post(path, data={"csrf": csrf})).status_code == 303
        assert [one["id"] for one in await views(sue)] == [private["id"]]
    async with office.browser() as stranger:
        assert (await stranger.get(f"/calls/views/{private['id']}")).status_code == 303
        assert (await stranger.get("/api/v1/call-views")).status_code == 401


async def test_a_view_needs_a_name_and_real_filters_and_there_are_fifty(office: Running) -> None:
    async with await office.client("sue") as sue:
        assert (await save(sue, "x" * (LONGEST_NAME + 1))).status_code == 422
        assert (await save(sue, " ")).status_code == 422
        assert (await save(sue, "Bad", sort="cleverest")).status_code == 422
        assert (await save(sue, "Bad", tier="gold", since="yesterday")).status_code == 422
        assert (await save(sue, "Bad", queue="q" * 99)).status_code == 422
        assert await views(sue) == []
        assert (await save(sue, "x" * LONGEST_NAME)).status_code == 303
        for n in range(MAX_VIEWS - 1):
            await save_view(
                office.database, f"view {n}", {}, shared=False, user=office.id("sue"), now=NOON
            )
        refused = await save(sue, "one more")
        assert refused.status_code == 422
        assert "50" in refused.text


async def test_calls_are_sorted_by_an_enumeration_and_missed_ones_listed(office: Running) -> None:
    async with await office.client("sue") as sue:
        for sort, first in (("oldest", "1"), ("newest", "3"), ("longest_talk", "2")):
            found = (await sue.get("/api/v1/calls", params={"sort": sort})).json()["calls"]
            assert str(found[0]["id"]) == first, sort
        missed = (await sue.get("/api/v1/calls?callback=open")).json()["calls"]
        assert [one["id"] for one in missed] == [3]
        for path in ("/calls", "/api/v1/calls"):
            for sort in ("cleverest", "arrived_at; DROP TABLE calls"):
                refused = await sue.get(path, params={"sort": sort})
                assert refused.status_code == 422
            assert (await sue.get(path, params={"callback": "x"})).status_code == 422
        refused = await sue.get("/api/v1/calls?sort=cleverest")
        sentence = "Sort calls by newest, oldest, longest_wait or longest_talk."
        assert refused.json()["detail"] == sentence


@pytest.mark.defends("teams")
async def test_a_supervisor_of_a_team_sees_its_calls_only_in_log_and_reports(
    office: Running,
) -> None:
    async with await office.client("sue") as sue:
        days = {"since": "2025-12-01", "until": "2025-12-01"}
        alice, bob = office.id("alice"), office.id("bob")
        await keep(office.database, record(9, at=NOON + 300, endpoint="102", queue="secret"))
        async with office.database.writing() as connection:
            for phone, user in (("101", alice), ("102", bob)):
                of_phone = legs.c.endpoint == phone
                await connection.execute(update(legs).where(of_phone).values(user_id=user))
        supervisors = [office.id("sue")]
        await save_team(office.database, None, "North", [alice], supervisors)
        found = (await sue.get("/api/v1/calls")).json()["calls"]
        assert sorted(one["id"] for one in found) == [1, 2, 3]
        of_bob = await sue.get("/calls", params={"agent": str(bob)})
        assert 'class="row-link"' not in of_bob.text
        assert f'value="{bob}">Bob<' not in of_bob.text
        for code in (*REPORT_CODES[:4], "lines", "numbers"):
            for path in (f"/api/v1/reports/{code}", f"/reports/{code}"):
                report = await sue.get(path, params=days)
                assert report.status_code == 200, path
                assert "secret" not in report.text
                assert "Bob" not in report.text
        calls = (await sue.get("/api/v1/reports/calls", params=days)).json()
        assert calls["total"]["offered"] == 3
        lines = (await sue.get("/api/v1/reports/lines", params=days)).json()
        assert lines["figures"]["calls"]["value"] == 3
        agents = (await sue.get("/api/v1/reports/agents", params=days)).json()
        assert [one["handled"] for one in agents["tables"]["agent_calls"]] == [2]
    async with await office.client("adam") as adam:
        calls = (await adam.get("/api/v1/reports/calls", params=days)).json()
        assert calls["total"]["offered"] == 4
