"""The commands and files of install.md, operations.md and upgrade.md, as they are written.

``document_blocks.py`` has how each block is played. Lines that fetch from the package index run
with this machine's network, all others in a network that has the loopback only. Asterisk is not in
Debian 12 and 13: ``asterisk`` starts a PBX that gives the lists of setup; ``python -m pbx_lab
first-card`` plays the same steps on a real one.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from release.lock_file import ROOT
from tests.install.document_blocks import PAGES, Block, Way, blocks
from tests.install.fresh_debian import FreshDebian, fresh_debian
from tests.install.test_deb import HEALTHY

FETCHES = re.compile(r"pip install|-m venv")
APT = re.compile(r"apt-get install ((?:[a-z0-9-]+ ?)+)$", re.MULTILINE)
ELSEWHERE = {
    *(Way.NOT, Way.PACKAGE, Way.WHEELHOUSE, Way.SIGNATURE),
    *(Way.LOGROTATE, Way.PROMETHEUS, Way.SYSTEMD, Way.PACKAGE_BACK),
}
POP = (
    "pop() { sudo -u screenpop env SCREENPOP_SETTINGS=/etc/screenpop/screenpop.toml"
    ' /opt/screenpop/bin/screenpop "$@"; }\n'
)
SETTINGS = "/etc/screenpop/screenpop.toml"
CUSTOMERS = "first name,last name,phone\\nEleni,Dimou,2101234567\\n"
NAME = "pop.lan"
"""Of the certificate; the samples of the proxies have another."""
THROUGH_PROXY = f"""
for attempt in $(seq 100); do
    python3 -c "import ssl, urllib.request as r
trusted = ssl.create_default_context(cafile='AUTHORITY')
page = r.urlopen('https://{NAME}/login', context=trusted)
print(page.headers['server'], 'csrf' in page.read().decode())" && exit 0
    sleep 0.2
done 2>/tmp/through-proxy
tail -n 1 /tmp/through-proxy
exit 1
"""


@pytest.fixture
def system(suite: str, tmp_path: Path) -> Iterator[FreshDebian]:
    """A system with the sources unpacked in /root/screenpop, and all Debian packages fetched."""
    sources = tmp_path / "sources.tar"
    subprocess.run(["git", "archive", "-o", sources, "HEAD"], cwd=ROOT, check=True)
    packages = {name for page in PAGES for b in blocks(page) for name in APT.findall(b.text)}
    with fresh_debian(suite, offline=False) as root:
        root.give(sources, "/root/sources.tar")
        root.give(Path(__file__).with_name("asterisk.sh"), "/usr/local/bin/asterisk")
        root.run("mkdir /root/screenpop && tar -xf /root/sources.tar -C /root/screenpop")
        root.run("useradd --system --user-group asterisk; mkdir -p /etc/asterisk")
        root.run(f"echo 127.0.0.1 localhost {NAME} $(hostname) > /etc/hosts")
        # apt starts what it installs, as on a machine with systemd.
        root.run("printf '#!/bin/sh\\nexit 0\\n' > /usr/sbin/policy-rc.d")
        root.run("chmod 755 /usr/sbin/policy-rc.d")
        root.run("apt-get -qq update")
        root.run(f"apt-get -qq --download-only install {' '.join(packages)}")
        root.enter(offline=True)
        yield root


def play(root: FreshDebian, block: Block) -> None:
    match block.way:
        case Way.COMMANDS:
            commands(root, block.text)
        case Way.FILE:
            place = block.text.split()[1].rstrip(":")
            write(root, place, block.text.replace("pop.example.com", NAME))
        case Way.SETTINGS:
            kept = root.run(f"cat {SETTINGS}")
            write(root, SETTINGS, f"{block.text.replace('pop.example.com', NAME)}{kept}\n")
        case Way.OTHER_SETTINGS:
            write(root, "/tmp/other.toml", block.text)  # noqa: S108 -- in the root
            root.run(f"{POP}pop migrate --settings /tmp/other.toml")
        case Way.CRON:
            root.run(block.text.split(maxsplit=5)[5])
        case _:
            assert block.way in ELSEWHERE


def commands(root: FreshDebian, text: str) -> None:
    """Run commands in the folder of the sources, each line in the network that it needs."""
    parts: list[tuple[bool, str]] = []
    for line in text.splitlines():
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


def write(root: FreshDebian, place: str, text: str) -> None:
    """Write a file, whose owner and rights stay if it is there."""
    root.run(f"mkdir -p $(dirname {place}); cat > {place} <<'END-OF-FILE'\n{text}END-OF-FILE\n")


def test_screenpop_is_installed_used_upgraded_and_set_back_by_the_documents(
    system: FreshDebian,
) -> None:
    """In the order of the pages, but for PostgreSQL, which comes last."""
    install = blocks("install")
    for block in install:
        if "import customers.csv" in block.text:
            system.run(f"printf '{CUSTOMERS}' > /root/screenpop/customers.csv")
            system.run("chmod 755 /root /root/screenpop")
        if block.section != "PostgreSQL":
            play(system, block)
    system.run(HEALTHY)
    operate(system)
    upgrade(system)
    for block in install:
        if block.section == "PostgreSQL":
            play(system, block)
    system.run(HEALTHY)
    use_postgresql(system)


def operate(system: FreshDebian) -> None:
    for block in blocks("operations"):
        if "reload caddy" in block.text or "certificate --renew" in block.text:
            system.run("systemctl stop nginx caddy")
        play(system, block)
        if block.way is Way.SETTINGS:
            system.run(f"systemctl restart screenpop; {HEALTHY}")
        elif "reload nginx" in block.text:
            page = system.run(
                THROUGH_PROXY.replace("AUTHORITY", "/etc/screenpop/tls/screenpop-ca.crt")
            )
            assert page.startswith("nginx")
            assert page.endswith("True\n")
        elif "reload caddy" in block.text:
            page = system.run(THROUGH_PROXY.replace("AUTHORITY", "/etc/caddy/tls/screenpop-ca.crt"))
            assert "nginx" not in page
            assert page.endswith("True\n")
    system.run("systemctl stop nginx caddy")


def upgrade(system: FreshDebian) -> None:
    for block in blocks("upgrade"):
        if block.text.startswith("pop doctor"):
            system.run(HEALTHY)
            # The PBX ended with the shell before the new version was fetched.
            system.run("asterisk -rx 'manager reload'")
            status, printed = system.attempt(f"{POP}{block.text}")
            assert "office" in printed, f"{status} {printed}"
            continue
        play(system, block)
        if "restore --replace" in block.text:
            system.run(HEALTHY)
            assert "maryam" in system.run(f"{POP}pop user list")


def use_postgresql(system: FreshDebian) -> None:
    """An import, a backup and its way back."""
    tables = "sudo -u postgres psql -At -d screenpop -c 'SELECT count(*) FROM customers'"
    commands(system, "pop import customers.csv")
    assert system.run(tables).split() == ["1"]
    commands(system, "pop backup /var/lib/screenpop/postgres.backup; systemctl stop screenpop")
    commands(system, "pop restore --replace /var/lib/screenpop/postgres.backup")
    assert system.run(tables).split() == ["1"]
    system.run(f"systemctl start screenpop; {HEALTHY}")
