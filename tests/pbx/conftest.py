"""One running Asterisk, one product and one browser a session; people on the phones a test."""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pbx_lab import namespace
from pbx_lab.asterisk import Asterisk
from pbx_lab.configuration import Variant
from pbx_lab.errors import LabBrokenError
from pbx_lab.stage import Stage, wait_until
from pbx_lab.testing import ALL, SHARE, failures, share_of
from pbx_lab.versions import VERSIONS
from tests.pbx.staff import Office, opened

VERSION = "PBX_LAB_VERSION"
STRANGER = "02144556677"
OFFICE = pytest.StashKey[Office]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Outside the lab there is no PBX to ask; inside, only a share of the tests may be wanted."""
    if namespace.inside():
        items[:] = share_of(items, os.environ.get(SHARE, ALL))
        # Those without the office first: its browser keeps a loop of asyncio running in this
        # thread, and some of them run one of their own or take our user away from the PBX.
        items.sort(key=lambda item: "office" in getattr(item, "fixturenames", ()))
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
    """The first call after a boot is slower than all others; it is not measured."""
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


@pytest.fixture(scope="session")
def office(
    asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Office]:
    """The product, set up by its own commands, and a browser for each agent."""
    assert asterisk.process is not None
    with opened(tmp_path_factory.mktemp("office")) as office:
        pytestconfig.stash[OFFICE] = office
        first_cards(asterisk, office)
        yield office


def first_cards(asterisk: Asterisk, office: Office) -> None:
    """Let each page paint a card: a first one comes later than all others, and is not measured.

    Its calls are of a stranger, are answered, and are in the log when it returns: no test finds
    them among the missed ones, in a customer's file, or counts them as its own.
    """
    number = office.product.newest_call()
    for agent_page in office.all_agent_pages:
        phone = agent_page.person.phones[0]
        with Stage(asterisk) as stage:
            stage.phone(phone)
            customer = stage.call(f"02191001{phone}", STRANGER)
            agent_page.until(customer.invite.at, 30, what="card", state="talking")
            stage.hang_up(customer)
        wait_until(agent_page.is_quiet, f"{agent_page.name} still has a live card", 10)
    office.product.calls_after(number, len(office.all_agent_pages))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What the desks showed when a test failed is kept."""
    report = yield
    office = item.config.stash.get(OFFICE, None)
    if report.failed and office is not None and report.when == "call":
        folder = evidence(office, item.name, getattr(item, "funcargs", {}).get("stage"))
        report.sections.append(("What the desks showed", str(folder)))
    return report


def evidence(office: Office, test: str, stage: Stage | None) -> Path:
    """Pictures of all desks, what they painted, every SIP message, the log and its newest calls."""
    name = "".join(c if c.isalnum() else "_" for c in test)[:100]
    folder = failures() / f"{os.environ[VERSION]}-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    for agent_page in office.all_agent_pages:
        agent_page.page.screenshot(path=folder / f"{agent_page.person.username}.png")
        reported = "\n".join(str(one) for one in agent_page.seen()[-60:])
        (folder / f"{agent_page.person.username}.txt").write_text(reported, encoding="utf-8")
    tail = office.product.log.read_bytes()[-200_000:]
    (folder / "serve.log").write_bytes(tail)
    with suppress(LabBrokenError):  # a call may still be in progress
        newest = office.product.calls_after(max(0, office.product.newest_call() - 3), 0)
        (folder / "calls.json").write_text(json.dumps(newest, indent=1, ensure_ascii=False))
    if stage is not None:
        (folder / "sip.txt").write_text("\n".join(stage.watch.lines()), encoding="utf-8")
        (folder / "recorded.ami").write_bytes(stage.recorder.bytes)
    return folder


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """The table of this version."""
    office = config.stash.get(OFFICE, None)
    if office is None or not office.table.rows:
        return
    terminalreporter.section(f"Asterisk {os.environ[VERSION]}: ms from the trunk's INVITE")
    for line in office.table.lines():
        terminalreporter.write_line(line)
