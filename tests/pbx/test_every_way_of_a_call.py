"""Every scenario of the lab that one running Asterisk can play: in the log as people lived it, and
on the desks of those it concerned, and on no other."""

from __future__ import annotations

import os

import pytest

from pbx_lab.scenarios import SCENARIOS
from pbx_lab.stage import Stage
from tests.pbx.painted_cards import CHECKS
from tests.pbx.played import play
from tests.pbx.staff import Office

VERSION = os.environ.get("PBX_LAB_VERSION", "22")
NAMES = [s.name for s in SCENARIOS.values() if s.plays_live and VERSION in s.versions]


@pytest.mark.parametrize("name", NAMES)
def test_the_log_and_the_agent_pages_report_it(office: Office, stage: Stage, name: str) -> None:
    played = play(office, stage, name)
    for check in CHECKS[name]:
        check(played)


def test_each_check_belongs_to_a_scenario() -> None:
    assert set(CHECKS) <= set(SCENARIOS)
