"""The systems that packages are built for."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from packaging.markers import Marker

from release.lock_file import LockedPackage

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_C_LIBRARIES = (28, 27, 26, 24, 17, 12, 5)
"""Minor versions of glibc 2 that wheels name; all are older than that of Debian 12 (2.36)."""


@dataclass(frozen=True)
class Target:
    """A version of Python on a kind of processor, on Linux with glibc 2.28 or newer."""

    python: str
    """Such as ``3.11``."""
    architecture: str
    """As Debian names it: ``amd64`` or ``arm64``."""

    @property
    def machine(self) -> str:
        """The processor as Python names it."""
        return _MACHINES[self.architecture]

    def pip_options(self) -> list[str]:
        """Return what lets pip choose files for this target instead of its own Python."""
        abis = (f"cp{self.python.replace('.', '')}", "abi3", "none")
        platforms = [f"manylinux_2_{minor}_{self.machine}" for minor in _C_LIBRARIES]
        platforms.append(f"manylinux2014_{self.machine}")
        if self.machine == "x86_64":
            platforms += ["manylinux2010_x86_64", "manylinux1_x86_64"]
        return [
            *("--only-binary", ":all:", "--implementation", "cp"),
            *("--python-version", self.python),
            *(word for abi in abis for word in ("--abi", abi)),
            *(word for platform in platforms for word in ("--platform", platform)),
        ]

    def packages(self, locked: Sequence[LockedPackage]) -> list[LockedPackage]:
        """Return those of the lock file whose marker is true here."""
        environment = {
            "implementation_name": "cpython",
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_system": "Linux",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": "linux",
        }
        return [one for one in locked if not one.marker or Marker(one.marker).evaluate(environment)]


@dataclass(frozen=True)
class Suite:
    """A release of Debian, with the Python that it has."""

    name: str
    number: int
    python: str


SUITES = (Suite("bookworm", 12, "3.11"), Suite("trixie", 13, "3.13"))


def this_architecture() -> str:
    """Return Debian's name of this machine's kind of processor."""
    asked = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=False
    )
    name = asked.stdout.strip() or "amd64"
    if name not in _MACHINES:
        raise SystemExit(f"No packages are built for {name}: only for {', '.join(_MACHINES)}.")
    return name
