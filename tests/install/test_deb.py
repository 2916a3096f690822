"""The ``.deb`` in a fresh Debian without network: installed, upgraded, removed, purged."""

import re
from pathlib import Path

from tests.install.document_blocks import Way, blocks
from tests.install.fresh_debian import FreshDebian

SETTINGS = """\
data_dir = "/var/lib/screenpop"
timezone = "Europe/Athens"

[number_plan]
region = "GR"
extensions = ["1XX"]
"""
_READ = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8080/{}').read().decode())"
HEALTHY = f"""
for attempt in $(seq 300); do
    python3 -c "{_READ.format("healthz")}" 2>/dev/null && exit 0
    sleep 0.2
done
cat /var/log/screenpop.service.log
exit 1
"""


def settle(root: FreshDebian) -> None:
    """Write settings and one customer, as an office would."""
    root.run(f"cat > /etc/screenpop/screenpop.toml <<'END'\n{SETTINGS}END\n")
    root.run(
        "cat > /tmp/customers.csv <<'END'\nfirst name,last name,phone\n"
        "Eleni,Dimou,2101234567\nEND\n"
        "chmod 644 /tmp/customers.csv; screenpop migrate; screenpop import /tmp/customers.csv"
    )


def test_a_package_is_installed_upgraded_with_its_data_removed_and_purged(
    root: FreshDebian, packages: tuple[Path, Path]
) -> None:
    older, newer = packages
    root.give(older, "/root/older.deb")
    root.give(newer, "/root/newer.deb")

    printed = root.run("dpkg --install /root/older.deb")
    assert "README.Debian" in printed
    assert root.run("stat -c '%a %U' /etc/screenpop /var/lib/screenpop").split() == [
        *("700", "screenpop", "700", "screenpop")
    ]
    assert root.run("dpkg --verify screenpop") == ""
    settle(root)
    root.run("systemctl enable --now screenpop")
    root.run(HEALTHY)
    # Compiled by postinst: the server may not write there, and each start would compile them anew.
    assert root.run("find /usr/lib/screenpop/lib -path '*screenpop/__pycache__/*.pyc' | head -1")

    (block,) = (one for one in blocks("install") if one.way is Way.PACKAGE)
    named = re.sub(r"\./\S+\.deb", "/root/newer.deb", block.text)
    assert named != block.text
    root.run(named)
    root.run(HEALTHY)
    assert "0.1.0" in root.run("dpkg-query --show screenpop")
    root.run("screenpop export --to /var/lib/screenpop/all.csv")
    assert "Dimou" in root.run("cat /var/lib/screenpop/all.csv")

    printed = root.run("systemctl stop screenpop; dpkg --remove screenpop")
    assert "stay" in printed
    assert root.run("ls /usr/lib/screenpop 2>&1 || true").startswith("ls: cannot access")
    root.run("test -s /var/lib/screenpop/screenpop.db && test -s /etc/screenpop/screenpop.toml")

    printed = root.run("dpkg --purge screenpop")
    assert "removing /var/lib/screenpop" in printed
    assert "screenpop.db" in printed
    gone = "! test -e /var/lib/screenpop && ! test -e /etc/screenpop"
    root.run(f"{gone} && ! getent passwd screenpop")
