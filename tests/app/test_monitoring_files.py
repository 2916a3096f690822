"""The alert rules and the dashboard ask only for figures that exist, with labels that they have."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from screenpop.ami.link_state import LinkState
from screenpop.app.import_jobs.job import ImportResult
from screenpop.customers.retention import RetentionKind
from screenpop.protocol.close_codes import WORD
from screenpop.service.runner_counters import CardOutcome, LookupOutcome

ROOT = Path(__file__).parents[2]
WORDS = {
    "outcome": {*CardOutcome, *LookupOutcome},
    "reason": {*WORD.values()},
    "state": {*LinkState},
    "result": {*ImportResult},
    "what": {"stream", "answer", "presence", "request"},
    "task": {"backup"} | {f"forget_{kind}" for kind in RetentionKind},
}
"""The values of labels that are words of ours."""


def figures() -> set[str]:
    """Those that the page describes; ``test_running`` compares its table with a running server."""
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    return set(re.findall(r"`(screenpop_\w+)`", page))


def alerts() -> list[dict[str, Any]]:
    text = (ROOT / "packaging/prometheus-alerts.yml").read_text(encoding="utf-8")
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    text = (ROOT / "packaging/grafana-dashboard.json").read_text(encoding="utf-8")
    return [panel for panel in json.loads(text)["panels"] if panel["type"] != "row"]


def queries() -> Iterator[str]:
    yield from (rule["expr"] for rule in alerts())
    for panel in panels():
        yield from (target["expr"] for target in panel["targets"])


def test_each_query_asks_for_a_figure_that_exists() -> None:
    known, asked = figures(), set()
    for query in queries():
        for name in re.findall(r"screenpop_\w+", query):
            asked.add(name if name in known else re.sub(r"_(bucket|count|sum)$", "", name))
    assert asked - known == set()
    assert len(asked) > 20


def test_each_figure_of_several_processes_is_one_of_the_program() -> None:
    code = "".join(
        file.read_text(encoding="utf-8")
        for file in (ROOT / "screenpop/app").glob("*.py")
        if file.name in {"bus_metrics.py", "listener_health.py"}
    )
    for name in figures():
        if "_bus_" in name or "_listener_" in name:
            assert f'"{name.removeprefix("screenpop_").removesuffix("_total")}"' in code


def test_each_word_of_a_label_is_one_that_the_program_writes() -> None:
    for query in queries():
        for label, words in re.findall(r'(\w+)[!=]~?"([^"$]*)"', query):
            if label in WORDS:
                assert set(words.split("|")) <= WORDS[label], query


def test_each_alert_has_its_severity_and_sentences_and_a_test() -> None:
    tests = (ROOT / "tests/operation/alerts.yml").read_text(encoding="utf-8")
    for rule in alerts():
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert {"summary", "description"} == set(rule["annotations"])
        assert f"alertname: {rule['alert']}}}" in tests
        assert (f'alertname="{rule["alert"]}"' in tests) or "exp_alerts" in tests


def test_panels_have_titles_ids_and_places_of_their_own() -> None:
    found = panels()
    assert len({panel["id"] for panel in found}) == len(found)
    assert len({panel["title"] for panel in found}) >= len(found) - 1
    squares: set[tuple[int, int]] = set()
    for panel in found:
        place = panel["gridPos"]
        own = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not own & squares, panel["title"]
        assert place["x"] + place["w"] <= 24
        squares |= own


@pytest.mark.parametrize("name", ["prometheus-alerts.yml", "grafana-dashboard.json"])
def test_the_page_leads_to_the_file(name: str) -> None:
    assert f"(../packaging/{name})" in (ROOT / "docs/operations.md").read_text(encoding="utf-8")
