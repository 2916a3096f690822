"""The stop-watch finds the places in the product that it watches."""

import json
from pathlib import Path

import pytest

from benchmarks.bench import Bench
from benchmarks.browsers import Browsers
from benchmarks.conditions import Place, stages
from benchmarks.customers import draw_callers
from benchmarks.pbx import Pbx
from benchmarks.people import seat_agents
from benchmarks.watched import OUTSIDE, STAGES


def test_each_ring_is_stamped_at_each_stage_in_order(
    pbx: Pbx, browsers: Browsers, database: Path
) -> None:
    place = Place(database.parent, seat_agents(database, 3))
    bench = Bench(pbx, browsers, draw_callers(database, 10, 1))
    watched = stages(bench, place, 10)
    assert tuple(watched.stages) == (*STAGES, "seen")
    assert all(span.calls == 10 for span in watched.stages.values())
    assert all(span.p50 >= 0 for span in watched.stages.values())
    assert watched.longest_callback_s > 0
    assert {"service", "asterisk", OUTSIDE} <= watched.rooms.keys()
    assert sum(watched.rooms.values()) == pytest.approx(1)
    stamps = json.loads((place.data / "watched.json").read_bytes())["stamps"]
    for times in stamps.values():
        assert [times[stage] for stage in STAGES] == sorted(times.values())
