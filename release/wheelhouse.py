"""The wheelhouse: all wheels, an installer and checksums in one tar, for use without internet."""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path

from release.lock_file import ROOT, LockedPackage
from release.targets import Target
from release.wheels import build_own_wheel, build_time, fetch_wheels, file_sum, locked_packages
from screenpop import __version__

PYTHONS = ("3.11", "3.12", "3.13")
"""Versions of Python that it can be installed with."""


def build_wheelhouse(architecture: str, folder: Path) -> Path:
    """Build the tar file into ``folder`` and return its path.

    The same commit and the same lock file give the same bytes.
    """
    name = f"screenpop-{__version__}-wheelhouse-{architecture}"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="screenpop-wheelhouse-") as scratch:
        content = Path(scratch) / name
        wheels = content / "wheels"
        wheels.mkdir(parents=True)
        fetch_wheels([Target(python, architecture) for python in PYTHONS], wheels)
        build_own_wheel(wheels)
        own = LockedPackage("screenpop", __version__, "", ())
        (content / "requirements.txt").write_text(
            wheel_requirements([*locked_packages(), own], wheels), encoding="utf-8"
        )
        script = (ROOT / "packaging/install-wheelhouse.sh").read_text(encoding="utf-8")
        (content / "install.sh").write_text(script, encoding="utf-8")
        (content / "install.sh").chmod(0o755)
        files = sorted(path for path in content.rglob("*") if path.is_file())
        sums = "".join(f"{file_sum(path)}  {path.relative_to(content)}\n" for path in files)
        (content / "SHA256SUMS").write_text(sums, encoding="utf-8")
        return _pack(content, folder / f"{name}.tar")


def wheel_requirements(locked: list[LockedPackage], wheels: Path) -> str:
    """Return a requirements file of the locked packages with the checksums of these wheels alone.

    pip refuses every other file then. Packages without a wheel here, such as those of Windows, are
    left out.
    """
    lines = []
    for one in locked:
        start = f"{one.name.replace('-', '_')}-{one.version}-"
        sums = sorted(file_sum(path) for path in wheels.glob(f"{start}*.whl"))
        if sums:
            marker = f" ; {one.marker}" if one.marker else ""
            lines.append(
                f"{one.name}=={one.version}{marker}"
                f" {' '.join(f'--hash=sha256:{value}' for value in sums)}\n"
            )
    return "".join(lines)


def _pack(content: Path, target: Path) -> Path:
    """Pack a folder; wheels are compressed already, so the tar is not."""
    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as archive:
        for path in sorted(content.rglob("*")):
            archive.add(
                path, str(path.relative_to(content.parent)), recursive=False, filter=_plain_entry
            )
    return target


def _plain_entry(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Give every file the time of the build and modes that do not depend on this umask."""
    entry.mtime = int(build_time())
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry
