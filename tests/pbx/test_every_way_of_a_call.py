"""Every scenario of the lab that one running Asterisk can play: in the log as people lived it, and
on the desks of those it concerned, and on no other."""

from __future__ import annotations

import os

import pytest

from pbx_lab.scenarios import SCENARIOS
from pbx_lab.scenarios.catalogue import Scenario
from pbx_lab.stage import Stage
from tests.pbx.office import Office
from tests.pbx.played import play
from tests.pbx.shown import CHECKS

# These restart the recorder's login or the PBX itself; the links' own tests do that to the product.
OF_LINKS = ("resync_", "stopped_", "killed_")


def playable(scenario: Scenario) -> bool:
    """Whether it plays on the Asterisk that runs; a few want one that was booted differently."""
    variant = scenario.variant
    return (
        os.environ.get("PBX_LAB_VERSION", "22") in scenario.versions
        and not scenario.name.startswith(OF_LINKS)
        and not variant.system_name
        and not variant.without_contact
    )


NAMES = [scenario.name for scenario in SCENARIOS.values() if playable(scenario)]


@pytest.mark.parametrize("name", NAMES)
def test_the_log_and_the_desks_tell_it(office: Office, stage: Stage, name: str) -> None:
    played = play(office, stage, name)
    for check in CHECKS[name]:
        check(played)


def test_each_check_belongs_to_a_scenario() -> None:
    assert set(CHECKS) <= set(SCENARIOS)
