"""The units of systemd: valid, each as strict as the others, and rated by systemd itself."""

import os
import subprocess
from pathlib import Path

import pytest

from release.lock_file import ROOT
from screenpop.cli.shipped_files import INSTALLED_AS, UNITS
from tests.tools import Tool, library_path

WORST_EXPOSURE = 14
"""Tenths, of 100: what is left is network, sockets of PostgreSQL, the memory of cffi and
``setpriority``."""
SERVICES = [name for name in UNITS if name.endswith(".service")]


def _find(tree: Path | None) -> Path | None:
    program = (tree or Path("/")) / "usr/bin/systemd-analyze"
    return program if program.exists() else None


ANALYZE = Tool("systemd", ("systemd",), "usr/bin/systemd-analyze", _find)


@pytest.fixture(scope="module")
def analyze() -> tuple[list[str | Path], dict[str, str]]:
    """The command of ``systemd-analyze`` and its environment."""
    program = ANALYZE.ensure_for_test()
    tree = program.parents[2]
    libraries = {} if tree == Path("/") else {"LD_LIBRARY_PATH": library_path(tree)}
    return [program], {**os.environ, **libraries}


def test_the_units_are_valid(
    analyze: tuple[list[str | Path], dict[str, str]], tmp_path: Path
) -> None:
    command, environment = analyze
    for name in UNITS:
        text = (ROOT / "packaging" / name).read_text(encoding="utf-8")
        # It looks for the programs too.
        (tmp_path / name).write_text(text.replace(INSTALLED_AS, "/bin/true"), encoding="utf-8")
    done = subprocess.run(
        [*command, "verify", "--man=no", *sorted(tmp_path.iterdir())],
        env={**environment, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
    )
    ours = [line for line in done.stderr.splitlines() if "screenpop" in line]
    assert (done.returncode, ours) == (0, [])


def test_each_service_has_little_exposure(
    analyze: tuple[list[str | Path], dict[str, str]],
) -> None:
    command, environment = analyze
    for name in SERVICES:
        done = subprocess.run(
            [
                *(*command, "security", "--offline=yes", "--no-pager"),
                *(f"--threshold={WORST_EXPOSURE}", ROOT / "packaging" / name),
            ],
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{name}\n{done.stdout[-400:]}{done.stderr}"


def test_one_process_and_several_never_run_beside_each_other() -> None:
    for name in ("screenpop-listen.service", "screenpop-web@.service"):
        text = (ROOT / "packaging" / name).read_text(encoding="utf-8")
        assert "Conflicts=screenpop.service\n" in text


def test_every_service_logs_to_the_journal_and_runs_without_rights() -> None:
    for name in SERVICES:
        lines = (ROOT / "packaging" / name).read_text(encoding="utf-8").splitlines()
        assert {"User=screenpop", "NoNewPrivileges=yes", "CapabilityBoundingSet="} <= set(lines)
        assert not [line for line in lines if line.startswith(("StandardOutput", "StandardError"))]
