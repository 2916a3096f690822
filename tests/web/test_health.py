"""Up, ready, and how it is doing."""

import asyncio
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from screenpop.common.histogram import Histogram
from screenpop.telephony.identifiers import PbxId
from screenpop.web.health import FIGURES_WAIT_S, LAST_CHECK_S, LastReadiness
from screenpop.web.metric_families import histogram, labelled_counter, labelled_gauge
from tests.web.running_server import TOKEN, Running

pytestmark = pytest.mark.anyio

PROXIED = {"X-Forwarded-For": "203.0.113.7"}


async def test_it_is_up_and_ready(shared: Running) -> None:
    async with shared.browser() as anonymous:
        assert (await anonymous.get("/healthz")).text == "ok\n"
        ready = await anonymous.get("/readyz")
        assert ready.status_code == 200
        assert ready.json() == {"ready": True, "reasons": {}, "pbx": {"office": "live"}}


async def test_a_pbx_link_that_is_down_is_reported_and_no_reason(server: Running) -> None:
    server.links[PbxId("office")] = "connecting"
    bearer = PROXIED | {"Authorization": f"Bearer {TOKEN}"}
    wrong = PROXIED | {"Authorization": "Bearer wrong"}
    async with server.browser() as browser:
        here = await browser.get("/readyz")
        assert (here.status_code, here.json()["pbx"]) == (200, {"office": "connecting"})
        assert (await browser.get("/readyz", headers=bearer)).json() == here.json()
        for stranger in (PROXIED, wrong):
            answer = await browser.get("/readyz", headers=stranger)
            assert "office" not in answer.text
        assert (await browser.get("/readyz", headers=PROXIED)).json() == {"ready": True}


async def test_unreachable_records_are_a_code_that_strangers_do_not_get(
    server: Running, tmp_path: Path
) -> None:
    nonsense = b"no database any more, but long enough to be looked at" * 20
    async with server.browser() as here:
        await server.database.close()
        await asyncio.to_thread((tmp_path / "web.db").write_bytes, nonsense)
        ready = await here.get("/readyz")
        assert ready.status_code == 503
        assert list(ready.json()["reasons"]) == ["database_not_a_database"]
        elsewhere = await here.get("/readyz", headers=PROXIED)
        assert (elsewhere.status_code, elsewhere.json()) == (503, {"ready": False})
        figures = (await here.get("/metrics")).text.splitlines()
        assert "screenpop_ready 0.0" in figures
        assert 'screenpop_not_ready{reason="database_not_a_database"} 1.0' in figures


async def test_a_server_that_stops_is_not_ready(server: Running) -> None:
    await server.web.websocket_endpoint.restart()
    async with server.browser() as here:
        ready = await here.get("/readyz")
        assert (ready.status_code, list(ready.json()["reasons"])) == (503, ["stopping"])


async def test_numbers_are_for_this_machine_and_for_the_token(shared: Running) -> None:
    async with shared.browser() as here, shared.browser(**PROXIED) as elsewhere:
        metrics = await here.get("/metrics")
        assert metrics.status_code == 200
        assert metrics.text.count("screenpop_browsers 0.0") == 1
        assert "\nscreenpop_ready 1.0\n" in metrics.text
        assert "screenpop_not_ready{" not in metrics.text
        assert 'screenpop_browsers_closed_total{reason="slow"} 0.0' in metrics.text
        assert (await elsewhere.get("/metrics")).status_code == 403
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        assert (await elsewhere.get("/metrics", headers=bearer)).status_code == 200
        wrong = {"Authorization": "Bearer wrong"}
        assert (await elsewhere.get("/metrics", headers=wrong)).status_code == 401


async def test_figures_have_the_last_readiness_while_a_check_takes_long() -> None:
    assert (FIGURES_WAIT_S, LAST_CHECK_S) == (0.25, 60.0)
    now, checks, answers = 100.0, list[int](), asyncio.Event()

    async def check() -> dict[str, str]:
        checks.append(len(checks))
        await answers.wait()
        return {f"check_{checks[-1]}": "A sentence."}

    readiness = LastReadiness(check, lambda: now)
    first = asyncio.create_task(readiness.reasons())
    await asyncio.sleep(0)
    answers.set()
    assert list(await first) == ["check_0"]

    answers.clear()
    now += LAST_CHECK_S
    for _ in range(2):  # the second one begins no other check
        assert list(await readiness.reasons()) == ["check_0"]
    assert len(checks) == 2
    now += 0.1  # too old: these figures wait
    late = asyncio.create_task(readiness.reasons())
    assert not (await asyncio.wait([late], timeout=2 * FIGURES_WAIT_S))[0]
    answers.set()
    assert list(await late) == ["check_1"]


async def test_buckets_are_cumulated() -> None:
    times = Histogram((0.1, 0.5))
    for value in (0.05, 0.3, 0.4, 9.0):
        times.observe(value)
    samples = {
        (sample.name, sample.labels.get("le")): sample.value
        for sample in histogram("x_seconds", "Text.", times).samples
    }
    assert samples == {
        ("screenpop_x_seconds_bucket", "0.1"): 1.0,
        ("screenpop_x_seconds_bucket", "0.5"): 3.0,
        ("screenpop_x_seconds_bucket", "+Inf"): 4.0,
        ("screenpop_x_seconds_count", None): 4.0,
        ("screenpop_x_seconds_sum", None): 9.75,
    }


async def test_a_hostile_name_of_a_pbx_forges_no_line() -> None:
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import generate_latest

    from screenpop.web.metric_families import add_part

    name = 'a"} 1\nscreenpop_pbx_live{pbx="b'
    registry = CollectorRegistry()
    add_part(
        registry,
        lambda: (
            labelled_gauge("pbx_live", "Text.", ("pbx",), {(name,): 0.0}),
            labelled_counter("read", "Text.", "pbx", {name: 2.0}),
        ),
    )
    text = generate_latest(registry).decode()
    families = {one.name: one.samples for one in text_string_to_metric_families(text)}
    assert [sample.labels["pbx"] for sample in families["screenpop_pbx_live"]] == [name]
    assert [sample.value for sample in families["screenpop_read"]] == [2.0]
