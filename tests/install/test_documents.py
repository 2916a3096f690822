"""The commands of install.md, operations.md and upgrade.md, run as they are written.

Lines that fetch from Debian or the package index run with this machine's network, all others in a
network that has the loopback only. Asterisk is not in Debian 12 and 13: ``asterisk`` starts a PBX
that gives the lists of setup; ``python -m pbx_lab first-card`` plays the same steps on a real one.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from release.lock_file import ROOT
from tests.install.fresh_debian import FreshDebian, fresh_debian
from tests.install.test_deb import HEALTHY

FETCHES = re.compile(r"apt-get install|pip install|-m venv")
PAGES = ("install", "operations", "upgrade")
NOT_PLAYED = {
    "apt-get install ./screenpop": "test_deb.py, with packages of that run",
    "tar -xf screenpop": "test_wheelhouse.py",
    "secret=$(sudo cat": "waits a minute for calls; replay is played by tests/cli",
}
"""How blocks begin that are played elsewhere, and where."""
POP = (
    "pop() { sudo -u screenpop env SCREENPOP_SETTINGS=/etc/screenpop/screenpop.toml"
    ' /opt/screenpop/bin/screenpop "$@"; }\n'
)
CUSTOMERS = "first name,last name,phone\\nEleni,Dimou,2101234567\\n"


def blocks(page: str) -> list[str]:
    """Return the blocks of commands of a document, without those that are played elsewhere."""
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    found = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [block for block in found if not block.startswith(tuple(NOT_PLAYED))]


def test_no_block_that_is_left_out_has_gone_from_the_documents() -> None:
    text = "".join((ROOT / "docs" / f"{page}.md").read_text("utf-8") for page in PAGES)
    assert [start for start in NOT_PLAYED if f"```sh\n{start}" not in text] == []


@pytest.fixture
def system(suite: str, tmp_path: Path) -> Iterator[FreshDebian]:
    """A system with the sources unpacked in /root/screenpop."""
    sources = tmp_path / "sources.tar"
    subprocess.run(["git", "archive", "-o", sources, "HEAD"], cwd=ROOT, check=True)
    with fresh_debian(suite, offline=False) as root:
        root.give(sources, "/root/sources.tar")
        root.give(Path(__file__).with_name("asterisk.sh"), "/usr/local/bin/asterisk")
        root.run("mkdir /root/screenpop && tar -xf /root/sources.tar -C /root/screenpop")
        root.run("groupadd asterisk; apt-get -qq update")
        yield root


def play(root: FreshDebian, block: str) -> None:
    """Run a block in the folder of the sources, each line in the network that it needs."""
    parts: list[tuple[bool, str]] = []
    for line in block.splitlines():
        fetches = bool(FETCHES.search(line))
        if parts and parts[-1][0] == fetches:
            parts[-1] = (fetches, f"{parts[-1][1]}\n{line}")
        else:
            parts.append((fetches, line))
    for fetches, lines in parts:
        if fetches:
            root.enter(offline=False)
        root.run(f"cd /root/screenpop\n{POP}{lines}")
        if fetches:
            root.enter(offline=True)


def test_screenpop_is_installed_used_upgraded_and_set_back_by_the_documents(
    system: FreshDebian,
) -> None:
    """In the order of the pages; their commands are not changed."""
    for block in blocks("install"):
        if "import customers.csv" in block:
            system.run(f"printf '{CUSTOMERS}' > /root/screenpop/customers.csv")
            system.run("chmod 755 /root /root/screenpop")
        play(system, block)
    system.run(HEALTHY)
    for block in blocks("operations"):
        play(system, block)
    system.run("test -s /etc/screenpop/tls/server.crt")
    for block in blocks("upgrade"):
        if block.startswith("pop doctor"):
            system.run(HEALTHY)
            # The PBX ended with the shell before the new version was fetched.
            system.run("asterisk -rx 'manager reload'")
            status, printed = system.attempt(f"{POP}{block}")
            assert "office" in printed, f"{status} {printed}"
            continue
        play(system, block)
        if "restore --replace" in block:
            system.run(HEALTHY)
            assert "maryam" in system.run(f"{POP}pop user list")
