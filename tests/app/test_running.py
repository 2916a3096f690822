"""The running application: users, phones and languages that change, and its figures."""

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from screenpop import __version__
from screenpop.agi.server import AgiTally
from screenpop.app.running_app import App
from screenpop.app.server import running
from screenpop.app.staff_reload import apply_staff
from screenpop.store.accounts.hot_desks import list_unassigned_phones, log_in_at
from screenpop.store.accounts.sessions import start_session
from screenpop.store.accounts.users import ANY_PBX, find_username, set_endpoints
from screenpop.store.engine.migrate import newest_revision
from screenpop.telephony.identifiers import Endpoint
from tests.app.running_app import NOW, client, page, rings, simulating
from tests.web.running_server import csrf_of, plain_client

pytestmark = pytest.mark.anyio


async def test_a_phone_given_to_another_agent_is_known_without_a_restart(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    nikos = await find_username(app.database, "nikos")
    assert nikos is not None
    await set_endpoints(app.database, nikos.id, [Endpoint("103"), Endpoint("199")])
    monkeypatch.setattr("screenpop.app.staff_reload.STAFF_RELOAD_S", 0.01)
    async with running(simulating(app.settings.data_dir)) as second, page(second, "nikos") as page_:
        await page_.live()
        rings(second, "199")
        assert (await page_.card("ringing"))["legs"] == [{"endpoint": "199", "state": "ringing"}]


async def test_users_and_phones_are_read_again_only_after_a_change(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    version, people = await apply_staff(app, ""), app.people
    with monkeypatch.context() as reading:
        reading.delattr("screenpop.app.staff_reload.load_staff")
        assert await apply_staff(app, version) == version
    nikos = await find_username(app.database, "nikos")
    assert nikos is not None
    await set_endpoints(app.database, nikos.id, [Endpoint("199")])
    assert await apply_staff(app, version) != version
    assert app.people != people


async def test_what_goes_on_can_be_measured(app: App) -> None:
    async with page(app, "maryam") as maryam:
        await maryam.live()
        rings(app, "101")
        await maryam.card("wrap_up")
        await app.screen_pop.done_so_far()
        async with plain_client(app.url) as client:
            metrics = (await client.get("/metrics")).text
            ready = {"ready": True, "reasons": {}, "pbx": {"simulated": "live"}}
            assert (await client.get("/readyz")).json() == ready
    for line in (
        'screenpop_pbx_live{pbx="simulated"} 1.0',
        'screenpop_pbx_link_state{pbx="simulated",state="live"} 1.0',
        'screenpop_pbx_link_state{pbx="simulated",state="down"} 0.0',
        "screenpop_browsers 1.0",
        "screenpop_ready 1.0",
        "screenpop_imports_running 0.0",
        'screenpop_imports_total{result="failed"} 0.0',
        'screenpop_lookup_duration_seconds_count{outcome="found"} 1.0',
        'screenpop_lookup_duration_seconds_count{outcome="failed"} 0.0',
        'screenpop_cards_total{outcome="no_page"} 1.0',
        'screenpop_task_last_success_timestamp_seconds{task="backup"} 0.0',
        f'screenpop_build_info{{database="sqlite",schema="{newest_revision()}",version="{__version__}"}}'
        " 1.0",
    ):
        assert line in metrics.splitlines(), line


async def test_each_figure_has_its_meaning_in_the_documentation(app: App) -> None:
    app.agi_tally = AgiTally()
    async with plain_client(app.url) as client:
        metrics = (await client.get("/metrics")).text
    families = {
        f"{one.name}_total" if one.type == "counter" else one.name
        for one in text_string_to_metric_families(metrics)
        if one.name.startswith("screenpop_")
    }
    page_text = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `(screenpop_\w+)` \|", page_text, re.MULTILINE))
    assert families == described


async def test_an_agent_at_another_phone_today_gets_its_card_at_once(app: App) -> None:
    async with page(app, "nikos") as nikos:
        await nikos.live()
        user = await find_username(app.database, "nikos")
        assert user is not None
        session = await start_session(app.database, user.id, NOW.timestamp())
        assert await log_in_at(
            app.database, session.token, ANY_PBX, Endpoint("105"), NOW.timestamp()
        )
        app.moved.set()
        rings(app, "105")
        assert (await nikos.card("ringing"))["legs"] == [{"endpoint": "105", "state": "ringing"}]


async def test_an_agent_choosing_another_language_has_the_ringing_card_in_it_at_once(
    app: App,
) -> None:
    async with page(app, "maryam") as maryam, client(app, "maryam") as browser:
        await maryam.live()
        rings(app, "101", ring_s=30)
        assert (await maryam.card("ringing"))["trips"][0]["destination"] == "Istanbul"
        csrf = csrf_of((await browser.get("/me")).text)
        await browser.post("/me", data={"csrf": csrf, "language": "fa"})
        assert (await maryam.card("ringing"))["trips"][0]["destination"] == "استانبول"


async def test_a_phone_that_rings_without_an_agent_is_noted_for_the_administrator(
    app: App,
) -> None:
    async with page(app, "sara") as sara:
        await sara.live()
        rings(app, "150")
        while not await list_unassigned_phones(app.database):
            await sara.next("call")
    (phone,) = await list_unassigned_phones(app.database)
    assert (phone.pbx, phone.endpoint) == ("simulated", "150")
