"""``/admin/webhooks``: made, tested, switched, deleted, and refused."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from screenpop.store.webhooks.deliveries import list_deliveries
from screenpop.store.webhooks.targets import list_targets
from tests.web.running_server import Running, csrf_of, running

pytestmark = pytest.mark.anyio

PATH = "/admin/webhooks"
ACTIONS = ("test", "switch", "secret", "delete")


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        yield up


async def post(browser: httpx.AsyncClient, path: str, **form: object) -> httpx.Response:
    token = csrf_of((await browser.get("/customers")).text)
    return await browser.post(path, data={"csrf": token, **form})


NEW = {"name": "CRM <b>", "url": "https://crm.example.com/hook", "type": ["call.ended"]}


async def test_an_administrator_makes_tests_switches_and_deletes_a_target(office: Running) -> None:
    async with await office.client("adam") as adam:
        assert "No events are sent yet." in (await adam.get(PATH)).text
        made = await post(adam, PATH, **NEW, numbers="yes")
        assert made.status_code == 200
        assert "whsec_" in made.text
        assert "CRM &lt;b&gt;" in made.text
        [target] = await list_targets(office.database)
        assert (target.with_numbers, target.with_names) == (True, False)
        page = f"{PATH}/{target.id}"
        assert "whsec_" not in (await adam.get(page)).text
        assert (await post(adam, f"{page}/test")).status_code == 303
        [test] = await list_deliveries(office.database, target.id)
        assert (test.event.type, test.state) == ("webhook.test", "waiting")
        assert "1 event is waiting" in (await adam.get(PATH)).text
        assert "whsec_" in (await post(adam, f"{page}/secret")).text
        assert (await post(adam, f"{page}/switch", to="off")).status_code == 303
        assert "switched off" in (await adam.get(page)).text
        await post(adam, f"{page}/test")
        assert len(await list_deliveries(office.database, target.id)) == 1
        assert (await post(adam, f"{page}/switch", to="on")).status_code == 303
        assert "Delete the target" in (await post(adam, f"{page}/delete")).text
        assert (await post(adam, f"{page}/delete", sure="yes")).status_code == 303
        for action in ("", "/test", "/switch", "/secret"):
            answer = await post(adam, page + action) if action else await adam.get(page)
            assert answer.status_code == 404
        assert (await post(adam, f"{page}/delete", sure="yes")).status_code == 404


async def test_bad_targets_are_refused_and_what_was_typed_stays(office: Running) -> None:
    async with await office.client("adam") as adam:
        for change, words in (
            ({"name": " "}, "Give the target a name."),
            ({"type": []}, "Choose at least one event."),
            ({"type": ["nonsense"]}, "Choose at least one event."),
            ({"url": "http://crm.example.com/"}, "The address has to begin with https."),
            ({"url": "https://u:p@crm.example.com/"}, "Write the whole address"),
            ({"url": "javascript:alert(1)"}, "Write the whole address"),
        ):
            refused = await post(adam, PATH, **{**NEW, **change})
            assert refused.status_code == 422, change
            assert words in refused.text, change
            if "url" in change:
                assert f'value="{change["url"]}"' in refused.text
        assert await list_targets(office.database) == ()
        zammad = await post(adam, PATH, **{**NEW, "shape": "zammad", "type": []})
        assert zammad.status_code == 200


async def test_only_an_administrator_reads_or_changes_targets(office: Running) -> None:
    async with await office.client("adam") as adam:
        await post(adam, PATH, **NEW)
    for name in ("sue", "alice"):
        async with await office.client(name) as browser:
            for path in (PATH, f"{PATH}/1"):
                assert (await browser.get(path)).status_code == 403
            for path in (
                PATH,
                *(f"{PATH}/1/{one}" for one in ("test", "switch", "secret", "delete")),
            ):
                assert (await post(browser, path, **NEW, sure="yes", to="off")).status_code == 403
    async with await office.client("adam") as adam:
        for action in ACTIONS:
            answer = await adam.post(f"{PATH}/1/{action}", data={"sure": "yes", "csrf": "wrong"})
            assert answer.status_code == 403
    [target] = await list_targets(office.database)
    assert target.is_active
