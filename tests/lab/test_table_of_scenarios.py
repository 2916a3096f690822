"""docs/scenarios.md has what the recordings hold."""

import pytest

from pbx_lab.scenario_table import both, endpoint, joined, table
from pbx_lab.scenarios import SCENARIOS
from pbx_lab.versions import PROJECT


def test_the_page_is_generated_from_the_recordings() -> None:
    page = (PROJECT / "docs/scenarios.md").read_text(encoding="utf-8")
    assert page == table(), "run: python -m pbx_lab table > docs/scenarios.md"


def test_every_scenario_has_its_line() -> None:
    page = table()
    assert [name for name in SCENARIOS if f"| `{name}`" not in page] == []


@pytest.mark.parametrize(
    ("channel", "reported"),
    [
        ("PJSIP/101-0000002a", "101"),
        ("SIP/201-0000000f", "SIP/201"),
        ("Local/101@from-queue-00000003;1", "Local/101@from-queue"),
    ],
)
def test_a_channel_is_described_by_its_endpoint(channel: str, reported: str) -> None:
    assert endpoint(channel) == reported


def test_what_comes_several_times_in_a_row_is_counted() -> None:
    assert joined(["a", "a", "b", "a"]) == "a ×2 · b · a"


def test_versions_that_differ_only_in_order_are_described_once() -> None:
    assert both({"16": ["a", "b"], "22": ["b", "a"]}) == "b · a"
    assert "**16** sends a **instead of** c" in both({"16": ["a", "b"], "22": ["b", "c"]})
