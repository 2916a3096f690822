"""Which of the locked packages and which files of theirs are taken for a system."""

import subprocess

import pytest

from release.lock_file import ROOT, LockedPackage
from release.targets import SUITES, Suite, Target
from release.wheels import SOURCE_ONLY, locked_packages, requirement_lines

SCRIPTS = sorted(
    path
    for path in (ROOT / "packaging").rglob("*")
    if path.is_file() and path.read_text(encoding="utf-8").startswith("#!/bin/sh")
)


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_each_library_is_taken_once_for_each_release_of_debian(suite: Suite) -> None:
    target = Target(suite.python, "amd64")
    names = [one.name for one in target.packages(locked_packages())]
    assert len(names) == len(set(names))
    assert {"numpy", "scipy", "fastapi", "asyncpg", *SOURCE_ONLY} <= set(names)
    assert "colorama" not in names  # of Windows


def test_markers_are_those_of_the_target_and_not_of_this_python() -> None:
    older = LockedPackage("numpy", "1", "python_full_version < '3.12'", ())
    newer = LockedPackage("numpy", "2", "python_full_version >= '3.12'", ())
    for python, expected in (("3.11", older), ("3.12", newer), ("3.13", newer)):
        assert Target(python, "arm64").packages([older, newer]) == [expected]


def test_pip_is_asked_for_files_of_the_target_only() -> None:
    options = Target("3.13", "arm64").pip_options()
    assert "cp313" in options
    assert "manylinux_2_28_aarch64" in options
    assert not [word for word in options if "x86_64" in word]


def test_every_requirement_has_all_its_checksums() -> None:
    lines = requirement_lines([LockedPackage("one", "1.0", "", ("a" * 64, "b" * 64))])
    assert lines == f"one==1.0 --hash=sha256:{'a' * 64} --hash=sha256:{'b' * 64}\n"


def test_the_scripts_of_packages_are_plain_sh() -> None:
    checked = [subprocess.run(["sh", "-n", path]).returncode for path in SCRIPTS]
    assert checked == [0] * len(checked)
    assert {"postinst", "prerm", "postrm", "screenpop"} <= {path.name for path in SCRIPTS}
