"""One running Asterisk a session, people on its phones a test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from pbx_lab import namespace
from pbx_lab.asterisk import Asterisk
from pbx_lab.configuration import Variant
from pbx_lab.stage import Stage
from pbx_lab.versions import VERSIONS

VERSION = "PBX_LAB_VERSION"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Outside the lab there is no PBX to ask."""
    if namespace.inside():
        return
    here = os.path.dirname(__file__)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.skip(reason="needs the PBX lab: make test-pbx"))


@pytest.fixture(scope="session")
def asterisk() -> Iterator[Asterisk]:
    """Asterisk of the version under test, with the files of asterisk_conf/."""
    running = Asterisk(
        VERSIONS[os.environ[VERSION]], Variant(channel_variables="CALLERID(num-pres)")
    )
    try:
        running.start()
        warm_up(running)
        yield running
    finally:
        running.stop()
        running.clean_up()


def warm_up(asterisk: Asterisk) -> None:
    """The first call after a boot is slower than all others; nobody measures it."""
    with Stage(asterisk) as stage:
        stage.phone("103", 0.1)
        customer = stage.call("02191001103")
        stage.until_talks("103")
        stage.hang_up(customer)


@pytest.fixture
def stage(asterisk: Asterisk) -> Iterator[Stage]:
    """Phones and a trunk for one test."""
    with Stage(asterisk) as people:
        yield people
