"""The package under a real systemd of Debian 12 and 13, whose journal and sandbox are real too."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from release.deb import HOME
from screenpop import __version__
from tests.install.document_blocks import Block, Way, blocks
from tests.install.fresh_debian import fresh_debian, skipped_without
from tests.install.systemd_debian import SystemdDebian
from tests.install.test_deb import HEALTHY, settle
from tests.release.test_units import WORST_EXPOSURE

ANSWERS = HEALTHY.replace(
    "cat /var/log/screenpop.service.log", "journalctl --no-pager -u screenpop -n 40"
)
NEW_VERSION = "0.9.9"
NEW_STEP = '''"""A table of a later version."""

import sqlalchemy as sa
from alembic import op

revision = "{new}"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("of_a_later_version", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade() -> None:
    op.drop_table("of_a_later_version")
'''


@pytest.fixture(scope="module")
def booted(suite: str, packages: tuple[Path, Path]) -> Iterator[SystemdDebian]:
    """A booted system with the package, settings, a customer and the enabled service."""
    with (
        skipped_without("systemd"),
        fresh_debian(suite, offline=True, kind=SystemdDebian) as root,
    ):
        assert isinstance(root, SystemdDebian)
        root.give(packages[1], "/root/screenpop.deb")
        root.run("dpkg --install /root/screenpop.deb")
        settle(root)
        root.run("systemctl enable --now screenpop")
        root.run(ANSWERS)
        yield root


def shown(root: SystemdDebian, *properties: str) -> list[str]:
    """Return properties of the service, in the order in which they are asked for."""
    return [root.run(f"systemctl show -P {name} screenpop").strip() for name in properties]


def test_the_units_are_valid_and_little_exposed_for_the_systemd_of_each_release(
    booted: SystemdDebian,
) -> None:
    units = booted.run("ls /usr/lib/systemd/system/screenpop*").split()
    printed = booted.run(f"systemd-analyze verify --man=no {' '.join(units)} 2>&1 || true")
    assert [line for line in printed.splitlines() if "screenpop" in line] == []
    for unit in units:
        if unit.endswith(".service"):
            booted.run(
                "systemd-analyze security --offline=yes --no-pager"
                f" --threshold={WORST_EXPOSURE} {unit}"
            )


def test_the_service_writes_to_its_own_folder_only_and_has_no_rights(
    booted: SystemdDebian,
) -> None:
    (pid,) = shown(booted, "MainPID")
    status = booted.run(f"cat /proc/{pid}/status")
    for line in ("CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"):
        assert line in status
    inside = f"nsenter --target {pid} --mount touch"
    booted.run(f"{inside} /var/lib/screenpop/written && rm /var/lib/screenpop/written")
    for folder in ("/usr/lib/screenpop", "/etc/screenpop", "/root"):
        assert booted.attempt(f"{inside} {folder}/written")[0] != 0, folder


def test_a_worker_process_works_in_the_sandbox_of_the_service(booted: SystemdDebian) -> None:
    """An import by the unit's own user and restrictions: its processes lower their priority."""
    booted.run(
        "printf 'first name,last name,phone\\nAnna,Rizou,2105550101\\n'"
        " > /var/lib/screenpop/more.csv; chmod 644 /var/lib/screenpop/more.csv\n"
        "sed -e 's|^ExecStart=.*|ExecStart=/usr/bin/screenpop import /var/lib/screenpop/more.csv|'"
        " -e 's/^Type=.*/Type=oneshot/' -e '/^Restart/d'"
        " /usr/lib/systemd/system/screenpop.service > /run/systemd/system/probe.service\n"
        "systemctl daemon-reload\n"
        "systemctl start probe || { journalctl --no-pager -u probe -n 40; exit 1; }"
    )
    assert "Rizou" in exported(booted)


def test_a_killed_service_is_started_again_and_a_stopped_one_is_not(
    booted: SystemdDebian,
) -> None:
    before, restarts = shown(booted, "MainPID", "NRestarts")
    booted.run(f"kill -9 {before}")
    booted.run(
        'for attempt in $(seq 300); do [ "$(systemctl show -P NRestarts screenpop)" = '
        f"{int(restarts) + 1} ] && exit 0; sleep 0.1; done; exit 1"
    )
    booted.run(ANSWERS)
    after, state = shown(booted, "MainPID", "ActiveState")
    assert (after != before, state) == (True, "active")

    booted.run("systemctl stop screenpop")
    assert shown(booted, "ActiveState", "Result", "ExecMainCode", "ExecMainStatus") == [
        *("inactive", "success", "1", "0")
    ]
    booted.run(f"systemctl start screenpop; {ANSWERS}")


def test_the_journal_has_json_lines_of_the_service(booted: SystemdDebian) -> None:
    printed = booted.run("journalctl --no-pager -u screenpop -o cat").splitlines()
    found = [json.loads(line) for line in printed if line.startswith("{")]
    assert found
    assert all("event" in one for one in found)


