"""The setup of a PBX in a browser, from the desk without a PBX to the first ring."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.ami.speaking_server import SpeakingServer, event
from tests.discovery.listing_pbx import FREEPBX_ROWS, ListingPbx
from tests.pbx.product import COMMAND, ENVIRONMENT

PASSWORD = "four words of mine"
SECRET = "a secret of the office"
STARTS_WITHIN_S = 60.0


def run(folder: Path, *words: str) -> None:
    subprocess.run(
        [COMMAND, *words],
        cwd=folder,
        env=ENVIRONMENT,
        input=f"{PASSWORD}\n",
        text=True,
        check=True,
        capture_output=True,
    )


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [COMMAND, "serve"], cwd=folder, env=ENVIRONMENT, stdout=log, stderr=log
        )
    address, until = folder / "data" / "url", time.monotonic() + STARTS_WITHIN_S
    try:
        while not address.is_file():
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < until
            os.sched_yield()
        yield address.read_text().strip()
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[str]:
    """The address of a server without a PBX, with an administrator."""
    port = 8800 + os.getpid() % 40
    (tmp_path / "screenpop.toml").write_text(
        f'data_dir = "data"\nbind_port = {port}\n[number_plan]\nregion = "GR"\n'
    )
    run(tmp_path, "migrate")
    run(tmp_path, "user", "add", "admin", "--role", "admin", "--password-stdin")
    with serving(tmp_path) as url:
        yield url


def test_an_administrator_sets_up_the_pbx_and_sees_the_link_and_the_first_ring(
    browser: Browser, office: str
) -> None:
    pbx = ListingPbx(secret=SECRET, lists=FREEPBX_ROWS)
    with SpeakingServer(pbx) as ami, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{office}/login")
        page.fill("input[name=username]", "admin")
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Set up the phone system").click()
        page.get_by_label("AMI port").fill(str(ami.port))
        page.get_by_label("Its secret").fill(SECRET)
        page.get_by_role("button", name="Read the PBX").click()
        expect(page.get_by_label("Maryam")).to_be_checked()
        page.get_by_role("button", name="Write settings and users").click()
        expect(page.get_by_role("cell", name="maryam", exact=True)).to_be_visible()
        page.get_by_role("button", name="Connect, and check with a call").click()
        expect(page.locator("[data-setup-link] .done")).to_contain_text("office", timeout=60_000)
        channel = {"Uniqueid": "1.1", "Linkedid": "1.1", "Channel": "PJSIP/otenet-00000001"}
        channel |= {"CallerIDNum": "6912345678", "Exten": "2109100070", "Context": "from-pstn"}
        ringing = {"DestChannel": "PJSIP/101-00000002", "DestUniqueid": "1.2"}
        ringing |= {"DestLinkedid": "1.1", "DestCallerIDNum": "101"}
        ami.connections[-1].send_messages(
            event("Newchannel", ChannelState="4", **channel),
            event("DialBegin", **channel, **ringing, DialString="101"),
        )
        expect(page.locator("[data-setup-ring] .done")).to_contain_text("+306912345678")
