"""Wheels of the locked libraries and of Screenpop itself, for a target."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from release.lock_file import LOCK, ROOT, LockedPackage, read_lock
from release.targets import Target

SOURCE_ONLY = frozenset({"pyst2"})
"""Libraries of pure Python that are published without a wheel: one is built here."""


def locked_packages() -> list[LockedPackage]:
    """Return the packages of the server's lock file."""
    return list(read_lock(LOCK.read_text(encoding="utf-8")))


def build_time() -> str:
    """Return the seconds that files of a package are dated with: those of the last commit.

    ``$SOURCE_DATE_EPOCH`` counts first (https://reproducible-builds.org/specs/source-date-epoch/).
    """
    named = os.environ.get("SOURCE_DATE_EPOCH")
    if named:
        return named
    asked = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    # Outside git, as in an sdist: the newest entry of the changelog.
    return asked.stdout.strip() or str(int((ROOT / "CHANGELOG.md").stat().st_mtime))


def build_environment() -> Mapping[str, str]:
    """Return the environment of every command that builds."""
    return {**os.environ, "SOURCE_DATE_EPOCH": build_time(), "PYTHONHASHSEED": "0", "TZ": "UTC"}


def fetch_wheels(targets: Iterable[Target], folder: Path) -> None:
    """Put the wheels of all libraries for these targets into ``folder``.

    pip refuses a file whose SHA-256 is not in the lock file.
    """
    locked = locked_packages()
    built = [one for one in locked if one.name in SOURCE_ONLY]
    requirements = folder / "requirements.tmp"
    requirements.write_text(requirement_lines(built), encoding="utf-8")
    run_pip(
        *("wheel", "--no-deps", "--require-hashes", "--wheel-dir", str(folder)),
        *("--requirement", str(requirements)),
    )
    for target in targets:
        packages = [one for one in target.packages(locked) if one.name not in SOURCE_ONLY]
        requirements.write_text(requirement_lines(packages), encoding="utf-8")
        run_pip(
            *("download", "--no-deps", "--require-hashes", "--dest", str(folder)),
            *target.pip_options(),
            *("--requirement", str(requirements)),
        )
    requirements.unlink()


def build_own_wheel(folder: Path) -> Path:
    """Build the wheel of Screenpop into ``folder`` and return its path."""
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)])
    (wheel,) = folder.glob("screenpop-*.whl")
    return wheel


def requirement_lines(packages: Sequence[LockedPackage]) -> str:
    """Return a requirements file of these packages with all their checksums."""
    return "".join(
        f"{one.name}=={one.version} {' '.join(f'--hash=sha256:{value}' for value in one.hashes)}\n"
        for one in packages
    )


def file_sum(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    return sha256(path.read_bytes()).hexdigest()


def run_pip(*words: str) -> None:
    """Run pip of this environment. Raises ``SystemExit`` with its messages."""
    run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *words])


def run(command: Sequence[str]) -> None:
    """Run a command in the repository. Raises ``SystemExit`` with its messages."""
    done = subprocess.run(
        command, cwd=ROOT, env=build_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:4])} … failed:\n{done.stdout}{done.stderr}")