def test_the_backup_of_each_night_is_made_by_its_unit(booted: SystemdDebian) -> None:
    booted.run("systemctl enable --now screenpop-backup.timer")
    assert "screenpop-backup.service" in booted.run("systemctl list-timers --no-pager")
    booted.run("systemctl start screenpop-backup || { journalctl -u screenpop-backup; exit 1; }")
    (made,) = booted.run("ls /var/lib/screenpop/backups/screenpop-*.backup").split()
    booted.run(f"screenpop restore --check {made}")


def test_one_process_ends_where_several_are_started(booted: SystemdDebian) -> None:
    # It has no Redis here, so it ends too.
    booted.attempt("systemctl start screenpop-listen")
    assert shown(booted, "ActiveState") == ["inactive"]
    booted.run(f"systemctl stop screenpop-listen; systemctl start screenpop; {ANSWERS}")


def test_the_journal_and_the_files_of_the_log_are_set_as_the_document_has_it(
    booted: SystemdDebian,
) -> None:
    files = {block.text.split("\n", 1)[0]: block for block in blocks("operations")}
    journal = files["# /etc/systemd/journald.conf.d/screenpop.conf"]
    place = "/etc/systemd/journald.conf.d/screenpop.conf"
    _write(booted, place, journal)
    booted.run("systemctl restart systemd-journald")
    assert "MaxRetentionSec=30day" in booted.run("systemd-analyze cat-config systemd/journald.conf")

    place = "/etc/systemd/system/screenpop.service.d/override.conf"
    folder = next(block for start, block in files.items() if start.startswith("install -d"))
    booted.run(folder.text)
    _write(booted, place, files["# systemctl edit screenpop"])
    booted.run(f"systemctl daemon-reload; systemctl restart screenpop; {ANSWERS}")
    assert "Screenpop is ready" in booted.run("cat /var/log/screenpop/screenpop.log")
    assert booted.run("stat -c %U /var/log/screenpop/screenpop.log") == "root\n"
    booted.run(f"rm -r $(dirname {place}); systemctl daemon-reload; systemctl restart screenpop")
    booted.run(ANSWERS)


def _write(root: SystemdDebian, place: str, block: Block) -> None:
    assert block.way is Way.SYSTEMD
    root.run(f"mkdir -p $(dirname {place}); cat > {place} <<'END-OF-FILE'\n{block.text}END-OF-FILE")


def test_a_newer_package_updates_the_schema_and_the_older_one_comes_back_by_the_document(
    booted: SystemdDebian, packages: tuple[Path, Path], tmp_path: Path
) -> None:
    booted.give(newer_schema(packages[1], tmp_path), "/root/newer.deb")
    booted.run("rm -rf /var/lib/screenpop/backups /var/lib/screenpop/more.csv")
    before = booted.run("sha256sum /etc/screenpop/screenpop.toml")

    printed = booted.run("apt-get install -y /root/newer.deb")
    assert "before-schema" in printed
    booted.run(ANSWERS)
    assert NEW_VERSION in booted.run("dpkg-query --show screenpop")
    assert shown(booted, "ActiveState") == ["active"]
    assert "Dimou" in exported(booted)
    booted.run(
        "printf 'first name,last name,phone\\nNikos,Vlachos,2107654321\\n' > /tmp/later.csv\n"
        "chmod 644 /tmp/later.csv; screenpop import /tmp/later.csv"
    )

    # Without the document: refused with the reason, and nothing is lost.
    status, printed = booted.attempt("dpkg --install /root/screenpop.deb")
    assert status != 0
    assert "newer" in printed
    assert shown(booted, "ActiveState") == ["inactive"]

    (block,) = (one for one in blocks("upgrade") if one.way is Way.PACKAGE_BACK)
    booted.run(re.sub(r"\./\S+\.deb", "/root/screenpop.deb", block.text))
    booted.run(ANSWERS)
    assert shown(booted, "ActiveState") == ["active"]
    assert __version__ in booted.run("dpkg-query --show screenpop")
    customers = exported(booted)
    assert ("Dimou" in customers, "Vlachos" in customers) == (True, False)
    assert booted.run("ls -d /var/lib/screenpop/before-restore-*")
    assert booted.run("sha256sum /etc/screenpop/screenpop.toml") == before


def exported(root: SystemdDebian) -> str:
    return root.run(
        "rm -f /var/lib/screenpop/all.csv; screenpop export --to /var/lib/screenpop/all.csv;"
        " cat /var/lib/screenpop/all.csv"
    )


def newer_schema(package: Path, folder: Path) -> Path:
    """Return a package of a later version, whose schema has one step more."""
    tree = folder / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    (versions,) = tree.glob(
        f"{HOME}/lib/python*/site-packages/screenpop/store/schema/migrations/versions"
    )
    head = max(step.name for step in versions.glob("r[0-9]*_*.py"))[1:5]
    new = f"{int(head) + 1:04}"
    step = versions / f"r{new}_of_a_later_version.py"
    step.write_text(NEW_STEP.format(new=new, head=head), encoding="utf-8")
    step.chmod(0o644)
    control = tree / "DEBIAN/control"
    text = control.read_text(encoding="utf-8")
    control.write_text(re.sub(r"(?m)^(Version: )[0-9.]+", rf"\g<1>{NEW_VERSION}", text))
    newer = folder / "newer.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, newer],
        check=True,
        capture_output=True,
    )
    return newer
