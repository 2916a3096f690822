"""``make demo`` of the README: a fresh clone, a normal user, nothing but what the README names."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from release.lock_file import ROOT
from tests.install.fresh_debian import FreshDebian, fresh_debian

AS_USER = "setpriv --reuid anna --regid anna --init-groups env HOME=/home/anna"
STARTED = """
for attempt in $(seq 3000); do
    grep -q 'Screenpop is running' /tmp/demo && exit 0
    [ -e /tmp/ended ] && break
    sleep 0.3
done
tail -n 40 /tmp/demo
exit 1
"""
PAGE = "import urllib.request as r; print('csrf' in r.urlopen('{}/login').read().decode())"
STOPPED = """
pkill -INT -u anna -f 'screenpop demo'
for attempt in $(seq 300); do [ -e /tmp/ended ] && exit 0; sleep 0.1; done
exit 1
"""


@pytest.fixture
def clone(suite: str, tmp_path: Path) -> Iterator[FreshDebian]:
    """A system with the packages of the README and git, and a clone of the user anna."""
    bare, packed = tmp_path / "screenpop.git", tmp_path / "screenpop.tar"
    subprocess.run(
        ["git", "clone", "--quiet", "--bare", "--depth=1", f"file://{ROOT}", bare], check=True
    )
    subprocess.run(["tar", "-C", tmp_path, "-cf", packed, bare.name], check=True)
    with fresh_debian(suite, offline=False) as root:
        root.give(packed, "/srv/screenpop.tar")
        root.run("apt-get -qq update; apt-get -qq install python3-venv make git procps")
        root.run("useradd --create-home anna; tar -C /srv --no-same-owner -xf /srv/screenpop.tar")
        root.run("git config --system safe.directory '*'")
        root.run(f"{AS_USER} git clone --quiet file:///srv/screenpop.git /home/anna/screenpop")
        # What a desktop opens an address with.
        root.run(
            "printf '#!/bin/sh\\necho \"$1\" > /home/anna/opened\\n' > /usr/local/bin/xdg-open\n"
            "chmod 755 /usr/local/bin/xdg-open"
        )
        yield root


def demo(root: FreshDebian, port: int, desktop: str) -> str:
    """Run ``make demo`` until its page answers, stop it, and return what it printed."""
    root.run("rm -f /tmp/demo /tmp/ended")
    root.run(
        f"cd /home/anna/screenpop; ({AS_USER} {desktop} make demo ARGS='--port {port}'"
        " > /tmp/demo 2>&1; echo $? > /tmp/ended) &"
    )
    root.run(STARTED)
    url = f"http://127.0.0.1:{port}"
    assert root.run(f'python3 -c "{PAGE.format(url)}"') == "True\n"
    root.run(STOPPED)
    return root.run("cat /tmp/demo")


def test_the_demo_starts_from_a_clone_and_opens_a_page_only_on_a_desktop(
    clone: FreshDebian,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    printed = demo(clone, port, "")
    assert f"http://127.0.0.1:{port}" in printed
    assert "Traceback" not in printed
    assert clone.run("ls /home/anna") == "screenpop\n"

    # What was fetched once is enough: the second start needs no network.
    clone.enter(offline=True)
    printed = demo(clone, 8080, "DISPLAY=:0")
    assert "http://127.0.0.1:8080" in printed
    assert clone.run("cat /home/anna/opened").strip() == "http://127.0.0.1:8080"
