"""The stop-profile finds the places in the product that it watches."""

import asyncio
import functools
import gc
import json
import time
from pathlib import Path

import pytest

from benchmarks.agents import create_agents
from benchmarks.bench import Bench
from benchmarks.browsers import Browsers
from benchmarks.conditions import Site, stages
from benchmarks.customers import draw_callers
from benchmarks.pbx import Pbx
from benchmarks.profiled_server import OUTSIDE, PAUSE_S, STAGES, ServerProfile


def test_each_ring_is_stamped_at_each_stage_in_order(
    pbx: Pbx, browsers: Browsers, database: Path
) -> None:
    site = Site(database.parent, create_agents(database, 3))
    bench = Bench(pbx, browsers, draw_callers(database, 10, 1))
    # Enough calls for a sample of each package: one is taken each millisecond of processor time.
    result = stages(bench, site, 60)
    assert tuple(result.stages) == (*STAGES, "seen")
    assert all(span.calls == 60 for span in result.stages.values())
    assert all(span.p50 >= 0 for span in result.stages.values())
    assert all(took.longest_s >= took.median_s >= PAUSE_S for took in result.pauses.values())
    assert set(result.collections) <= {0, 1, 2}
    assert {"service", "asterisk", OUTSIDE} <= result.packages.keys()
    assert sum(result.packages.values()) == pytest.approx(1)
    stamps = json.loads((site.data / "profile.json").read_bytes())["stamps"]
    for times in stamps.values():
        assert [times[stage] for stage in STAGES] == sorted(times.values())


def test_a_pause_of_the_loop_goes_by_the_name_of_what_ran() -> None:
    profile = ServerProfile()

    def callback(_: float) -> None:
        pass

    async def run() -> None:
        loop = asyncio.get_running_loop()
        now = time.monotonic()
        for began in (now - 0.002, now + 3600.0):  # a pause, and one that is none on any machine
            handle = loop.call_soon(functools.partial(callback, 0.0))
            profile.called_back(began, None, handle)

    asyncio.run(run())
    [(what, took)] = profile.pauses.items()
    assert what.endswith("callback")
    assert len(took) == 1
    assert 0.002 <= took[0] < 60


def test_collections_during_calls_are_kept_by_generation() -> None:
    profile = ServerProfile()
    gc.callbacks.append(profile.collecting)
    try:
        gc.collect(2)
        profile.live_calls.add("1700000000.1")
        for generation in (0, 2, 2):
            gc.collect(generation)
    finally:
        gc.callbacks.remove(profile.collecting)
    assert len(profile.collections[2]) == 2
    assert len(profile.collections[0]) >= 1
    assert all(took > 0 for took in profile.collections[2])
